"""Problems to words: text for people, JSON for tools, annotations for GitHub. Pure functions.

The reports are lines without a line break after the last one: who prints them ends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from kb_builder.problem import Problem, Severity, errors

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def as_text(problems: Sequence[Problem]) -> str:
    """One line a problem, and its hint indented below it. `summary` closes it."""
    lines: list[str] = []
    for problem in problems:
        place = problem.location
        lines.append(
            f"{visible(place.path)}:{place.line}:{place.column}: {problem.severity.value} "
            f"{problem.code} {visible(_named(problem))}"
        )
        if problem.hint:
            lines.append(f"  hint: {visible(problem.hint)}")
    return "\n".join(lines)


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects: `code`, `severity`, `path`, `line`, `column`, `message`, `hint`, `record`.

    `hint` and `record`, which is `kind/id`, are null where there is none.
    """
    rows = [
        {
            "code": problem.code,
            "severity": problem.severity.value,
            "path": problem.location.path,
            "line": problem.location.line,
            "column": problem.location.column,
            "message": problem.message,
            "hint": problem.hint,
            "record": "/".join(problem.record) if problem.record else None,
        }
        for problem in problems
    ]
    return json.dumps(rows, indent=2)


def as_github(problems: Sequence[Problem]) -> str:
    """One workflow command a problem, which GitHub shows beside the line it is about."""
    lines: list[str] = []
    for problem in problems:
        place = problem.location
        properties = ",".join(
            f"{name}={_property(str(value))}"
            for name, value in (
                ("file", place.path),
                ("line", place.line),
                ("col", place.column),
                ("title", problem.code),
            )
        )
        message = _named(problem)
        words = message if not problem.hint else f"{message}\nhint: {problem.hint}"
        lines.append(f"::{problem.severity.value} {properties}::{_data(words)}")
    return "\n".join(lines)


def _named(problem: Problem) -> str:
    """The message; before it the record's name, where the path does not tell it: in a file of several."""
    if problem.record is None or problem.record[1] in ("", PurePosixPath(problem.location.path).stem):
        return problem.message
    if problem.record[0] == "client":
        return problem.message
    return f"{'/'.join(problem.record)}: {problem.message}"


FORMATS: dict[str, Callable[[Sequence[Problem]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
}
"""The reports by the name that `--format` takes."""


def summary(problems: Sequence[Problem]) -> str:
    """How many errors and warnings there are, and in how many clients: one line."""
    if not problems:
        return "no problems"
    wrong = len(errors(problems))
    counts = [
        _count(number, word)
        for number, word in ((wrong, Severity.ERROR), (len(problems) - wrong, Severity.WARNING))
        if number
    ]
    clients = {client for problem in problems if (client := _client(problem.location.path))}
    return ", ".join(counts) + (f" in {_count(len(clients), 'client')}" if clients else "")


def visible(text: str) -> str:
    """`text` on one line, with characters that would disturb a terminal written out."""
    return _UNPRINTABLE.sub(
        lambda match: f"\\u{ord(match.group()):04x}", text.replace("\r\n", "\n").replace("\n", " ")
    )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def _client(path: str) -> str | None:
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 1 and parts[0] == "engagements" else None


def _data(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
