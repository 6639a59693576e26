"""`kb withdraw` killed at any point: every release is as it was, or all of them are as they shall be."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from support.kill import kills
from support.sites import TODAY, new_workspace
from support.story import CLIENT, put, seal
from support.trees import tree

from kb_builder import releases, withdrawal
from kb_builder.redaction import take_out
from kb_builder.withdrawal import Plan, Reason
from kb_builder.workspace import Workspace, find

REASON = Reason("x", "Tom", TODAY)


def planned(workspace: Workspace, what: str) -> Plan:
    found = releases.load(workspace, CLIENT)
    if what == "withdrawn":
        return withdrawal.take_back(workspace, CLIENT, found.all[0], REASON)
    work = partial(take_out, wanted={("system", "erp")})
    return withdrawal.seal_anew(workspace, CLIENT, found.all, REASON, work)


@pytest.mark.parametrize("what", ["withdrawn", "redacted"])
def test_releases_whose_withdrawal_was_killed_are_the_old_ones_or_the_new(what: str, tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "ws", CLIENT)
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    for number in range(4):
        put(workspace, f"discovery/systems/s{number}.yaml", f"title: S {number}\ndepends_on: [erp]\n")
    seal(workspace, "2026.3")
    seal(workspace, "2026.6")
    shutil.copytree(workspace.root, tmp_path / "old")

    def work() -> None:
        here = find(workspace.root)
        withdrawal.carry_out(here, CLIENT, planned(here, what))

    def prepare() -> None:
        shutil.rmtree(workspace.root)
        shutil.copytree(tmp_path / "old", workspace.root)

    old = files(workspace)
    work()
    new = files(workspace)
    assert old != new
    seen = set()
    for where in kills(60, work, prepare, seed=53):
        find(workspace.root)
        now = files(workspace)
        assert now in (old, new), where
        assert not releases.load(workspace, CLIENT).problems, where
        seen.add(now == new)
    assert seen == {True, False}


def files(workspace: Workspace) -> dict[str, bytes | None]:
    """What stands there, without empty folders, and without a copy that was being changed and nobody reads."""
    found = tree(workspace.folder(CLIENT))
    return {name: each for name, each in found.items() if each is not None and "/.kb-" not in name}
