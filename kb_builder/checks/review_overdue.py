"""A record was to be confirmed again and was not, so nobody knows whether it is still right.

Bad:
    # read on 23 November 2026
    title: Restore a file
    reviewed: 2025-10-01
    review_every: 12 months

Good:
    title: Restore a file
    reviewed: 2026-10-01
    review_every: 12 months
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.dates import add
from kb_builder.insight.standing import over
from kb_builder.problem import Problem, Severity

CODE = "KB502"
SEVERITY = Severity.WARNING
TITLE = "A review that is overdue"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Records whose next review has passed, and those that are to be reviewed and never were."""
    hint = "read it, mend it, and write today's date in `reviewed`"
    for record in catalog.records.values():
        if record.review_every is None or over(record):
            continue
        if record.reviewed is None:
            message = f"review_every: every {record.review_every}, but it was never reviewed"
            place = catalog.locate(record, ("review_every",))
            yield Problem(CODE, SEVERITY, place, message, hint, record.key)
        elif (due := add(record.reviewed, record.review_every)) < today:
            message = f"reviewed: {record.reviewed}; the next review was due on {due}"
            yield Problem(CODE, SEVERITY, catalog.locate(record, ("reviewed",)), message, hint, record.key)
