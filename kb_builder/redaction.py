"""Taking records out of a copy of a release, so that nothing in it leads to them any more.

What is certain is changed: references, links, macros, files that nothing else names. Where words may speak of what was
taken out, nobody but a person can tell; those lines are listed. A file that is changed is written anew, without its
comments, since they may speak of it, too; every other file stays as it was, to the byte.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb_builder import migrate
from kb_builder.addresses import ToRecord, ground, target_of
from kb_builder.catalog import Catalog, Key, candidates, former_keys, references
from kb_builder.errors import UsageError
from kb_builder.exporters.bundle_text import for_readers
from kb_builder.history import HISTORY
from kb_builder.insight.named import named
from kb_builder.insight.pick import pick
from kb_builder.macros import call_of
from kb_builder.problem import nearest
from kb_builder.read import read
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, Pointer, fields_of
from kb_builder.redaction_outcome import Outcome, yaml_text
from kb_builder.text import parse
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import Document, read_file

_GONE = "(taken out)"
_NAMED_BY = {"system": "system", "contact": "person", "steps": "guide"}
"""The kind that each macro names."""
_SHORTEST = 4


@dataclass
class _Edits:
    """What is to be done to one file: texts to put, values to drop, then records to drop."""

    document: Document
    texts: dict[Pointer, str] = field(default_factory=dict)
    values: list[Pointer] = field(default_factory=list)
    records: list[Pointer] = field(default_factory=list)


def take_out(workspace: Workspace, client: str, wanted: Collection[Key]) -> Outcome | None:
    """Take records out of a client's folder, which is a copy; None if none of them is in it.

    A record that cannot stand without one of them goes, too. Raises UsageError for the client itself.
    """
    for path, text in migrate.plan(workspace, client).items():
        path.write_bytes(text.encode())
    catalog = read(workspace, client).catalog()
    gone = _with_dependants(catalog, {key for key in wanted if key in catalog.records})
    if not gone:
        return None
    if catalog.client.key in gone:
        raise UsageError(
            f"{client} itself cannot be taken out", f"kb withdraw {client} VERSION takes all of it back"
        )
    files = _only_of(catalog, gone)
    removed = set(files)
    for path, edits in _edits(catalog, gone).items():
        if not _carry_out(path, edits):
            removed.add(path)
    for path in removed:
        path.unlink()
    home = workspace.folder(client)
    _forget(home, {path.relative_to(home).as_posix() for path in removed})
    titles = {catalog.records[key].title for key in gone}
    return Outcome(tuple(sorted("/".join(key) for key in gone)), _pattern(titles, {id for _, id in gone}))


def keys_of(catalogs: Iterable[Catalog], name: str) -> set[Key]:
    """The keys that a record has, and had, in any of some engagements; `name` is its id, or `kind/id`.

    Raises UsageError for a name of no record, and for one of several kinds.
    """
    catalogs = list(catalogs)
    kind, _, id = name.rpartition("/")
    known = {key for catalog in catalogs for key in catalog.records}
    found = {key for key in known if key[1] == id and kind in ("", key[0])}
    if len({key[0] for key in found}) > 1:
        raise UsageError(
            f"{name} is a record of several kinds",
            f"one of {', '.join(sorted('/'.join(key) for key in found))}",
        )
    if not found:
        near = nearest(name, ("/".join(key) for key in known))
        raise UsageError(
            f'there is no record "{name}"', f"did you mean {near}?" if near else "write it as kind/id"
        )
    same = [
        set(former_keys(record))
        for catalog in catalogs
        for record in catalog.records.values()
        if record.formerly
    ]
    while more := {key for keys in same if keys & found for key in keys} - found:
        found |= more
    return found


def _with_dependants(catalog: Catalog, gone: set[Key]) -> set[Key]:
    """The records, and those that must name one of them."""
    while True:
        more = {
            key
            for key, record in catalog.records.items()
            if key not in gone
            for spec in fields_of(type(record))
            if spec.required and spec.refs and _leads_to(catalog, getattr(record, spec.name), spec.refs, gone)
        }
        if not more:
            return gone
        gone = gone | more


def _leads_to(catalog: Catalog, value: object, kinds: tuple[str, ...], gone: Collection[Key]) -> bool:
    return isinstance(value, str) and any(key in gone for key in candidates(catalog.by_kind, value, kinds))


def _only_of(catalog: Catalog, gone: Collection[Key]) -> set[Path]:
    """The files that these records name and no other."""
    ours: set[Path] = set()
    others: set[Path] = set()
    for each in named(catalog):
        (ours if each.record.key in gone else others).add(each.path)
    return ours - others


def _edits(catalog: Catalog, gone: Collection[Key]) -> dict[Path, _Edits]:
    """What is to be done, by file."""
    found: dict[Path, _Edits] = {}

    def edits(record: Record) -> tuple[_Edits, Pointer]:
        origin = catalog.origins[record.key]
        return found.setdefault(origin.file, _Edits(origin.document)), origin.pointer

    for key, record in catalog.records.items():
        if key in gone:
            where, start = edits(record)
            where.records.append(start)
            continue
        for pointer, spec, value in references(record):
            if _leads_to(catalog, value, spec.refs, gone):
                where, start = edits(record)
                where.values.append((*start, *pointer))
        for pointer, text in _without_links(catalog, record, gone):
            where, start = edits(record)
            where.texts[(*start, *pointer)] = text
    return found


def _without_links(catalog: Catalog, record: Record, gone: Collection[Key]) -> Iterator[tuple[Pointer, str]]:
    """The texts of a record that lead to what is taken out, as they are without that."""
    on = ground(catalog)

    def dead(address: str) -> bool:
        target = target_of(address, record, catalog, on)
        return isinstance(target, ToRecord) and target.record.key in gone

    for pointer, spec, text in pick(record, _is_markdown):
        fragment = parse(text, spec.text == "body")
        new = text
        if any(map(dead, (*fragment.links, *fragment.images))):
            new = for_readers(
                text, lambda address: None if dead(address) else address, macros=spec.text == "body"
            )
        for call in fragment.macros:
            named_in = call_of(call)
            if named_in and (_NAMED_BY.get(named_in[0], ""), named_in[1]) in gone:
                new = new.replace(call, _GONE)
        if new != text:
            yield pointer, new


def _is_markdown(spec: FieldSpec) -> bool:
    return spec.text in ("markdown", "body")


def _carry_out(path: Path, edits: _Edits) -> bool:
    """Change a file; False if nothing of it is left."""
    value: Any = copy.deepcopy(edits.document.value)
    body = edits.document.body
    below = "body" if body is not None and ("body",) in edits.texts else "description"
    for pointer, text in edits.texts.items():
        if body is not None and pointer == (below,) and below not in value:
            body = f"\n{text}\n"
        else:
            _parent(value, pointer)[pointer[-1]] = text
    _drop(value, edits.values)
    if () in edits.records or (isinstance(value, list) and len(value) == len(edits.records)):
        return False
    _drop(value, edits.records)
    text = yaml_text(value)
    path.write_bytes((text if body is None else f"---\n{text}---\n{body}").encode())
    return True


def _parent(value: Any, pointer: Pointer) -> Any:
    for part in pointer[:-1]:
        value = value[part]
    return value


def _drop(value: Any, pointers: Iterable[Pointer]) -> None:
    """Drop items of lists, the last first, and fields; a list that nothing is left of is dropped itself."""
    for pointer in sorted(pointers, key=lambda each: [str(part).zfill(9) for part in each], reverse=True):
        parent = _parent(value, pointer)
        parent.pop(pointer[-1])
        if parent == [] and len(pointer) > 1:
            _parent(value, pointer[:-1]).pop(pointer[-2])


def _forget(home: Path, names: Collection[str]) -> None:
    """Take files out of the history that a release has sealed."""
    path = home / HISTORY
    value: Any = read_file(path, HISTORY).value if path.is_file() else None
    if isinstance(value, dict) and isinstance(value.get("files"), dict) and set(names) & set(value["files"]):
        value["files"] = {name: each for name, each in value["files"].items() if name not in names} or None
        path.write_bytes(yaml_text(value).encode())


def _pattern(titles: Iterable[str], ids: Iterable[str]) -> re.Pattern[str]:
    """Finds titles, in any case and with other spaces between their words, and ids as they are written."""
    long = {each.strip() for each in titles if len(each.strip()) >= _SHORTEST}
    parts = [r"\s+".join(map(re.escape, each.split())) for each in sorted(long)]
    words = [rf"(?<!\w)(?i:{part})(?!\w)" for part in parts]
    words += [rf"(?<![\w-]){re.escape(each)}(?![\w-])" for each in sorted(ids)]
    return re.compile("|".join(words))
