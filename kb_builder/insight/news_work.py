"""News of the work: projects and changes, tests, what is to be read again, what was done and is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from kb_builder.catalog import Catalog
from kb_builder.insight import schedule
from kb_builder.insight.changes import Changes, RecordChange
from kb_builder.insight.due import due
from kb_builder.insight.news_item import Item, in_few_words, state
from kb_builder.insight.reruns import Rerun, reruns
from kb_builder.present import count, date, words
from kb_builder.records.base import Record
from kb_builder.records.documentation import Guide, Manual, Training
from kb_builder.records.implementation import Change, Project
from kb_builder.records.maintenance import LogEntry, Schedule
from kb_builder.records.testing import Test

R = TypeVar("R", bound=Record)
_CONTENT = frozenset("title summary description before steps trouble body lessons quiz pass_mark".split())
"""The fields of a guide, manual or training module that its readers learn from."""


@dataclass(frozen=True)
class Seen:
    """Two editions, their days, and what changed between them."""

    before: Catalog
    after: Catalog
    since: dt.date | None
    until: dt.date
    changes: Changes

    def added(self, kind: type[R]) -> Iterator[R]:
        """The records of a kind that came."""
        return (each for each in self.changes.added if isinstance(each, kind))

    def gone(self, kind: type[R]) -> Iterator[R]:
        """The records of a kind that are no longer there."""
        return (each for each in self.changes.gone if isinstance(each, kind))

    def changed(self, kind: type[R]) -> Iterator[tuple[R, R, RecordChange]]:
        """The records of a kind that changed, as they were and as they are. One that was of another kind is none."""
        for each in self.changes.changed:
            if isinstance(each.before, kind) and isinstance(each.after, kind):
                yield each.before, each.after, each

    @cached_property
    def reruns(self) -> tuple[Rerun, ...]:
        """The tests that have a newer result."""
        origins = {new: old for old, new in self.changes.moved.items()}
        pairs = (
            (self.before.get(Test, origins.get(test.key, test.key)[1]), test) for test in self.after.all(Test)
        )
        return tuple(reruns(pairs, self.before, self.after))


def projects(seen: Seen) -> Iterator[Item]:
    """Projects that are new, stand elsewhere, move in time or went on."""
    for new in seen.added(Project):
        yield Item(new, "new", "plain", f"{words(new.status)}{_until(new)}")
    for old, now, _ in seen.changed(Project):
        done, was = (sum(task.status == "done" for task in each.tasks) for each in (now, old))
        more = f"{done} of {count(len(now.tasks), 'task')} done" if done != was else ""
        if old.status != now.status:
            yield state(now, words(now.status), now.status, more or _until(now).removeprefix(", "))
        elif old.end and now.end and old.end != now.end:
            later = now.end > old.end
            told = f"to end {date(now.end)}, not {date(old.end)}" + (f"; {more}" if more else "")
            yield Item(now, "later" if later else "earlier", "warn" if later else "good", told)
        elif more:
            yield Item(now, "went on" if done > was else "changed", "plain", more)
    for lost in seen.gone(Project):
        yield Item(lost, "no longer listed")


def _until(project: Project) -> str:
    open_ = project.status in ("planned", "in-progress") and project.end
    return f", to end {date(project.end)}" if open_ and project.end else ""


def made(seen: Seen) -> Iterator[Item]:
    """Changes that were made, planned, taken back."""
    for new in seen.added(Change):
        what = "made" if new.status == "done" else words(new.status)
        yield state(new, what, new.status, new.summary or "", new.date)
    for old, now, _ in seen.changed(Change):
        if old.status != now.status:
            what = "made" if now.status == "done" else words(now.status)
            yield state(now, what, now.status, now.summary or "", now.date)
        elif now.status == "planned" and old.date and now.date and old.date != now.date:
            yield Item(now, "moved", "warn", f"planned for {date(old.date)} before", now.date)


def now_pass(seen: Seen) -> Iterator[Item]:
    """Tests that pass and did not before."""
    yield from _tests(seen, "pass", ("new", "fixed"))


def now_fail(seen: Seen) -> Iterator[Item]:
    """Tests that fail and did not before."""
    yield from _tests(seen, "fail", ("new", "regressed"))


def run_again(seen: Seen) -> Iterator[Item]:
    """Tests that were run again, with the result of before or none."""
    yield from _tests(seen, "", ("still open", "still passes", "blocked"))


def _tests(seen: Seen, result: str, outcomes: tuple[str, ...]) -> Iterator[Item]:
    for each in seen.reruns:
        if each.outcome in outcomes and result in ("", each.run.result):
            what = "not finished" if each.outcome == "blocked" else each.outcome
            yield state(each.test, what, each.run.result, f"run on {date(each.run.date)}", each.run.date)


def reading(seen: Seen) -> Iterator[Item]:
    """Guides, manuals and training modules that are new, say something else, or no longer hold."""
    for kind in (Guide, Manual, Training):
        for new in seen.added(kind):
            if _status(new) == "published":
                yield Item(new, "new", "good", new.summary or "")
        for old, now, change in seen.changed(kind):
            if _status(now) == "published":
                yield from _read_again(old, now, change)
            elif _status(old) == "published":
                yield Item(now, "retired" if _status(now) == "retired" else "being rewritten", "plain")
        for lost in seen.gone(kind):
            if _status(lost) == "published":
                yield Item(lost, "no longer listed")


def _status(record: Record) -> str:
    return str(record.status)


def _read_again(old: Record, now: Record, change: RecordChange) -> Iterator[Item]:
    fields = {str(each.pointer[0]) for each in change.fields}
    told = in_few_words(change, {name for name in fields if name not in _CONTENT})
    if _status(old) != "published":
        yield Item(now, "new", "good", now.summary or "")
    elif isinstance(old, Training) and isinstance(now, Training) and old.version != now.version:
        again = f"version {now.version}" + (f"; {told}" if told else "")
        yield Item(now, "take again", "warn", again)
    elif fields & _CONTENT == {"title"}:
        yield Item(now, "renamed", "plain", f"was {old.title}")
    elif told:
        yield Item(now, "read again", "warn", told)


def done(seen: Seen) -> Iterator[Item]:
    """What was entered in the maintenance log."""
    for entry in seen.added(LogEntry):
        sort = "" if entry.type == "note" else words(entry.type)
        told = ": ".join(each for each in (sort, entry.summary or "") if each)
        what = words(entry.result) if entry.result else "done"
        yield state(entry, what, entry.result or "", told, entry.date)


def newly_due(seen: Seen) -> Iterator[Item]:
    """What became due between the two days and is still to be done, soonest first; not what is only planned."""
    known = seen.after.knows(*schedule.EVIDENCE)
    for each in due(seen.after, seen.until):
        if isinstance(each.record, Schedule) and not known:
            continue
        if (seen.since is None or each.date > seen.since) and each.date <= seen.until:
            yield Item(each.record, "due", "warn", each.what, each.date)
