"""Systems need each other in a circle, so nobody can tell which to start first, or what fails with what.

Bad:
    # discovery/systems.yaml
    - id: erp
      title: ERP
      depends_on: [database]
    - id: database
      title: Database
      depends_on: [erp]

Good:
    # discovery/systems.yaml
    - id: erp
      title: ERP
      depends_on: [database]
    - id: database
      title: Database
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.cycles import cycles
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import System

CODE = "KB210"
SEVERITY = Severity.ERROR
TITLE = "Systems that need each other in a circle"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Circles in depends_on, one for each knot of systems."""
    for circle in cycles(
        {system.id: [_id(name) for name in system.depends_on] for system in catalog.all(System)}
    ):
        system = catalog.get(System, circle[0])
        if system is not None:
            following = circle[1 % len(circle)]
            position = [_id(name) for name in system.depends_on].index(following)
            message = f"depends_on: goes round in a circle: {' → '.join((*circle, circle[0]))}"
            place = catalog.locate(system, ("depends_on", position))
            yield Problem(
                CODE, SEVERITY, place, message, "take out the one that it can do without", system.key
            )


def _id(name: str) -> str:
    return name.rpartition("/")[2]
