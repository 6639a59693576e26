"""A record answers what another asks, and some readers see only the other: they read that nothing follows.

What pages say of tests, checks and the thread is made from what their readers see. A kind that they do not see at all is
not spoken of. Where one record is hidden from readers who see the rest of its kind, they are told what is not so: that a
change is not tested, that a test was never run.

Bad:
    # testing/test_runs/restore-may.yaml; management sees the test `restore`, and reads that it was never run
    title: Restore in May
    test: restore
    date: 2026-05-04
    result: pass
    audience: consultant

Good:
    # testing/test_runs/restore-may.yaml; what others must not see stands in `internal_notes`
    title: Restore in May
    test: restore
    date: 2026-05-04
    result: pass
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog, Link
from kb_builder.checks.base import short
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Audience, Record

CODE = "KB725"
SEVERITY = Severity.WARNING
TITLE = "An answer that readers of the question do not see"
ANSWERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("test_run", "test"): ("test_run",),
    ("log_entry", "schedule"): ("log_entry", "test_run"),
    ("training_record", "training"): ("training_record",),
    ("test", "verifies"): ("test",),
    ("recommendation", "addresses"): ("recommendation",),
    ("project", "implements"): ("project",),
    ("gap", "objectives"): ("gap", "risk", "test"),
    ("risk", "objectives"): ("gap", "risk", "test"),
    ("schedule", "systems"): ("schedule", "test", "subscription"),
    ("subscription", "systems"): ("schedule", "test", "subscription"),
}
"""The references whose absence pages tell of, each with the kinds that a reader must see to be told."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Records above their kind's audience that are missed where what they name is shown."""
    for key, record in catalog.records.items():
        if record.default_audience.sees(record.cleared_for):
            continue
        for audience in catalog.client.audiences:
            missed = next(
                (link for link in catalog.outgoing.get(key, ()) if _missed(link, record, audience, catalog)),
                None,
            )
            if missed is not None:
                named = catalog.records[missed.target]
                message = (
                    f'audience: {audience.value} readers see the {named.label[0]} "{short(named.title)}" and not what '
                    f"answers it, and are told that nothing does"
                )
                hint = "let them see it, with what they must not see in `internal_notes`, or hide what it names from them, too"
                yield Problem(CODE, SEVERITY, catalog.locate(record, ("audience",)), message, hint, key)
                break


def _missed(link: Link, record: Record, audience: Audience, catalog: Catalog) -> bool:
    """Whether readers would be told that nothing answers what a hidden record names."""
    needs = ANSWERS.get((record.kind, link.field))
    if needs is None or audience.sees(record.cleared_for):
        return False
    if not audience.sees(catalog.records[link.target].cleared_for) or not catalog.knows(
        *needs, reader=audience
    ):
        return False
    sources = (each.source for each in catalog.incoming.get(link.target, ()) if each.field == link.field)
    seen = [catalog.records[key] for key in sources if audience.sees(catalog.records[key].cleared_for)]
    return not any(each.kind in needs and _day(each) >= _day(record) for each in seen)


def _day(record: Record) -> str:
    """When it was done, if it is something that was done."""
    return str(getattr(record, "date", "") or "")
