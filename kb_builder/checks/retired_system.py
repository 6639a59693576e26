"""A guide, a manual, a lesson or a scheduled check is about a system that is retired: people are sent to what is gone.

Bad:
    # documentation/guides/send-mail.yaml; discovery/systems/old-mail.yaml has `status: retired`
    title: Send a mail
    systems: [old-mail]

Good:
    # documentation/guides/send-mail.yaml; discovery/systems/mail.yaml is live
    title: Send a mail
    systems: [mail]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field
from kb_builder.insight.standing import over
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Record
from kb_builder.records.discovery import System
from kb_builder.records.documentation import Guide, Manual, Training
from kb_builder.records.maintenance import Schedule

CODE = "KB503"
SEVERITY = Severity.WARNING
TITLE = "About a retired system"
KINDS: tuple[type[Record], ...] = (Guide, Manual, Training, Schedule)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """What people still go by and what is about a system that is gone."""
    for kind in KINDS:
        for record in catalog.all(kind):
            if over(record):
                continue
            for link in catalog.outgoing.get(record.key, ()):
                system = catalog.records[link.target]
                if link.field == "systems" and isinstance(system, System) and system.status == "retired":
                    other = (system.replaced_by or "").rpartition("/")[2]
                    hint = (
                        f'write "{other}", which took its place' if other else "name another, or retire this"
                    )
                    message = f'{field(link.pointer)}: "{system.id}" is retired'
                    yield Problem(
                        CODE, SEVERITY, catalog.locate(record, link.pointer), message, hint, record.key
                    )
