"""The Markdown of an engagement, rendered: what it links to, shows and calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kb_builder.addresses import Target, ground, target_of
from kb_builder.catalog import Catalog
from kb_builder.insight.pick import pick
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, Pointer
from kb_builder.text import Fragment, parse

_TELLING = ("](", "]:", "][", "<", "{{", "{%", "{#")


@dataclass(frozen=True)
class Text:
    """One Markdown field of a record that links, shows or calls something."""

    record: Record
    pointer: Pointer
    fragment: Fragment


def texts(catalog: Catalog) -> Iterator[Text]:
    """Every Markdown field that may hold a link, an image or a macro call; plain prose is passed over."""
    for record in catalog.records.values():
        for pointer, spec, value in pick(record, _is_markdown):
            if any(sign in value for sign in _TELLING):
                yield Text(record, pointer, parse(value, spec.text == "body"))


def _is_markdown(spec: FieldSpec) -> bool:
    return spec.text in ("markdown", "body")


def targets(catalog: Catalog, what: Literal["links", "images"]) -> Iterator[tuple[Text, str, Target]]:
    """Every link or image in the Markdown of an engagement: its text, the address as written, and where it leads."""
    found = [text for text in texts(catalog) if getattr(text.fragment, what)]
    on = ground(catalog) if found else None
    for text in found:
        for address in dict.fromkeys(getattr(text.fragment, what)):
            assert on is not None
            yield text, address, target_of(address, text.record, catalog, on)
