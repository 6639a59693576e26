"""Writing files so that nobody ever meets half of one."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kb_builder.errors import KbError

_HERE, _EXCHANGE = -100, 2


def replace_all(writes: Mapping[Path, bytes], inside: Path) -> None:
    """Write every file whole, or none: all are staged beside `inside` first, then swapped in.

    Raises KbError for a path that is not inside `inside`, or when the disk refuses.
    """
    root = inside.resolve()
    for path in writes:
        if not path.parent.resolve().is_relative_to(root):
            raise KbError(f"{path} is outside {inside}", "take the link away that leads there")
    try:
        with tempfile.TemporaryDirectory(prefix=".kb-", dir=inside) as folder:
            staged: list[tuple[Path, Path]] = []
            for number, (path, content) in enumerate(sorted(writes.items())):
                temporary = Path(folder) / str(number)
                temporary.write_bytes(content)
                staged.append((temporary, path))
            for temporary, path in staged:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary, path)
    except OSError as error:
        raise KbError(f"cannot write in {inside}: {error.strerror or error}") from error


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
