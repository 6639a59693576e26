"""One line of news about a record, and a change in few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass

from kb_builder.insight.changes import CONFIRMING, RecordChange
from kb_builder.insight.field_changes import FieldChange
from kb_builder.present import tone
from kb_builder.records.base import Record
from kb_builder.values import LONG

_RANK = {"bad": 0, "warn": 1, "good": 2}
_FEW = 3


@dataclass(frozen=True)
class Item:
    """A record, what became of it in a word or two, its tone (`good`, `warn`, `bad`, `plain`), and what to add."""

    record: Record
    what: str
    tone: str = "plain"
    words: str = ""
    date: dt.date | None = None


def state(record: Record, what: str, value: str, words: str = "", date: dt.date | None = None) -> Item:
    """An item that has the tone of one of a field's choices."""
    return Item(record, what, tone(value), words, date)


def ranked(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items with what asks for attention first and what merely changed last, like beside like, then by title."""
    return tuple(
        sorted(
            items,
            key=lambda each: (
                _RANK.get(each.tone, 3),
                each.what == "changed",
                each.what,
                each.record.title.casefold(),
                each.record.key,
            ),
        )
    )


def latest_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items by their date, the latest first."""
    return tuple(sorted(items, key=lambda each: (each.date or dt.date.min, each.record.key), reverse=True))


def in_few_words(change: RecordChange, without: Container[str] = ()) -> str:
    """What changed in a record, on one line: `Version 9.3 to 9.4, Description, 2 more`. Empty for nothing to say.

    Fields in `without` are left out, and so is that somebody confirmed the record.
    """
    fields = [
        each for each in change.fields if each.pointer[0] not in without and each.pointer[0] != CONFIRMING
    ]
    tops: dict[str | int, list[FieldChange]] = {}
    for each in fields:
        tops.setdefault(each.pointer[0], []).append(each)
    lines = [_one(found) for found in tops.values()]
    if len(lines) > _FEW + 1:
        lines = [*lines[:_FEW], f"{len(lines) - _FEW} more"]
    return ", ".join(lines)


def _one(found: list[FieldChange]) -> str:
    """One field in few words: short values themselves, of anything longer only what it is called."""
    first = found[0]
    label = first.label.split(" / ")[0]
    if len(found) > 1 or len(first.pointer) > 1 or first.moved or first.words:
        return label
    if first.gone or first.new:
        if len(first.gone) + len(first.new) > 2:
            return label
        parts = [f"without {each}" for each in first.gone] + [f"with {each}" for each in first.new]
        return f"{label} {' and '.join(parts)}" if len(" ".join(parts)) <= LONG else label
    if max(len(first.before), len(first.after)) > LONG // 2:
        return label
    if not first.before:
        return f"{label} {first.after}"
    return f"{label} {first.before} to {first.after}" if first.after else f"{label} no longer {first.before}"
