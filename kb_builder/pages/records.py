"""A page per record: its facts, its texts, and all that refers to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from kb_builder.catalog import Catalog, Link
from kb_builder.pages.page import Page, Scene
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, field_of, fields_of

_ELSEWHERE = frozenset(
    "id title summary description audience formerly source attachments links internal_notes tags body reviewed review_every".split()
)


@dataclass(frozen=True)
class Group:
    """Records that refer to this one, under a heading."""

    label: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Parts:
    """The parts of a record under a heading, as a table: the fields that any of them has, and the parts."""

    label: str
    name: str
    columns: tuple[FieldSpec, ...]
    rows: tuple[BaseModel, ...]


@dataclass(frozen=True)
class RecordView:
    """What the page of one record shows."""

    record: Record
    facts: tuple[FieldSpec, ...]
    texts: tuple[FieldSpec, ...]
    parts: tuple[Parts, ...]
    related: tuple[Group, ...]


def view(record: Record, catalog: Catalog, *, without: tuple[str, ...] = ()) -> RecordView:
    """What there is to show of a record, but for the fields and referring kinds in `without`."""
    facts: list[FieldSpec] = []
    texts: list[FieldSpec] = []
    parts: list[Parts] = []
    for spec in fields_of(type(record)):
        value = getattr(record, spec.name)
        if value is None or value == [] or spec.name in _ELSEWHERE or spec.name in without:
            continue
        if spec.part is not None:
            rows = tuple(value) if isinstance(value, list) else (value,)
            parts.append(Parts(spec.label, spec.name, _columns(spec.part, rows), rows))
        elif spec.text in ("markdown", "body"):
            texts.append(spec)
        else:
            facts.append(spec)
    return RecordView(
        record, tuple(facts), tuple(texts), tuple(parts), related(record, catalog, without=without)
    )


def _columns(part: type[BaseModel], rows: tuple[BaseModel, ...]) -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for spec in fields_of(part)
        if spec.name != "id" and any(getattr(row, spec.name) not in (None, []) for row in rows)
    )


def related(record: Record, catalog: Catalog, *, without: tuple[str, ...] = ()) -> tuple[Group, ...]:
    """All records that refer to `record`, grouped by what they are to it, in the order of the kinds."""
    found: dict[tuple[int, str], dict[tuple[str, str], Record]] = {}
    order = {kind.kind: number for number, kind in enumerate(KINDS)}
    for link in catalog.incoming.get(record.key, ()):
        source = catalog.records[link.source]
        if source.kind in without or source.kind == "client":
            continue
        label = _back(source, link) or source.label[1].capitalize()
        found.setdefault((order[source.kind], label), {})[source.key] = source
    return tuple(
        Group(label, tuple(sorted(records.values(), key=lambda each: (each.title.casefold(), each.id))))
        for (_, label), records in sorted(found.items())
    )


def _back(source: Record, link: Link) -> str | None:
    model: type[BaseModel] = type(source)
    spec: FieldSpec | None = None
    for name in link.pointer:
        if isinstance(name, str):
            spec = field_of(model, name)
            model = spec.part or model
    if spec is None:
        return None
    if spec.back is None and spec.name == "owner":
        return f"{source.label[1].capitalize()} in their care"
    return spec.back


def pages(scene: Scene, special: frozenset[str]) -> Iterator[Page]:
    """The page of every record whose kind has pages and is not in `special`."""
    for kind in KINDS:
        if kind.on_page and kind.kind not in special and kind.kind != "client":
            for record in scene.catalog.all(kind):
                yield record_page(scene, record)


def record_page(
    scene: Scene,
    record: Record,
    template: str = "record.md",
    *,
    without: tuple[str, ...] = (),
    **data: object,
) -> Page:
    """The page of one record, with `data` for a template of its kind."""
    return Page(
        path=record.page.removesuffix(".html") + ".md",
        template=template,
        title=record.title,
        data={
            "record": record,
            "view": view(record, scene.catalog, without=without),
            "crumbs": crumbs(type(record)),
            **data,
        },
        front={"kind": record.kind, "stage": record.stage, "hide": ["navigation"]},
    )


def crumbs(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The way to a kind's pages: titles and addresses, from the first page on."""
    sections = {
        "systems": ("Systems", "systems/index.html"),
        "guides": ("Guides", "guides/index.html"),
        "training": ("Training", "training/index.html"),
        "maintenance": ("Maintenance", "maintenance/index.html"),
        "engagement": ("Engagement", "engagement/index.html"),
    }
    way = [("Home", "index.html"), sections[kind.section]]
    own = (kind.label[1].capitalize(), f"{kind.plural}/index.html")
    if own[1] != way[-1][1]:
        way.append(own)
    return tuple(way)
