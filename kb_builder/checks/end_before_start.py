"""Something ends before it begins, so one of the two dates is wrong.

Bad:
    title: New server
    start: 2026-09-01
    end: 2026-08-14

Good:
    title: New server
    start: 2026-08-14
    end: 2026-09-01
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pydantic import BaseModel

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Record
from kb_builder.records.fields import Pointer
from kb_builder.records.implementation import Project
from kb_builder.records.recommendations import Recommendation

CODE = "KB301"
SEVERITY = Severity.ERROR
TITLE = "An end before its start"
PAIRS = {
    "project": ("start", "end"),
    "subscription": ("started", "renews"),
    "asset": ("purchased", "warranty_until"),
    "gap": ("found", "closed"),
    "risk": ("opened", "closed"),
    "advisory": ("issued", "act_by"),
}
"""The dates of a kind that must not come in the other order."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Every pair of dates in the wrong order."""
    for kind, (first, last) in PAIRS.items():
        for record in catalog.by_kind.get(kind, {}).values():
            yield from _pair(catalog, record, record, (), first, last)
    for project in catalog.all(Project):
        for number, phase in enumerate(project.phases):
            yield from _pair(catalog, project, phase, ("phases", number), "start", "end")
        for number, task in enumerate(project.tasks):
            yield from _pair(catalog, project, task, ("tasks", number), "start", "end")
    for advice in catalog.all(Recommendation):
        if advice.decision:
            yield from _pair(catalog, advice, advice.decision, ("decision",), "date", "until")


def _pair(
    catalog: Catalog, record: Record, part: BaseModel, pointer: Pointer, first: str, last: str
) -> Iterator[Problem]:
    begins, ends = getattr(part, first), getattr(part, last)
    if begins and ends and ends < begins:
        message = f"{field((*pointer, last))}: {ends} is before {first}, {begins}"
        place = catalog.locate(record, (*pointer, last))
        yield Problem(CODE, SEVERITY, place, message, "change the one that is wrong", record.key)
