"""A problem: one thing wrong in the records, where it is and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, islice

from kb_builder.errors import refused

_UNREAD = "cannot be read: "


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
        f"{_UNREAD}{error.strerror or error}",
        told.hint,
    )


def is_unreadable(problem: Problem) -> bool:
    """Whether it is the machine that does not give a file or folder out, as `unreadable` says it."""
    return problem.code == "KB001" and problem.message.startswith(_UNREAD)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by where they are, then by code; what could not be read at all comes first.

    A file that is not read may explain much of what follows, so it must not be buried.
    """
    return sorted(problems, key=lambda p: (not p.code.startswith(UNREAD), p.location, p.code, p.message))


def as_warning(problem: Problem) -> Problem:
    """The same problem where it can stop nothing, because what it is about can no longer change."""
    return replace(problem, severity=Severity.WARNING)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop a build."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]


class Words:
    """Known words, laid out so that the one most like another is found without a look at each."""

    def __init__(self, known: Iterable[str]) -> None:
        self.all = sorted({*known})
        self._having: dict[str, list[str]] = {}
        for word in self.all if len(self.all) > LOOKED_AT else ():
            for part in _parts(word):
                self._having.setdefault(part, []).append(word)

    def nearest(self, word: str) -> str | None:
        """The known word most like `word`, or None if none is near. Of many words, it must share some letters in a row."""
        lower = word.lower()[:LONGEST]
        found = difflib.get_close_matches(lower, self._candidates(lower), n=1, cutoff=0.6)
        return found[0] if found else None

    def _candidates(self, word: str) -> list[str]:
        """The words that may be near: all, or those that share with it what the fewest others have."""
        if not self._having:
            return self.all
        shared = sorted((self._having[part] for part in _parts(word) if part in self._having), key=len)
        return list(dict.fromkeys(islice(chain.from_iterable(shared), LOOKED_AT)))


LOOKED_AT = 60
LONGEST = 120
GUESSES = 200
"""For how many different words of a run a nearest one is looked for; nobody mends more at a time."""


def _parts(word: str) -> list[str]:
    """The threes of letters in a row in a word, its beginning and end marked, each once."""
    marked = f" {word} "
    return list(dict.fromkeys(marked[at : at + 3] for at in range(len(marked) - 2)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None if none is near. For many questions, keep `Words`."""
    return Words(known).nearest(word)
