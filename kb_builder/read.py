"""Reading: a client's folder to records, and what is wrong with them.

In: a workspace and a client's slug. Out: a `Reading`. A file that is wrong gives problems
and whatever could be made of it; it never stops the others.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from kb_builder import migrations
from kb_builder.catalog import Catalog, Key, Origin, index
from kb_builder.client_files import RELEASES
from kb_builder.errors import KbError
from kb_builder.folders import sort_of, walk
from kb_builder.history import HISTORY
from kb_builder.problem import Location, Problem, Severity, in_order, nearest, unreadable
from kb_builder.records import KINDS
from kb_builder.records.base import Record, folder_of
from kb_builder.records.client import FORMAT, Client
from kb_builder.records.fields import field_of, fields_of
from kb_builder.releases import SEAL, SIGNATURES, Release
from kb_builder.seen import listing
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import Document, Pointer, Value, read_file

NEWER = "KB014"
"""The code of records that a newer kb has written."""
IGNORED_NAMES = ("README.md",)


@dataclass(frozen=True)
class Reading:
    """What was read: records, where each is written, keys of those too broken to use, problems.

    `format` is the one that the files are written in; the records are of today's. `seen` are the files and folders
    that were read, by their digest.
    """

    slug: str
    records: tuple[Record, ...]
    origins: Mapping[Key, Origin]
    broken: tuple[Key, ...]
    problems: tuple[Problem, ...]
    format: int = FORMAT
    seen: Mapping[Path, str | None] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()
    """The kinds of which a file could not be read that may hold any number of records."""

    def catalog(self) -> Catalog:
        """The records, indexed."""
        return index(self.slug, self.records, self.origins, self.broken, self.unread)


@dataclass
class _Found:
    records: dict[Key, Record] = field(default_factory=dict)
    origins: dict[Key, Origin] = field(default_factory=dict)
    broken: list[Key] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[Path, str | None] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    format: int = FORMAT
    migrated: bool = False

    def file(self, path: Path, shown: str) -> Document:
        """Read a file, and note what it was."""
        document = read_file(path, shown)
        if document.digest:
            self.seen[path] = document.digest
        return document


def read(workspace: Workspace, client: str, release: Release | None = None) -> Reading:
    """Read all records of a client, as they stand or as a release has sealed them; older formats are migrated.

    Raises UsageError if there is no such client.
    """
    folder = release.folder if release else workspace.folder(client)
    found = _Found()
    seen: list[str] = []
    folders = _folders()
    paths = list(_files(folder, workspace.root, found))
    client_path = folder / "client.yaml"
    client_file = (
        found.file(client_path, client_path.relative_to(workspace.root).as_posix())
        if client_path in paths
        else None
    )
    found.format = migrations.format_of(
        client_file and client_file.value, release.seal.format if release else FORMAT
    )
    if found.format > FORMAT:
        problem = _newer(folder, workspace.root, client_file, found.format)
        return Reading(client, (), {}, (), (problem,), found.format, found.seen)
    for path in paths:
        shown = path.relative_to(workspace.root).as_posix()
        seen.append(shown)
        relative = path.relative_to(folder)
        kind = _kind_of(relative, folders)
        if path.name in IGNORED_NAMES:
            continue
        if path == client_path and client_file is not None:
            _read_client(path, client_file, client, found)
        elif kind is not None:
            _read_records(path, shown, kind, found)
        elif release is None or relative.as_posix() not in (SEAL, SIGNATURES, HISTORY):
            found.problems.append(_stray(relative, shown, folders))
    if Client.kind not in found.unread and not client_path.is_file():
        shown = client_path.relative_to(workspace.root).as_posix()
        found.problems.append(
            Problem(
                "KB010",
                Severity.ERROR,
                Location(shown),
                "the client has no client.yaml",
                "write one with at least `title:`",
            )
        )
    if found.migrated and client_file and not release:
        found.problems.append(_older(client_file, client, found.format))
    found.problems = _case_clashes(seen, found.problems)
    return Reading(
        client,
        tuple(found.records.values()),
        found.origins,
        tuple(found.broken),
        tuple(in_order(found.problems)),
        found.format,
        found.seen,
        frozenset(found.unread),
    )


def record_files(
    folder: Path, root: Path, seen: dict[Path, str | None] | None = None
) -> Iterator[tuple[Path, type[Record]]]:
    """The files below a client's folder from which records are read, and the kind of what each holds.

    `seen` is told what each folder holds. Raises KbError where a folder cannot be looked through.
    """
    folders = _folders()
    found = _Found()
    paths = list(_files(folder, root, found))
    if seen is not None:
        seen.update(found.seen)
    if found.problems:
        first = found.problems[0]
        raise KbError(f"{first.location.path}: {first.message}", first.hint)
    for path in paths:
        relative = path.relative_to(folder)
        kind = Client if relative.as_posix() == "client.yaml" else _kind_of(relative, folders)
        if kind is not None and path.suffix != ".yml" and path.name not in IGNORED_NAMES:
            yield path, kind


def _folders() -> dict[str, type[Record]]:
    return {folder_of(kind): kind for kind in KINDS if kind is not Client}


def _newer(folder: Path, root: Path, client_file: Document | None, written: int) -> Problem:
    place = Location((folder / SEAL).relative_to(root).as_posix())
    if client_file and isinstance(client_file.value, dict) and client_file.value.get("format"):
        place = client_file.locate(("format",), key=True)
    message = f"written by a newer kb, in format {written}; this one reads formats up to {FORMAT}"
    return Problem(NEWER, Severity.ERROR, place, message, "upgrade kb-builder, then try again")


def _older(client_file: Document, client: str, written: int) -> Problem:
    message = f"the records are written in format {written}; today's is {FORMAT}"
    hint = f"`kb migrate {client}` rewrites them; until then they are read as they are"
    return Problem("KB013", Severity.WARNING, client_file.locate(("format",), key=True), message, hint)


def _today(document: Document, kind: type[Record], found: _Found) -> Document:
    """A file, with what it holds brought to today's format."""
    if found.format == FORMAT or document.value is None:
        return document
    value = copy.deepcopy(document.value)
    if not migrations.migrate(kind.kind, value, found.format):
        return document
    found.migrated = True
    return replace(document, value=value, older=migrations.older_names(kind.kind, found.format))


