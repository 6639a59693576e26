"""What stops us. A mistake in a record is a `Problem`, never one of these.

KbError                 we cannot go on: exit code 1
├── UsageError          the command was given something it cannot use: exit code 2
├── MachineError        the machine refused: disk, rights, a name, the network: exit code 4
│   └── NobodyReads     whoever read what we print has gone: exit code 141, without a word
└── Changed             somebody wrote what we had read, before we wrote; whoever reads again may go on

An OSError is left to pass, and is put into words at the one boundary, in `cli_end`; `refused` makes the words. Where
the system names no path, as when writing, `naming` gives it one.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class KbError(Exception):
    """We cannot go on. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KbError):
    """The command was given something that it cannot use."""


class Changed(KbError):
    """A file is not what it was when it was read, so that what was decided from it is not written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was changed by somebody else in the meantime",
            "nothing was written; see who is at work there, then run it again",
        )
        self.path = path


class MachineError(KbError):
    """The machine refused: the disk, a right, a name, the network."""


class NobodyReads(MachineError):
    """Whoever read what we print has gone, as `head` does when it has seen enough."""


_ROOM = "make room on that disk, then run it again"
_RIGHTS = "let yourself read and write there, then run it again"
_HINTS = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "let files there be larger, then run it again",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "that disk can only be read: name a folder on another",
    errno.ENAMETOOLONG: "shorten that name, or work in a folder whose own path is shorter",
    errno.ENOENT: "it is not there, or went away meanwhile: see who else works there, then run it again",
    errno.EIO: "the disk does not do it: look at the system's log, and at your last backup",
    errno.ELOOP: "take the links away that lead in a circle",
    errno.EMFILE: "close other programs, or let this one open more files (ulimit -n)",
    errno.ENFILE: "close other programs, then run it again",
    errno.ENOMEM: "close other programs, then run it again",
    errno.ENETUNREACH: "look at the network, then run it again",
    errno.EHOSTUNREACH: "look at the network, then run it again",
    errno.ECONNREFUSED: "look at the address, and whether anybody answers there",
    errno.ETIMEDOUT: "look at the network, then run it again",
}
_OTHERWISE = "mend that, then run it again"
_WRITING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})
"""What only what is written to can be the reason of, where something is copied or moved."""
_WRITTEN = re.compile(r"\[Errno (\d+)\] ([^:\n]+)(?:: '([^'\n]*)')?(?: -> '([^'\n]*)')?")
"""An OSError as Python writes it, in what another program said or in a list of several."""


def refused(error: OSError, where: Path | str) -> MachineError:
    """An OSError in words: the path, what the system says, what to do. `where` is named if the error names no path."""
    if isinstance(error, shutil.Error):
        error = told_in(str(error)) or error
    names = [_shown(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    if error.errno in _WRITING:
        names = names[-1:]
    said = error.strerror or _shown(str(error)) or type(error).__name__
    return MachineError(
        f"{' to '.join(names) or _shown(str(where))}: {said}", _HINTS.get(error.errno or 0, _OTHERWISE)
    )


def told_in(text: str) -> OSError | None:
    """The first OSError in a text such as a traceback; None if there is none."""
    found = _WRITTEN.search(text)
    return OSError(int(found[1]), found[2].strip(), found[3], None, found[4]) if found else None


@contextmanager
def naming(where: Path | str) -> Iterator[None]:
    """Give an OSError that names no path this one: the system names none when it refuses to write."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = str(where)
        raise


def _shown(name: str | bytes) -> str:
    """A name as it can be printed."""
    text = os.fsdecode(name)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
