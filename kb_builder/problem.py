"""A problem: one thing wrong in the records, where it is and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kb_builder.errors import refused


class Severity(StrEnum):
    """An error stops a build; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


UNREAD = "KB00"
"""How the codes of what could not be read begin."""


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file: the path as shown to people, line and column from 1."""

    path: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Problem:
    """One thing wrong in the records.

    `record` is the kind and id of the record it is about, where there is one.
    """

    code: str
    severity: Severity
    location: Location
    message: str
    hint: str | None = None
    record: tuple[str, str] | None = None


def unreadable(path: str, error: OSError) -> Problem:
    """The problem of a file or folder that the machine does not give out."""
    told = refused(error, path)
    return Problem(
        "KB001",
        Severity.ERROR,
        Location(path),
        f"cannot be read: {error.strerror or error}",
        told.hint,
    )


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by where they are, then by code; what could not be read at all comes first.

    A file that is not read may explain much of what follows, so it must not be buried.
    """
    return sorted(problems, key=lambda p: (not p.code.startswith(UNREAD), p.location, p.code, p.message))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if none is near."""
    found = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None
