"""Staging folders are left alone while somebody holds them, whoever that is, and swept once nobody does."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kb_builder import locks, staging
from kb_builder.staging import STAGE, sweep

HOLD = """
import sys
from pathlib import Path
from kb_builder.staging import staging
with staging(Path(sys.argv[1])) as ours:
    (ours / "file").touch()
    print(ours, flush=True)
    sys.stdin.read()
"""
PLACES = {"beside": (), "with process numbers of its own": ("unshare", "--pid", "--fork", "--kill-child")}


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@contextmanager
def holder(folder: Path, *within: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds a staging folder in `folder`."""
    if within and subprocess.run([*within, "true"], check=False, capture_output=True).returncode:
        pytest.skip(f"{within[0]} may not do that here")
    command = [*within, sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("place", PLACES)
def test_what_another_holds_is_left_alone_and_swept_when_it_was_killed(place: str, tmp_path: Path) -> None:
    """Its number says nothing: in a container of its own it is nobody's here, or somebody else's."""
    with holder(tmp_path, *PLACES[place]) as process:
        (theirs,) = left(tmp_path)
        with staging.staging(tmp_path) as ours:
            assert sorted(left(tmp_path)) == sorted([theirs, ours.name])
        assert left(tmp_path) == [theirs]
        process.send_signal(signal.SIGKILL)
        process.wait()
        with locks.hold(tmp_path / theirs, wait=True):
            pass
    with staging.staging(tmp_path) as ours:
        assert left(tmp_path) == [ours.name]
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [os.getpid(), 1, 2**22 + 1], ids=["ours", "alive", "nobody's"])
def test_no_number_keeps_what_nobody_holds(number: int, tmp_path: Path) -> None:
    (tmp_path / f"{STAGE}{number}-x").mkdir()
    sweep(tmp_path)
    assert left(tmp_path) == []


def test_a_folder_that_is_swept_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, made = staging.tempfile.mkdtemp, []

    def swept(**named: object) -> str:
        made.append(make(**named))  # type: ignore[call-overload]
        if len(made) == 1:
            sweep(tmp_path)
        return made[-1]

    monkeypatch.setattr(staging.tempfile, "mkdtemp", swept)
    with staging.staging(tmp_path) as ours:
        assert ours.is_dir()
        sweep(tmp_path)
        assert ours.is_dir()
    assert len(made) == 2


def test_a_folder_is_removed_also_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), staging.staging(tmp_path / "new") as ours:
        (ours / "file").touch()
        raise FileNotFoundError
    assert left(tmp_path / "new") == []


def test_no_link_is_followed_when_folders_are_swept(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / f"{STAGE}x").symlink_to(tmp_path / "kept")
    sweep(tmp_path)
    assert sorted(left(tmp_path)) == [f"{STAGE}x", "kept"]


def refusing(*when: str) -> Callable[[int, int], None]:
    """A lock that the system refuses for folders, or for everything, as network disks do."""
    lock = locks.fcntl.flock

    def flock(descriptor: int, how: int) -> None:
        if "files" in when or stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(9, "Bad file descriptor")
        lock(descriptor, how)

    return flock


def test_where_a_folder_cannot_be_held_a_file_in_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks.fcntl, "flock", refusing())
    with staging.staging(tmp_path) as ours:
        with locks.hold(ours, wait=False) as second:
            assert second is False
        sweep(tmp_path)
        assert ours.is_dir()
    shutil.rmtree(ours, ignore_errors=True)
    (tmp_path / f"{STAGE}left").mkdir()
    sweep(tmp_path)
    assert left(tmp_path) == []


def test_where_nothing_can_be_held_nothing_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks.fcntl, "flock", refusing("files"))
    (tmp_path / f"{STAGE}x").mkdir()
    with staging.staging(tmp_path) as ours:
        assert ours.is_dir()
    assert left(tmp_path) == [f"{STAGE}x"]


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with locks.hold(tmp_path, wait=True) as first, locks.hold(tmp_path, wait=False) as second:
        assert (first, second) == (True, False)
    with locks.hold(tmp_path, wait=False) as third:
        assert third is True
    with pytest.raises(FileNotFoundError), locks.hold(tmp_path / "none", wait=False):
        pass
