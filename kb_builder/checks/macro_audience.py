"""A macro names something that the readers of the text may not see: a staff guide must not quote a consultant's record.

Bad:
    title: Sign in
    audience: staff
    body: |
      The firewall is {{ system("firewall").version }}.   # the record firewall is for consultants

Good:
    title: Sign in
    audience: consultant
    body: |
      The firewall is {{ system("firewall").version }}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.macro_use import AUDIENCE, bad_macros
from kb_builder.problem import Problem, Severity

CODE = "KB613"
SEVERITY = Severity.ERROR
TITLE = "A macro tells too much"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Macro calls of this fault."""
    for bad in bad_macros(catalog, AUDIENCE):
        yield Problem(
            CODE,
            SEVERITY,
            catalog.locate(bad.record, bad.pointer, text=bad.written),
            bad.message,
            bad.hint,
            bad.record.key,
        )
