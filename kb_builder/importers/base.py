"""What every importer shares: records as the source has them, merged with what is here.

The merge is three-way, field by field: what the importer wrote last time (kept in
`engagements/<client>/.imports/<system>.json`), what the source says now, and what the file says. A field that is
as the importer left it follows the source; a field that a person changed stays as it is.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from kb_builder.catalog import Key
from kb_builder.errors import KbError
from kb_builder.files import replace_all
from kb_builder.problem import errors
from kb_builder.read import Reading, read
from kb_builder.records.base import STAGES, Record
from kb_builder.records.fields import FieldSpec, field_of
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import Value, change_text, write_text

FOLDER = ".imports"
_SHOWN = 10
_LINK = re.compile(r"""(\]\(|href=")([a-z0-9][a-z0-9._-]*)\.md(?=[#)" ])""")
"""A link from a body to a record that is imported with it: of the same kind, in the same folder."""


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
    """What an import would do: files to write, and what happens to each record."""

    writes: Mapping[Path, bytes]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[Skipped, ...]
    gone: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def slug(text: str) -> str:
    """An id made of a text: lower case, digits and hyphens; `record` if nothing of it can be used."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", plain)).strip("-")[:100].strip("-")
    return {"": "record", "index": "index-page"}.get(made, made)


@dataclass(frozen=True)
class _Here:
    """What the client's folder holds: records by key and by where they came from, and the last import."""

    reading: Reading
    by_source: Mapping[tuple[str, str], Key]
    baseline: Mapping[str, Mapping[str, object]]


def merge(workspace: Workspace, client: str, wanted: Import) -> Outcome:
    """Decide what an import changes; writes nothing.

    Raises UsageError if there is no such client, KbError if its records cannot be read.
    """
    folder = workspace.folder(client)
    here = _look(workspace, client, wanted.system)
    plan = _Plan(folder, wanted.system, here)
    records = sorted(wanted.records, key=lambda each: (each.kind.kind, each.id, each.key))
    names = plan.names(records)
    for record in records:
        plan.take(_fitted(record, names, here.reading))
    plan.note_gone({f"{record.kind.kind}:{record.key}" for record in wanted.records})
    return plan.outcome(wanted.skipped)


def write(workspace: Workspace, client: str, outcome: Outcome) -> None:
    """Write what `merge` decided: all of it or nothing."""
    replace_all(outcome.writes, workspace.folder(client))


def _look(workspace: Workspace, client: str, system: str) -> _Here:
    reading = read(workspace, client)
    if wrong := errors(reading.problems):
        place = wrong[0].location
        raise KbError(
            f"{client} has {len(wrong)} errors, so that nothing can be merged: {place.path}:{place.line}: {wrong[0].message}",
            f"run kb check {client} and mend them first",
        )
    by_source = {
        (record.kind, record.source.key): record.key
        for record in reading.records
        if record.source and record.source.system == system
    }
    path = workspace.folder(client) / FOLDER / f"{system}.json"
    try:
        baseline = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise KbError(
            f"{path} cannot be read: {error}",
            "restore it from git, or delete it: then all here counts as edited",
        ) from error
    return _Here(reading, by_source, baseline if isinstance(baseline, dict) else {})


