"""The section Maintenance: what is due, what was done, what is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.insight import schedule
from kb_builder.insight.dates import add
from kb_builder.insight.due import Due, due
from kb_builder.pages.indexes import index_page, nav_items
from kb_builder.pages.page import NavItem, Page, Scene
from kb_builder.pages.records import record_page
from kb_builder.records.maintenance import Advisory, KnownIssue, LogEntry, Schedule

OWN_PAGES = frozenset({"schedule"})
OWN_INDEXES = frozenset({"log_entry", "schedule"})
RECENT = 8
NEXT_DAYS = 60


def pages(scene: Scene) -> Iterator[Page]:
    """The overview, the log, the schedule and a page per scheduled check."""
    catalog = scene.catalog
    log = sorted(catalog.all(LogEntry), key=lambda entry: (entry.date, entry.id), reverse=True)
    schedules = catalog.all(Schedule)
    states = {each.id: schedule.state_of(each, catalog, scene.today) for each in schedules}
    yield Page(
        "maintenance/index.md",
        "maintenance.md",
        "Maintenance",
        {
            "spans": _spans(due(catalog, scene.today), scene.today),
            "recent": log[:RECENT],
            "log_size": len(log),
            "issues": [issue for issue in catalog.all(KnownIssue) if issue.status != "fixed"],
            "advisories": [each for each in catalog.all(Advisory) if each.status in ("open", "planned")],
        },
    )
    if log:
        yield index_page(LogEntry, list(log), "log.md", years=_by_year(log))
    if schedules:
        known = catalog.knows(*schedule.EVIDENCE)
        yield index_page(Schedule, list(schedules), "schedules.md", states=states, known=known)
    for each in schedules:
        yield record_page(
            scene,
            each,
            "schedule.md",
            without=("rule", "log_entry"),
            state=states[each.id],
            log=sorted(
                catalog.sources(each, LogEntry), key=lambda entry: (entry.date, entry.id), reverse=True
            ),
        )


def _spans(found: list[Due], today: dt.date) -> list[tuple[str, list[Due]]]:
    """What is due, cut where a reader plans: overdue, the next weeks, after that."""
    soon = add(today, f"{NEXT_DAYS} days")
    spans = [
        ("Overdue", [each for each in found if each.overdue]),
        (f"In the next {NEXT_DAYS} days", [each for each in found if not each.overdue and each.date <= soon]),
        ("After that", [each for each in found if each.date > soon]),
    ]
    return [(title, dues) for title, dues in spans if dues]


def _by_year(log: list[LogEntry]) -> list[tuple[int, list[LogEntry]]]:
    years = sorted({entry.date.year for entry in log}, reverse=True)
    return [(year, [entry for entry in log if entry.date.year == year]) for year in years]


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem(
        "Maintenance",
        items=(NavItem("Due and open", "maintenance/index.md"), *nav_items(scene, "maintenance")),
    )
