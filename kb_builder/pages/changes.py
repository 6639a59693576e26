"""The section What changed: what each release brought, and on the draft what the next one will."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from kb_builder.insight.changes import RecordChange, pieces_of
from kb_builder.insight.news import GONE, Group, News, news
from kb_builder.insight.news_item import Item
from kb_builder.pages.page import NavItem, Page, Scene, Standing
from kb_builder.pages.steps import Now, Step, steps
from kb_builder.present import count
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.word_diff import Piece

OWN_PAGES: frozenset[str] = frozenset()
OWN_INDEXES: frozenset[str] = frozenset()
INDEX = "what-changed/index.md"
FEW = 3
MANY = 12
IN_NAV = 12


@dataclass(frozen=True)
class Line:
    """One record of a step: its title, its address in this version or nothing, what became of it, and its anchor."""

    title: str
    address: str
    what: str
    tone: str = "plain"
    words: str = ""
    date: dt.date | None = None
    anchor: str = ""
    fields: tuple[tuple[str, tuple[Piece, ...]], ...] = ()


@dataclass(frozen=True)
class Block:
    """Lines under a heading; those past the first few are folded away."""

    title: str
    lines: tuple[Line, ...]
    shown: int = MANY

    @property
    def first(self) -> tuple[Line, ...]:
        """The lines that are always shown."""
        return self.lines if len(self.lines) <= self.shown + 2 else self.lines[: self.shown]

    @property
    def more(self) -> tuple[Line, ...]:
        """The lines that are folded away."""
        return self.lines[len(self.first) :]


@dataclass(frozen=True)
class Told:
    """A step with its news and its changes, as a page shows them."""

    step: Step
    news: News
    groups: tuple[Block, ...]
    records: tuple[Block, ...]
    holds: str
    confirmed: int


def pages(scene: Scene) -> Iterator[Page]:
    """The page over all versions and one for each; none where there is no release."""
    found = steps(scene)
    if not found:
        return
    now = Now(found, scene.catalog)
    told = [tell(step, now) for step in found]
    yield Page(
        INDEX,
        "changes.md",
        "What changed",
        {"told": told[::-1], "few": FEW, "client": scene.catalog.client},
    )
    for number, each in enumerate(told):
        data = {
            "told": each,
            "step": each.step,
            "client": scene.catalog.client,
            "older": told[number - 1].step if number else None,
            "newer": told[number + 1].step if number + 1 < len(told) else None,
        }
        yield Page(f"what-changed/{each.step.name}.md", "changes-release.md", each.step.title, data)


def nav(scene: Scene) -> NavItem | None:
    """Its entry in the navigation; None where there is no release to tell of."""
    if not scene.past:
        return None
    names = [past.version for past in scene.past][::-1][:IN_NAV]
    items = [NavItem(name, f"what-changed/{name}.md") for name in names]
    if scene.standing is Standing.DRAFT:
        items.insert(0, NavItem(f"Since {names[0]}", "what-changed/draft.md"))
    return NavItem("What changed", items=(NavItem("All versions", INDEX), *items))


def tell(step: Step, now: Now) -> Told:
    """A step as its page shows it; `now` says where its records are in this version."""
    before = step.before.catalog if step.before else None
    found = news(before, step.after, step.since, step.date, step.changes)
    holds = ", ".join(count(number, *kind.label) for kind, number in found.holds)
    groups = tuple(_group(each, step, now) for each in found.groups)
    return Told(step, found, groups, _records(step, now), holds, len(step.changes.confirmed))


def _group(group: Group, step: Step, now: Now) -> Block:
    return Block(group.title, tuple(_item(each, step, now) for each in group.items))


def _item(item: Item, step: Step, now: Now) -> Line:
    address = "" if item.what == GONE else _address(step, item.record, now)
    return Line(item.record.title, address, item.what, item.tone, item.words, item.date)


def _address(step: Step, record: Record, now: Now) -> str:
    found = now.find(step, record)
    return found.page if found else ""


def _records(step: Step, now: Now) -> tuple[Block, ...]:
    """Every record that changed, by kind. Systems are never folded: their pages lead here."""
    changes = step.changes
    lines: dict[str, list[Line]] = {}
    for record in changes.added:
        lines.setdefault(record.kind, []).append(_line(step, record, now, "new"))
    for change in changes.changed:
        lines.setdefault(change.after.kind, []).append(_changed(step, change, now))
    for record in changes.gone:
        lines.setdefault(record.kind, []).append(_line(step, record, None, GONE))
    return tuple(
        Block(
            kind.label[1].capitalize(),
            tuple(lines[kind.kind]),
            MANY if kind.kind != "system" else len(lines[kind.kind]),
        )
        for kind in KINDS
        if kind.kind in lines
    )


def _line(step: Step, record: Record, now: Now | None, what: str) -> Line:
    address = _address(step, record, now) if now else ""
    return Line(record.title, address, what, anchor=step.anchor(record))


def _changed(step: Step, change: RecordChange, now: Now) -> Line:
    what = "retired" if change.retired else "renamed" if change.renamed else "changed"
    was = change.before.id if change.before.kind == change.after.kind else "/".join(change.before.key)
    return Line(
        change.after.title,
        _address(step, change.after, now),
        what,
        words=f"was {was}" if change.renamed else "",
        anchor=step.anchor(change.after),
        fields=tuple((each.label, pieces_of(each)) for each in change.fields),
    )
