"""What changed, as a client would ask: which systems are new, which risks went, what was decided, tested and done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.insight import news_work
from kb_builder.insight.changes import Changes, compare
from kb_builder.insight.news_item import Item, in_few_words, latest_first, ranked, state
from kb_builder.insight.news_work import Seen
from kb_builder.present import date, tone, words
from kb_builder.records import KINDS
from kb_builder.records.analysis import Gap, Risk
from kb_builder.records.base import Record
from kb_builder.records.discovery import Objective, Person, System
from kb_builder.records.maintenance import Advisory, KnownIssue
from kb_builder.records.recommendations import Recommendation

GONE = "no longer listed"


@dataclass(frozen=True)
class Group:
    """One thing that a client would ask after: a short name for addresses, its heading, and the answers."""

    name: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class News:
    """What changed, by what a client would ask; and, of how many records of each kind the whole consists now.

    `first` is whether there was nothing before: then there are no groups.
    """

    groups: tuple[Group, ...]
    holds: tuple[tuple[type[Record], int], ...]
    first: bool = False


def news(
    before: Catalog | None,
    after: Catalog,
    since: dt.date | None,
    until: dt.date,
    changes: Changes | None = None,
) -> News:
    """What is new in `after`, of `until`, against `before`, of `since`. Two editions give what their readers may see.

    `changes` is what `compare` says of the two, where it is known already.
    """
    holds = tuple(
        (kind, len(after.by_kind[kind.kind]))
        for kind in KINDS
        if kind.kind != "client" and after.by_kind.get(kind.kind)
    )
    if before is None:
        return News((), holds, first=True)
    seen = Seen(before, after, since, until, changes or compare(before, after))
    groups = (Group(name, title, order(list(find(seen)))) for name, title, find, order in _GROUPS)
    return News(tuple(group for group in groups if group.items), holds)


def _objectives(seen: Seen) -> Iterator[Item]:
    for new in seen.added(Objective):
        yield state(new, "new", "", new.target or "")
    for old, now, change in seen.changed(Objective):
        if old.status != now.status:
            yield state(now, words(now.status), now.status, in_few_words(change, ("status",)))
        elif told := in_few_words(change, ("owner", "tags", "internal_notes")):
            yield Item(now, "changed", "plain", told)
    for lost in seen.gone(Objective):
        yield Item(lost, GONE)


def _systems(seen: Seen) -> Iterator[Item]:
    for new in seen.added(System):
        what = {"planned": "planned", "retired": "retired"}.get(new.status, "new")
        yield Item(new, what, "plain", new.summary or "")
    for old, now, change in seen.changed(System):
        told = in_few_words(change, ("status", "replaced_by", "title", "internal_notes"))
        if old.status != now.status:
            if now.status in ("retiring", "retired") and (other := seen.after.get(System, now.replaced_by)):
                told = f"{other.title} in its place" + (f"; {told}" if told else "")
            what = {"live": "in use", "retiring": "to be retired"}.get(now.status, words(now.status))
            yield Item(now, what, "plain" if now.status == "retired" else tone(now.status), told)
        elif old.title != now.title:
            yield Item(now, "renamed", "plain", f"was {old.title}" + (f"; {told}" if told else ""))
        elif told:
            yield Item(now, "changed", "plain", told)
    for each in seen.changes.changed:
        if isinstance(each.after, System) and not isinstance(each.before, System):
            yield Item(each.after, "new", "plain", f"was listed under {each.before.label[1]}")
    for lost in seen.gone(System):
        yield Item(lost, GONE)


def _risks(seen: Seen) -> Iterator[Item]:
    for new in seen.added(Risk):
        if new.status != "closed":
            score = f"score {new.score}" if new.score else ""
            yield state(new, "opened" if new.status == "open" else words(new.status), new.status, score)
    for old, now, _ in seen.changed(Risk):
        if old.status != now.status:
            what = "opened again" if now.status == "open" else words(now.status)
            yield state(now, what, now.status, _from_to(old.score, now.score))
        elif old.score != now.score and now.score:
            what = "rated" if not old.score else "raised" if now.score > old.score else "lowered"
            mood = {"raised": "bad", "lowered": "good"}.get(what, "plain")
            yield Item(now, what, mood, _from_to(old.score, now.score))
    for lost in seen.gone(Risk):
        yield Item(lost, GONE)


def _from_to(old: int | None, now: int | None) -> str:
    if old == now or not now:
        return ""
    return f"score {old} to {now}" if old else f"score {now}"


_SEVERITIES = ("low", "medium", "high", "critical")


def _gaps(seen: Seen) -> Iterator[Item]:
    for new in seen.added(Gap):
        if new.status != "closed":
            yield state(
                new, "found" if new.status == "open" else words(new.status), new.status, new.severity or ""
            )
    for old, now, _ in seen.changed(Gap):
        if old.status != now.status:
            yield state(now, "open again" if now.status == "open" else words(now.status), now.status)
        elif old.severity and now.severity and old.severity != now.severity:
            higher = _SEVERITIES.index(now.severity) > _SEVERITIES.index(old.severity)
            told = f"{old.severity} to {now.severity}"
            yield Item(now, "raised" if higher else "lowered", "bad" if higher else "good", told)
    for lost in seen.gone(Gap):
        yield Item(lost, GONE)


def _decisions(seen: Seen) -> Iterator[Item]:
    was = {now.key: old for old, now, _ in seen.changed(Recommendation)}
    for now in (*seen.added(Recommendation), *(each for _, each, _ in seen.changed(Recommendation))):
        old = was.get(now.key)
        made, before = now.decision, old.decision if old else None
        if made is None or (before and (before.outcome, before.option) == (made.outcome, made.option)):
            continue
        by = seen.after.get(Person, (made.by or "").removeprefix("person/"))
        told = [
            f"“{made.option}”" if made.option else "",
            f"by {by.title}" if by else "",
            f"on {date(made.date)}" if made.date else "",
            f"to be looked at again on {date(made.until)}" if made.until else "",
        ]
        yield state(now, made.outcome, made.outcome, " ".join(each for each in told if each), made.date)


def _advice(seen: Seen) -> Iterator[Item]:
    for new in seen.added(Recommendation):
        if new.decision is None and new.status in ("proposed", "decided"):
            yield Item(new, "new", "plain", new.summary or "")
    for old, now, _ in seen.changed(Recommendation):
        if old.status != now.status and now.status in ("done", "withdrawn"):
            yield state(now, now.status, now.status)
    for advisory in seen.added(Advisory):
        if advisory.status in ("open", "planned"):
            told = f"act by {date(advisory.act_by)}" if advisory.act_by else advisory.summary or ""
            yield state(advisory, "new", advisory.severity or "", told)
    for before, after, _ in seen.changed(Advisory):
        if before.status != after.status:
            yield state(after, words(after.status), after.status)


def _issues(seen: Seen) -> Iterator[Item]:
    for new in seen.added(KnownIssue):
        if new.status != "fixed":
            yield state(new, "new", "open" if new.status == "open" else "workaround", new.symptom or "")
    for old, now, _ in seen.changed(KnownIssue):
        if old.status != now.status:
            yield state(now, "open again" if now.status == "open" else words(now.status), now.status)


Find = Callable[[Seen], Iterator[Item]]
Order = Callable[[list[Item]], tuple[Item, ...]]
_GROUPS: tuple[tuple[str, str, Find, Order], ...] = (
    ("systems", "Systems", _systems, ranked),
    ("objectives", "Objectives", _objectives, ranked),
    ("risks", "Risks", _risks, ranked),
    ("gaps", "Gaps", _gaps, ranked),
    ("decisions", "Decisions made", _decisions, latest_first),
    ("advice", "Advice", _advice, ranked),
    ("projects", "Projects", news_work.projects, ranked),
    ("done-changes", "Changes", news_work.made, latest_first),
    ("passing", "Tests that now pass", news_work.now_pass, ranked),
    ("failing", "Tests that now fail", news_work.now_fail, ranked),
    ("rerun", "Tests run again", news_work.run_again, ranked),
    ("reading", "To read again", news_work.reading, ranked),
    ("maintenance", "Maintenance done", news_work.done, latest_first),
    ("due", "Newly due", news_work.newly_due, tuple),
    ("issues", "Known issues", _issues, ranked),
)
"""What a client would ask after, in that order."""
