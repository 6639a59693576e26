"""Files and folders are replaced whole, inside their place, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_builder import files
from kb_builder.errors import KbError


def folder(path: Path, text: str) -> Path:
    path.mkdir()
    (path / "page.html").write_text(text)
    return path


@pytest.mark.parametrize("in_one_step", [True, False])
def test_a_folder_takes_the_place_of_another(
    tmp_path: Path, in_one_step: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not in_one_step:
        monkeypatch.setattr(files, "_exchange", lambda one, two: False)
    old, new = folder(tmp_path / "old", "old"), folder(tmp_path / "new", "new")
    files.replace_folder(new, old)
    assert (old / "page.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_a_folder_comes_where_none_was(tmp_path: Path) -> None:
    files.replace_folder(folder(tmp_path / "new", "new"), tmp_path / "deep" / "old")
    assert (tmp_path / "deep" / "old" / "page.html").read_text() == "new"


def test_what_was_killed_between_two_renames_is_mended(tmp_path: Path) -> None:
    folder(tmp_path / ".old.old", "old")
    files.recover(tmp_path / "old")
    assert (tmp_path / "old" / "page.html").read_text() == "old"


def test_files_are_written_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    files.replace_all({tmp_path / "a": b"new", tmp_path / "b" / "c": b"more"}, tmp_path)
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "b" / "c").read_text() == "more"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path)
    for path in (tmp_path / "out", inside / ".." / "out", inside / "link" / "out"):
        with pytest.raises(KbError):
            files.replace_all({inside / "good": b"x", path: b"x"}, inside)
        assert not (tmp_path / "out").exists()
        assert not (inside / "good").exists()
