"""A reference names a record of a kind that does not fit the field: a risk cannot own a system.

Bad:
    # discovery/systems/erp.yaml; there is discovery/systems/mail.yaml, and no person of that id
    title: ERP
    owner: mail

Good:
    # discovery/systems/erp.yaml; there is discovery/people/ann-lee.yaml
    title: ERP
    owner: ann-lee
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import BadLink, Catalog
from kb_builder.checks.base import a, field, short
from kb_builder.problem import Problem, Severity

CODE = "KB203"
SEVERITY = Severity.ERROR
TITLE = "Reference to the wrong kind"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """References that name a record, but none of a kind that the field takes."""
    for bad in catalog.bad_links:
        found = _found(bad, catalog)
        if found:
            place = catalog.locate(catalog.records[bad.source], bad.pointer)
            what = " and ".join(a(kind) for kind in found)
            message = f'{field(bad.pointer)}: "{short(bad.value)}" is {what}, not {a(*bad.kinds)}'
            yield Problem(CODE, SEVERITY, place, message, f"write the id of {a(*bad.kinds)}", bad.source)


def _found(bad: BadLink, catalog: Catalog) -> list[str]:
    kind, slash, name = bad.value.partition("/")
    if slash:
        return [kind] if kind not in bad.kinds and name in catalog.by_kind.get(kind, {}) else []
    kinds = [each for each, _ in bad.candidates]
    return [] if any(each in bad.kinds for each in kinds) else kinds