class _Plan:
    """Gathers what an import does, record by record."""

    def __init__(self, folder: Path, system: str, here: _Here) -> None:
        self.folder = folder
        self.system = system
        self.here = here
        self.taken: set[Key] = set(here.reading.origins) | set(here.reading.broken)
        self.baseline: dict[str, Mapping[str, object]] = dict(here.baseline)
        self.writes: dict[Path, bytes] = {}
        self.added: list[str] = []
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.kept: list[Skipped] = []
        self.gone: list[str] = []

    def names(self, records: Iterable[Imported]) -> dict[Key, str]:
        """For each record's kind and the id that the importer wants, the id that it has or gets here."""
        names: dict[Key, str] = {}
        chosen = set(self.taken)
        for record in records:
            key = self.here.by_source.get((record.kind.kind, record.key))
            identifier = key[1] if key else self._free(record, chosen)
            chosen.add((record.kind.kind, identifier))
            names.setdefault((record.kind.kind, record.id), identifier)
        return names

    def _free(self, record: Imported, taken: Set[Key]) -> str:
        """The id that the importer wants, with a number behind it if another record has it."""
        identifier, number = record.id, 1
        if f"{record.kind.kind}:{record.key}" in self.here.baseline:
            return identifier
        while (record.kind.kind, identifier) in taken or self._file(record, identifier).exists():
            number += 1
            identifier = f"{record.id}-{number}"
        return identifier

    def take(self, record: Imported) -> None:
        """Add, change, keep or leave alone what the record is here."""
        name = f"{record.kind.kind}:{record.key}"
        new = _plain({key: value for key, value in record.fields.items() if value not in (None, [], "")})
        if record.body is not None:
            new["body"] = record.body.strip()
        old = self.here.baseline.get(name)
        key = self.here.by_source.get((record.kind.kind, record.key))
        if key is not None:
            self._update(record, key, new, old or {})
        elif old is not None:
            self.kept.append(Skipped(f"{record.kind.kind} {old.get('id', record.id)}", "it was deleted here"))
            return
        else:
            self._add(record, new)
        kept_id = key[1] if key else self.added[-1].rpartition("/")[2]
        self.baseline[name] = {"id": kept_id, "fields": new}

    def _add(self, record: Imported, new: dict[str, object]) -> None:
        identifier = self._free(record, self.taken)
        self.taken.add((record.kind.kind, identifier))
        path = self._file(record, identifier)
        fields = {name: value for name, value in new.items() if name != "body"}
        fields["source"] = {"system": self.system, "key": record.key}
        body = new.get("body")
        self.writes[path] = write_text(fields, str(body or "") if record.body is not None else None).encode()
        self._files(record, path.parent)
        self.added.append(f"{record.kind.kind}/{identifier}")

    def _file(self, record: Imported, identifier: str) -> Path:
        stage = record.kind.stage
        home = (
            self.folder / stage / record.kind.plural if stage in STAGES else self.folder / record.kind.plural
        )
        return home / f"{identifier}{'.md' if record.body is not None else '.yaml'}"

    def _files(self, record: Imported, home: Path) -> None:
        for name, content in sorted(record.files.items()):
            parts = PurePosixPath(name)
            if parts.is_absolute() or ".." in parts.parts or "\0" in name or "\\" in name:
                self.kept.append(Skipped(name, "its path leads out of the folder"))
                continue
            path = home / parts
            if not path.exists() or (path.is_file() and path.read_bytes() != content):
                self.writes[path] = content

    def _update(self, record: Imported, key: Key, new: dict[str, object], old: Mapping[str, object]) -> None:
        label = f"{key[0]}/{key[1]}"
        origin = self.here.reading.origins[key]
        before = old.get("fields", {})
        before = before if isinstance(before, dict) else {}
        if origin.pointer:
            if before != new:
                self.kept.append(Skipped(label, "it was moved into a list of records here"))
            else:
                self.unchanged.append(label)
            return
        current = _current(origin.document.value, origin.document.body)
        changes: dict[str, object] = {}
        mine: list[str] = []
        for name in sorted({*new, *before}):
            if name == "body" or new.get(name) == current.get(name):
                continue
            if current.get(name) == before.get(name):
                changes[name] = new.get(name)
            elif new.get(name) != before.get(name):
                mine.append(name)
            else:
                mine.append(name)
        body = _body(new, before, current, mine)
        if mine:
            self.kept.append(Skipped(f"{label} ({', '.join(mine)})", "it was edited here"))
        text = origin.document.text
        if changes:
            text = change_text(text, changes, markdown=origin.document.path.endswith(".md"))
        if body is not None and origin.document.body is not None:
            head = text[: len(text) - len(origin.document.body)]
            text = f"{head}\n{body}\n"
        self._files(record, origin.folder)
        if text != origin.document.text:
            self.writes[origin.file] = text.encode()
            self.changed.append(label)
        else:
            self.unchanged.append(label)

    def note_gone(self, there: set[str]) -> None:
        """Note what the source no longer has; it is left alone here."""
        for name, entry in self.here.baseline.items():
            if name not in there:
                self.gone.append(f"{name.partition(':')[0]}/{entry.get('id', '')}")

    def outcome(self, skipped: Iterable[Skipped]) -> Outcome:
        """All that was gathered, and the baseline for the next time."""
        text = json.dumps(self.baseline, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        path = self.folder / FOLDER / f"{self.system}.json"
        if not path.is_file() or path.read_bytes() != text.encode():
            self.writes[path] = text.encode()
        return Outcome(
            self.writes,
            tuple(self.added),
            tuple(self.changed),
            tuple(self.unchanged),
            tuple(self.kept),
            tuple(self.gone),
            tuple(skipped),
        )


def _fitted(record: Imported, names: Mapping[Key, str], reading: Reading) -> Imported:
    """The record with its references, and the links in its body, to the ids that the records have here.

    A former id that another record has, or had, is left out.
    """
    kind = record.kind
    fields = {name: _referring(value, field_of(kind, name), names) for name, value in record.fields.items()}
    former = record.fields.get("formerly")
    if isinstance(former, list):
        own = names[kind.kind, record.id]
        same = [each for each in reading.records if each.kind == kind.kind]
        used = {
            own,
            *(each.id for each in same),
            *(old for each in same if each.id != own for old in each.formerly),
        }
        fields["formerly"] = [old for old in former if old not in used]
    body = record.body and _LINK.sub(
        lambda link: f"{link.group(1)}{names.get((kind.kind, link.group(2)), link.group(2))}.md", record.body
    )
    return replace(record, fields=fields, body=body)


def _referring(value: object, spec: FieldSpec, names: Mapping[Key, str]) -> object:
    """A field's value, with the ids that the records which it names have here."""
    if isinstance(value, list | tuple):
        return [_referring(each, spec, names) for each in value]
    if isinstance(value, Mapping) and spec.part is not None:
        return {name: _referring(each, field_of(spec.part, name), names) for name, each in value.items()}
    if not spec.refs or not isinstance(value, str):
        return value
    written, slash, name = value.rpartition("/")
    kind = written or next((each for each in spec.refs if (each, name) in names), "")
    return f"{written}{slash}{names.get((kind, name), name)}"


def _body(
    new: Mapping[str, object], before: Mapping[str, object], current: Mapping[str, object], mine: list[str]
) -> str | None:
    """The body to write, or None to leave it; notes it in `mine` where a person changed it."""
    if "body" not in new or new["body"] == current.get("body"):
        return None
    if current.get("body") == before.get("body"):
        return str(new["body"])
    mine.append("body")
    return None


def _current(value: Value, body: str | None) -> dict[str, object]:
    fields: dict[str, object] = {}
    if isinstance(value, dict):
        fields = {
            name: _text_of(each)
            for name, each in value.items()
            if name not in ("id", "source") and each is not None
        }
    if body is not None and body.strip():
        fields["body"] = body.strip()
    return fields


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _text_of(value) for name, value in fields.items()}


