"""The status of all clients: one line each, in a table that reads without colour on a narrow terminal."""

from __future__ import annotations

import datetime as dt
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from kb_builder.catalog import Catalog
from kb_builder.errors import KbError
from kb_builder.insight.completeness import overall
from kb_builder.insight.due import due
from kb_builder.problem import Problem, errors
from kb_builder.records.base import STAGES
from kb_builder.report import visible

WIDTH = 100
_NAME_WIDTH = 28
_HEAD = (
    "client",
    *(str(number) for number in range(1, len(STAGES) + 1)),
    "err",
    "warn",
    "full",
    "late",
    "next due",
)


class Checked(Protocol):
    """An engagement and everything that is wrong with it."""

    @property
    def catalog(self) -> Catalog:
        """The engagement's records."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with them."""


@dataclass(frozen=True)
class Row:
    """One client: records per stage, errors, warnings, completeness in per cent, how many things are overdue
    and the next one that will be due. `trouble` says why it could not be read, if it could not.
    """

    client: str
    records: tuple[int, ...] = ()
    errors: int = 0
    warnings: int = 0
    complete: int | None = None
    overdue: int = 0
    next_due: tuple[dt.date, str] | None = None
    trouble: str | None = None


def rows(clients: Iterable[str], check: Callable[[str], Checked], today: dt.date) -> Iterator[Row]:
    """The row of each client, in turn. A client that cannot be read gets a row that says so."""
    for client in clients:
        try:
            checked = check(client)
        except KbError as error:
            yield Row(client, trouble=error.message)
        except OSError as error:
            yield Row(
                client,
                trouble=f"{error.strerror or error}: {error.filename}" if error.filename else str(error),
            )
        else:
            yield row(client, checked.catalog, checked.problems, today)


def row(client: str, catalog: Catalog, problems: Sequence[Problem], today: dt.date) -> Row:
    """What stands where with a client."""
    wrong = len(errors(problems))
    dates = due(catalog, today)
    ahead = next((each for each in dates if not each.overdue), None)
    readable = (catalog.client.kind, client) in catalog.records
    return Row(
        client=client,
        records=tuple(sum(record.stage == stage for record in catalog.records.values()) for stage in STAGES),
        errors=wrong,
        warnings=len(problems) - wrong,
        complete=overall(catalog) if readable else None,
        overdue=sum(each.overdue for each in dates),
        next_due=(ahead.date, f"{ahead.what}: {ahead.record.title}") if ahead else None,
        trouble=None if readable else "client.yaml cannot be read",
    )


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text, at most 100 columns wide, with a line of totals below more than one."""
    listed = list(rows)
    if not listed:
        return "no clients yet; kb new CLIENT makes one"
    lines = [_HEAD, *(_cells(each) for each in listed)]
    if len(listed) > 1:
        lines.append(_cells(_total(listed)))
    last = len(_HEAD) - 1
    widths = [max(len(line[column]) for line in lines) for column in range(last)]
    texts = [_line(line, widths) for line in lines]
    if len(listed) > 1:
        texts.insert(-1, "-" * len(texts[0]))
    return "\n".join([*texts, "", *_legend()])


def _legend() -> list[str]:
    stages = ", ".join(f"{number} {stage}" for number, stage in enumerate(STAGES, 1))
    words = (
        f"1 to {len(STAGES)}: records of each stage ({stages}). full: how much of what complete records hold "
        "is filled in. late: how many things are overdue."
    )
    return textwrap.wrap(words, WIDTH)


def _cells(row: Row) -> tuple[str, ...]:
    words = f"{row.next_due[0].isoformat()} {visible(row.next_due[1])}" if row.next_due else "nothing"
    name = _fitted(row.client, _NAME_WIDTH)
    if not row.records:
        return (name, *["?"] * (len(_HEAD) - 2), f"cannot be read: {visible(row.trouble or '')}")
    return (
        name,
        *(_number(number) for number in row.records),
        _number(row.errors),
        _number(row.warnings),
        "?" if row.complete is None else f"{row.complete}%",
        _number(row.overdue),
        row.trouble or words,
    )


def _number(number: int) -> str:
    """A count in at most four characters; nothing is a dot, so that what there is stands out."""
    if number >= 10_000:
        return f"{number // 1000}k"
    return str(number) if number else "·"


def _total(rows: Sequence[Row]) -> Row:
    read = [row for row in rows if row.records]
    shares = [row.complete for row in read if row.complete is not None]
    ahead = [(*row.next_due, row.client) for row in read if row.next_due]
    day, _, client = min(ahead) if ahead else (None, "", "")
    return Row(
        client=f"{len(rows)} clients",
        records=tuple(sum(row.records[number] for row in read) for number in range(len(STAGES))),
        errors=sum(row.errors for row in read),
        warnings=sum(row.warnings for row in read),
        complete=sum(shares) // len(shares) if shares else None,
        overdue=sum(row.overdue for row in read),
        next_due=(day, client) if day else None,
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line: the client to the left, numbers to the right, and what is due in the room that is left."""
    name, *numbers, words = cells
    start = name.ljust(widths[0]) + "".join(
        (" " if position < len(STAGES) and position else "  ") + text.rjust(width)
        for position, (text, width) in enumerate(zip(numbers, widths[1:], strict=True))
    )
    return f"{start}  {_fitted(words, WIDTH - len(start) - 2)}".rstrip()


def _fitted(text: str, width: int) -> str:
    """`text`, cut short where it would take more than `width` columns."""
    used = 0
    for position, char in enumerate(text):
        wide = 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
        if used + wide > width - 1 and _width(text) > width:
            return f"{text[:position].rstrip()}…"
        used += wide
    return text


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in ("W", "F") else 1 for char in text)
