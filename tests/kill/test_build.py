"""`kb build` killed at any point: the old sites stand, or the new ones, whole, all versions and audiences together."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from support import story
from support.kill import kills
from support.sites import new_workspace

from kb_builder import assembly
from kb_builder.assembly import digest_of_tree, link_tree
from kb_builder.workspace import Workspace


def hold(workspace: Workspace, tmp_path: Path, change: str, times: int) -> None:
    """Build, change the draft, and kill the second build so many times."""
    output, old, new = tmp_path / "out", tmp_path / "old", tmp_path / "new"
    story.build(workspace, output)
    shutil.copytree(output, old)
    story.put(workspace, "discovery/systems/vpn.yaml", "title: VPN\n")
    if change:
        story.seal(workspace, change)
    shutil.copytree(old, new)
    story.build(workspace, new)
    states = {digest_of_tree(old / "demo"): "old", digest_of_tree(new / "demo"): "new"}
    assert len(states) == 2
    seen = set()

    def prepare() -> None:
        shutil.rmtree(output)
        link_tree(old, output)

    for where in kills(times, lambda: story.build(workspace, output), prepare, seed=32):
        digest = digest_of_tree(output / "demo")
        assert digest in states, where
        seen.add(states[digest])
    assert seen == {"old", "new"}
    story.build(workspace, output)
    assert [path.name for path in output.iterdir()] == ["demo"]
    assert states[digest_of_tree(output / "demo")] == "new"


def test_a_site_whose_build_was_killed_is_the_old_one_or_the_new(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "ws")
    story.put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff}]\n")
    hold(workspace, tmp_path, "", 50)


def test_all_versions_change_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With something quicker in MkDocs' place, so that the kills fall on what comes before and after it."""

    def quick(project: Path, output: Path, today: dt.date, **_: object) -> None:
        for source in sorted((project / "docs").rglob("*.md")):
            page = output / source.relative_to(project / "docs").with_suffix(".html")
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(source.read_bytes())

    monkeypatch.setattr(assembly, "build_html", quick)
    workspace = new_workspace(tmp_path / "ws")
    story.put(workspace, "client.yaml", "title: Demo\nsites: [{audience: management}]\n")
    story.put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    story.seal(workspace, "2026.3")
    hold(workspace, tmp_path, "2026.6", 200)
