"""Something replaces itself, or is built into itself, by way of others.

Bad:
    # discovery/systems.yaml
    - id: old-mail
      title: The old mail server
      replaced_by: new-mail
    - id: new-mail
      title: The new mail service
      replaced_by: old-mail

Good:
    # discovery/systems.yaml
    - id: old-mail
      title: The old mail server
      replaced_by: new-mail
    - id: new-mail
      title: The new mail service
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.cycles import cycles
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Asset, System

CODE = "KB212"
SEVERITY = Severity.ERROR
TITLE = "Something that replaces or holds itself"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Circles in replaced_by and part_of."""
    replaced = {each.id: each.replaced_by for each in catalog.all(System) if each.replaced_by}
    built_in = {each.id: each.part_of for each in catalog.all(Asset) if each.part_of}
    for kind, field, graph in (("system", "replaced_by", replaced), ("asset", "part_of", built_in)):
        for circle in cycles({name: [other.rpartition("/")[2]] for name, other in graph.items()}):
            record = catalog.records[kind, circle[0]]
            message = f"{field}: goes round in a circle: {' → '.join((*circle, circle[0]))}"
            yield Problem(
                CODE, SEVERITY, catalog.locate(record, (field,)), message, "delete one of them", record.key
            )