def _files(folder: Path, root: Path, found: _Found) -> Iterator[Path]:
    """The record files below a folder, sorted. What is no file, and links out of the workspace, are left out and noted.

    What each folder holds is noted in `found.seen`.
    """
    if _leads_out(folder, root):
        _linked(folder, root, found.problems)
        return

    def unlisted(error: OSError) -> None:
        path = Path(error.filename or folder)
        found.problems.append(unreadable(path.relative_to(root).as_posix(), error))
        here = "" if path == folder else f"{path.relative_to(folder).as_posix()}/"
        found.unread.update(
            kind.kind
            for name, kind in _folders().items()
            if f"{name}/".startswith(here) or here.startswith(f"{name}/")
        )
        if not here:
            found.unread.add(Client.kind)

    for base, names, files in walk(folder, unlisted):
        found.seen[base] = listing((*names, *files))
        names[:] = [name for name in names if not name.startswith(".") and (base, name) != (folder, RELEASES)]
        aside = any(part.startswith("_") for part in base.relative_to(folder).parts)
        for name in [name for name in names if (base / name).is_symlink()]:
            names.remove(name)
            if not (aside or name.startswith("_")):
                _linked(base / name, root, found.problems)
        for path in (base / name for name in files if not name.startswith(".")):
            if odd := sort_of(path):
                place = Location(path.relative_to(root).as_posix())
                found.problems.append(
                    Problem("KB015", Severity.ERROR, place, f"it is {odd}, not a file", "take it away")
                )
            elif aside or not path.name.endswith((".yaml", ".yml", ".md")):
                continue
            elif path.is_symlink() and _leads_out(path, root):
                _linked(path, root, found.problems)
            else:
                yield path


