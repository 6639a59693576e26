"""What every target that a site is published to can do, once it is open."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kb_builder.errors import KbError

MANIFEST = ".kb-published.json"
STAGED = ".kb-new-"
"""How the name of a file begins that is not whole yet."""
DOOR = ".kb-turn"
"""The file that lets one at a time write the list, where a place cannot compare and write in one step."""


class Overtaken(KbError):
    """Somebody else is at the place, or was there between two of our steps: look again, and begin anew."""


@dataclass(frozen=True)
class Print:
    """What a file holds, as places tell it: some know a digest, some the size only, and some nothing."""

    sha256: str | None = None
    md5: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Content:
    """What a file holds, and the tag by which the place knows this very content: an ETag, a generation, a digest."""

    data: bytes
    tag: str


class Place(Protocol):
    """A target that is open: files by their path from its root."""

    shown: str
    """What it is called in words, without anything secret."""

    def begin(self, *, writing: bool) -> bool | None:
        """Begin to look, and keep others out until `close`, where the system under the place does that for the living.

        True if nobody else is there now, False if somebody is, None if the place cannot tell. Raises KbError if the
        place cannot be reached. May be done again after `close`.
        """

    def read(self, name: str) -> Content | None:
        """What a file holds; None if it is not there. Raises KbError if the place cannot be read."""

    def swap(self, name: str, data: bytes, tag: str | None) -> str:
        """Write a file if it still holds what the tag stands for, or is still not there (None); its new tag.

        Looking and writing are one step. Raises Overtaken if it holds something else, KbError if it cannot be written.
        """

    def holds(self, known: Collection[str]) -> Mapping[str, Print]:
        """Every file and link there, whoever put it there, but those that are not whole.

        Of those in `known`, what can be told without fetching them. Raises KbError if it cannot be listed.
        """

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        """The SHA-256 of what files hold, which are fetched for it; those that went away meanwhile are left out."""

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole; one that is not finished is never seen. Raises KbError."""

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files, and folders that are empty then; what is not there is no mistake. Raises KbError."""

    def close(self, *, finished: bool) -> None:
        """End the work: what is kept back until the end is done now, if the work is finished.

        Raises Overtaken if somebody else was quicker; nothing was done then.
        """


def print_of(data: bytes) -> Print:
    """What a content is known by."""
    return Print(
        hashlib.sha256(data).hexdigest(), hashlib.md5(data, usedforsecurity=False).hexdigest(), len(data)
    )
