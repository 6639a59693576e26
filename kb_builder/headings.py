"""The headings of a record: the ids that links may name, and those that they had in earlier versions of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from kb_builder.records.base import Record
from kb_builder.records.fields import Pointer, walk
from kb_builder.slugs import ids, older_ids, slug
from kb_builder.text import parse

_MAY_HEAD = re.compile(r"^\s*(?:#|[=-]+\s*$)|<h", re.MULTILINE | re.IGNORECASE)


def headings(record: Record) -> Iterator[tuple[Pointer, tuple[str, ...]]]:
    """The words of the headings in each text that the record's page shows with them, in the order of its fields."""
    for pointer, spec, value in walk(record) if record.on_page else ():
        if spec.text == "body" or (spec.text == "markdown" and len(pointer) == 1):
            found = parse(value, spec.text == "body").headings if _MAY_HEAD.search(value) else ()
            if found:
                yield pointer, found


def ids_of(record: Record) -> frozenset[str]:
    """The ids of a record's headings."""
    return frozenset(ids([slug(words) for _, found in headings(record) for words in found]))


def anchors_of(record: Record) -> frozenset[str]:
    """What a link to a heading of the record may name: today's ids, and those that the renderer chose before."""
    words = [record.title, *(each for _, found in headings(record) for each in found)]
    return ids_of(record) | frozenset(older_ids(words))


def former(record: Record, past: Iterable[Record]) -> dict[str, list[str]]:
    """The ids that a record's headings had in earlier versions of it, which are `past`, by the ids that they have now.

    A heading is the same if its words are, or if it stands where another stood between the same neighbours.
    """
    now = _by_field(record)
    found: dict[str, list[str]] = {}
    for earlier in past:
        for pointer, before in _by_field(earlier).items():
            for old, new in _same(before, now.get(pointer, [])):
                if old != new and old not in found.setdefault(new, []):
                    found[new].append(old)
    return found


def _by_field(record: Record) -> dict[Pointer, list[tuple[str, str]]]:
    """Slug and id of every heading, by the field that holds it."""
    fields = {pointer: [slug(words) for words in found] for pointer, found in headings(record)}
    given = iter(ids([each for slugs in fields.values() for each in slugs]))
    return {pointer: [(each, next(given)) for each in slugs] for pointer, slugs in fields.items()}


def _same(before: list[tuple[str, str]], now: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    one, other = [each for each, _ in before], [each for each, _ in now]
    for sort, start, end, new_start, new_end in SequenceMatcher(
        None, one, other, autojunk=False
    ).get_opcodes():
        if sort in ("equal", "replace") and end - start == new_end - new_start:
            for (_, old), (_, new) in zip(before[start:end], now[new_start:new_end], strict=True):
                yield old, new
