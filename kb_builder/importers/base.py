"""What every importer shares: records as the source has them, merged with what is here.

The merge is three-way, field by field: what the importer wrote last time (kept in
`engagements/<client>/.imports/<system>.json`), what the source says now, and what the file says. A field that is
as the importer left it follows the source; a field that a person changed stays as it is.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from kb_builder.catalog import Key, Origin
from kb_builder.errors import KbError
from kb_builder.files import replace_all
from kb_builder.importers.fitting import Names, as_read, clean, fit, one_line
from kb_builder.names import fault
from kb_builder.problem import errors
from kb_builder.read import Reading, read
from kb_builder.records.base import ID_PATTERN, STAGES, Record
from kb_builder.seen import Seen, again, digest
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import MAX_BYTES, Document, change_text, write_text

FOLDER = ".imports"
_SHOWN = 10
_NEVER_IDS = {"": "record", "index": "index-page"}
_NO_FILE = re.compile(r"[\x00-\x1f\x7f\\:]|(^|/)\.|\.(ya?ml|md)$")
"""What the name of a file beside a record must not have: it would lead out, hide, or be read as a record."""


@dataclass(frozen=True)
class Imported:
    """A record as the source has it. `key` names it there; `files` are paths relative to the record's folder."""

    kind: type[Record]
    id: str
    fields: Mapping[str, object]
    body: str | None
    key: str
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Skipped:
    """Something that was not imported, or not whole, and why."""

    what: str
    why: str


@dataclass(frozen=True)
class Import:
    """All that a source has. `system` names the source in each record's `source`."""

    system: str
    records: tuple[Imported, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What an import would do: files to write, and what happens to each record; `seen` is what decided it."""

    writes: Mapping[Path, bytes]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[Skipped, ...]
    gone: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    seen: Mapping[Path, str | None] = field(default_factory=dict)


def slug(text: str) -> str:
    """An id made of a text: lower case, digits and hyphens; `record` if nothing of it can be used."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-")
    return _NEVER_IDS.get(made, f"{made}-1" if fault(f"{made}.yaml") else made)


def merge(workspace: Workspace, client: str, wanted: Import) -> Outcome:
    """Decide what an import changes; writes nothing.

    Raises UsageError if there is no such client, KbError if its records cannot be read.
    """
    folder = workspace.folder(client)
    here = _look(workspace, client, wanted.system)
    plan = _Plan(folder, wanted.system, here)
    records = plan.usable(wanted.records)
    names = plan.names(records)
    for record in records:
        plan.take(record, names)
    plan.note_gone({_name(record) for record in wanted.records})
    return plan.outcome(wanted.skipped)


def write(workspace: Workspace, client: str, outcome: Outcome) -> None:
    """Write what `merge` decided: all of it or nothing. Raises Changed if what it was decided from has changed."""
    if outcome.writes:
        replace_all(outcome.writes, workspace.folder(client), outcome.seen)


def bring(workspace: Workspace, client: str, wanted: Import) -> Outcome:
    """Merge what a source has and write it, again if somebody writes there meanwhile. Raises what both raise."""

    def once() -> Outcome:
        outcome = merge(workspace, client, wanted)
        write(workspace, client, outcome)
        return outcome

    return again(once)


@dataclass(frozen=True)
class _Last:
    """A record as the importer wrote it last: its id, its fields as read, the hashes of its files."""

    id: str
    fields: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """As it is kept."""
        kept: dict[str, object] = {"id": self.id, "fields": self.fields}
        return {**kept, "files": self.files} if self.files else kept


@dataclass(frozen=True)
class _Here:
    """What the client's folder holds: its records, by where they came from too, and the last import."""

    seen: Seen
    reading: Reading
    by_source: Mapping[str, Key]
    last: Mapping[str, _Last]


def _name(record: Imported) -> str:
    """What the last import calls a record: its kind, and its key as a file can hold it."""
    return f"{record.kind.kind}:{_key(record)}"


