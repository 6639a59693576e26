"""The steps from version to version that a site tells of: what each changed, and where its records are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb_builder.catalog import Catalog, Key
from kb_builder.insight.changes import Changes, RecordChange, compare
from kb_builder.insight.news_item import in_few_words
from kb_builder.pages.page import Past, Scene, Standing
from kb_builder.present import words
from kb_builder.records.base import Record
from kb_builder.versions import DRAFT


@dataclass(frozen=True)
class Step:
    """One version and what it changed: against the release before it, or nothing where it is the first.

    `name` is the last part of its page's address; `since` and `date` are the days of the two versions.
    """

    name: str
    date: dt.date
    notes: str
    before: Past | None
    after: Catalog
    changes: Changes

    @property
    def draft(self) -> bool:
        """Whether it is the draft, which nobody has released."""
        return self.name == DRAFT

    @property
    def since(self) -> dt.date | None:
        """The day of the version before."""
        return self.before.date if self.before else None

    @property
    def title(self) -> str:
        """What its page is headed."""
        return (
            f"What changed since {self.before.version}"
            if self.draft and self.before
            else f"What changed in {self.name}"
        )

    @property
    def address(self) -> str:
        """Where its page is in the site."""
        return f"what-changed/{self.name}.html"

    @cached_property
    def changed(self) -> dict[Key, RecordChange]:
        """The records that changed, by the key that they have after it."""
        return {each.after.key: each for each in self.changes.changed}

    def anchor(self, record: Record) -> str:
        """The place on its page where a record's change is told."""
        return f"kb-{record.kind}-{record.id}"


@dataclass(frozen=True)
class Moment:
    """One line of a record's own history: the step, what changed in few words, and where more is said."""

    step: Step
    words: str
    address: str


def steps(scene: Scene, kinds: Container[str] | None = None) -> tuple[Step, ...]:
    """What each version up to this one changed, the oldest first; in records of `kinds`, or of any.

    The draft comes last, on the draft's own site and where there is a release to compare it with.
    """
    found: list[Step] = []
    before: Past | None = None
    for past in scene.past:
        changes = compare(before.catalog, past.catalog, kinds=kinds) if before else Changes()
        found.append(Step(past.version, past.date, past.notes, before, past.catalog, changes))
        before = past
    if before is not None and scene.standing is Standing.DRAFT:
        changes = compare(before.catalog, scene.catalog, kinds=kinds)
        found.append(Step(DRAFT, scene.today, "", before, scene.catalog, changes))
    return tuple(found)


class Now:
    """Where records of earlier versions are in this one: renames are followed."""

    def __init__(self, told: Sequence[Step], catalog: Catalog) -> None:
        self.catalog = catalog
        self._after = {step.name: told[number + 1 :] for number, step in enumerate(told)}

    def find(self, step: Step, record: Record) -> Record | None:
        """The record of this version that a record of a step's version became; None if it is no longer there."""
        key = record.key
        if key not in step.after.records:
            return None
        for later in self._after[step.name]:
            key = later.changes.moved.get(key, key)
            if key not in later.after.records:
                return None
        return self.catalog.records.get(key)


def history(record: Record, told: Sequence[Step]) -> tuple[Moment, ...]:
    """The steps in which a record of this version changed, the latest first, under all the ids that it had."""
    found: list[Moment] = []
    key: Key | None = record.key
    for step in reversed(told):
        if key is None or key not in step.after.records:
            break
        here = step.after.records[key]
        address = f"{step.address}#{step.anchor(here)}"
        change = step.changed.get(key)
        if step.before is None:
            found.append(Moment(step, "in the first release", step.address))
        elif change is not None:
            found.append(Moment(step, what_changed(change), address))
            key = change.before.key
        elif key not in step.before.catalog.records:
            found.append(Moment(step, "new", address))
            key = None
    return tuple(found)


def what_changed(change: RecordChange) -> str:
    """What changed in a record, in few words; that it was renamed or came to its end comes first."""
    told = []
    status = change.field("status")
    if change.retired:
        told.append(words(str(change.after.status)))
    if change.renamed:
        same = change.before.kind == change.after.kind
        told.append("has a new address" if same else f"was listed under {change.before.label[1]}")
    if few := in_few_words(change, ("status",) if change.retired and status else ()):
        told.append(few)
    return "; ".join(told)
