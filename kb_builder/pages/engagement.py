"""The section Engagement: the seven stages, the thread from objective to maintenance, and its loose ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from kb_builder.insight import completeness, coverage, trace
from kb_builder.pages.diagram import Bar, plan
from kb_builder.pages.indexes import columns, nav_items
from kb_builder.pages.page import NavItem, Page, Scene
from kb_builder.pages.records import record_page
from kb_builder.present import tone
from kb_builder.records import KINDS
from kb_builder.records.analysis import Assessment, Risk
from kb_builder.records.base import STAGES, Audience, Record
from kb_builder.records.fields import FieldSpec
from kb_builder.records.implementation import Project
from kb_builder.records.testing import Test, TestRun

OWN_PAGES = frozenset(
    {"project", "test", "assessment", "gap", "risk", "objective", "recommendation", "change"}
)
OWN_INDEXES: frozenset[str] = frozenset()
STAGE_TITLES = {
    "discovery": "Discovery",
    "analysis": "Analysis",
    "recommendations": "Recommendations",
    "implementation": "Implementation",
    "testing": "Testing",
    "documentation": "Documentation",
    "maintenance": "Maintenance",
}
STAGE_WORDS = {
    "discovery": "What there is, who is there and what they want.",
    "analysis": "Where things fall short, and what could go wrong.",
    "recommendations": "What we advise, and what was decided.",
    "implementation": "What is being done, and what was changed.",
    "testing": "Whether it does what it should, and who saw it.",
    "documentation": "How to do things, and who has learned to.",
    "maintenance": "What is done again and again, what happened, what is known.",
}


@dataclass(frozen=True)
class Shelf:
    """The records of one kind on a stage's page, with the columns of their table."""

    kind: type[Record]
    records: tuple[Record, ...]
    columns: tuple[FieldSpec, ...]


def shelves(scene: Scene, stage: str) -> tuple[Shelf, ...]:
    """The kinds of a stage that have records."""
    found = []
    for kind in KINDS:
        if kind.stage == stage and (records := scene.catalog.all(kind)):
            found.append(Shelf(kind, tuple(records), tuple(columns(kind, list(records)))))
    return tuple(found)


def pages(scene: Scene) -> Iterator[Page]:
    """The overview, a page a stage, the traceability matrix, and the pages of the kinds on the thread."""
    stages = [(stage, shelves(scene, stage)) for stage in STAGES]
    yield Page(
        "engagement/index.md",
        "engagement.md",
        "Engagement",
        {
            "client": scene.catalog.client,
            "stages": stages,
            "titles": STAGE_TITLES,
            "words_of": STAGE_WORDS,
            "complete": completeness.overall(scene.catalog)
            if scene.audience is Audience.CONSULTANT
            else None,
        },
    )
    for number, (stage, found) in enumerate(stages, 1):
        if found:
            yield Page(
                f"engagement/{stage}.md",
                "stage.md",
                STAGE_TITLES[stage],
                {
                    "number": number,
                    "shelves": found,
                    "lead": STAGE_WORDS[stage],
                    "matrix": risk_matrix(scene) if stage == "analysis" else None,
                },
                {"stage": stage},
            )
    yield Page(
        "engagement/traceability.md",
        "traceability.md",
        "From objective to maintenance",
        {
            "rows": trace.rows(scene.catalog, scene.today),
            "problems": [problem for problem in scene.problems if problem.code.startswith("KB4")],
            "show_places": scene.audience is Audience.CONSULTANT,
            "records": scene.catalog.records,
        },
        {"hide": ["navigation", "toc"]},
    )
    yield from _records(scene)


def _records(scene: Scene) -> Iterator[Page]:
    catalog = scene.catalog
    for kind in KINDS:
        if kind.kind not in OWN_PAGES:
            continue
        for record in catalog.all(kind):
            thread = trace.thread_of(catalog, record)
            if isinstance(record, Project):
                yield record_page(
                    scene, record, "project.md", thread=thread, diagram=project_plan(record, scene.today)
                )
            elif isinstance(record, Test):
                runs = sorted(
                    catalog.sources(record, TestRun), key=lambda run: (run.date, run.id), reverse=True
                )
                yield record_page(
                    scene,
                    record,
                    "test.md",
                    without=("test_run",),
                    thread=thread,
                    runs=runs,
                    state=coverage.test_state(record, catalog, scene.today),
                )
            elif isinstance(record, Assessment):
                yield record_page(
                    scene, record, "assessment.md", without=("controls",), thread=thread, tally=_tally(record)
                )
            else:
                yield record_page(scene, record, "threaded.md", thread=thread)


def _tally(assessment: Assessment) -> list[tuple[str, int]]:
    ratings = [control.rating for control in assessment.controls]
    return [
        (rating, ratings.count(rating))
        for rating in ("full", "largely", "partial", "none", "not-applicable")
        if rating in ratings
    ]


def project_plan(project: Project, today: dt.date) -> Markup:
    """The plan of a project as a diagram: each phase, and under it its tasks."""
    bars: list[Bar] = []
    phases = [phase.title for phase in project.phases]
    for phase in project.phases:
        if phase.start and phase.end and phase.end >= phase.start:
            bars.append(Bar(phase.title, phase.start, phase.end, "plain", True))
        bars.extend(_task_bars(project, phase.title))
    for title in [*dict.fromkeys(task.phase for task in project.tasks if task.phase not in phases)]:
        bars.extend(_task_bars(project, title))
    return plan(f"The plan of {project.title}", bars, today)


def _task_bars(project: Project, phase: str | None) -> Iterator[Bar]:
    for task in project.tasks:
        if task.phase == phase and task.start and task.end and task.end >= task.start:
            yield Bar(task.title, task.start, task.end, tone(task.status), note=task.status.replace("-", " "))


@dataclass(frozen=True)
class Cell:
    """A cell of the risk matrix: its heat (`low`, `mid`, `top`) and the risks in it."""

    heat: str
    risks: tuple[Risk, ...]


def risk_matrix(scene: Scene) -> list[tuple[int, list[Cell]]] | None:
    """Open risks by impact (rows, 5 first) and likelihood (columns, 1 first); None if there are none to show."""
    risks = [risk for risk in scene.catalog.all(Risk) if risk.status == "open" and risk.score]
    if not risks:
        return None
    rows = []
    for impact in range(5, 0, -1):
        cells = []
        for likelihood in range(1, 6):
            score = impact * likelihood
            here = tuple(risk for risk in risks if (risk.impact, risk.likelihood) == (impact, likelihood))
            cells.append(Cell("top" if score >= 15 else "mid" if score >= 8 else "low", here))
        rows.append((impact, cells))
    return rows


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    stages = [
        NavItem(f"{number} {STAGE_TITLES[stage]}", f"engagement/{stage}.md")
        for number, stage in enumerate(STAGES, 1)
        if shelves(scene, stage)
    ]
    return NavItem(
        "Engagement",
        items=(
            NavItem("Overview", "engagement/index.md"),
            NavItem("The thread", "engagement/traceability.md"),
            *stages,
            *nav_items(scene, "engagement"),
        ),
    )