def _leads_out(path: Path, root: Path) -> bool:
    """Whether a path, all links followed, lies outside the workspace; a link that goes in a circle does not."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _linked(path: Path, root: Path, problems: list[Problem]) -> None:
    out = _leads_out(path, root)
    shown = path.relative_to(root).as_posix()
    problems.append(
        Problem(
            "KB011",
            Severity.ERROR,
            Location(shown),
            "a link that leads out of the workspace" if out else "a link to a folder",
            "put the files themselves here"
            if out
            else "records are read from real folders only; take the link away",
        )
    )


def _kind_of(relative: Path, folders: Mapping[str, type[Record]]) -> type[Record] | None:
    for length in (2, 1):
        kind = folders.get("/".join(relative.parts[:length]))
        if kind is not None and len(relative.parts) > length:
            return kind
        if kind is None and len(relative.parts) == length and relative.suffix == ".yaml":
            kind = folders.get(relative.with_suffix("").as_posix())
            if kind is not None:
                return kind
    return None


def _stray(relative: Path, shown: str, folders: Mapping[str, type[Record]]) -> Problem:
    parent = relative.parent.as_posix()
    if kind := _meant(relative):
        home = folder_of(kind)
        own = relative.stem.lower().replace("-", "_") in (kind.kind, kind.plural)
        hint = f"{kind.label[1]} are read from {home}.yaml, a list of them, and from files in {home}/: " + (
            f"move it to {home}.yaml" if own else f"move it to {home}/{relative.stem}{_ending(relative)}"
        )
    elif near := nearest(parent, folders) or nearest(relative.with_suffix("").as_posix(), folders):
        hint = f"did you mean the folder {near}/?"
    else:
        hint = "records live in <stage>/<kinds>/, such as discovery/systems/"
    return Problem("KB012", Severity.WARNING, Location(shown), "not read: no kind of record lives here", hint)


def _meant(relative: Path) -> type[Record] | None:
    """The kind whose name, or that of all its kind, a file or a folder on the way to it bears."""
    named = {name: kind for kind in KINDS if kind is not Client for name in (kind.kind, kind.plural)}
    words = [part.lower().replace("-", "_") for part in (relative.stem, *reversed(relative.parts[:-1]))]
    return next((named[word] for word in words if word in named), None)


def _ending(path: Path) -> str:
    return ".md" if path.suffix == ".md" else ".yaml"


def _read_client(path: Path, document: Document, client: str, found: _Found) -> None:
    document = _today(document, Client, found)
    found.problems.extend(document.problems)
    if document.value is None:
        found.broken.append((Client.kind, client))
        found.unread.add("location")
        return
    if not isinstance(document.value, dict):
        found.problems.append(
            Problem("KB101", Severity.ERROR, document.locate(()), "client.yaml must hold fields, not a list")
        )
        return
    data = {**document.value, "id": client}
    if isinstance(locations := document.value.get("locations"), list):
        from kb_builder.records.client import Location as Place

        data["locations"] = []
        for position, item in enumerate(locations):
            _one(Place, item, document, ("locations", position), path, None, found)
    _one(Client, cast(Value, data), document, (), path, client, found)


def _read_records(path: Path, shown: str, kind: type[Record], found: _Found) -> None:
    if path.suffix == ".yml":
        found.problems.append(
            Problem(
                "KB012",
                Severity.WARNING,
                Location(shown),
                "not read: the ending is .yml",
                "rename it to .yaml",
            )
        )
        return
    document = _today(found.file(path, shown), kind, found)
    found.problems.extend(document.problems)
    if document.value is None:
        found.broken.append((kind.kind, path.stem))
        if document.may_hold_several or path.stem == kind.plural:
            found.unread.add(kind.kind)
        return
    if isinstance(document.value, list):
        for position, item in enumerate(document.value):
            _one(kind, item, document, (position,), path, None, found)
        return
    _one(kind, document.value, document, (), path, path.stem, found)


def _one(
    kind: type[Record],
    value: Value,
    document: Document,
    pointer: Pointer,
    path: Path,
    stem: str | None,
    found: _Found,
) -> None:
    if not isinstance(value, dict):
        found.problems.append(
            Problem(
                "KB101",
                Severity.ERROR,
                document.locate(pointer),
                f"a {kind.label[0]} must be fields and values, such as `title: …`",
            )
        )
        return
    data = dict(value)
    identifier = data.get("id")
    if (stem or identifier) == "index":
        place = document.locate((*pointer, "id") if stem is None else pointer)
        hint = "rename it: index is the list of all its kind"
        found.problems.append(Problem("KB105", Severity.ERROR, place, '"index" cannot be an id', hint))
        return
    if stem is not None:
        if isinstance(identifier, str) and identifier != stem and kind is not Client:
            found.problems.append(
                Problem(
                    "KB105",
                    Severity.ERROR,
                    document.locate((*pointer, "id")),
                    f'id: "{identifier}" is not the file\'s name',
                    f"delete the line, or rename the file to {Path(identifier).name}{path.suffix}",
                )
            )
        data["id"] = stem
    key = (kind.kind, str(data.get("id") or ""))
    if document.body is not None and document.body.strip():
        _add_body(kind, data, document, found)
    record, problems = validate(kind, data, document, pointer)
    found.problems.extend(replace(each, record=key if key[1] else None) for each in problems)
    if record is None:
        if key[1]:
            found.broken.append(key)
        return
    if record.key in found.records:
        first = found.origins[record.key]
        place = first.document.locate(first.pointer)
        found.problems.append(
            Problem(
                "KB204",
                Severity.ERROR,
                document.locate((*pointer, "id") if stem is None else pointer),
                f'{kind.kind} "{record.id}" is written twice',
                f"the other is at {place.path}:{place.line}; rename one of the two",
                record.key,
            )
        )
        return
    found.records[record.key] = record
    found.origins[record.key] = Origin(document, pointer, path)


def _add_body(kind: type[Record], data: dict[str, Value], document: Document, found: _Found) -> None:
    target = "body" if "body" in kind.model_fields else "description"
    if data.get(target) is not None:
        found.problems.append(
            Problem(
                "KB104",
                Severity.ERROR,
                document.locate((target,), key=True),
                f"{target}: written in the front matter and below it",
                "keep one of the two",
            )
        )
        return
    assert document.body is not None
    data[target] = document.body.strip("\n")


def validate(
    kind: type[Record], data: Mapping[str, Value], document: Document, pointer: Pointer
) -> tuple[Record | None, list[Problem]]:
    """Make a record of a file's fields: the record, as far as it can be made, and what is wrong.

    Fields that are wrong are left out and noted; None if what remains is no record.
    """
    clean = {name: _filled_in(value) for name, value in data.items() if value is not None}
    try:
        return kind.model_validate(clean), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems = [_explain(kind, detail, document, pointer) for detail in details]
    bad = {str(detail["loc"][0]) for detail in details if detail["loc"]}
    if "id" in bad:
        return None, problems
    try:
        return kind.model_validate(
            {name: value for name, value in clean.items() if name not in bad}
        ), problems
    except ValidationError:
        return None, problems


def _filled_in(value: Value) -> Value:
    """The same without the fields inside that were left empty."""
    if isinstance(value, dict):
        return {name: _filled_in(inner) for name, inner in value.items() if inner is not None}
    return [_filled_in(inner) for inner in value] if isinstance(value, list) else value


def _explain(kind: type[Record], detail: Any, document: Document, base: Pointer) -> Problem:
    """A pydantic error in a consultant's words."""
    where: Pointer = tuple(part for part in detail["loc"])
    model: Any = kind
    for part in where[:-1]:
        if isinstance(part, str) and model is not None and part in model.model_fields:
            model = field_of(model, part).part or model
    name = ".".join(str(part) for part in where)
    pointer = (*base, *where)
    given, sort, context = detail["input"], detail["type"], detail.get("ctx", {})
    code, message, hint, on_key = "KB101", str(detail["msg"]), None, False
    last = str(where[-1]) if where else ""
    if sort == "extra_forbidden":
        near = nearest(last, (spec.name for spec in fields_of(model)))
        code, on_key, message = "KB102", True, f"no field of a {_label(model)}"
        hint = (
            f"did you mean {near}?"
            if near
            else f"fields: {', '.join(spec.name for spec in fields_of(model))}"
        )
    elif sort == "missing":
        code, on_key, message = "KB103", True, f"a {_label(model)} must have it"
        hint = f"add `{last}:` — {_description(model, last)}"
    elif sort in ("literal_error", "enum"):
        options = [
            option.strip(" '") for option in str(context.get("expected", "")).replace(" or ", ",").split(",")
        ]
        near = nearest(str(given), options)
        code, message = "KB106", f'"{_short(given)}" is not one of {", ".join(options)}'
        hint = f"did you mean {near}?" if near else None
    elif sort == "value_error":
        code = "KB107" if "date" in message else "KB101"
        message, hint = (
            f'"{_short(given)}" is {message.removeprefix("Value error, ").partition(";")[0]}',
            message.partition("; ")[2] or None,
        )
        if "write true" in detail["msg"]:
            message, hint = f'"{_short(given)}" is neither true nor false', "write true or false"
    elif sort == "string_unicode":
        message, hint = f'"{_short(given)}" is not UTF-8', "rename the file" if name == "id" else None
        code = "KB105" if name == "id" else code
    elif sort == "string_too_long":
        message = f"longer than {context.get('max_length')} characters"
    elif sort == "string_pattern_mismatch":
        code, message, hint = _pattern(given, last, str(context.get("pattern", "")))
    elif sort == "list_type":
        message, hint = (
            f"must be a list, not {_sort_of(given)}",
            f"write `{last}: [{_short(given)}]`" if isinstance(given, str) else None,
        )
    elif sort in ("string_type", "model_type", "dict_type", "model_attributes_type"):
        wanted = "text" if sort == "string_type" else "fields and values"
        message = f"must be {wanted}, not {_sort_of(given)}"
        if isinstance(given, str) and sort != "string_type":
            message, hint = f'must be fields and values, not "{_short(given)}"', _part_hint(model, where)
    elif sort in ("int_parsing", "float_parsing", "decimal_parsing", "int_from_float"):
        message, hint = f'"{_short(given)}" is not a number', "write digits only, such as 1200 or 12.50"
    elif sort in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        message = f'"{_short(given)}" is {"below" if "ge" in context else "above"} {bound}'
    elif sort == "too_short":
        message = f"needs at least {context.get('min_length')} items"
    shown = f"{name}: {message}" if name else message
    return Problem(code, Severity.ERROR, document.locate(pointer, key=on_key), shown, hint)


