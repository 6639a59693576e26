"""Something that was done has a date that is still to come.

Bad:
    # maintenance/log_entries/backup.yaml, read on 23 November 2026
    title: Checked the backup
    date: 2062-11-20

Good:
    # maintenance/log_entries/backup.yaml
    title: Checked the backup
    date: 2026-11-20
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Record
from kb_builder.records.fields import Pointer

CODE = "KB304"
SEVERITY = Severity.WARNING
TITLE = "Done in the future"
PAST: dict[str, tuple[Pointer, ...]] = {
    "system": (("backup", "restore_tested"),),
    "gap": (("found",), ("closed",)),
    "risk": (("opened",), ("closed",)),
    "recommendation": (("decision", "date"),),
    "test_run": (("date",),),
    "training_record": (("date",),),
    "log_entry": (("date",),),
    "advisory": (("issued",),),
}
"""Dates that can only lie behind us."""
DONE = {"assessment": "complete", "change": "done"}
"""Kinds whose date lies behind us once they have this status."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Dates after today of what was done."""
    for record in catalog.records.values():
        for pointer in _pointers(record):
            value: Any = record
            for name in pointer:
                value = getattr(value, str(name), None)
            if isinstance(value, dt.date) and value > today:
                place = catalog.locate(record, pointer)
                message = f"{field(pointer)}: {value} is still to come"
                yield Problem(
                    CODE, SEVERITY, place, message, "write the day on which it was done", record.key
                )


def _pointers(record: Record) -> Iterator[Pointer]:
    yield ("reviewed",)
    yield from PAST.get(record.kind, ())
    if record.kind in DONE and record.status == DONE[record.kind]:
        yield ("date",)
