"""`kb publish` killed at any point: a reader meets no missing file, and the next publish makes it right."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.kill import kills
from support.little_sites import dead, site

from kb_builder.place import MANIFEST, STAGED
from kb_builder.publish import publish
from kb_builder.targets import open_place

OLD = {"1.0": ["a", "b"], "1.1": ["a", "b", "c"]}
NEW = {"1.1": ["a", "b", "c"], "1.2": ["a", "c", "d"]}


def held(folder: Path, *, half: bool = False) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST and not (half and path.name.startswith(STAGED))
    }


def test_a_publish_that_was_killed_leaves_no_dead_link_and_is_made_good(tmp_path: Path) -> None:
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    target, start = tmp_path / "target", tmp_path / "start"

    def work(folder: Path = target) -> None:
        publish(open_place(str(folder), tmp_path), "acme/staff", second)

    publish(open_place(str(start), tmp_path), "acme/staff", first)
    wanted = {name: path.read_text() for name, path in second.items()}
    between = 0

    def prepare() -> None:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(start, target)

    for where in kills(200, work, prepare, seed=33):
        files = held(target, half=True)
        assert dead(files, lambda name, files=files: files[name]) == [], where
        between += files not in (held(start), wanted)
        work()
        assert held(target) == wanted, where
    assert between > 50
