"""The rule of a scheduled check cannot be understood, so nobody can be told when it is due.

Rules are written as RFC 5545 has them: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY, and parts such as INTERVAL,
BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, COUNT and UNTIL narrow it down. The finest step is a day.

Bad:
    title: Check the backup
    rule: every first Monday

Good:
    title: Check the backup
    rule: FREQ=MONTHLY;BYDAY=1MO
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.insight.schedule import fault_of
from kb_builder.problem import Problem, Severity
from kb_builder.records.maintenance import Schedule

CODE = "KB507"
SEVERITY = Severity.ERROR
TITLE = "A rule that is not understood"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Rules that are no rules, and rules that no day fits."""
    for schedule in catalog.all(Schedule):
        fault = fault_of(schedule)
        if fault is not None:
            message = f'rule: "{short(schedule.rule)}" is not understood: {short(fault, 80)}'
            hint = "such as FREQ=WEEKLY;BYDAY=MO or FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO"
            yield Problem(CODE, SEVERITY, catalog.locate(schedule, ("rule",)), message, hint, schedule.key)
