"""Nobody is named who looks after a record that needs somebody. What belongs to nobody is done by nobody.

It is asked of the kinds whose complete records have an owner, and not of what is retired, closed or cancelled.

Bad:
    title: ERP

Good:
    # there is discovery/people/ann-lee.yaml
    title: ERP
    owner: ann-lee
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.standing import over
from kb_builder.problem import Problem, Severity

CODE = "KB501"
SEVERITY = Severity.WARNING
TITLE = "No owner"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Records without an owner that should have one."""
    for record in catalog.records.values():
        if record.owner is None and "owner" in record.expected and not over(record):
            hint = "write a person's, a role's or a vendor's id in `owner`"
            yield Problem(CODE, SEVERITY, catalog.locate(record), "owner: nobody", hint, record.key)
