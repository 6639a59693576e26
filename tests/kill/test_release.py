"""`kb release` killed at any point: there is the whole release, or none."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from support.kill import kills
from support.sites import new_workspace
from support.story import put

from kb_builder import releases

DAY = dt.date(2026, 11, 20)


def test_a_release_that_was_killed_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    for number in range(20):
        put(workspace, f"discovery/systems/s{number}.yaml", f"title: System {number}\n")
    releases.seal(workspace, "demo", "1.0", DAY)
    home = workspace.folder("demo") / "releases"
    outcomes = set()

    def prepare() -> None:
        shutil.rmtree(home / "1.1", ignore_errors=True)

    for where in kills(200, lambda: releases.seal(workspace, "demo", "1.1", DAY), prepare, seed=31):
        found = releases.load(workspace, "demo")
        problems = [each for release in found.all for each in releases.verify(release, workspace.root)]
        assert (found.problems, problems) == ((), []), where
        versions = [each.version for each in found.all]
        assert versions in (["1.0"], ["1.0", "1.1"]), where
        outcomes.add(len(versions))
    assert outcomes == {1, 2}
    prepare()
    releases.seal(workspace, "demo", "1.1", DAY)
    assert sorted(path.name for path in home.iterdir()) == ["1.0", "1.1"]
