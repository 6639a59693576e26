"""The tasks of a project wait for each other in a circle, or for a task that is not there: the plan cannot be drawn.

Bad:
    title: New server
    tasks:
      - id: move
        title: Move the data
        after: [instal]
      - id: install
        title: Install it

Good:
    title: New server
    tasks:
      - id: move
        title: Move the data
        after: [install]
      - id: install
        title: Install it
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.cycles import cycles
from kb_builder.problem import Problem, Severity, nearest
from kb_builder.records.fields import Pointer
from kb_builder.records.implementation import Project

CODE = "KB211"
SEVERITY = Severity.ERROR
TITLE = "Tasks that cannot be put in order"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """What is wrong with the order of each project's tasks."""
    for project in catalog.all(Project):
        for pointer, message, hint in (*_unknown(project), *_circles(project)):
            yield Problem(CODE, SEVERITY, catalog.locate(project, pointer), message, hint, project.key)


def _unknown(project: Project) -> Iterator[tuple[Pointer, str, str]]:
    known = [task.id for task in project.tasks]
    for number, task in enumerate(project.tasks):
        for position, name in enumerate(task.after):
            if name not in known:
                near = nearest(name, known)
                hint = (
                    f'did you mean "{near}"?' if near else f"tasks of this project: {', '.join(known[:12])}"
                )
                yield (
                    ("tasks", number, "after", position),
                    f'tasks.{number}.after: no task "{name}" in this project',
                    hint,
                )


def _circles(project: Project) -> Iterator[tuple[Pointer, str, str]]:
    after = {task.id: list(task.after) for task in project.tasks}
    for circle in cycles(after):
        number = next(number for number, task in enumerate(project.tasks) if task.id == circle[0])
        message = f"tasks.{number}.after: goes round in a circle: {' → '.join((*circle, circle[0]))}"
        yield ("tasks", number, "after"), message, "take out the task that need not come first"
