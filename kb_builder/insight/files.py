"""The files of a client's folder that a release holds, and where they are named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb_builder.addresses import ToFile, file_of, ground
from kb_builder.catalog import Catalog, Key
from kb_builder.client_files import RELEASES
from kb_builder.insight.pick import pick
from kb_builder.insight.texts import targets
from kb_builder.problem import Location, Problem, Severity
from kb_builder.records.fields import FieldSpec

RECORD_FILES = (".yaml", ".yml", ".md")
_LONGEST = 80


@dataclass(frozen=True)
class File:
    """A file of the client's folder: its path from there, and where it is."""

    name: str
    path: Path

    @property
    def shown(self) -> str:
        """Its path as it can be printed."""
        return "".join(char if char.isprintable() or char == "\u202f" else "\ufffd" for char in self.name)

    @property
    def sealable(self) -> bool:
        """Whether a release can hold it."""
        home = self.path.parents[self.name.count("/")]
        return self.path.is_file() and self.path.resolve().is_relative_to(home.resolve())


def files_of(catalog: Catalog) -> Iterator[File]:
    """The files of a client's folder, sorted; releases and all that begins with a dot are no part of it."""
    client = catalog.origins.get(catalog.client.key)
    if client is None:
        return
    for path in _walk(client.folder):
        yield File(path.relative_to(client.folder).as_posix(), path)


def told(
    catalog: Catalog, faults: Iterable[tuple[File, str]], code: str, severity: Severity, hint: str
) -> Iterator[Problem]:
    """A problem for each file with a fault, where the first record names the file; else at the file itself."""
    named: dict[Path, tuple[Location, Key]] | None = None
    for file, words in faults:
        named = _named(catalog) if named is None else named
        home = catalog.locate(catalog.client).path.rpartition("/")[0]
        place, record = named.get(file.path) or (Location(f"{home}/{file.shown}"), catalog.client.key)
        message = f'the file "{shortened(file.shown)}" {words}'
        yield Problem(code, severity, place, message, hint, record)


def shortened(path: str) -> str:
    """The end of a path, where its file's name is, for a message."""
    return path if len(path) <= _LONGEST else f"…{path[1 - _LONGEST :]}"


def _walk(home: Path) -> Iterator[Path]:
    for base, folders, files in os.walk(home):
        here = Path(base)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and (here, name) != (home, RELEASES)
        )
        yield from (here / name for name in sorted([*files, *links]) if not name.startswith("."))


def _named(catalog: Catalog) -> dict[Path, tuple[Location, Key]]:
    """Where each file is named first, and by whom; a file of records is so by the record in it."""
    found: dict[Path, tuple[Location, Key]] = {}
    on = ground(catalog)
    for record in catalog.records.values():
        for pointer, _, value in pick(record, _is_file):
            target = file_of(value, record, catalog, on)
            if isinstance(target, ToFile):
                found.setdefault(target.path, (catalog.locate(record, pointer), record.key))
    for what in ("links", "images"):
        for text, address, target in targets(catalog, what):
            if isinstance(target, ToFile):
                place = catalog.locate(text.record, text.pointer, text=address)
                found.setdefault(target.path, (place, text.record.key))
    return found


def _is_file(spec: FieldSpec) -> bool:
    return spec.text == "file"
