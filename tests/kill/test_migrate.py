"""`kb migrate` killed at any point: the files are all as they were, or all in today's format."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.kill import kills
from support.sites import new_workspace
from support.story import put
from support.trees import tree

from kb_builder import migrate, migrations
from kb_builder.workspace import find
from kb_builder.yaml_edit import rename

CLIENT = "title: Demo  # the client\naudiences:\n  - staff  # all of them\n"


def summaries(kind: str, record: MutableMapping[str, Any]) -> bool:
    """A migration that changes many files: systems once had a `purpose`."""
    if kind != "system" or "purpose" not in record:
        return False
    rename(record, "purpose", "summary")
    return True


def older(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed: Mapping[tuple[str, str], str] = {("system", "summary"): "purpose"}
    more = SimpleNamespace(__name__="summaries", FORMAT=2, RENAMED=renamed, migrate=summaries)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, more))


def test_records_whose_migration_was_killed_are_the_old_ones_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older(monkeypatch)
    workspace = new_workspace(tmp_path / "ws")
    put(workspace, "client.yaml", CLIENT)
    for number in range(6):
        put(workspace, f"discovery/systems/s{number}.yaml", f"title: S {number}\npurpose: Works # well\n")
    put(workspace, "discovery/systems/note.md", "---\npurpose: Notes\ntitle: Note\n---\nText.\n")
    put(workspace, "discovery/people/ann-lee.yaml", "title: Ann Lee\n")
    shutil.copytree(workspace.root, tmp_path / "old")

    def work() -> None:
        here = find(workspace.root)
        migrate.rewrite(here, "demo")

    def prepare() -> None:
        shutil.rmtree(workspace.root)
        shutil.copytree(tmp_path / "old", workspace.root)

    old = tree(workspace.root)
    work()
    new = tree(workspace.root)
    assert len([path for path in old if old[path] != new[path]]) == 8
    seen = set()
    for number, where in enumerate(kills(200, work, prepare, seed=41)):
        find(workspace.root)
        now = tree(workspace.root)
        assert now in (old, new), where
        seen.add(now == new)
        if number % 10 == 0:
            work()
            assert tree(workspace.root) == new, where
    assert seen == {True, False}
    assert migrate.plan(workspace, "demo") == {}
