"""Writing files so that nobody ever meets half of one, and nothing that was read is overwritten unread."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from kb_builder import disk
from kb_builder.errors import KbError, MachineError
from kb_builder.locks import hold
from kb_builder.seen import digest_of, refuse_changed

_HERE, _EXCHANGE = -100, 2
_WRITE, _JOURNAL = ".kb-write-", "journal.json"
Digests = Mapping[Path, str | None]


def replace_all(
    writes: Mapping[Path, bytes], inside: Path, seen: Digests, removals: Iterable[Path] = ()
) -> None:
    """Write every file whole and remove others, or do nothing at all, whenever we are killed or the power goes.

    Folders that are empty when their files are removed go, too.

    `seen` holds what was read to decide on this, and every path that is written, by its digest (`Seen`): if any of it
    has another by now, nothing is written. All is staged in a folder in `inside`, then a journal is put beside it:
    from then on it will be done, by us or by `finish_writes`. Whoever writes in the same folder meanwhile is waited
    for. When this returns, all of it is on the disk.

    Raises Changed for what is not as it was seen; KbError for a path that is not inside `inside` or cannot be written
    to; OSError when the disk refuses.
    """
    removals = list(removals)
    unseen = sorted({*writes, *removals} - {*seen})
    if unseen:
        raise ValueError(f"{unseen[0]} would be written, and nobody said what is there")
    _replace(writes, inside, removals, seen)


def overwrite(writes: Mapping[Path, bytes], inside: Path, removals: Iterable[Path] = ()) -> None:
    """The same for files whose old content does not matter: what is made anew whenever it is asked for."""
    _replace(writes, inside, list(removals), {})


def _replace(writes: Mapping[Path, bytes], inside: Path, removals: list[Path], seen: Digests) -> None:
    with hold(inside, wait=True) as ours:
        _finish(inside, ours)
        moves = {_name(path, inside): path for path in sorted(writes)}
        removed = sorted({_name(path, inside) for path in removals} - {*moves})
        _refuse(inside.resolve(), [*moves], removed)
        stage = _stage(inside, {name: writes[path] for name, path in moves.items()}, removed, seen)
        try:
            _complete(stage, inside)
        except KeyboardInterrupt:
            _complete(stage, inside)
            raise


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


def _stage(inside: Path, moves: Mapping[str, bytes], removed: list[str], seen: Digests) -> Path:
    """Stage the files, then the journal that decides: the folder with both. Nothing stays if that fails.

    What was seen is compared last of all. The journal notes what the files hold that will be replaced: whoever saves
    one of them after the comparison has saved after us, and keeps what is theirs.
    """
    stage = Path(tempfile.mkdtemp(prefix=_WRITE, dir=inside))
    try:
        disk.write_files({stage / str(number): content for number, content in enumerate(moves.values())})
        for number, name in enumerate(moves):
            if (inside / name).is_file():
                shutil.copymode(inside / name, stage / str(number))
        journal = {
            "moves": {str(number): name for number, name in enumerate(moves)},
            "removals": removed,
            "was": {name: digest_of(inside / name) for name in (*moves, *removed)},
        }
        disk.write_files({stage / "draft": json.dumps(journal).encode()})
        disk.sync_folders((stage, inside))
        refuse_changed(seen)
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
    disk.sync_folder(stage)
    journal = json.loads((stage / _JOURNAL).read_text(encoding="utf-8"))
    root, was = inside.resolve(), journal.get("was", {})
    touched: set[Path] = set()

    def as_it_was(name: str) -> bool:
        return _is_in(root / name, root) and (name not in was or digest_of(root / name) == was[name])

    for number, name in enumerate(journal["removals"]):
        path, aside = root / name, stage / f"removed-{number}"
        there = os.path.lexists(path) and (path.is_symlink() or not path.is_dir())
        # Moved aside, not deleted: a second go must not take away what has come to stand there since.
        if there and not os.path.lexists(aside) and as_it_was(name):
            os.replace(path, aside)
            touched.add(path.parent)
    for number, name in journal["moves"].items():
        staged, path = stage / number, root / name
        if number.isdigit() and staged.is_file() and not staged.is_symlink() and as_it_was(name):
            disk.make_folder(path.parent)
            with suppress(FileNotFoundError):
                os.replace(staged, path)
        if _is_in(path, root) and path.parent.is_dir():
            touched.add(path.parent)
    touched |= {
        _without_empty(root / name, root) for name in journal["removals"] if _is_in(root / name, root)
    }
    disk.sync_folders(folder for folder in touched if folder.is_dir())
    (stage / _JOURNAL).unlink(missing_ok=True)


def _without_empty(path: Path, root: Path) -> Path:
    """Remove the folders above a file that is gone, as far as nothing else is in them; the one that is left."""
    for folder in path.parents:
        if folder == root:
            break
        try:
            folder.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return folder
    return root


def _is_in(path: Path, root: Path) -> bool:
    return ".." not in path.parts and path.parent.resolve().is_relative_to(root)


def finish_writes(inside: Path) -> None:
    """Make good what a killed `replace_all` left: finish what it had decided, forget what it had not.

    What a process that still runs is writing is left alone. Raises KbError if it cannot be finished.
    """
    if any(inside.glob(f"{_WRITE}*")):
        with hold(inside, wait=False) as ours:
            _finish(inside, ours)


def _finish(inside: Path, ours: bool | None) -> None:
    """Finish what lies in a folder that we hold. Where nothing can be held, only what is decided: twice does no harm."""
    if ours is False:
        return
    for stage in sorted(inside.glob(f"{_WRITE}*")):
        if stage.is_symlink() or not stage.is_dir() or not (ours or (stage / _JOURNAL).is_file()):
            continue
        try:
            _complete(stage, inside)
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise KbError(
                f"{stage} holds the rest of an interrupted write, and it cannot be finished: {error}",
                "mend that and run this again; or copy what you need out of the folder, then take it away",
            ) from error


def replace_folder(new: Path, old: Path) -> None:
    """Put the folder `new` where `old` is. Both are on one file system. Who does the same meanwhile is waited for.

    On Linux the two are exchanged in one step, so that a reader, or whoever kills us, finds the old one or
    the new one. Elsewhere there is a moment between two renames; `recover` mends what is killed in it.
    """
    disk.make_folder(old.parent)
    with hold(old.parent, wait=True):
        if old.exists() and _exchange(new, old):
            shutil.rmtree(new, ignore_errors=True)
            return
        aside = old.with_name(f".{old.name}.old")
        _recover(old)
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
    if folder.with_name(f".{folder.name}.old").exists():
        with hold(folder.parent, wait=True):
            _recover(folder)


def _recover(folder: Path) -> None:
    aside = folder.with_name(f".{folder.name}.old")
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, folder)
