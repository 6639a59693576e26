"""Files written and removed in one step: killed at any point, it is done or it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.kill import kills
from support.trees import tree

from kb_builder.files import finish_writes, overwrite


def test_a_write_that_was_killed_is_done_or_not(tmp_path: Path) -> None:
    inside = tmp_path / "inside"

    def prepare() -> None:
        shutil.rmtree(inside, ignore_errors=True)
        inside.mkdir()
        for name in "abcdef":
            (inside / name).write_text(f"old {name}")

    def work() -> None:
        writes = {inside / name: b"new" for name in ("a", "b", "new/g", "new/deep/h", "c/below")}
        overwrite(writes, inside, [inside / name for name in "cde"])

    prepare()
    old = tree(inside)
    work()
    new = tree(inside)
    assert sorted(new) == ["a", "b", "c", "c/below", "f", "new", "new/deep", "new/deep/h", "new/g"]
    seen = set()
    for where in kills(200, work, prepare, seed=43):
        finish_writes(inside)
        now = tree(inside)
        assert now in (old, new), where
        seen.add(now == new)
    assert seen == {True, False}
