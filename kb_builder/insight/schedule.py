"""When a scheduled check is due: its rule, when it was last done and when it comes round again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.insight.recurrence import BadRule, first_after, in_words, parse
from kb_builder.records.maintenance import LogEntry, Schedule
from kb_builder.records.testing import Test, TestRun

EVIDENCE = ("log_entry", "test_run")
"""The kinds that say that a check was done."""


@dataclass(frozen=True)
class State:
    """A schedule as it stands: its rule in words, when it was last done and next due, and if that is past.

    Where it is not `known` what was done, `next` is the next day that its rule names, and never past.
    """

    words: str
    last: dt.date | None
    next: dt.date | None
    overdue: bool
    known: bool = True


def fault_of(schedule: Schedule) -> str | None:
    """Why the rule of a schedule cannot be used, as the end of a sentence; None if it can."""
    if schedule.rule is None:
        return None
    try:
        rule = parse(schedule.rule)
        start = schedule.start or dt.date(2000, 1, 1)
        first = first_after(rule, start, start, including=True)
    except BadRule as error:
        return str(error)
    return None if first or (schedule.start is None and rule.until) else "no day ever fits it"


def last_done(schedule: Schedule, catalog: Catalog, today: dt.date) -> dt.date | None:
    """When a check was last done: its newest log entry, or the newest run of its test that came to an end."""
    days = [entry.date for entry in catalog.sources(schedule, LogEntry, "schedule")]
    test = catalog.get(Test, schedule.test)
    if test is not None:
        days.extend(run.date for run in catalog.sources(test, TestRun, "test") if run.result != "blocked")
    return max((day for day in days if day <= today), default=None)


def state_of(schedule: Schedule, catalog: Catalog, today: dt.date) -> State:
    """A schedule as it stands today: due on its first day after it was last done, overdue once that is past.

    What is done on the day or later fulfils it. A schedule that was never done is due on its
    first day; one without `start` counts from when it was last done, or from today. Readers who do not
    see all that may have been done are told the next day of the rule, not whether anything is late.
    """
    if not catalog.knows(*EVIDENCE):
        return _planned(schedule, today)
    last = last_done(schedule, catalog, today)
    if schedule.rule is None:
        return State("", last, None, False)
    try:
        rule = parse(schedule.rule)
        start = schedule.start or last or today
        begun = last is not None and last >= start
        due = first_after(rule, start, last if last and begun else start, including=not begun)
    except BadRule:
        return State(schedule.rule, last, None, False)
    return State(in_words(rule), last, due, due is not None and due < today and schedule.status == "active")


def _planned(schedule: Schedule, today: dt.date) -> State:
    """A schedule as its rule alone has it: what it says in words, and its next day from today on."""
    words, coming = schedule.rule or "", None
    try:
        if schedule.rule:
            rule = parse(schedule.rule)
            words = in_words(rule)
            if schedule.start:
                coming = first_after(rule, schedule.start, max(schedule.start, today), including=True)
    except BadRule:
        pass
    return State(words, None, coming, False, known=False)
