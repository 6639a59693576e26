"""`kb import markdown` killed at any point: all that it brings is there, or nothing of it; then it can be run again."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.kill import kills
from support.sites import new_workspace
from support.trees import tree

from kb_builder.importers import base, markdown
from kb_builder.workspace import find

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(60)


def handbook(folder: Path, text: str) -> None:
    """Six pages, in folders, each with a picture; the texts say `text`."""
    for number in range(6):
        page = folder / f"part-{number % 3}" / f"page-{number}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"# Page {number}\n\n{text}\n\n![A picture](picture-{number}.png)\n")
        (page.parent / f"picture-{number}.png").write_bytes(PIXEL + bytes([number]))


def test_an_import_that_was_killed_brings_all_or_nothing(tmp_path: Path) -> None:
    """A second import, which changes and adds, so that killing it could leave some of both."""
    workspace = new_workspace(tmp_path / "ws")
    source = tmp_path / "handbook"

    def work() -> None:
        here = find(workspace.root)
        base.bring(here, "demo", markdown.read(str(source)))

    handbook(source, "As it was.")
    work()
    shutil.copytree(workspace.root, tmp_path / "old")
    handbook(source, "As it is now.")
    (source / "part-0" / "more.md").write_text("# More\n\nThere is more.\n")

    def prepare() -> None:
        shutil.rmtree(workspace.root)
        shutil.copytree(tmp_path / "old", workspace.root)

    old = tree(workspace.root)
    work()
    new = tree(workspace.root)
    changed = [path for path in new if old.get(path) != new[path]]
    assert len(changed) == 8
    seen = set()
    for number, where in enumerate(kills(200, work, prepare, seed=42)):
        find(workspace.root)
        now = tree(workspace.root)
        assert now in (old, new), where
        seen.add(now == new)
        if number % 10 == 0:
            work()
            assert tree(workspace.root) == new, where
    assert seen == {True, False}
