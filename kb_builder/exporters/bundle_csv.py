"""Records as CSV (RFC 4180, UTF-8, no byte-order mark): a file a kind, their relations, and what each column means.

What a spreadsheet would take for a formula has an apostrophe before it (see
https://owasp.org/www-community/attacks/CSV_Injection): at the beginning of a cell, and behind whatever some spreadsheet
takes for the end of one, since half of Europe's separate cells by `;`, and then cut ours elsewhere. An apostrophe
that stands at such a place itself is doubled, so that `text_of` gives back the text as it was.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kb_builder.addresses import Ground, ToFile, file_of, ground
from kb_builder.catalog import Catalog
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record
from kb_builder.records.fields import FieldSpec, Pointer, fields_of

PLACE = "written_in"
"""The column that says in which file the record is written."""
_FORMULA = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with, as a set of a regular expression."""
_BEGIN = r"(?:^|[,;|\t\r\n])[ \u00a0\"]*"
"""Where a cell may begin: separators and line ends, then blanks and quotation marks, which spreadsheets leave out."""
_RISKY = re.compile(f"({_BEGIN})(?=[{_FORMULA}'])")
_KEPT = re.compile(f"({_BEGIN})'")


def csv_files(catalog: Catalog, audience: Audience, home: Path) -> dict[str, str]:
    """The CSV files of an edition by name: one for each kind of which there is a record, `relations` and `fields`.

    `home` is the client's folder, from which paths are written. Only columns that `audience` may see are there.
    """
    kinds = [kind for kind in KINDS if catalog.by_kind.get(kind.kind)]
    on = ground(catalog)
    found = {f"{kind.kind}.csv": _table(_rows_of(kind, catalog, audience, home, on)) for kind in kinds}
    found["relations.csv"] = _table(_relations(catalog))
    found["fields.csv"] = _table(_fields(kinds, audience))
    return found


def cell(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return _RISKY.sub(r"\1'", text)


def text_of(cell_: str) -> str:
    """The text that a cell stands for: the inverse of `cell`."""
    return _KEPT.sub(r"\1", cell_)


def _table(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([cell(each) for each in row] for row in rows)
    return out.getvalue()


def _columns(model: type[BaseModel], audience: Audience) -> Iterator[tuple[str, FieldSpec, FieldSpec | None]]:
    """The columns of a kind: name, field, and the field of the part within it where the column is one."""
    for spec in fields_of(model):
        if not audience.sees(spec.audience) or (spec.part is not None and issubclass(spec.part, Record)):
            continue
        if spec.part is None or spec.many:
            yield spec.name, spec, None
            continue
        for inner in fields_of(spec.part):
            if audience.sees(inner.audience):
                yield f"{spec.name}.{inner.name}", spec, inner


def _rows_of(
    kind: type[Record], catalog: Catalog, audience: Audience, home: Path, on: Ground
) -> Iterator[list[str]]:
    columns = list(_columns(kind, audience))
    yield [*(name for name, _, _ in columns), PLACE]
    for _, record in sorted(catalog.by_kind[kind.kind].items()):

        def plain(value: Any, spec: FieldSpec, record: Record = record) -> Any:
            return _plain(value, spec, audience, lambda path: _path(path, record, catalog, home, on))

        row: list[str] = []
        for _, spec, inner in columns:
            value = getattr(record, spec.name)
            if inner is not None and value is not None:
                row.append(_joined(plain(getattr(value, inner.name), inner)))
            else:
                row.append(_joined(plain(value, spec)))
        origin = catalog.origins.get(record.key)
        yield [*row, os.path.relpath(origin.file, home).replace(os.sep, "/") if origin else ""]


def _path(written: str, record: Record, catalog: Catalog, home: Path, on: Ground) -> str:
    """The path of a file that a record names, from the client's folder."""
    found = file_of(written, record, catalog, on)
    return os.path.relpath(found.path, home).replace(os.sep, "/") if isinstance(found, ToFile) else written


def _plain(value: Any, spec: FieldSpec, audience: Audience, path: Any) -> Any:
    """A value as texts, lists and mappings."""
    if value is None:
        return None
    if isinstance(value, list):
        return [_plain(item, spec, audience, path) for item in value]
    if isinstance(value, BaseModel):
        return {
            inner.name: _plain(given, inner, audience, path)
            for inner in fields_of(type(value))
            if audience.sees(inner.audience) and (given := getattr(value, inner.name)) not in (None, [])
        }
    if spec.text == "file":
        return path(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, Decimal | int | float) else f"{value}"


def _joined(value: Any) -> str:
    """One cell: a list with `; ` between its items; as JSON where that would not tell, and for parts."""
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return value
    simple = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if simple and not any(";" in item or "\n" in item or not item.strip() for item in value):
        joined = "; ".join(value)
        if not joined.startswith("["):
            return joined
    return json.dumps(value, ensure_ascii=False)


def _relations(catalog: Catalog) -> Iterator[list[str]]:
    yield ["from_kind", "from_id", "field", "to_kind", "to_id"]
    rows = {
        (*link.source, _name(link.pointer), *link.target)
        for links in catalog.outgoing.values()
        for link in links
    }
    yield from (list(row) for row in sorted(rows))


def _name(pointer: Pointer) -> str:
    return ".".join(str(part) for part in pointer if isinstance(part, str))


def _fields(kinds: Iterable[type[Record]], audience: Audience) -> Iterator[list[str]]:
    yield ["kind", "field", "type", "description"]
    for kind in kinds:
        yield from _fields_of(kind.kind, "", kind, audience)
        yield [kind.kind, PLACE, "text", "The file that holds the record, from the folder records/."]


def _fields_of(kind: str, before: str, model: type[BaseModel], audience: Audience) -> Iterator[list[str]]:
    for spec in fields_of(model):
        if not audience.sees(spec.audience) or (spec.part is not None and issubclass(spec.part, Record)):
            continue
        many = "list of " if spec.many else ""
        if spec.part is None or spec.many:
            yield [kind, f"{before}{spec.name}", f"{many}{spec.type_name}", spec.description]
        if spec.part is not None:
            yield from _fields_of(kind, f"{before}{spec.name}.", spec.part, audience)


def read_table(text: str) -> list[Mapping[str, str]]:
    """A CSV file's rows by column, with every text as it was."""
    rows = csv.reader(io.StringIO(text, newline=""))
    head = [text_of(each) for each in next(rows, [])]
    return [dict(zip(head, (text_of(each) for each in row), strict=True)) for row in rows]
