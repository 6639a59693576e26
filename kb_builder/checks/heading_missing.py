"""A link leads to a heading that is not there. In the site it would be words without a link.

A heading is called by its words: in small letters of whatever script, with a hyphen for each space, and without other
signs. The second of two that read the same has `-1` behind it.

Bad:
    body: |
      Closed [on Sundays](#sunday).

      ## Sundays and holidays

Good:
    body: |
      Closed [on Sundays](#sundays-and-holidays).

      ## Sundays and holidays
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

from kb_builder import resources
from kb_builder.addresses import Outside, Target, ToRecord
from kb_builder.catalog import Catalog, Key
from kb_builder.headings import anchors_of, ids_of
from kb_builder.insight.texts import targets
from kb_builder.problem import Problem, Severity, nearest
from kb_builder.records.base import Record
from kb_builder.records.fields import fields_of
from kb_builder.slugs import slug

CODE = "KB310"
SEVERITY = Severity.ERROR
TITLE = "A link to a heading that is not there"
_HEADING = re.compile(r"^#{1,6} ([^{\n]+)$", re.MULTILINE)
_SHOWN = 6


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Links in Markdown to a heading of a page that has no such heading."""
    known: dict[Key, frozenset[str]] = {}
    for text, address, target in targets(catalog, "links"):
        record, anchor = _place(text.record, target)
        if anchor and record.key not in known:
            known[record.key] = anchors_of(record) | _made(record, catalog)
        if anchor and known[record.key].isdisjoint({anchor, slug(anchor)}):
            place = catalog.locate(text.record, text.pointer, text=address)
            message = f'the link "{address[:80]}" leads to a heading that is not there'
            yield Problem(CODE, SEVERITY, place, message, _hint(record, anchor), text.record.key)


def _place(record: Record, target: Target) -> tuple[Record, str]:
    """Whose page a link leads into, and where in it; nowhere for a link to a whole page, or to something else."""
    if isinstance(target, ToRecord):
        return target.record, target.anchor
    if isinstance(target, Outside) and target.url.startswith("#"):
        return record, unquote(target.url[1:])
    return record, ""


def _made(record: Record, catalog: Catalog) -> frozenset[str]:
    """What else a record's page may have that a link can lead to: the headings and lines that we make."""
    kind = type(record)
    words = [record.title, f"About this {record.kind}", *(spec.label for spec in fields_of(kind))]
    lessons = getattr(record, "lessons", ())
    words += [f"Lesson {number}: {lesson.title}" for number, lesson in enumerate(lessons, 1)]
    lines = {link.source[1] for link in catalog.incoming.get(record.key, ())}
    rows = () if kind.on_page else catalog.by_kind[record.kind]
    return frozenset({*map(slug, words), *_templates(), *lines, *rows})


@cache
def _templates() -> frozenset[str]:
    found = (path.read_text(encoding="utf-8") for path in resources.folder("site_templates").rglob("*.md"))
    return frozenset(slug(words) for text in found for words in _HEADING.findall(text))


def _hint(record: Record, anchor: str) -> str:
    there = sorted(ids_of(record))
    if near := nearest(anchor, there):
        return f"did you mean #{near}?"
    if not there:
        return "take the # and what follows away: the texts there have no headings"
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return f"headings there: {', '.join(f'#{each}' for each in there[:_SHOWN])}{more}"
