"""`kb publish` as a consultant runs it: what it says, what it notes, and what it takes down."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from support.story import put

from kb_builder import cli, releases
from kb_builder.errors import KbError, UsageError
from kb_builder.workspace import Workspace

CLIENT = """\
title: Demo
sites:
  - audience: staff
targets:
  - id: intranet
    to: published/demo
    audience: staff
"""


def kb(workspace: Workspace, *arguments: str) -> str:
    """Run kb; what it says. Raises what it raises."""
    result = CliRunner().invoke(
        cli.kb, ["-C", str(workspace.root), *arguments], catch_exceptions=False, standalone_mode=False
    )
    if result.exception:
        raise result.exception
    return result.output


def test_a_site_is_published_mended_and_taken_down_whatever_state_the_records_are_in(
    workspace: Workspace, tmp_path: Path
) -> None:
    put(workspace, "client.yaml", CLIENT)
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    kb(workspace, "release", "demo", "1.0", "--date", "2026-11-20", "--notes", "First.")
    out = workspace.root / "published/demo"
    publish = ("publish", "demo", "--to", "intranet", "--as-of", "2026-11-23")
    assert "changed, 0 unchanged" in kb(workspace, *publish)
    assert releases.published(workspace, "demo")["1.0"].keys() == {"intranet"}
    (out / "versions.json").write_text("[]")
    assert "changed  versions.json" in kb(workspace, *publish, "--dry-run", "--verify")
    assert "0 new, 1 changed" in kb(workspace, *publish)

    with pytest.raises(UsageError, match="--remove goes with neither"):
        kb(workspace, *publish, "--remove", "--adopt")
    with pytest.raises(KbError, match="holds the site of demo/staff"):
        kb(workspace, *publish, "--remove", "--audience", "management")
    put(workspace, "client.yaml", CLIENT.replace("- audience: staff", "- audience: management", 1))
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nowner: nobody-knows\n")
    checked = CliRunner().invoke(cli.kb, ["-C", str(workspace.root), "check", "demo"]).output
    assert "client.yaml:7:15: error KB740" in checked
    with pytest.raises(UsageError, match="has no staff site") as refused:
        kb(workspace, *publish)
    assert "--remove takes down what is there" in (refused.value.hint or "")
    before = sorted(out.rglob("*"))
    assert "nothing was done" in kb(workspace, *publish, "--remove", "--dry-run")
    assert sorted(out.rglob("*")) == before
    said = kb(workspace, *publish, "--remove")
    assert "demo/staff removed" in said
    assert "versions: 1.0, latest" in said
    assert not list(out.iterdir())
    assert releases.published(workspace, "demo") == {}
    with pytest.raises(KbError, match="there is no site of kb"):
        kb(workspace, *publish, "--remove")
