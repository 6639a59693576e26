"""Nobody looks after a system that matters: no scheduled check, no test that comes round again and no contract names it.

It is asked of live systems of medium criticality and above. Until a system's criticality is written, its
completeness says what is missing; an imported fleet of desktops gives no warnings here.

Bad:
    # discovery/systems/erp.yaml; no schedule, test or contract names it
    title: ERP
    criticality: high

Good:
    # discovery/systems/erp.yaml
    title: ERP
    criticality: high

    # maintenance/schedules/erp-updates.yaml
    title: Install the ERP updates
    rule: FREQ=MONTHLY;BYDAY=2TU
    systems: [erp]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Subscription, System
from kb_builder.records.maintenance import Schedule
from kb_builder.records.testing import Test

CODE = "KB405"
SEVERITY = Severity.WARNING
TITLE = "A system that nobody looks after"
NEEDS: tuple[str, ...] = ("schedule", "test", "subscription")


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Live systems that matter and that nobody comes back to."""
    for system in catalog.all(System):
        matters = system.status == "live" and system.criticality in ("medium", "high", "critical")
        if matters and not _looked_after(catalog, system):
            message = "nobody looks after it: no scheduled check, repeated test or contract names it"
            hint = "name it in `systems` of a schedule or of a contract"
            yield Problem(CODE, SEVERITY, catalog.locate(system), message, hint, system.key)


def _looked_after(catalog: Catalog, system: System) -> bool:
    if any(each.status != "ended" for each in catalog.sources(system, Schedule, "systems")):
        return True
    if any(each.every and each.status == "active" for each in catalog.sources(system, Test, "verifies")):
        return True
    contracts = catalog.sources(system, Subscription, "systems")
    return any(each.type == "contract" and each.status == "active" for each in contracts)
