"""When scheduled checks are due."""

from __future__ import annotations

import datetime as dt

import pytest

from kb_builder.catalog import Catalog, index
from kb_builder.insight.schedule import fault_of, state_of
from kb_builder.records.base import Record
from kb_builder.records.maintenance import LogEntry, Schedule
from kb_builder.records.testing import Test, TestRun

TODAY = dt.date(2026, 11, 23)
MONTHLY = "FREQ=MONTHLY;BYDAY=1MO"


def schedule(**fields: object) -> Schedule:
    return Schedule.model_validate({"id": "backup", "title": "Backup", "rule": MONTHLY, **fields})


def catalog(*records: Record) -> Catalog:
    return index("acme", records, {})


def done(day: str, name: str = "e") -> LogEntry:
    return LogEntry.model_validate({"id": name, "title": "Done", "date": day, "schedule": "backup"})


def test_never_done_is_due_on_the_first_day() -> None:
    check = schedule(start="2026-11-10")
    state = state_of(check, catalog(check), TODAY)
    assert (state.last, state.next, state.overdue) == (None, dt.date(2026, 12, 7), False)
    assert state.words == "Every month on the first Monday"


@pytest.mark.parametrize(
    ("day", "next_due", "overdue"),
    [
        ("2026-10-05", "2026-11-02", True),
        ("2026-11-01", "2026-11-02", True),
        ("2026-11-02", "2026-12-07", False),
        ("2026-11-20", "2026-12-07", False),
    ],
)
def test_what_is_done_on_the_day_or_later_fulfils_it(day: str, next_due: str, overdue: bool) -> None:
    check = schedule(start="2026-01-05")
    state = state_of(check, catalog(check, done(day), done("2026-01-05", "first")), TODAY)
    assert (state.next, state.overdue) == (dt.date.fromisoformat(next_due), overdue)
    assert state.last == dt.date.fromisoformat(day)


def test_due_today_is_not_overdue() -> None:
    check = schedule(rule="FREQ=DAILY", start="2026-11-01")
    state = state_of(check, catalog(check, done("2026-11-22")), TODAY)
    assert (state.next, state.overdue) == (TODAY, False)


def test_an_entry_still_to_come_does_not_count() -> None:
    check = schedule(rule="FREQ=DAILY", start="2026-11-01")
    assert state_of(check, catalog(check, done("2062-11-22")), TODAY).overdue


def test_an_entry_before_the_start_does_not_count() -> None:
    check = schedule(start="2026-11-02")
    state = state_of(check, catalog(check, done("2026-10-20")), TODAY)
    assert (state.next, state.overdue) == (dt.date(2026, 11, 2), True)


@pytest.mark.parametrize(("result", "overdue"), [("pass", False), ("fail", False), ("blocked", True)])
def test_a_run_of_its_test_fulfils_it_unless_it_was_blocked(result: str, overdue: bool) -> None:
    check = schedule(start="2026-11-02", test="restore")
    run = TestRun.model_validate(
        {"id": "r", "title": "R", "test": "restore", "date": "2026-11-03", "result": result}
    )
    state = state_of(check, catalog(check, Test(id="restore", title="Restore"), run), TODAY)
    assert state.overdue is overdue


def test_without_a_start_it_counts_from_when_it_was_done_or_from_today() -> None:
    check = schedule(rule="FREQ=MONTHLY")
    assert state_of(check, catalog(check), TODAY).next == TODAY
    assert state_of(check, catalog(check, done("2026-11-03")), TODAY).next == dt.date(2026, 12, 3)


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_what_is_not_active_is_not_overdue(status: str) -> None:
    check = schedule(start="2026-01-05", status=status)
    assert not state_of(check, catalog(check), TODAY).overdue


def test_a_rule_that_is_none_is_shown_as_written() -> None:
    check = schedule(rule="every Monday", start="2026-01-05")
    state = state_of(check, catalog(check), TODAY)
    assert (state.words, state.next, state.overdue) == ("every Monday", None, False)


def test_no_rule_at_all() -> None:
    check = schedule(rule=None)
    assert state_of(check, catalog(check), TODAY).next is None
    assert fault_of(check) is None


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, None),
        ({"rule": "FREQ=DAILY;UNTIL=20200101"}, None),
        ({"rule": "FREQ=DAILY;UNTIL=20200101", "start": "2026-01-01"}, "no day ever fits it"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "no day ever fits it"),
        ({"start": "1066-10-14"}, "it starts before 1900"),
    ],
)
def test_faults(fields: dict[str, str], fault: str | None) -> None:
    assert fault_of(schedule(**fields)) == fault
