"""A system in use has lost its maker's support: faults in it, the dangerous ones too, are not mended any more.

Bad:
    # read on 23 November 2026
    title: Imaging server
    support_until: 2023-10-10

Good:
    title: Imaging server
    support_until: 2029-01-09
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.lifecycle import state_of
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import System

CODE = "KB504"
SEVERITY = Severity.WARNING
TITLE = "An unsupported system"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Systems in use whose support has ended."""
    for system in catalog.all(System):
        if system.status in ("live", "retiring") and state_of(system, today) == "ended":
            message = f"support_until: the maker's support ended on {system.support_until}"
            hint = "replace it or buy more support; once it is gone, write `status: retired`"
            place = catalog.locate(system, ("support_until",))
            yield Problem(CODE, SEVERITY, place, message, hint, system.key)
