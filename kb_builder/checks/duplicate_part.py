"""Two lessons, tasks or support contacts of one record share an id, so what names it may mean either.

Bad:
    title: Phishing
    lessons:
      - id: look
        title: Look at the sender
      - id: look
        title: Look at the link

Good:
    title: Phishing
    lessons:
      - id: sender
        title: Look at the sender
      - id: link
        title: Look at the link
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Record
from kb_builder.records.client import SupportContact
from kb_builder.records.documentation import Lesson, Training
from kb_builder.records.implementation import Project, Task

CODE = "KB605"
SEVERITY = Severity.ERROR
TITLE = "An id twice in one record"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Ids within a record that come again."""
    for training in catalog.all(Training):
        yield from _twice(catalog, training, "lessons", training.lessons)
    for project in catalog.all(Project):
        yield from _twice(catalog, project, "tasks", project.tasks)
    if catalog.client.key in catalog.origins:
        yield from _twice(catalog, catalog.client, "support", catalog.client.support)


def _twice(
    catalog: Catalog, record: Record, name: str, parts: Sequence[Lesson | Task | SupportContact]
) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, part in enumerate(parts):
        if part.id in seen:
            place = catalog.locate(record, (name, number, "id"))
            first = catalog.locate(record, (name, seen[part.id], "id"))
            message = f'{name}.{number}.id: "{part.id}" is written twice'
            yield Problem(
                CODE, SEVERITY, place, message, f"the other is at line {first.line}; rename one", record.key
            )
        seen.setdefault(part.id, number)
