"""The files that an engagement's records name: in a field, a link or an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kb_builder.addresses import ToFile, ground, target_of
from kb_builder.catalog import Catalog
from kb_builder.insight.pick import pick
from kb_builder.insight.texts import targets
from kb_builder.problem import Location
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, Pointer

_IN_TEXTS: tuple[Literal["links", "images"], ...] = ("links", "images")


@dataclass(frozen=True)
class Named:
    """A file that a site carries: the record that names it, the field, where that is written, and the file."""

    record: Record
    pointer: Pointer
    place: Location
    path: Path


def named(catalog: Catalog) -> Iterator[Named]:
    """Every naming of a file."""
    on = ground(catalog)
    for record in catalog.records.values():
        for pointer, _, value in pick(record, _is_file):
            target = target_of(value, record, catalog, on)
            if isinstance(target, ToFile):
                yield Named(record, pointer, catalog.locate(record, pointer), target.path)
    for what in _IN_TEXTS:
        for text, address, found in targets(catalog, what):
            if isinstance(found, ToFile):
                place = catalog.locate(text.record, text.pointer, text=address)
                yield Named(text.record, text.pointer, place, found.path)


def _is_file(spec: FieldSpec) -> bool:
    return spec.text == "file"
