"""What is tested, and with what result."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kb_builder.catalog import Catalog
from kb_builder.insight.dates import add
from kb_builder.records.testing import Test, TestRun

EVIDENCE = ("test_run",)
"""The kinds that say how a test stands: nothing is said of it to readers who do not see them."""
TestState = Literal["never-run", "passing", "failing", "blocked", "overdue", "retired", "unknown"]


def latest_run(test: Test, catalog: Catalog, *, to_the_end: bool = False) -> TestRun | None:
    """The newest run of a test, or the newest that was not blocked; None if there is none."""
    runs = (
        run for run in catalog.sources(test, TestRun, "test") if not (to_the_end and run.result == "blocked")
    )
    return max(runs, key=lambda run: (run.date, run.id), default=None)


def due_on(test: Test, catalog: Catalog) -> dt.date | None:
    """When a test is to be run again; None if it is not repeated, or there is no date to count from.

    A run that was blocked did not answer the question, so it puts nothing off.
    """
    if test.every is None or test.status == "retired" or not catalog.knows(*EVIDENCE):
        return None
    run = latest_run(test, catalog, to_the_end=True)
    since = run.date if run else test.created
    return add(since, test.every) if since else None


def test_state(test: Test, catalog: Catalog, today: dt.date) -> TestState:
    """How a test stands: what came out last, or that it was never run, or is overdue to be run again.

    Unknown to readers who see no runs.
    """
    if test.status == "retired":
        return "retired"
    if not catalog.knows(*EVIDENCE):
        return "unknown"
    run = latest_run(test, catalog)
    if run is None:
        return "never-run"
    if run.result == "fail":
        return "failing"
    if run.result == "blocked":
        return "blocked"
    due = due_on(test, catalog)
    return "overdue" if due is not None and due < today else "passing"
