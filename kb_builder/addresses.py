"""Where an address written in a record's Markdown leads.

A relative path is a file beside the record: another record's file stands for its page, a file of a
kind that sites carry is published. Nothing outside the client's folder is reachable. A symbolic link is judged, and
named, by what it leads to; one to a file of records leads nowhere.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb_builder.catalog import Catalog
from kb_builder.client_files import RELEASES
from kb_builder.records.base import Record
from kb_builder.text import SAFE_SCHEMES

PUBLISHED_FILES = frozenset(
    ".png .jpg .jpeg .gif .webp .avif .pdf .txt .csv .log .json .xlsx .docx .pptx .odt .ods .zip .mp4 .webm".split()
)
"""The kinds of file that a site carries. None of them runs in a reader's browser."""
_RECORDS = (".yaml", ".yml", ".md")


class Nowhere(Enum):
    """Why an address leads nowhere."""

    UNSAFE = auto()
    ABSOLUTE = auto()
    OUTSIDE = auto()
    MISSING = auto()
    NOT_PUBLISHED = auto()
    NOT_NAMED = auto()
    RECORD = auto()
    NOT_KEPT = auto()


@dataclass(frozen=True)
class Outside:
    """An address outside the site, or an anchor on the same page."""

    url: str


@dataclass(frozen=True)
class ToRecord:
    """Another record, and an anchor on its page."""

    record: Record
    anchor: str


@dataclass(frozen=True)
class ToFile:
    """A file that the site publishes under `name`."""

    name: str
    path: Path


Target = Outside | ToRecord | ToFile | Nowhere


@dataclass(frozen=True)
class Ground:
    """Which records stand in which file, and the client's folder; None where there is no client file."""

    by_file: Mapping[Path, Sequence[Record]]
    root: Path | None


def ground(catalog: Catalog) -> Ground:
    """The ground on which the addresses of an engagement (or an edition of it) are resolved."""
    by_file: dict[Path, list[Record]] = {}
    for key, record in catalog.records.items():
        if key in catalog.origins:
            by_file.setdefault(_normal(catalog.origins[key].file), []).append(record)
    client = catalog.origins.get(catalog.client.key)
    return Ground(by_file, _normal(client.folder) if client else None)


def _normal(path: Path) -> Path:
    return Path(posixpath.normpath(path.as_posix()))


def target_of(address: str, record: Record, catalog: Catalog, on: Ground) -> Target:
    """What `address`, written in a text of `record`, leads to."""
    written = address.strip()
    try:
        parts = urlsplit(written)
    except ValueError:
        return Nowhere.UNSAFE
    if parts.scheme:
        return Outside(written) if parts.scheme.lower() in SAFE_SCHEMES else Nowhere.UNSAFE
    if written.startswith("#"):
        return Outside(written)
    if not parts.path or parts.netloc or written.startswith(("/", "\\")):
        return Nowhere.ABSOLUTE
    origin = catalog.origins.get(record.key)
    if origin is None or on.root is None or "\0" in parts.path:
        return Nowhere.MISSING
    return _at(origin.folder / unquote(parts.path), unquote(parts.fragment), catalog, on, on.root)


def file_of(name: str, record: Record, catalog: Catalog, on: Ground) -> Target:
    """What a field of `record` leads to that holds a file's name: the file that is called so, `#` and `%` included.

    Where there is none, it is read as an address, as it was in older records.
    """
    origin = catalog.origins.get(record.key)
    if origin is not None and on.root is not None and "\0" not in name and not name.startswith(("/", "\\")):
        found = _at(origin.folder / name, "", catalog, on, on.root)
        if found is not Nowhere.MISSING:
            return found
    return target_of(name, record, catalog, on)


def _at(written: Path, anchor: str, catalog: Catalog, on: Ground, root: Path) -> Target:
    path = _normal(written)
    if records := on.by_file.get(path):
        return _among(records, anchor, catalog)
    if not path.is_relative_to(root):
        return Nowhere.OUTSIDE
    if not _is_file(path):
        return Nowhere.MISSING
    return _file(path, root)


def _file(path: Path, root: Path) -> ToFile | Nowhere:
    """A file as what it is: where links lead decides whether a site carries it, and what it is called there."""
    real, home = path.resolve(), root.resolve()
    if not real.is_relative_to(home):
        return Nowhere.OUTSIDE
    name = real.relative_to(home)
    if path.relative_to(root) != name and real.suffix.lower() in _RECORDS:
        return Nowhere.RECORD
    if name.parts[0] == RELEASES or any(part.startswith(".") for part in name.parts):
        return Nowhere.NOT_KEPT
    if real.suffix.lower() not in PUBLISHED_FILES:
        return Nowhere.NOT_PUBLISHED
    return ToFile(f"files/{name.as_posix()}", root / name)


def _is_file(path: Path) -> bool:
    """Whether there is a file; an address that is too long to be a path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _among(records: Sequence[Record], anchor: str, catalog: Catalog) -> Target:
    """One of the records of a file. In a list the anchor is an id, and one that is not there may be a hidden record's."""
    named = [record for record in records if record.id == anchor]
    if named:
        return ToRecord(named[0], "")
    listed = bool(catalog.origins[records[0].key].pointer) or records[0].kind == "client"
    alone = len(records) == 1 and not (listed and anchor)
    return ToRecord(records[0], anchor) if alone else Nowhere.NOT_NAMED
