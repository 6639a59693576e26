"""What every target that a site is published to can do, once it is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

MANIFEST = ".kb-published.json"
STAGED = ".kb-new-"
"""How the name of a file begins that is not whole yet."""


class Place(Protocol):
    """A target that is open: files by their path from its root."""

    shown: str
    """What it is called in words, without anything secret."""

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if it is not there. Raises KbError if the place cannot be read."""

    def holds(self, known: Collection[str]) -> Mapping[str, str | None]:
        """Every file and link there, whoever put it there, but those that are not whole.

        With the SHA-256 of those in `known` where that costs little, else None. Raises KbError if it cannot be listed.
        """

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole; one that is not finished is never seen. Raises KbError."""

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files, and folders that are empty then; what is not there is no mistake. Raises KbError."""

    def close(self, *, finished: bool) -> None:
        """End the work: what is kept back until the end is done now, if the work is finished."""
