"""The first page: where the client stands, what is due, what is open and whom to call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.facts import contact_of
from kb_builder.insight import coverage
from kb_builder.insight.due import due
from kb_builder.insight.lifecycle import state_of
from kb_builder.pages.page import NavItem, Page, Past, Scene, Standing
from kb_builder.present import count
from kb_builder.records.analysis import Risk
from kb_builder.records.base import Audience
from kb_builder.records.discovery import Objective, System
from kb_builder.records.documentation import Guide, Training
from kb_builder.records.implementation import Change, Project
from kb_builder.records.maintenance import KnownIssue, LogEntry
from kb_builder.records.testing import Test

OWN_PAGES: frozenset[str] = frozenset()
OWN_INDEXES: frozenset[str] = frozenset()
SOON = 8


@dataclass(frozen=True)
class Card:
    """One number that says how things stand, what it counts, where to read more, and its tone."""

    number: str
    words: str
    address: str
    tone: str = ""


def cards(scene: Scene) -> list[Card]:
    """How the client stands, in a few numbers; only of what the reader may see."""
    catalog, today = scene.catalog, scene.today
    found: list[Card] = []
    if objectives := catalog.all(Objective):
        met = sum(each.status == "met" for each in objectives)
        found.append(
            Card(
                f"{met} of {len(objectives)}",
                "objectives met",
                "objectives/index.html",
                "good" if met == len(objectives) else "",
            )
        )
    if systems := [each for each in catalog.all(System) if each.status != "retired"]:
        acting = catalog.reader.sees(Audience.MANAGEMENT)
        ended = sum(state_of(each, today) == "ended" for each in systems) if acting else 0
        words = f"{'system' if len(systems) == 1 else 'systems'} in use" + (
            f", {ended} without the maker's support" if ended else ""
        )
        found.append(Card(str(len(systems)), words, "systems/index.html", "bad" if ended else ""))
    if risks := [each for each in catalog.all(Risk) if each.status == "open"]:
        high = sum((each.score or 0) >= 15 for each in risks)
        found.append(
            Card(
                str(len(risks)),
                f"open {'risk' if len(risks) == 1 else 'risks'}" + (f", {high} high" if high else ""),
                "engagement/analysis.html",
                "bad" if high else "warn",
            )
        )
    if tests := [
        each
        for each in catalog.all(Test)
        if each.status == "active" and coverage.test_state(each, catalog, today) != "unknown"
    ]:
        passing = sum(coverage.test_state(each, catalog, today) == "passing" for each in tests)
        found.append(
            Card(
                f"{passing} of {len(tests)}",
                "tests passing and up to date",
                "engagement/testing.html",
                "good" if passing == len(tests) else "warn",
            )
        )
    if projects := [each for each in catalog.all(Project) if each.status == "in-progress"]:
        found.append(
            Card(
                str(len(projects)),
                "projects under way" if len(projects) > 1 else "project under way",
                "projects/index.html",
            )
        )
    if issues := [each for each in catalog.all(KnownIssue) if each.status == "open"]:
        found.append(
            Card(
                str(len(issues)),
                "known issues open" if len(issues) > 1 else "known issue open",
                "maintenance/index.html",
                "warn",
            )
        )
    if guides := [each for each in catalog.all(Guide) if each.status == "published"]:
        found.append(Card(str(len(guides)), "guides" if len(guides) > 1 else "guide", "guides/index.html"))
    return found


def pages(scene: Scene) -> Iterator[Page]:
    """The first page."""
    catalog = scene.catalog
    coming = due(catalog, scene.today)
    done: list[LogEntry | Change] = [
        *catalog.all(LogEntry),
        *(change for change in catalog.all(Change) if change.date and change.status == "done"),
    ]
    yield Page(
        "index.md",
        "home.md",
        catalog.client.title,
        {
            "client": catalog.client,
            "cards": cards(scene),
            "due": coming[:SOON],
            "more_due": max(0, len(coming) - SOON),
            "overdue": sum(each.overdue for each in coming),
            "contacts": [(each.for_what, contact_of(each, catalog)) for each in catalog.client.support],
            "recent": sorted(done, key=lambda each: (str(each.date), each.id), reverse=True)[:SOON],
            "issues": [each for each in catalog.all(KnownIssue) if each.status != "fixed"][:SOON],
            "training": [each for each in catalog.all(Training) if each.status == "published"],
            "guides": [each for each in catalog.all(Guide) if each.status == "published"][:6],
            "for_staff": scene.audience is Audience.STAFF,
            "summary": _standing(catalog),
            "version": _version(scene),
        },
        {"hide": ["navigation"]},
    )


@dataclass(frozen=True)
class Version:
    """The newest release, where to read what it changed, or on the draft what was changed since."""

    release: Past
    address: str
    since: bool


def _version(scene: Scene) -> Version | None:
    if not scene.past:
        return None
    release, since = scene.past[-1], scene.standing is Standing.DRAFT
    return Version(release, f"what-changed/{'draft' if since else release.version}.html", since)


def _standing(catalog: Catalog) -> str:
    locations = catalog.by_kind.get("location", {})
    parts = [
        catalog.client.sector or "",
        count(len(locations), "location") if locations else "",
        count(catalog.client.headcount, "person", "people") if catalog.client.headcount else "",
    ]
    return ", ".join(part for part in parts if part)


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem("Home", "index.md")
