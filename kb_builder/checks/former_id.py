"""A former id is in use again. Old addresses lead to the record that had the id, so it cannot belong to two.

Bad:
    # discovery/systems/mail.yaml; there is discovery/systems/exchange.yaml
    title: Mail
    formerly: [exchange]

Good:
    # discovery/systems/mail.yaml
    title: Mail
    formerly: [old-mail]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog, Key
from kb_builder.problem import Problem, Severity

CODE = "KB206"
SEVERITY = Severity.ERROR
TITLE = "Former id in use"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Former ids that another record of the kind has, or had."""
    had: dict[Key, Key] = {}
    for record in catalog.records.values():
        for position, old in enumerate(record.formerly):
            key = (record.kind, old)
            other = key if key in catalog.records else had.setdefault(key, record.key)
            if other != record.key or old == record.id:
                whose = "the id of another record" if other == key else f'a former id of "{other[1]}", too'
                if old == record.id:
                    whose = "its own id"
                place = catalog.locate(record, ("formerly", position))
                yield Problem(
                    CODE, SEVERITY, place, f'formerly: "{old}" is {whose}', "delete it here", record.key
                )
