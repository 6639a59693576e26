"""Makes a record of any kind with every field filled in, from the kind alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from kb_builder.records import KINDS
from kb_builder.records.base import STAGES, Audience, Record
from kb_builder.records.client import FORMAT
from kb_builder.records.fields import FieldSpec, fields_of

SHA = "0" * 64
_SKIP = {"id", "audience", "formerly", "source", "attachments", "gaps_of"}
_VALUES: dict[str, str] = {
    "rule": "FREQ=MONTHLY;BYDAY=1MO",
    "url": "https://example.com/",
    "website": "https://example.com/",
    "video": "https://example.com/",
    "sha256": "",
    "pass_mark": "80",
    "language": "en",
    "colour": "#0b6e6e",
    "format": str(FORMAT),
    "audience": "staff",
}


Make = Callable[[FieldSpec], str]


def fields(model: type[BaseModel], text: Make, ref: Make, only: Audience | None = None) -> dict[str, Any]:
    """A value for every field of a model. `text` gives texts, `ref` gives ids; `only` keeps to fields up to an audience."""
    made: dict[str, Any] = {}
    for spec in fields_of(model):
        if (
            (spec.name in _SKIP and issubclass(model, Record))
            or spec.text == "file"
            or (only and not only.sees(spec.audience))
        ):
            continue
        if getattr(model, "kind", None) in spec.refs:
            continue
        value = _value(spec, text, ref, only)
        if value not in (None, ""):
            made[spec.name] = [value] if spec.many else value
    return made


def _value(spec: FieldSpec, text: Make, ref: Make, only: Audience | None) -> Any:
    if spec.part is not None:
        if issubclass(spec.part, Record):
            return None
        made = fields(spec.part, text, ref, only)
        if "id" in spec.part.model_fields:
            made["id"] = "one"
        if spec.name == "quiz":
            made["answers"] = [{"text": text(spec), "correct": "true", "why": text(spec)}, {"text": "no"}]
        made.pop("after", None)
        return made
    if spec.name in _VALUES:
        return _VALUES[spec.name]
    if spec.refs:
        return ref(spec)
    if spec.choices:
        return spec.choices[-1] if spec.name == "frequency" else spec.choices[0]
    if spec.text:
        return text(spec)
    kind = spec.type_name
    if kind == "date":
        return "2026-03-31"
    if kind in ("amount", "number", "whole number"):
        return "3"
    if kind == "true or false":
        return "true"
    if kind.startswith("period"):
        return "12 months"
    return None


def write(folder: Path, kind: type[Record], name: str, values: dict[str, Any]) -> None:
    """Write a record where its kind's records live."""
    base = folder / kind.stage / kind.plural if kind.stage in STAGES else folder / kind.plural
    base.mkdir(parents=True, exist_ok=True)
    (base / f"{name}.yaml").write_text(
        yaml.safe_dump(values, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def every_kind() -> list[type[Record]]:
    """All kinds but the client, which is one file."""
    return [kind for kind in KINDS if kind.kind != "client"]
