"""An objective's day has passed and it still reads as if it were ahead. Say what became of it.

Bad:
    # read on 23 November 2026
    title: Nobody gets in with a password alone
    by: 2026-09-30
    status: agreed

Good:
    title: Nobody gets in with a password alone
    by: 2026-09-30
    status: met
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Objective

CODE = "KB406"
SEVERITY = Severity.WARNING
TITLE = "An objective past its day"
NEEDS: tuple[str, ...] = ()


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Objectives that were to be reached before today and are neither met, missed nor dropped."""
    for objective in catalog.all(Objective):
        if objective.by and objective.by < today and objective.status in ("proposed", "agreed"):
            message = f"by: {objective.by} has passed and it is still {objective.status}"
            hint = "write `status: met`, `missed` or `dropped`, or a new date"
            yield Problem(CODE, SEVERITY, catalog.locate(objective, ("by",)), message, hint, objective.key)