def _text_of(value: object) -> object:
    """A value as reading gives it back: all scalars as text, blocks of text without their last line end."""
    if isinstance(value, Mapping):
        return {str(key): _text_of(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_text_of(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    return "\n".join(line.rstrip() for line in str(value).splitlines()).strip("\n")


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
    lines = [f"{words:<18} {number:>6,}" for words, number in counts]
    for title, entries in (("Kept as it is here", outcome.kept), ("Skipped", outcome.skipped)):
        if entries:
            lines += ["", f"{title}:", *_grouped(entries)]
    if outcome.gone:
        lines += ["", "No longer in the source, left alone here:", *_some(outcome.gone)]
    return "\n".join(lines)


def _grouped(entries: Iterable[Skipped]) -> list[str]:
    by_why: dict[str, list[str]] = {}
    for entry in entries:
        by_why.setdefault(entry.why, []).append(entry.what)
    lines: list[str] = []
    for why, names in by_why.items():
        lines.append(f"  {why} ({len(names):,})")
        lines += [f"  {line}" for line in _some(names)]
    return lines


def _some(names: Iterable[str]) -> list[str]:
    all_names = list(names)
    lines = [f"  {name}" for name in all_names[:_SHOWN]]
    if len(all_names) > _SHOWN:
        lines.append(f"  and {len(all_names) - _SHOWN:,} more")
    return lines
