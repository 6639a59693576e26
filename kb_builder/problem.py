"""A problem: one thing wrong in the records, where it is and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """An error stops a build; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


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


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by where they are, then by code."""
    return sorted(problems, key=lambda p: (p.location, p.code, p.message))


def as_warning(problem: Problem) -> Problem:
    """The same problem where it can stop nothing, because what it is about can no longer change."""
    return replace(problem, severity=Severity.WARNING)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if none is near."""
    found = difflib.get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None
