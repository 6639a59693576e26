"""An index per kind: all its records in one table, with the facts that matter."""

from __future__ import annotations

from collections.abc import Iterator

from kb_builder.pages.page import NavItem, Page, Scene, index_path
from kb_builder.pages.records import crumbs
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, field_of

WIDE = ("index.md", "systems.md", "schedules.md")
"""Indexes that are one table: it takes the room of the contents, which would be empty."""


def columns(kind: type[Record], records: list[Record]) -> list[FieldSpec]:
    """The facts of a kind that at least one of the records has."""
    specs = [field_of(kind, name) for name in kind.facts if name != "title"]
    return [spec for spec in specs if any(getattr(record, spec.name) not in (None, []) for record in records)]


def pages(scene: Scene, special: frozenset[str]) -> Iterator[Page]:
    """The index of every kind that has records and is not in `special`."""
    for kind in KINDS:
        if kind.kind not in special and kind.kind != "client" and (records := list(scene.catalog.all(kind))):
            yield index_page(kind, records)


def index_page(kind: type[Record], records: list[Record], template: str = "index.md", **data: object) -> Page:
    """The index of one kind."""
    return Page(
        path=index_path(kind),
        template=template,
        title=kind.label[1].capitalize(),
        data={
            "kind": kind,
            "records": records,
            "columns": columns(kind, records),
            "crumbs": crumbs(kind)[:-1],
            **data,
        },
        front={"kind": kind.kind, "stage": kind.stage, "hide": ["toc"]}
        if template in WIDE
        else {"kind": kind.kind, "stage": kind.stage},
    )


def nav_items(scene: Scene, section: str, without: frozenset[str] = frozenset()) -> tuple[NavItem, ...]:
    """The navigation entries of a section: the index of each of its kinds that has records."""
    return tuple(
        NavItem(kind.label[1].capitalize(), index_path(kind))
        for kind in KINDS
        if kind.section == section
        and kind.kind not in without
        and kind.kind != "client"
        and scene.catalog.by_kind.get(kind.kind)
    )
