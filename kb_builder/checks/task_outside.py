"""A task or a phase lies outside its project, or a task begins before what it comes after has ended.

Bad:
    title: New server
    start: 2026-08-14
    end: 2026-09-01
    tasks:
      - id: switch
        title: Switch over
        start: 2026-08-30
        end: 2026-09-05

Good:
    title: New server
    start: 2026-08-14
    end: 2026-09-05
    tasks:
      - id: switch
        title: Switch over
        start: 2026-08-30
        end: 2026-09-05
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field
from kb_builder.problem import Problem, Severity
from kb_builder.records.fields import Pointer
from kb_builder.records.implementation import Phase, Project, Task

CODE = "KB303"
SEVERITY = Severity.WARNING
TITLE = "A task outside its project"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Dates of tasks and phases that do not fit the project's or each other."""
    for project in catalog.all(Project):
        for pointer, message, hint in (*_outside(project), *_too_early(project)):
            place = catalog.locate(project, pointer)
            yield Problem(CODE, SEVERITY, place, f"{field(pointer)}: {message}", hint, project.key)


def _outside(project: Project) -> Iterator[tuple[Pointer, str, str]]:
    phases = {phase.title: phase for phase in project.phases}
    for number, phase in enumerate(project.phases):
        yield from _within(phase, ("phases", number), project, "the project")
    for number, task in enumerate(project.tasks):
        if task.status == "cancelled":
            continue
        found = list(_within(task, ("tasks", number), project, "the project"))
        if not found and task.phase in phases:
            found = list(_within(task, ("tasks", number), phases[task.phase], "its phase"))
        yield from found


def _within(
    part: Task | Phase, pointer: Pointer, whole: Project | Phase, words: str
) -> Iterator[tuple[Pointer, str, str]]:
    hint = f"move it, or change the dates of {words}"
    if part.start and whole.start and part.start < whole.start:
        yield (*pointer, "start"), f"{part.start} is before {words} starts, {whole.start}", hint
    if part.end and whole.end and part.end > whole.end:
        yield (*pointer, "end"), f"{part.end} is after {words} ends, {whole.end}", hint


def _too_early(project: Project) -> Iterator[tuple[Pointer, str, str]]:
    tasks = {task.id: task for task in project.tasks}
    for number, task in enumerate(project.tasks):
        for name in task.after:
            first = tasks.get(name)
            if first and first.end and task.start and task.start < first.end:
                message = f'{task.start} is before "{name}" ends, {first.end}'
                yield ("tasks", number, "start"), message, "move it, or take it out of after"
