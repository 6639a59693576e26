"""What is tested, and with what result."""

from __future__ import annotations

import datetime as dt

import pytest

from kb_builder.catalog import index
from kb_builder.insight.coverage import due_on, latest_run, test_state
from kb_builder.records.testing import Test, TestRun

TODAY = dt.date(2026, 11, 23)
state_of = test_state
del test_state  # pytest would take it for a test


def run(day: str, result: str, name: str = "") -> TestRun:
    return TestRun.model_validate(
        {"id": name or day, "title": "Run", "test": "restore", "date": day, "result": result}
    )


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([], "never-run"),
        ([("2026-06-01", "pass")], "passing"),
        ([("2026-05-22", "pass")], "overdue"),
        ([("2026-06-01", "fail"), ("2026-05-01", "pass")], "failing"),
        ([("2026-06-01", "pass"), ("2026-05-01", "fail")], "passing"),
        ([("2026-06-01", "blocked"), ("2026-05-01", "pass")], "blocked"),
        ([("2025-06-01", "fail")], "failing"),
    ],
)
def test_states(runs: list[tuple[str, str]], state: str) -> None:
    test = Test(id="restore", title="Restore", every="6 months")
    catalog = index("acme", [test, *(run(*each) for each in runs)], {})
    assert state_of(test, catalog, TODAY) == state


def test_a_retired_test_asks_for_nothing() -> None:
    test = Test(id="restore", title="Restore", every="6 months", status="retired")
    catalog = index("acme", [test], {})
    assert state_of(test, catalog, TODAY) == "retired"
    assert due_on(test, catalog) is None


def test_a_blocked_run_puts_nothing_off() -> None:
    test = Test(id="restore", title="Restore", every="6 months")
    catalog = index("acme", [test, run("2026-01-31", "pass"), run("2026-11-01", "blocked")], {})
    assert due_on(test, catalog) == dt.date(2026, 7, 31)
    latest = latest_run(test, catalog)
    assert latest is not None
    assert latest.result == "blocked"


def test_of_two_runs_on_one_day_the_later_id_counts() -> None:
    test = Test(id="restore", title="Restore")
    catalog = index("acme", [test, run("2026-06-01", "pass", "b"), run("2026-06-01", "fail", "a")], {})
    assert state_of(test, catalog, TODAY) == "passing"


def test_a_test_that_was_never_run_counts_from_when_it_was_written() -> None:
    test = Test.model_validate({"id": "t", "title": "T", "every": "1 month", "created": "2026-11-01"})
    assert due_on(test, index("acme", [test], {})) == dt.date(2026, 12, 1)
    test = Test(id="t", title="T", every="1 month")
    assert due_on(test, index("acme", [test], {})) is None
