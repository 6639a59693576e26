"""What a command has read: what it decided from that is written only while all of it still stands."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from kb_builder.errors import Changed

T = TypeVar("T")
TRIES = 5
NEITHER = "neither a file nor a folder"


class Seen:
    """Files and folders by their path, each with the digest that it had when it was first read; None for nothing."""

    def __init__(self, digests: Mapping[Path, str | None] | None = None) -> None:
        self.digests: dict[Path, str | None] = dict(digests or {})

    def read(self, path: Path) -> bytes | None:
        """A file's bytes; None if there is none. Raises OSError if it cannot be read."""
        content: bytes | None
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            content = None
        self.digests.setdefault(path, None if content is None else digest(content))
        return content

    def look(self, path: Path) -> str | None:
        """What stands at a path, by its digest, noted like what was read."""
        found = digest_of(path)
        self.digests.setdefault(path, found)
        return found


def digest(content: bytes) -> str:
    """The SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str | None:
    """The SHA-256 of a file, or of the names in a folder; None if there is nothing. Raises OSError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return listing(each.name for each in path.iterdir())
        if not stat.S_ISREG(mode):
            return NEITHER
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def listing(names: Iterable[str]) -> str:
    """The SHA-256 of the names in a folder, without those that editors and kb itself use for a moment."""
    lasting = sorted(name for name in names if not name.startswith(".") and not name.endswith("~"))
    return hashlib.sha256("\0".join(lasting).encode("utf-8", "surrogateescape")).hexdigest()


def refuse_changed(digests: Mapping[Path, str | None]) -> None:
    """Raise Changed if something is not as it was seen."""
    for path, was in digests.items():
        if digest_of(path) != was:
            raise Changed(path)


def again(work: Callable[[], T], tries: int = TRIES) -> T:
    """What `work` gives, which reads, decides and writes. It starts again if what it read has changed meanwhile.

    Raises Changed if that goes on.
    """
    for _ in range(tries - 1):
        try:
            return work()
        except Changed:
            continue
    return work()
