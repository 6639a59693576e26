"""A reference names two records of different kinds that share an id, and nothing says which is meant.

Bad:
    # discovery/systems/erp.yaml; there are discovery/roles/support.yaml and discovery/vendors/support.yaml
    title: ERP
    owner: support

Good:
    # discovery/systems/erp.yaml
    title: ERP
    owner: vendor/support
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field, short
from kb_builder.problem import Problem, Severity

CODE = "KB202"
SEVERITY = Severity.ERROR
TITLE = "Ambiguous reference"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """References that name several records of the kinds that the field takes."""
    for bad in catalog.bad_links:
        meant = [f"{kind}/{name}" for kind, name in bad.candidates if kind in bad.kinds]
        if len(meant) > 1:
            place = catalog.locate(catalog.records[bad.source], bad.pointer)
            message = f'{field(bad.pointer)}: "{short(bad.value)}" is {" and ".join(meant)}'
            yield Problem(CODE, SEVERITY, place, message, f"write {' or '.join(meant)}", bad.source)
