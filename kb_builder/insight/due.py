"""Everything that is due or expires, in the order of its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.insight import coverage, schedule
from kb_builder.insight.dates import add, subtract
from kb_builder.insight.standing import over
from kb_builder.records.base import Audience, Record
from kb_builder.records.discovery import Asset, Objective, Person, Subscription, System
from kb_builder.records.documentation import Training, TrainingRecord
from kb_builder.records.implementation import Change, Project
from kb_builder.records.maintenance import Advisory, Schedule
from kb_builder.records.recommendations import Recommendation
from kb_builder.records.testing import Test

AHEAD_DAYS = 400
"""How far ahead we look: a little over a year, so that yearly things are seen."""


@dataclass(frozen=True)
class Due:
    """Something that is due: the day, the record, what it is in a few words, and whether the day is past."""

    date: dt.date
    record: Record
    what: str
    overdue: bool


def due(catalog: Catalog, today: dt.date) -> list[Due]:
    """What is due within a year and a bit, and what is overdue, soonest first: what its readers act on."""
    found = [
        Due(day, record, what, day < today)
        for acting, source in _SOURCES
        if catalog.reader.sees(acting)
        for day, record, what in source(catalog, today)
        if (day - today).days <= AHEAD_DAYS
    ]
    return sorted(found, key=lambda each: (each.date, each.record.title.casefold(), each.what))


Found = Iterator[tuple[dt.date, Record, str]]


def _schedules(catalog: Catalog, today: dt.date) -> Found:
    for each in catalog.all(Schedule):
        if each.status == "active":
            state = schedule.state_of(each, catalog, today)
            if state.next:
                yield state.next, each, "scheduled check"


def _subscriptions(catalog: Catalog, today: dt.date) -> Found:
    for each in catalog.all(Subscription):
        if each.renews is None or each.status != "active":
            continue
        yield each.renews, each, "renews by itself" if each.auto_renews else "to be renewed"
        if each.notice and (last := subtract(each.renews, each.notice)) >= today:
            yield last, each, "last day to cancel"


def _support(catalog: Catalog, today: dt.date) -> Found:
    for system in catalog.all(System):
        if system.status in ("live", "retiring"):
            if system.support_until:
                yield system.support_until, system, "maker's support ends"
            if system.warranty_until and system.warranty_until >= today:
                yield system.warranty_until, system, "warranty ends"
    for asset in catalog.all(Asset):
        if asset.warranty_until and asset.warranty_until >= today and asset.status in ("in-use", "spare"):
            yield asset.warranty_until, asset, "warranty ends"


def _reviews(catalog: Catalog, today: dt.date) -> Found:
    for record in catalog.records.values():
        if record.reviewed and record.review_every and not over(record):
            yield add(record.reviewed, record.review_every), record, f"{record.label[0]} to be reviewed"


def _tests(catalog: Catalog, today: dt.date) -> Found:
    """Tests that come round again; where a schedule says when, its day is the one that counts."""
    for test in catalog.all(Test):
        scheduled = any(
            each.status == "active" and each.rule for each in catalog.sources(test, Schedule, "test")
        )
        if not scheduled and (day := coverage.due_on(test, catalog)):
            yield day, test, "test to be run"


def _decisions(catalog: Catalog, today: dt.date) -> Found:
    for each in catalog.all(Recommendation):
        if each.decision and each.decision.outcome == "deferred" and each.decision.until and not over(each):
            yield each.decision.until, each, "deferred decision to be looked at again"
    for advisory in catalog.all(Advisory):
        if advisory.act_by and advisory.status in ("open", "planned"):
            yield advisory.act_by, advisory, "act by this day"


def _work(catalog: Catalog, today: dt.date) -> Found:
    for project in catalog.all(Project):
        if project.status in ("planned", "in-progress"):
            if project.end:
                yield project.end, project, "project to be finished"
            for task in project.tasks:
                if task.end and task.status in ("planned", "in-progress"):
                    yield task.end, project, f"task to be finished: {task.title}"
    for objective in catalog.all(Objective):
        if objective.by and objective.status in ("proposed", "agreed"):
            yield objective.by, objective, "objective to be reached"


def _changes(catalog: Catalog, today: dt.date) -> Found:
    for change in catalog.all(Change):
        if change.date and change.status == "planned":
            yield change.date, change, "change to be made"


def _training(catalog: Catalog, today: dt.date) -> Found:
    """Modules that somebody is to take again; those who do not see who took them are told of none."""
    if not catalog.knows(TrainingRecord.kind):
        return
    for training in catalog.all(Training):
        if training.repeat_every and training.status == "published":
            passed: dict[str, dt.date] = {}
            for each in catalog.sources(training, TrainingRecord, "training"):
                if each.passed:
                    passed[each.person] = max(each.date, passed.get(each.person, each.date))
            for name, day in passed.items():
                person = catalog.get(Person, name.removeprefix("person/"))
                if person and person.status == "active":
                    yield add(day, training.repeat_every), training, f"{person.title} to take it again"


_SOURCES: tuple[tuple[Audience, Callable[[Catalog, dt.date], Found]], ...] = (
    (Audience.STAFF, _schedules),
    (Audience.STAFF, _changes),
    (Audience.MANAGEMENT, _subscriptions),
    (Audience.MANAGEMENT, _support),
    (Audience.MANAGEMENT, _reviews),
    (Audience.MANAGEMENT, _tests),
    (Audience.MANAGEMENT, _decisions),
    (Audience.MANAGEMENT, _work),
    (Audience.MANAGEMENT, _training),
)
"""What may be due, each with who acts on it, or lives with it, as with a planned change; those above are told, too."""
