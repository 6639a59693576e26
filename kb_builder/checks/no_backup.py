"""A system that matters much is not backed up, and nothing says why it need not be.

Bad:
    title: ERP
    criticality: critical

Good:
    title: ERP
    criticality: critical
    backup:
      method: Nightly image
      where: The cellar, and a second copy elsewhere
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import System

CODE = "KB509"
SEVERITY = Severity.WARNING
TITLE = "No backup"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Systems in use of high or critical criticality that say neither how nor why not."""
    for system in catalog.all(System):
        matters = system.criticality in ("high", "critical") and system.status in ("live", "retiring")
        if matters and system.backup is None and system.no_backup is None:
            message = f"backup: none, and its criticality is {system.criticality}"
            hint = "write how it is backed up in `backup`, or why it need not be in `no_backup`"
            yield Problem(CODE, SEVERITY, catalog.locate(system), message, hint, system.key)
