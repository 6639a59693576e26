"""Writing files so that nobody ever meets half of one."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kb_builder.errors import KbError, MachineError, refused

if sys.platform != "win32":
    import fcntl

_HERE, _EXCHANGE = -100, 2
_WRITE, _JOURNAL = ".kb-write-", "journal.json"


def replace_all(writes: Mapping[Path, bytes], inside: Path, removals: Iterable[Path] = ()) -> None:
    """Write every file whole and remove others, or do nothing at all, whenever we are killed.

    All is staged in a folder in `inside`, then a journal is put beside it: from then on it will be done, by us or by
    `finish_writes`. Whoever writes in the same folder meanwhile is waited for. Raises KbError for a path that is not
    inside `inside` or cannot be written to, MachineError when the disk refuses.
    """
    try:
        with _lock(inside, wait=True) as ours:
            _finish(inside, ours)
            moves = {_name(path, inside): content for path, content in sorted(writes.items())}
            removed = sorted({_name(path, inside) for path in removals} - {*moves})
            _refuse(inside.resolve(), [*moves], removed)
            stage = _stage(inside, moves, removed)
            try:
                _complete(stage, inside)
            except KeyboardInterrupt:
                _complete(stage, inside)
                raise
    except OSError as error:
        raise refused(error, inside) from error


def _name(path: Path, inside: Path) -> str:
    """A path as the journal has it: relative to `inside`, all links on the way followed."""
    root, parent = inside.resolve(), path.parent.resolve()
    if not parent.is_relative_to(root) or path.name in ("", ".."):
        raise KbError(f"{path} is outside {inside}", "take the link away that leads there")
    return (parent.relative_to(root) / path.name).as_posix()


def _refuse(root: Path, moves: list[str], removed: list[str]) -> None:
    """Raise KbError for what could not be carried out: once it is decided, it is too late to find out."""
    device = root.stat().st_dev
    places = {root / name for name in moves}
    for path in (*places, *(root / name for name in removed)):
        if path.is_dir() and not path.is_symlink():
            raise KbError(f"{path} cannot be written: there is a folder of that name", "move it away")
    for parent in {path.parent for path in places}:
        there = next(each for each in (parent, *parent.parents) if os.path.lexists(each))
        if not there.is_dir() and there.relative_to(root).as_posix() not in removed:
            raise KbError(f"{parent} cannot be made: {there} is a file", "move it away")
        if there.stat().st_dev != device:
            raise KbError(f"{there} is on another disk than {root}", "keep a client's files on one disk")
        if there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
            raise MachineError(f"nothing may be written in {there}", "let yourself write there")
        if clash := places & {parent, *parent.parents}:
            raise KbError(f"{min(clash)} cannot be both a file and a folder")


def _stage(inside: Path, moves: Mapping[str, bytes], removed: list[str]) -> Path:
    """Stage the files, then the journal that decides: the folder with both. Nothing stays if that fails."""
    stage = Path(tempfile.mkdtemp(prefix=f"{_WRITE}{os.getpid()}-", dir=inside))
    try:
        for number, (name, content) in enumerate(moves.items()):
            (stage / str(number)).write_bytes(content)
            if (inside / name).is_file():
                shutil.copymode(inside / name, stage / str(number))
        journal = {"moves": {str(number): name for number, name in enumerate(moves)}, "removals": removed}
        (stage / "draft").write_text(json.dumps(journal), encoding="utf-8")
        os.replace(stage / "draft", stage / _JOURNAL)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    return stage


def _complete(stage: Path, inside: Path) -> None:
    _carry_out(stage, inside)
    shutil.rmtree(stage, ignore_errors=True)


def _carry_out(stage: Path, inside: Path) -> None:
    """Do what a journal says and is not done yet, then take the journal away. It may lead nowhere else."""
    if not (stage / _JOURNAL).is_file():
        return
    journal = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
    root = inside.resolve()
    removals = [(stage / f"removed-{number}", root / name) for number, name in enumerate(journal["removals"])]
    moves = [(stage / number, root / name) for number, name in journal["moves"].items() if number.isdigit()]
    for aside, path in removals:
        there = os.path.lexists(path) and (path.is_symlink() or not path.is_dir())
        # Moved aside, not deleted: a second go must not take away what has come to stand there since.
        if there and not os.path.lexists(aside) and _is_in(path, root):
            os.replace(path, aside)
    for staged, path in moves:
        if staged.is_file() and not staged.is_symlink() and _is_in(path, root):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, path)
    (stage / _JOURNAL).unlink()


def _is_in(path: Path, root: Path) -> bool:
    return ".." not in path.parts and path.parent.resolve().is_relative_to(root)


def finish_writes(inside: Path) -> None:
    """Make good what a killed `replace_all` left: finish what it had decided, forget what it had not.

    What a process that still runs is writing is left alone. Raises KbError if it cannot be finished.
    """
    try:
        if any(inside.glob(f"{_WRITE}*")):
            with _lock(inside, wait=False) as ours:
                _finish(inside, ours)
    except OSError as error:
        raise refused(error, inside) from error


def _finish(inside: Path, ours: bool | None) -> None:
    if ours is False:
        return
    for stage in sorted(inside.glob(f"{_WRITE}*")):
        if stage.is_symlink() or not stage.is_dir() or not (ours or _is_left(stage)):
            continue
        try:
            _complete(stage, inside)
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise KbError(
                f"{stage} holds the rest of an interrupted write, and it cannot be finished: {error}",
                "mend that and run this again; or copy what you need out of the folder, then take it away",
            ) from error


def _is_left(stage: Path) -> bool:
    number = stage.name.removeprefix(_WRITE).partition("-")[0]
    return number.isdigit() and not is_alive(int(number))


@contextmanager
def _lock(inside: Path, *, wait: bool) -> Iterator[bool | None]:
    """Lock a folder for those who write in it: True if it is ours, False if another has it, None without locks.

    The system takes a lock (flock(2)) from whoever is killed. A process number alone would not tell: it comes again,
    in a container nearly always.
    """
    if sys.platform == "win32":
        yield None
        return
    folder = os.open(inside, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours: bool | None = True
        except BlockingIOError:
            ours = False
        except OSError:
            ours = None
        yield ours
    finally:
        os.close(folder)


def replace_folder(new: Path, old: Path) -> None:
    """Put the folder `new` where `old` is. Both are on one file system.

    On Linux the two are exchanged in one step, so that a reader, or whoever kills us, finds the old one or
    the new one. Elsewhere there is a moment between two renames; `recover` mends what is killed in it.
    """
    if old.exists() and _exchange(new, old):
        shutil.rmtree(new, ignore_errors=True)
        return
    aside = old.with_name(f".{old.name}.old")
    if aside.exists():
        recover(old)
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        os.rename(old, aside)
    os.rename(new, old)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, two: Path) -> bool:
    """Exchange two folders in one step (renameat2(2) with RENAME_EXCHANGE); False where that cannot be done."""
    if sys.platform != "linux":
        return False
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return call is not None and call(_HERE, os.fsencode(one), _HERE, os.fsencode(two), _EXCHANGE) == 0


def recover(folder: Path) -> None:
    """Mend what a killed `replace_folder` left: the old folder comes back if the new one never came."""
    aside = folder.with_name(f".{folder.name}.old")
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, folder)


def is_alive(process: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
