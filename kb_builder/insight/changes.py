"""What changed between two catalogs: records that came, went, changed, were renamed or retired.

What an audience may know of it follows from what is compared: two editions give what their readers may see.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from kb_builder.catalog import Catalog, Key, former_key
from kb_builder.insight.field_changes import FieldChange, Sides, field_changes
from kb_builder.insight.standing import over
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.word_diff import Piece, shortened

_ORDER = {kind.kind: number for number, kind in enumerate(KINDS)}
CONFIRMING = "reviewed"
"""The field that says when somebody last confirmed a record. If nothing else changed, the record did not change."""


@dataclass(frozen=True)
class RecordChange:
    """A record that is in both catalogs: how it was, how it is, and the fields in which it differs."""

    before: Record
    after: Record
    fields: tuple[FieldChange, ...]

    @property
    def renamed(self) -> bool:
        """Whether it has another id, or is of another kind."""
        return self.before.key != self.after.key

    @property
    def retired(self) -> bool:
        """Whether its status now says that nothing more comes of it."""
        return over(self.after) and not over(self.before)

    def field(self, name: str) -> FieldChange | None:
        """The change of one field, if it changed."""
        return next((each for each in self.fields if each.pointer == (name,)), None)


@dataclass(frozen=True)
class Changes:
    """What changed, each list in the order of the kinds, then by title.

    `gone` are records that are no longer there; `changed` those that differ, renamed and retired ones among them;
    `confirmed` those that somebody confirmed and that are otherwise as they were.
    """

    added: tuple[Record, ...] = ()
    gone: tuple[Record, ...] = ()
    changed: tuple[RecordChange, ...] = ()
    confirmed: tuple[Record, ...] = ()
    moved: dict[Key, Key] = field(default_factory=dict)
    """The key that each renamed record had, with the one that it has now."""

    @property
    def nothing(self) -> bool:
        """Whether nothing changed; that records were confirmed is no change."""
        return not (self.added or self.gone or self.changed)

    @property
    def renamed(self) -> tuple[RecordChange, ...]:
        """The records that have another id, or are of another kind."""
        return tuple(each for each in self.changed if each.renamed)

    @property
    def retired(self) -> tuple[RecordChange, ...]:
        """The records that came to their end, and are still there."""
        return tuple(each for each in self.changed if each.retired)


def compare(
    before: Catalog, after: Catalog, *, kinds: Container[str] | None = None, everything: bool = False
) -> Changes:
    """What changed from one catalog to another, in records that now are of `kinds`, or of any.

    `formerly` says which record is which where ids differ. With `everything`, settings count too, and Markdown is
    compared as it is written: for a consultant's own eyes, never for a page.
    """
    moved = _moved(before, after)
    sides = Sides(before, after, moved, everything)
    origins = {new: old for old, new in moved.items()}
    added: list[Record] = []
    changed: list[RecordChange] = []
    confirmed: list[Record] = []
    for key, record in after.records.items():
        if kinds is not None and key[0] not in kinds:
            continue
        old = before.records.get(origins.get(key, key))
        if old is None:
            added.append(record)
        elif old is not record and old != record:
            found = RecordChange(old, record, tuple(field_changes(old, record, sides)))
            if found.renamed or any(each.pointer != (CONFIRMING,) for each in found.fields):
                changed.append(found)
            elif found.fields:
                confirmed.append(record)
    gone = [
        record
        for key, record in before.records.items()
        if key not in moved and key not in after.records and (kinds is None or key[0] in kinds)
    ]
    changed.sort(key=lambda each: _place(each.after))
    return Changes(_ordered(added), _ordered(gone), tuple(changed), _ordered(confirmed), moved)


def _moved(before: Catalog, after: Catalog) -> dict[Key, Key]:
    """The keys that records had and the ones that they have now. An id that is in use again belongs to who uses it."""
    found: dict[Key, Key] = {}
    for key, record in after.records.items():
        if key in before.records:
            continue
        for former in record.formerly:
            old = former_key(record, former)
            if old in before.records and old not in after.records and old not in found:
                found[old] = key
                break
    return found


def _ordered(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=_place))


def _place(record: Record) -> tuple[int, str, str]:
    return (_ORDER.get(record.kind, len(_ORDER)), record.title.casefold(), record.id)


def pieces_of(field: FieldChange) -> tuple[Piece, ...]:
    """A field's change as pieces to show in a row: a long text shortened, else what went and what came."""
    if field.words:
        return shortened(field.words)
    if field.gone or field.new or field.moved:
        gone = [Piece("gone", each) for each in field.gone]
        new = [Piece("new", each) for each in field.new]
        return (*gone, *new, *([Piece("same", "in another order")] if field.moved else []))
    pieces = [Piece("gone", field.before)] if field.before else []
    return shortened([*pieces, *([Piece("new", field.after)] if field.after else [])])
