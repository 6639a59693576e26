"""An objective has no gap, no risk and no test: nothing says what stands in its way, or whether it is met.

Bad:
    # discovery/objectives/safe-access.yaml; no other record names it
    title: Nobody gets in with a password alone

Good:
    # discovery/objectives/safe-access.yaml
    title: Nobody gets in with a password alone

    # analysis/gaps/no-mfa.yaml
    title: Mail opens with a password alone
    objectives: [safe-access]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Objective

CODE = "KB404"
SEVERITY = Severity.WARNING
TITLE = "An objective that nothing follows from"
NEEDS: tuple[str, ...] = ("gap", "risk", "test")
FOLLOWS = (("gap", "objectives"), ("risk", "objectives"), ("test", "verifies"))


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Objectives still to be reached that no gap, risk or test names."""
    for objective in catalog.all(Objective):
        if objective.status in ("proposed", "agreed"):
            links = catalog.incoming.get(objective.key, ())
            if not any((link.source[0], link.field) in FOLLOWS for link in links):
                message = "no gap, risk or test names it"
                hint = "name it in `objectives` of a gap or a risk, or in `verifies` of a test"
                yield Problem(CODE, SEVERITY, catalog.locate(objective), message, hint, objective.key)