def _pattern(given: object, last: str, pattern: str) -> tuple[str, str, str | None]:
    text = _short(given)
    if "hour" in pattern:
        return "KB101", f'"{text}" is not a length of time', "write it as `4 hours`, `12 months` or `1 year`"
    if "fA-F" in pattern:
        return "KB101", f'"{text}" is not a colour', "write it as #0b6e6e, in quotation marks"
    if "{64}" in pattern:
        return "KB101", f'"{text}" is not a SHA-256', "64 digits and letters a-f, as `sha256sum FILE` prints"
    if "a-z]{2}" in pattern:
        return "KB101", f'"{text}" is not a language code', "two letters, such as en"
    near = re.sub(r"[^a-z0-9._-]+", "-", str(given).lower()).strip("-._")
    hint = "lower-case letters, digits, `-`, `_` and `.`; it must begin with a letter or digit"
    return "KB105", f'"{text}" is not an id', f"rename it to {near[:60]}: {hint}" if near else hint


def _label(model: Any) -> str:
    return str(model.label[0]) if hasattr(model, "label") else model.__name__.lower()


def _description(model: Any, name: str) -> str:
    spec = next((spec for spec in fields_of(model) if spec.name == name), None)
    return spec.description if spec else ""


def _part_hint(model: Any, where: Pointer) -> str | None:
    name = next((part for part in reversed(where) if isinstance(part, str)), "")
    spec = next((spec for spec in fields_of(model) if spec.name == name), None)
    part = spec.part if spec else model if isinstance(where[-1], int) else None
    if part is None:
        return None
    wanted = [each.name for each in fields_of(part) if each.required] or [fields_of(part)[0].name]
    return "write " + " and ".join(f"`{each}: …`" for each in wanted) + " under it"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _sort_of(value: object) -> str:
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "fields and values"
    return f'"{_short(value)}"'


def _case_clashes(paths: Iterable[str], problems: list[Problem]) -> list[Problem]:
    """Files whose names differ only in case: one of them is lost on Windows and macOS."""
    alike: dict[str, list[str]] = {}
    for path in paths:
        alike.setdefault(_without_ending(path).lower(), []).append(path)
    clashes: dict[str, str] = {}
    for same in alike.values():
        kept = max(same, key=_without_ending)
        clashes.update({path: kept for path in same if _without_ending(path) != _without_ending(kept)})
    others = [each for each in problems if each.code != "KB105" or each.location.path not in clashes]
    return others + [
        Problem(
            "KB205",
            Severity.ERROR,
            Location(path),
            f'"{Path(path).name}" differs only in case from "{Path(kept).name}"',
            "rename one: some computers cannot keep both",
        )
        for path, kept in clashes.items()
    ]


def _without_ending(path: str) -> str:
    return path.rpartition(".")[0]
