"""A scheduled check was due and nobody wrote down that it was done.

It is fulfilled by a log entry that names it, or by a run of its test, on its day or later.

Bad:
    # maintenance/schedules/backup.yaml, read on 23 November 2026; no log entry since 5 October names it
    title: Check the backup
    rule: FREQ=MONTHLY;BYDAY=1MO
    start: 2026-01-05

Good:
    # maintenance/schedules/backup.yaml
    title: Check the backup
    rule: FREQ=MONTHLY;BYDAY=1MO
    start: 2026-01-05

    # maintenance/log_entries/backup-november.yaml
    title: Checked the backup
    date: 2026-11-02
    schedule: backup
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.schedule import state_of
from kb_builder.problem import Problem, Severity
from kb_builder.records.maintenance import Schedule

CODE = "KB506"
SEVERITY = Severity.WARNING
TITLE = "A scheduled check that is overdue"
NEEDS = ("log_entry", "test", "test_run")


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Active schedules whose day has passed."""
    for schedule in catalog.all(Schedule):
        if schedule.status == "active" and schedule.rule:
            state = state_of(schedule, catalog, today)
            if state.overdue:
                last = f"last done on {state.last}" if state.last else "never done"
                message = f"rule: due on {state.next}, {last}"
                hint = "do it and write a log entry with `schedule:`, or write `status: paused`"
                yield Problem(
                    CODE, SEVERITY, catalog.locate(schedule, ("rule",)), message, hint, schedule.key
                )
