"""A test was never run, or not for longer than it says it is to be run. An answer that old is no answer.

A test that was written within the last month, or that only verifies changes still planned, has time.

Bad:
    # testing/tests/restore.yaml; its last run was on 3 February 2026, it is read on 23 November 2026
    title: Restore a file
    every: 6 months

Good:
    # testing/tests/restore.yaml; its last run was on 1 September 2026
    title: Restore a file
    every: 6 months
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.coverage import due_on, latest_run
from kb_builder.problem import Problem, Severity
from kb_builder.records.fields import Pointer
from kb_builder.records.testing import Test

CODE = "KB407"
SEVERITY = Severity.WARNING
TITLE = "A test that is not run"
NEEDS: tuple[str, ...] = ("test_run",)
_NOWHERE: Pointer = ()
GRACE_DAYS = 30
"""How long a new test may wait for its first run."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Tests never run, and tests overdue."""
    for test in catalog.all(Test):
        if test.status == "retired":
            continue
        run = latest_run(test, catalog, to_the_end=True)
        due = due_on(test, catalog)
        message, pointer = "", _NOWHERE
        if run is None and not _has_time(catalog, test, today):
            message = "it was never run to the end" if latest_run(test, catalog) else "it was never run"
        elif run is not None and due is not None and due < today:
            message, pointer = (
                f"every: to be run every {test.every}, and was last run on {run.date}",
                ("every",),
            )
        if message:
            hint = "run it, and write a test_run that says what came out"
            yield Problem(CODE, SEVERITY, catalog.locate(test, pointer), message, hint, test.key)


def _has_time(catalog: Catalog, test: Test, today: dt.date) -> bool:
    if test.created and (today - test.created).days <= GRACE_DAYS:
        return True
    targets = [link.target for link in catalog.outgoing.get(test.key, ()) if link.field == "verifies"]
    verified = [catalog.records[key] for key in targets]
    return bool(verified) and all(
        record.kind in ("change", "system") and record.status in ("planned", "cancelled")
        for record in verified
    )
