"""What the fields of a kind are: read once from the class, used wherever records are walked."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kb_builder.records.base import (
    Audience,
    Bookkeeping,
    FilePath,
    For,
    MarkdownText,
    Part,
    PlainText,
    Ref,
)

Pointer = tuple[str | int, ...]


@dataclass(frozen=True)
class FieldSpec:
    """One field of a record or of a part of one.

    `text` is "plain", "markdown", "body" (Markdown with macros), "file", or None for
    other types; `refs` the kinds that it may name; `part` the class of its parts;
    `many` whether it is a list; `audience` who may see it; `bookkeeping` whether it
    says how records are kept, not what they are about.
    """

    name: str
    description: str
    required: bool
    many: bool
    text: str | None
    refs: tuple[str, ...]
    part: type[BaseModel] | None
    audience: Audience
    choices: tuple[str, ...]
    type_name: str
    back: str | None = None
    bookkeeping: bool = False

    @property
    def label(self) -> str:
        """The field's name as readers see it."""
        return self.name.replace("_", " ").capitalize()


def _markers(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for argument in get_args(annotation):
        if isinstance(argument, type) and not get_args(argument):
            continue
        yield from _markers(argument)


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _classes(argument)


def _is_list(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is list:
        return True
    if origin in (Union, types.UnionType) or hasattr(annotation, "__metadata__"):
        return any(_is_list(argument) for argument in get_args(annotation))
    return False


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is not None and str(get_origin(annotation)).endswith("Literal"):
        return tuple(str(argument) for argument in get_args(annotation))
    found: tuple[str, ...] = ()
    for argument in get_args(annotation):
        found += _choices(argument)
    return found


def _type_name(
    spec_text: str | None,
    refs: tuple[str, ...],
    choices: tuple[str, ...],
    part: type[BaseModel] | None,
    classes: list[type],
    patterns: str,
) -> str:
    if refs:
        return "reference to " + " or ".join(refs)
    if choices:
        return "one of " + ", ".join(choices)
    if part is not None:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part.__name__).lower()
    if spec_text:
        return {
            "plain": "plain text",
            "markdown": "Markdown",
            "body": "Markdown with macros",
            "file": "file path",
        }[spec_text]
    names = {cls.__name__ for cls in classes}
    for name, shown in (
        ("date", "date"),
        ("Decimal", "amount"),
        ("bool", "true or false"),
        ("int", "whole number"),
        ("float", "number"),
        ("Audience", "one of staff, management, consultant"),
    ):
        if name in names:
            return shown
    if "hour" in patterns:
        return "period, such as `12 months`"
    if "0-9a-f" in patterns and "{64}" in patterns:
        return "SHA-256"
    if "fA-F" in patterns:
        return "colour"
    return "id" if "a-z0-9" in patterns else "text"


def _spec(name: str, info: FieldInfo) -> FieldSpec:
    annotation = info.annotation
    markers = [*info.metadata, *_markers(annotation)]
    classes = list(_classes(annotation))
    part = next((cls for cls in classes if issubclass(cls, BaseModel)), None)
    ref = next((marker for marker in markers if isinstance(marker, Ref)), None)
    refs = ref.kinds if ref else ()
    audience = next((marker.audience for marker in markers if isinstance(marker, For)), Audience.STAFF)
    text: str | None = None
    for marker in markers:
        if isinstance(marker, PlainText):
            text = "plain"
        elif isinstance(marker, MarkdownText):
            text = "body" if marker.macros else "markdown"
        elif isinstance(marker, FilePath):
            text = "file"
    choices = _choices(annotation)
    patterns = " ".join(str(getattr(marker, "pattern", "") or "") for marker in markers)
    return FieldSpec(
        name=name,
        description=info.description or "",
        required=info.is_required(),
        many=_is_list(annotation),
        text=None if refs or choices else text,
        refs=refs,
        part=part,
        audience=audience,
        choices=choices,
        type_name=_type_name(text if not choices else None, refs, choices, part, classes, patterns),
        back=ref.back if ref else None,
        bookkeeping=any(isinstance(marker, Bookkeeping) for marker in markers),
    )


@cache
def fields_of(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """The fields of a kind or a part, in the order of the class."""
    return tuple(_spec(name, info) for name, info in model.model_fields.items())


@cache
def field_of(model: type[BaseModel], name: str) -> FieldSpec:
    """One field of a kind or a part. Raises KeyError where there is none."""
    for spec in fields_of(model):
        if spec.name == name:
            return spec
    raise KeyError(name)


def walk(model: BaseModel, pointer: Pointer = ()) -> Iterator[tuple[Pointer, FieldSpec, Any]]:
    """Yield every value written in a record: its pointer, its field and the value.

    Lists are yielded item by item, parts field by field; what was left out is not yielded.
    """
    for spec in fields_of(type(model)):
        value = getattr(model, spec.name)
        if value is None:
            continue
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _walk_one((*pointer, spec.name, index), spec, item)
        else:
            yield from _walk_one((*pointer, spec.name), spec, value)


def _walk_one(pointer: Pointer, spec: FieldSpec, value: Any) -> Iterator[tuple[Pointer, FieldSpec, Any]]:
    if isinstance(value, Part):
        yield from walk(value, pointer)
    elif isinstance(value, BaseModel):
        return
    else:
        yield pointer, spec, value
