"""Something came before what it comes from: a test was run before it was written, or a decision was made before
anybody had found what it answers. One of the dates is wrong.

Bad:
    # testing/tests/restore.yaml
    title: Restore a file
    created: 2026-03-02

    # testing/test_runs/restore-1.yaml
    title: First restore
    test: restore
    date: 2026-02-03
    result: pass

Good:
    # testing/tests/restore.yaml
    title: Restore a file
    created: 2026-03-02

    # testing/test_runs/restore-1.yaml
    title: First restore
    test: restore
    date: 2026-03-02
    result: pass
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.analysis import Gap, Risk
from kb_builder.records.recommendations import Recommendation
from kb_builder.records.testing import Test, TestRun

CODE = "KB302"
SEVERITY = Severity.ERROR
TITLE = "Before what it comes from"
HINT = "change the date that is wrong"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Runs before their test, and decisions before all that they answer."""
    for run in catalog.all(TestRun):
        test = catalog.resolve(run.test, ("test",))
        if isinstance(test, Test) and test.created and run.date < test.created:
            message = f"date: {run.date} is before the test was created, {test.created}"
            yield Problem(CODE, SEVERITY, catalog.locate(run, ("date",)), message, HINT, run.key)
    for advice in catalog.all(Recommendation):
        decided = advice.decision.date if advice.decision else None
        found = [_found(catalog, name) for name in advice.addresses]
        known = [day for day in found if day]
        if decided and known and len(known) == len(found) and decided < min(known):
            message = f"decision.date: {decided} is before what it answers was found, {min(known)}"
            place = catalog.locate(advice, ("decision", "date"))
            yield Problem(CODE, SEVERITY, place, message, HINT, advice.key)


def _found(catalog: Catalog, name: str) -> dt.date | None:
    record = catalog.resolve(name, ("gap", "risk"))
    if isinstance(record, Gap):
        return record.found
    return record.opened if isinstance(record, Risk) else None