def _key(record: Imported) -> str:
    return clean(record.key).replace("\n", " ").replace("\t", " ").strip()


def _look(workspace: Workspace, client: str, system: str) -> _Here:
    reading = read(workspace, client)
    if wrong := errors(reading.problems):
        place = wrong[0].location
        count = "an error" if len(wrong) == 1 else f"{len(wrong):,} errors"
        raise KbError(
            f"{client} has {count}, so nothing can be merged: {place.path}:{place.line}: {wrong[0].message}",
            f"run `kb check {client}` and mend what it finds, then import again",
        )
    seen = Seen(reading.seen)
    last = _last(workspace.folder(client) / FOLDER / f"{slug(system)}.json", seen)
    by_source: dict[str, Key] = {}
    for record in reading.records:
        if record.source and record.source.system == system:
            name = f"{record.kind}:{record.source.key}"
            if name not in by_source or (name in last and last[name].id == record.id):
                by_source[name] = record.key
    return _Here(seen, reading, by_source, last)


def _last(path: Path, seen: Seen) -> dict[str, _Last]:
    """What an import left, checked to the last value: it decides what counts as edited here. Raises KbError."""
    content = seen.read(path)
    if content is None and not os.path.lexists(path):
        return {}
    try:
        return _LAST.validate_json(content or b"", strict=True)
    except (ValidationError, RecursionError) as error:
        raise KbError(
            f"{path} is not as an import left it: {_first_line(error)}",
            "restore it from git; or delete it, then all that is here counts as edited",
        ) from error


def _first_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "it is nested too deep"
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


_LAST: TypeAdapter[dict[str, _Last]] = TypeAdapter(dict[str, _Last])


