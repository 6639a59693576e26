"""The text files that records name: attachments, evidence, and what Markdown links to."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb_builder.addresses import Ground, Nowhere, ToFile, file_of, ground
from kb_builder.catalog import Catalog
from kb_builder.insight.pick import pick
from kb_builder.insight.texts import targets
from kb_builder.problem import Location
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, Pointer

MAX_BYTES = 1_000_000
_TEXTS = frozenset(".txt .csv .json .yaml .yml .md .conf .ini .log .xml".split())


@dataclass(frozen=True)
class NamedFile:
    """A text file, and the place in a record that names it first."""

    record: Record
    pointer: Pointer
    place: Location
    name: str
    text: str


def named_files(catalog: Catalog) -> Iterator[NamedFile]:
    """Every text file of up to 1 MB that a record names, once. Nothing outside the client's folder is read."""
    seen: set[Path] = set()
    for record, pointer, written, path in _named(catalog):
        if path not in seen:
            seen.add(path)
            text = _text(path)
            if text:
                place = catalog.locate(record, pointer, text=written)
                yield NamedFile(record, pointer, place, path.name, text)


def _named(catalog: Catalog) -> Iterator[tuple[Record, Pointer, str, Path]]:
    on: Ground | None = None
    for record in catalog.records.values():
        for pointer, _, value in pick(record, _is_file):
            if Path(value).suffix.lower() in _TEXTS:
                on = on or ground(catalog)
                path = _path(catalog, record, value, file_of(value, record, catalog, on))
                if path:
                    yield record, pointer, value, path
    for text, address, target in targets(catalog, "links"):
        path = _path(catalog, text.record, address, target)
        if path and path.suffix.lower() in _TEXTS:
            yield text.record, text.pointer, address, path


def _is_file(spec: FieldSpec) -> bool:
    return spec.text == "file"


def _path(catalog: Catalog, record: Record, written: str, target: object) -> Path | None:
    """The file that an address leads to, also where sites would not carry it."""
    if isinstance(target, ToFile):
        return target.path
    if target in (Nowhere.NOT_PUBLISHED, Nowhere.RECORD):
        folder = catalog.origins[record.key].folder
        named = folder / written
        return named if named.is_file() else folder / unquote(urlsplit(written.strip()).path)
    return None


def _text(path: Path) -> str | None:
    """What a file says; None for one that is too large, cannot be read or is no text."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        raw = path.read_bytes()
    except OSError:
        return None
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").replace("\r\n", "\n")
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
