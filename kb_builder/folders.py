"""Going through folders so that nothing in them is overlooked: what cannot be listed stops us, it is not left out."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path


def _stop(error: OSError) -> None:
    raise error


def walk(
    top: Path, unreadable: Callable[[OSError], None] = _stop
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Every folder from `top` on, with the names of the folders in it and of all else, each sorted.

    Links to folders are among the folders and are not followed; to take a name out of that list leaves the folder out.
    `unreadable` is told what cannot be listed; by itself that raises.
    """
    for base, names, files in os.walk(top, onerror=unreadable):
        names.sort()
        yield Path(base), names, sorted(files)


def sort_of(path: Path) -> str | None:
    """What lies there that is no file, folder or link, in words; None if it is one of them, or is not there.

    To read from a pipe waits for whoever writes into it, which may be for ever.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None
    return next((words for check, words in _ODD if check(mode)), None)


_ODD: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "a pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
