"""Workspaces and sites for tests."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from kb_builder import pipeline
from kb_builder.assembly import Assembly
from kb_builder.records.base import Audience
from kb_builder.versions import DRAFT
from kb_builder.workspace import Workspace

ROOT = Path(__file__).parent.parent.parent
SAMPLE = "harbour-dental"
TODAY = dt.date(2026, 11, 23)


def new_workspace(folder: Path, client: str = "demo") -> Workspace:
    """An empty workspace with one client that has only a title."""
    (folder / "engagements" / client).mkdir(parents=True)
    shutil.copyfile(ROOT / "mkdocs.yml", folder / "mkdocs.yml")
    (folder / "engagements" / client / "client.yaml").write_text("title: Demo\n")
    return Workspace(folder)


def mark_known_secrets(workspace: Workspace, client: str = "demo") -> None:
    """Say in client.yaml that the one password in the public handbooks, a bad example in a style guide, is known."""
    path = workspace.folder(client) / "client.yaml"
    path.write_text(path.read_text() + "not_secret: [604a1a4127aeca80]\n")


def build_sites(
    workspace: Workspace, client: str, output: Path, audiences: tuple[Audience, ...] = tuple(Audience)
) -> dict[Audience, Path]:
    """Build a client's sites and give back where they are."""
    checked = pipeline.check(workspace, client, TODAY)
    assert checked.sound, [problem for problem in checked.problems if problem.severity == "error"][:5]
    Assembly(workspace, checked, output, TODAY).build(audiences)
    return {audience: output / client / audience.value / DRAFT for audience in audiences}
