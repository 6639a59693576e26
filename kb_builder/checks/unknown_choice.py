"""A task names a phase, or a decision an option, that the record does not have; the page would show it apart.

Bad:
    title: New server
    phases:
      - title: Prepare
    tasks:
      - id: order
        title: Order it
        phase: Preparation

Good:
    title: New server
    phases:
      - title: Prepare
    tasks:
      - id: order
        title: Order it
        phase: Prepare
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.problem import Problem, Severity, nearest
from kb_builder.records.implementation import Project
from kb_builder.records.recommendations import Recommendation

CODE = "KB213"
SEVERITY = Severity.WARNING
TITLE = "Unknown phase or option"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Phases of tasks and options of decisions that are not listed in their record."""
    for project in catalog.all(Project):
        phases = [phase.title for phase in project.phases]
        for number, task in enumerate(project.tasks):
            if phases and task.phase is not None and task.phase not in phases:
                place = catalog.locate(project, ("tasks", number, "phase"))
                message = f'tasks.{number}.phase: no phase "{short(task.phase)}" in this project'
                yield Problem(CODE, SEVERITY, place, message, _hint(task.phase, phases), project.key)
    for advice in catalog.all(Recommendation):
        options = [option.title for option in advice.options]
        chosen = advice.decision.option if advice.decision else None
        if options and chosen is not None and chosen not in options:
            place = catalog.locate(advice, ("decision", "option"))
            message = f'decision.option: no option "{short(chosen)}" here'
            yield Problem(CODE, SEVERITY, place, message, _hint(chosen, options), advice.key)


def _hint(written: str, known: list[str]) -> str:
    titles = {title.lower(): title for title in known}
    near = nearest(written, titles)
    return (
        f'did you mean "{titles[near]}"?'
        if near
        else "write one of: " + "; ".join(short(each) for each in known)
    )
