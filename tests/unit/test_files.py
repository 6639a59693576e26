"""Files and folders are replaced whole, inside their place, or not at all."""

from __future__ import annotations

import errno
import os
import stat
from functools import partial
from pathlib import Path

import pytest
from support.processes import started
from support.sites import new_workspace

from kb_builder import files, locks
from kb_builder.errors import KbError
from kb_builder.workspace import find


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
    files.overwrite({tmp_path / "a": b"new", tmp_path / "b" / "c": b"more"}, tmp_path)
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "b" / "c").read_text() == "more"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path)
    for path in (tmp_path / "out", inside / ".." / "out", inside / "link" / "out"):
        with pytest.raises(KbError):
            files.overwrite({inside / "good": b"x", path: b"x"}, inside)
        assert not (tmp_path / "out").exists()
        assert not (inside / "good").exists()


def killed(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Let a write end where it would if it were killed before a step."""
    monkeypatch.setattr(files.shutil, "rmtree", lambda *_, **__: None)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if at == "before the journal":
        monkeypatch.setattr(files.json, "dumps", stop)
    else:
        monkeypatch.setattr(files, "_carry_out", stop)


@pytest.mark.parametrize(("at", "text"), [("before the journal", "old"), ("after the journal", "new")])
def test_a_write_that_was_killed_is_finished_or_forgotten(
    tmp_path: Path, at: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "gone").write_text("old")
    with monkeypatch.context() as patch:
        killed(patch, at)
        with pytest.raises(KeyboardInterrupt):
            files.overwrite({tmp_path / "a": b"new", tmp_path / "b/c": b"new"}, tmp_path, [tmp_path / "gone"])
    files.finish_writes(tmp_path)
    assert (tmp_path / "a").read_text() == text
    assert (tmp_path / "b" / "c").exists() == (text == "new")
    assert (tmp_path / "gone").exists() == (text == "old")
    assert not list(tmp_path.glob(".kb-*"))


def test_what_another_process_is_writing_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process stops in the middle of its write, looked at from outside, and then goes on."""
    carry_out = files._carry_out
    staged, go_on = os.pipe(), os.pipe()

    def slowly(stage: Path, inside: Path) -> None:
        os.write(staged[1], b"x")
        os.read(go_on[0], 1)
        carry_out(stage, inside)

    def write() -> None:
        monkeypatch.setattr(files, "_carry_out", slowly)
        files.overwrite({tmp_path / "a": b"new"}, tmp_path)

    child = started(write)
    os.read(staged[0], 1)
    files.finish_writes(tmp_path)
    left = list(tmp_path.glob(".kb-write-*/journal.json"))
    os.write(go_on[1], b"x")
    assert os.waitpid(child, 0)[1] == 0
    assert len(left) == 1
    assert (tmp_path / "a").read_text() == "new"


def test_who_writes_where_another_writes_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes write the same two files many times over: they are always of one of them."""

    def write(content: bytes) -> None:
        for _ in range(50):
            files.overwrite({tmp_path / "a": content, tmp_path / "b": content}, tmp_path)

    children = [started(partial(write, content)) for content in (b"one", b"two")]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_where_nothing_can_be_held_only_what_was_decided_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not decided may be another's, who is still at work."""

    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", refused)
    decided, open_ = tmp_path / ".kb-write-a", tmp_path / ".kb-write-b"
    decided.mkdir()
    open_.mkdir()
    (decided / "0").write_text("new")
    (decided / "journal.json").write_text('{"moves": {"0": "a"}, "removals": []}')
    files.finish_writes(tmp_path)
    assert (tmp_path / "a").read_text() == "new"
    assert not decided.exists()
    assert open_.exists()
    files.overwrite({tmp_path / "b": b"new"}, tmp_path)
    assert (tmp_path / "b").read_text() == "new"


def test_a_journal_leads_nowhere_else(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    stage = inside / ".kb-write-1-x"
    stage.mkdir(parents=True)
    (tmp_path / "kept").write_text("kept")
    (stage / "0").write_text("x")
    (stage / "journal.json").write_text('{"moves": {"0": "../out"}, "removals": ["../kept"]}')
    files.finish_writes(inside)
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "kept").exists()


def test_a_broken_journal_is_said(tmp_path: Path) -> None:
    stage = tmp_path / ".kb-write-1-x"
    stage.mkdir()
    (stage / "journal.json").write_text("[]")
    with pytest.raises(KbError, match="interrupted write"):
        files.finish_writes(tmp_path)
    assert stage.is_dir()


def test_files_that_are_removed_are_removed_with_the_write(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("x")
    files.overwrite({tmp_path / "new": b"x"}, tmp_path, [tmp_path / "old", tmp_path / "never"])
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_could_not_be_carried_out_is_refused_before_it_is_decided(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for path in ("file/below", "folder", "good/below"):
        with pytest.raises(KbError):
            files.overwrite(
                {tmp_path / "file": b"new", tmp_path / path: b"x", tmp_path / "good": b"x"}, tmp_path
            )
    with pytest.raises(KbError):
        files.overwrite({tmp_path / "file": b"new"}, tmp_path, [tmp_path / "folder"])
    assert (tmp_path / "file").read_text() == "x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_file_can_make_way_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    files.overwrite({tmp_path / "a" / "b": b"new"}, tmp_path, [tmp_path / "a"])
    assert (tmp_path / "a" / "b").read_text() == "new"


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0o640)
    files.overwrite({tmp_path / "a": b"new"}, tmp_path)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_who_is_interrupted_in_the_middle_finishes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = os.replace, []

    def interrupted(source: Path, target: Path) -> None:
        calls.append(target)
        if target == tmp_path / "b" and calls.count(target) == 1:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.overwrite({tmp_path / name: b"new" for name in "abc"}, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_what_the_disk_refuses_in_the_middle_is_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(source: Path, target: Path) -> None:
        if target.name == "b":
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            files.overwrite({tmp_path / name: b"new" for name in "abc"}, tmp_path)
        with pytest.raises(KbError, match="cannot be finished"):
            files.finish_writes(tmp_path)
    files.finish_writes(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "journal",
    [
        '{"moves": {"../kept": "in"}, "removals": []}',
        '{"moves": {"0": "/tmp/kb-out"}, "removals": []}',
        '{"moves": {"0": "link/out"}, "removals": ["link/kept"]}',
        '{"moves": {"0": "x/../../out"}, "removals": []}',
        '{"moves": {"1": "in"}, "removals": []}',
    ],
)
def test_a_made_up_journal_takes_nothing_from_outside_and_puts_nothing_there(
    tmp_path: Path, journal: str
) -> None:
    inside = tmp_path / "inside"
    stage = inside / ".kb-write-1-x"
    stage.mkdir(parents=True)
    (inside / "link").symlink_to(tmp_path)
    (tmp_path / "kept").write_text("kept")
    (stage / "0").write_text("x")
    (stage / "1").symlink_to(tmp_path / "kept")
    (stage / "journal.json").write_text(journal)
    files.finish_writes(inside)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside", "kept"]
    assert [path.name for path in inside.iterdir()] == ["link"]
    assert not Path("/tmp/kb-out").exists()


@pytest.mark.parametrize("place", [".", "engagements/demo", "engagements/demo/releases"])
def test_every_command_first_finishes_what_was_killed(tmp_path: Path, place: str) -> None:
    inside = new_workspace(tmp_path).root / place
    stage = inside / ".kb-write-1-x"
    stage.mkdir(parents=True)
    (stage / "0").write_text("new")
    (stage / "journal.json").write_text('{"moves": {"0": "below/a"}, "removals": []}')
    find(tmp_path)
    assert (inside / "below" / "a").read_text() == "new"
    assert not stage.exists()


def test_what_lies_outside_the_workspace_is_not_finished(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "ws")
    stage = tmp_path / "elsewhere" / ".kb-write-1-x"
    stage.mkdir(parents=True)
    (workspace.engagements / "link").symlink_to(tmp_path / "elsewhere")
    find(workspace.root)
    assert stage.exists()