class _Plan:
    """Gathers what an import does, record by record."""

    def __init__(self, folder: Path, system: str, here: _Here) -> None:
        self.folder = folder
        self.system = system
        self.here = here
        self.last: dict[str, _Last] = dict(here.last)
        self.ids: dict[str, str] = {}
        self.hashes: dict[str, set[str]] = {}
        for entry in here.last.values():
            for file, hashed in entry.files.items():
                self.hashes.setdefault(file, set()).add(hashed)
        self.writes: dict[Path, bytes] = {}
        self.added: list[str] = []
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.kept: list[Skipped] = []
        self.gone: list[str] = []
        self.skipped: list[Skipped] = []

    def usable(self, records: Iterable[Imported]) -> list[Imported]:
        """The records that can be written, each once, in an order that does not depend on the source's."""
        found: dict[str, Imported] = {}
        for record in sorted(records, key=lambda each: (each.kind.kind, each.id, each.key)):
            label = f"{record.kind.kind}/{record.id}"
            if record.body is not None and len(record.body.encode(errors="replace")) > MAX_BYTES * 0.8:
                self.skipped.append(Skipped(label, f"longer than {MAX_BYTES * 0.8 / 1e6:.1f} MB"))
            elif found.setdefault(_name(record), record) is not record:
                self.skipped.append(Skipped(label, "the source has another of the same key"))
        return list(found.values())

    def names(self, records: Iterable[Imported]) -> Names:
        """Give every record its id: the one it has here, or the one that the importer wants, made unlike others."""
        known = {*self.here.reading.origins, *self.here.reading.broken}
        mine: dict[Key, str] = {}
        lost: set[Key] = set()
        for record in records:
            name, kind = _name(record), record.kind.kind
            if name in self.here.by_source:
                self.ids[name] = self.here.by_source[name][1]
            elif name in self.here.last:
                lost.add((kind, record.id))
                continue
            else:
                self.ids[name] = self._free(record, known)
            known.add((kind, self.ids[name]))
            mine.setdefault((kind, record.id), self.ids[name])
        former = {(each.kind, old): each.id for each in self.here.reading.records for old in each.formerly}
        return Names(mine, known, lost - known, former)

    def _free(self, record: Imported, known: set[Key]) -> str:
        """The id that the importer wants, with a number behind it if another record has it."""
        good = (
            re.fullmatch(ID_PATTERN, record.id)
            and len(record.id) <= 110
            and record.id not in _NEVER_IDS
            and fault(f"{record.id}.yaml") is None
        )
        wanted = record.id if good else slug(record.id)
        identifier, number = wanted, 1
        while (record.kind.kind, identifier) in known or self.here.seen.look(self._file(record, identifier)):
            number += 1
            identifier = f"{wanted}-{number}"
        return identifier

    def _file(self, record: Imported, identifier: str) -> Path:
        kind = record.kind
        home = self.folder / kind.stage if kind.stage in STAGES else self.folder
        return home / kind.plural / f"{identifier}{'.md' if record.body is not None else '.yaml'}"

    def take(self, record: Imported, names: Names) -> None:
        """Add, change, keep or leave alone what the record is here."""
        name = _name(record)
        if name not in self.ids:
            self.kept.append(Skipped(f"{record.kind.kind}/{self.here.last[name].id}", "it was deleted here"))
            return
        identifier = self.ids[name]
        label = f"{record.kind.kind}/{identifier}"
        fitted = fit(record.kind, identifier, record.fields, record.body, names)
        self.skipped += [Skipped(f"{label} {field}", why) for field, why in fitted.left_out]
        new = {**fitted.fields, **({} if fitted.body is None else {"body": fitted.body})}
        last = self.here.last.get(name, _Last(identifier))
        if name in self.here.by_source:
            origin = self.here.reading.origins[self.here.by_source[name]]
            self._update(label, origin, new, last)
            home = None if origin.pointer else origin.folder
        else:
            home = self._add(label, record, fitted.fields, fitted.body)
        hashes = dict(last.files) if home is None else self._files(label, record.files, home)
        self.last[name] = _Last(identifier, {key: as_read(value) for key, value in new.items()}, hashes)

    def _add(self, label: str, record: Imported, fields: Mapping[str, object], body: str | None) -> Path:
        path = self._file(record, label.partition("/")[2])
        source = {"system": self.system, "key": _key(record)}
        self.writes[path] = write_text({**fields, "source": source}, body).encode()
        self.added.append(label)
        return path.parent

    def _update(self, label: str, origin: Origin, new: Mapping[str, object], last: _Last) -> None:
        if origin.pointer:
            if last.fields != as_read(new):
                self.kept.append(Skipped(label, "it was moved into a file with others here"))
            self.unchanged.append(label)
            return
        changes, mine = _differences(new, last.fields, _current(origin.document))
        try:
            text = _changed(origin.document, changes)
        except ValueError:
            text, mine = origin.document.text, sorted({*mine, *changes})
        if mine:
            self.kept.append(Skipped(f"{label} ({', '.join(mine)})", "it was edited here"))
        if text == origin.document.text:
            self.unchanged.append(label)
            return
        if b"\r\n" in origin.file.read_bytes():
            text = text.replace("\n", "\r\n")
        self.writes[origin.file] = text.encode()
        self.changed.append(label)

    def _files(self, label: str, files: Mapping[str, bytes], home: Path) -> dict[str, str]:
        """Write what lies beside a record, unless a person changed or deleted it; the hashes for the next time."""
        hashes: dict[str, str] = {}
        for name, content in sorted(files.items()):
            path = home / PurePosixPath(name)
            if _NO_FILE.search(name) or not PurePosixPath(name).name or name.startswith("/"):
                self.skipped.append(
                    Skipped(f"{label} {one_line(name)!r}", "no file may have such a name here")
                )
                continue
            hashes[name] = digest(content)
            if path in self.writes:
                continue
            current = self.here.seen.look(path)
            if current == hashes[name]:
                continue
            ours = self.hashes.get(name, set())
            if current in ours if current else not ours and _is_free(path):
                self.writes[path] = content
            else:
                self.kept.append(Skipped(f"{label} {name}", "the file was changed or deleted here"))
        return hashes

    def note_gone(self, there: set[str]) -> None:
        """Note what the source no longer has: left alone here, or forgotten if it was deleted here too."""
        for name in [name for name in self.last if name not in there]:
            if name in self.here.by_source:
                self.gone.append("/".join(self.here.by_source[name]))
            else:
                del self.last[name]

    def outcome(self, skipped: Iterable[Skipped]) -> Outcome:
        """All that was gathered, and what the next import must know."""
        kept = {name: entry.plain() for name, entry in self.last.items()}
        text = json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        path = self.folder / FOLDER / f"{slug(self.system)}.json"
        if self.here.seen.digests[path] != digest(text.encode()):
            self.writes[path] = text.encode()
        return Outcome(
            self.writes,
            tuple(self.added),
            tuple(self.changed),
            tuple(self.unchanged),
            tuple(self.kept),
            tuple(self.gone),
            (*skipped, *self.skipped),
            self.here.seen.digests,
        )


