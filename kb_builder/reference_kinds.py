"""The manual's page of kinds, written from their classes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from kb_builder.forms import is_own, one_line
from kb_builder.manual_text import page, table, text
from kb_builder.records.base import STAGES, Record, folder_of
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.schema import default_of, either, part_name, type_words


def kinds_page(kinds: Sequence[type[Record]]) -> str:
    """Each kind: what it is for, where it is written and what its fields are."""
    lines = [
        "# Kinds",
        "",
        "A record is one file, or one item of a list file; its kind says what fields it has. Who may see a "
        "record sees those of its fields that are for the same audience or for one before it.",
        "",
    ]
    rows = [
        (
            _link(kind),
            f"`{folder_of(kind)}/`" if kind.stage in STAGES else "`client.yaml`",
            text(_docstring(kind)),
        )
        for kind in kinds
    ]
    lines += [*table(("Kind", "Written in", "What it is"), rows), ""]
    lines += ["## Any record", "", "Every record, of whatever kind, may have these fields.", ""]
    lines += [*_fields(Record, "Any record", fields_of(Record))]
    for kind in kinds:
        lines += _kind(kind)
    return page(lines)


def _kind(kind: type[Record]) -> Iterator[str]:
    name = _heading(kind)
    yield from (f"## {name}", "", text(_docstring(kind)), "")
    yield f"- Name: `{kind.kind}`. On the site: {kind.label[0]}; many: {kind.label[1]}."
    if kind.stage in STAGES:
        yield f"- Stage: {STAGES.index(kind.stage) + 1}, {kind.stage}."
        yield f"- Folder: `{folder_of(kind)}/`, one file a record; or a list, `{folder_of(kind)}.yaml`."
    elif kind.kind == "client":
        yield "- File: `client.yaml`, one for each client."
    else:
        yield f"- Written in `client.yaml` under `{kind.plural}`, or in the folder `{kind.plural}/`."
    yield f"- Who may see it, unless it says otherwise: {kind.default_audience.value}."
    yield f"- A complete one has {either((f'`{name}`' for name in kind.expected), 'and')}."
    yield ""
    own = [spec for spec in fields_of(kind) if is_own(kind, spec.name)]
    if own:
        yield from ("Besides [the fields of any record](#any-record):", "", *_fields(kind, name, own))
    else:
        yield from ("It has [the fields of any record](#any-record) and no others.", "")


def _fields(model: type[BaseModel], name: str, specs: Sequence[FieldSpec]) -> Iterator[str]:
    """A table of fields, and one below it for each part that they are made of."""
    yield from table(
        ("Field", "Type", "Required", "Audience", "Description"),
        [
            (
                f"`{spec.name}`",
                _type(spec, name),
                "yes" if spec.required else "no",
                spec.audience.value,
                _description(model, spec),
            )
            for spec in specs
        ],
    )
    yield ""
    for spec in specs:
        if spec.part is not None and not issubclass(spec.part, Record):
            inner = f"{name}: {part_name(spec.part)}"
            yield from (f"### {inner}", "", text(_docstring(spec.part)), "")
            yield from _fields(spec.part, inner, fields_of(spec.part))


def _type(spec: FieldSpec, name: str) -> str:
    if spec.refs:
        start = "list of references to " if spec.many else "reference to "
        return start + either(f"[{kind}](#{kind.replace('_', '-')})" for kind in spec.refs)
    if spec.part is None:
        return text(type_words(spec))
    anchor = spec.part.kind if issubclass(spec.part, Record) else f"{name} {part_name(spec.part)}"
    words = type_words(spec).removeprefix("list of ")
    return ("list of " if spec.many else "") + f"[{words}](#{_anchor(anchor)})"


def _description(model: type[BaseModel], spec: FieldSpec) -> str:
    default = default_of(model, spec.name)
    return text(spec.description) + (f" If left out: `{default}`." if default is not None else "")


def _docstring(model: type[BaseModel]) -> str:
    return one_line(model.__doc__)


def _heading(kind: type[Record]) -> str:
    return kind.kind.replace("_", " ").capitalize()


def _link(kind: type[Record]) -> str:
    return f"[`{kind.kind}`](#{kind.kind.replace('_', '-')})"


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
