"""The catalog: an engagement's records by kind and id, their links and back-links.

It is an index: it decides nothing and presents nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from kb_builder.problem import Location
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client
from kb_builder.records.fields import FieldSpec, Pointer, walk
from kb_builder.yaml_source import Document, place_in_text

Key = tuple[str, str]
R = TypeVar("R", bound=Record)
_SEEN_BY = {kind.kind: kind.default_audience for kind in KINDS}


@dataclass(frozen=True)
class Origin:
    """Where a record is written: the file, the place in it, and the file's folder on disk."""

    document: Document = field(repr=False)
    pointer: Pointer
    file: Path

    @property
    def folder(self) -> Path:
        """The folder that paths in the record start from."""
        return self.file.parent


@dataclass(frozen=True)
class Link:
    """One reference: from a record, at a place in it, to another record."""

    source: Key
    pointer: Pointer
    target: Key

    @property
    def field(self) -> str:
        """The name of the innermost field that holds the reference."""
        return next(str(part) for part in reversed(self.pointer) if isinstance(part, str))


@dataclass(frozen=True)
class BadLink:
    """A reference that names no record, several, or one of the wrong kind (`candidates`)."""

    source: Key
    pointer: Pointer
    value: str
    kinds: tuple[str, ...]
    candidates: tuple[Key, ...]


@dataclass(frozen=True)
class Catalog:
    """An engagement's records, indexed. Read-only."""

    slug: str
    client: Client
    records: Mapping[Key, Record]
    by_kind: Mapping[str, Mapping[str, Record]]
    origins: Mapping[Key, Origin]
    outgoing: Mapping[Key, tuple[Link, ...]]
    incoming: Mapping[Key, tuple[Link, ...]]
    bad_links: tuple[BadLink, ...]
    unread: frozenset[str] = frozenset()
    """Kinds of which not every record could be read: that there is none of a name is not known here."""
    reader: Audience = Audience.CONSULTANT
    """Whose edition it is; consultants have the whole."""

    @property
    def whole(self) -> bool:
        """Whether it is all there is, so that what is not in it is nowhere."""
        return self.reader is Audience.CONSULTANT

    def knows(self, *kinds: str, reader: Audience | None = None) -> bool:
        """Whether its readers, or those of the edition for `reader`, see the records of these kinds, as the kinds have it.

        Only then may anything be said that follows from there being none. It is decided by kinds and readers alone, so
        that it says nothing of a record that is hidden; where one is, KB725 tells the consultant what readers then read.
        """
        return all((reader or self.reader).sees(_SEEN_BY[kind]) for kind in kinds)

    def all(self, kind: type[R]) -> list[R]:
        """All records of a kind, by title."""
        found = [record for record in self.by_kind.get(kind.kind, {}).values() if isinstance(record, kind)]
        return sorted(found, key=lambda record: (record.title.casefold(), record.id))

    def get(self, kind: type[R], name: str | None) -> R | None:
        """The record of that kind and id, or None."""
        record = self.by_kind.get(kind.kind, {}).get(name or "")
        return record if isinstance(record, kind) else None

    def resolve(self, value: str, kinds: Iterable[str]) -> Record | None:
        """The one record that a reference names, or None."""
        found = candidates(self.by_kind, value, tuple(kinds))
        return self.records[found[0]] if len(found) == 1 else None

    def sources(self, target: Record, kind: type[R], field: str | None = None) -> list[R]:
        """The records of a kind that refer to `target` (through `field`), each once, by title."""
        keys = {
            link.source
            for link in self.incoming.get(target.key, ())
            if link.source[0] == kind.kind and (field is None or link.field == field)
        }
        found = [record for key in keys if isinstance(record := self.records[key], kind)]
        return sorted(found, key=lambda record: (record.title.casefold(), record.id))

    def locate(
        self, record: Record, pointer: Pointer = (), *, key: bool = False, text: str | None = None
    ) -> Location:
        """Where a field of a record is written; with `text`, where that text stands in it."""
        origin = self.origins[record.key]
        whole = (*origin.pointer, *pointer)
        if text is not None:
            return place_in_text(origin.document, whole, text)
        return origin.document.locate(whole, key=key)


def candidates(by_kind: Mapping[str, Mapping[str, Record]], value: str, kinds: tuple[str, ...]) -> list[Key]:
    """The keys of the records that a reference to one of `kinds` may mean."""
    kind, slash, name = value.partition("/")
    if slash:
        return [(kind, name)] if kind in kinds and name in by_kind.get(kind, {}) else []
    return [(each, value) for each in kinds if value in by_kind.get(each, {})]


def former_keys(record: Record) -> Iterator[Key]:
    """The key of a record, then those that it had."""
    yield record.key
    yield from (former_key(record, old) for old in record.formerly)


def former_key(record: Record, former: str) -> Key:
    """The key that a record had under one of the ids in its `formerly`."""
    kind, _, name = former.rpartition("/")
    return (kind or record.kind, name)


def references(record: Record) -> Iterator[tuple[Pointer, FieldSpec, str]]:
    """Yield each reference in a record: its place, its field and the text that names the target."""
    for pointer, spec, value in walk(record):
        if spec.refs:
            yield pointer, spec, value


def index(
    slug: str,
    records: Iterable[Record],
    origins: Mapping[Key, Origin],
    known: Iterable[Key] = (),
    unread: frozenset[str] = frozenset(),
) -> Catalog:
    """Index records. `known` are records that exist but could not be read, `unread` kinds of which any number may be.

    References that may mean one of them are left alone.
    """
    ordered = sorted(records, key=lambda record: record.key)
    by_key = {record.key: record for record in ordered}
    by_kind: dict[str, dict[str, Record]] = {}
    for record in ordered:
        by_kind.setdefault(record.kind, {})[record.id] = record
    broken = set(known)
    outgoing: dict[Key, list[Link]] = {}
    incoming: dict[Key, list[Link]] = {}
    bad: list[BadLink] = []
    for record in ordered:
        for pointer, spec, value in references(record):
            found = candidates(by_kind, value, spec.refs)
            if len(found) == 1:
                link = Link(record.key, pointer, found[0])
                outgoing.setdefault(record.key, []).append(link)
                incoming.setdefault(found[0], []).append(link)
            elif not (
                unread.intersection(spec.refs)
                or any((kind, value.rpartition("/")[2]) in broken for kind in spec.refs)
            ):
                others = found or [(kind, value) for kind in by_kind if value in by_kind[kind]]
                bad.append(BadLink(record.key, pointer, value, spec.refs, tuple(others)))
    client = by_kind.get("client", {}).get(slug)
    return Catalog(
        slug=slug,
        client=client if isinstance(client, Client) else Client(id=slug, title=slug),
        records=by_key,
        by_kind=by_kind,
        origins=origins,
        outgoing={key: tuple(links) for key, links in outgoing.items()},
        incoming={key: tuple(links) for key, links in incoming.items()},
        bad_links=tuple(bad),
        reader=client.edition.audience
        if isinstance(client, Client) and client.edition
        else Audience.CONSULTANT,
        unread=unread | {kind for kind, _ in broken},
    )
