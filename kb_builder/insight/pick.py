"""Values of a certain sort, found without looking at every field of every record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from pydantic import BaseModel

from kb_builder.records.base import Part
from kb_builder.records.fields import FieldSpec, Pointer, fields_of

Wanted = Callable[[FieldSpec], bool]
"""Which fields are looked for; a function of a module, since what it says of a class is kept."""


def pick(model: BaseModel, wanted: Wanted, pointer: Pointer = ()) -> Iterator[tuple[Pointer, FieldSpec, Any]]:
    """Every value written in a record in a field that is wanted: its pointer, its field and the value."""
    for spec in _leading_to(type(model), wanted):
        value = getattr(model, spec.name)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from _one((*pointer, spec.name, number), spec, item, wanted)
        elif value is not None:
            yield from _one((*pointer, spec.name), spec, value, wanted)


def _one(
    pointer: Pointer, spec: FieldSpec, value: Any, wanted: Wanted
) -> Iterator[tuple[Pointer, FieldSpec, Any]]:
    if isinstance(value, Part):
        yield from pick(value, wanted, pointer)
    elif not isinstance(value, BaseModel):
        yield pointer, spec, value


@cache
def _leading_to(model: type[BaseModel], wanted: Wanted) -> tuple[FieldSpec, ...]:
    return tuple(
        spec
        for spec in fields_of(model)
        if wanted(spec)
        or (spec.part is not None and issubclass(spec.part, Part) and _leading_to(spec.part, wanted))
    )
