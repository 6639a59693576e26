"""Files whose SHA-256 a record states: nothing may be cut out of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from kb_builder.addresses import ToFile, ground, target_of
from kb_builder.catalog import Catalog
from kb_builder.records.base import Record
from kb_builder.records.fields import Pointer, fields_of, walk

_DIGEST = "SHA-256"


@dataclass(frozen=True)
class Stated:
    """A file whose SHA-256 is stated: the record that names it, where in it, and the file."""

    record: Record
    pointer: Pointer
    path: Path


def stated(catalog: Catalog) -> Iterator[Stated]:
    """Every file that a record names beside its SHA-256."""
    found = [record for record in catalog.records.values() if _may_state(type(record))]
    on = ground(catalog) if found else None
    for record in found:
        values = list(walk(record))
        beside = {pointer[:-1] for pointer, spec, _ in values if spec.type_name == _DIGEST}
        for pointer, spec, value in values:
            if on and spec.text == "file" and pointer[:-1] in beside:
                target = target_of(value, record, catalog, on)
                if isinstance(target, ToFile):
                    yield Stated(record, pointer, target.path)


def stated_files(catalog: Catalog) -> frozenset[Path]:
    """The files whose SHA-256 a record states."""
    return frozenset(each.path for each in stated(catalog))


@cache
def _may_state(model: type[BaseModel]) -> bool:
    return any(
        spec.type_name == _DIGEST or (spec.part is not None and _may_state(spec.part))
        for spec in fields_of(model)
    )