def _is_free(path: Path) -> bool:
    return not path.exists() and all(each.is_dir() or not each.exists() for each in path.parents)


def _current(document: Document) -> dict[str, object]:
    """A file's fields as read; its text below the front matter as `body`."""
    fields: dict[str, object] = {}
    if isinstance(document.value, dict):
        given = {name: each for name, each in document.value.items() if name not in ("id", "source")}
        fields = {name: as_read(each) for name, each in given.items() if each is not None}
    if document.body is not None and document.body.strip():
        fields["body"] = as_read(document.body.strip())
    return fields


def _differences(
    new: Mapping[str, object], last: Mapping[str, object], current: Mapping[str, object]
) -> tuple[dict[str, object], list[str]]:
    """The fields to set, None to remove one, and those that a person changed and the source has otherwise."""
    changes: dict[str, object] = {}
    mine: list[str] = []
    for name in sorted({*new, *last}):
        wanted = as_read(new[name]) if name in new else None
        if wanted == current.get(name):
            continue
        if current.get(name) == last.get(name):
            changes[name] = new.get(name)
        else:
            mine.append(name)
    return changes, mine


def _changed(document: Document, changes: Mapping[str, object]) -> str:
    """A file's text with its fields, and the text below them, changed."""
    fields, text = dict(changes), document.text
    body = fields.pop("body", None) if document.body is not None else None
    if fields:
        text = change_text(text, fields, markdown=document.path.endswith(".md"))
    if body is not None and document.body is not None:
        text = f"{text[: len(text) - len(document.body)]}\n{body}\n"
    return text


def report(outcome: Outcome) -> str:
    """What an import did, in words: counts first, then what was kept and skipped, and why."""
    counts = [
        ("added", len(outcome.added)),
        ("changed", len(outcome.changed)),
        ("left alone", len(outcome.unchanged)),
        ("edited here, kept", len(outcome.kept)),
        ("no longer there", len(outcome.gone)),
        ("skipped", len(outcome.skipped)),
    ]
    text = [f"{words:<18} {number:>6,}" for words, number in counts]
    for title, entries in (("Kept as it is here", outcome.kept), ("Skipped", outcome.skipped)):
        if entries:
            text += ["", f"{title}:", *_grouped(entries)]
    if outcome.gone:
        text += ["", "No longer in the source, left alone here:", *_some(outcome.gone)]
    return "\n".join(text)


def _grouped(entries: Iterable[Skipped]) -> list[str]:
    by_why: dict[str, list[str]] = {}
    for entry in entries:
        by_why.setdefault(entry.why, []).append(entry.what)
    text: list[str] = []
    for why, names in by_why.items():
        text.append(f"  {why} ({len(names):,})")
        text += [f"  {line}" for line in _some(names)]
    return text


def _some(names: Iterable[str]) -> list[str]:
    all_names = [one_line(name) for name in names]
    text = [f"  {name}" for name in all_names[:_SHOWN]]
    if len(all_names) > _SHOWN:
        text.append(f"  and {len(all_names) - _SHOWN:,} more")
    return text
