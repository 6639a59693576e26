"""New workspaces, clients and records: the texts of files that a consultant starts from.

Nothing is written here: every function gives back the files' paths, relative to the workspace, and
their texts, and notes in `seen` what it looked at to decide on them.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from kb_builder.errors import KbError, UsageError
from kb_builder.forms import article, one_line, record_text
from kb_builder.names import fault
from kb_builder.problem import nearest
from kb_builder.read import Reading
from kb_builder.records import KINDS
from kb_builder.records.base import ID_PATTERN, Record, folder_of
from kb_builder.records.client import Client
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.schema import (
    FOLDER,
    editor_extensions,
    editor_settings,
    either,
    schemas,
    type_words,
)
from kb_builder.seen import Seen
from kb_builder.starter import Example, client_example, examples
from kb_builder.workspace import SLUG, Workspace, is_workspace

IGNORED = ("site/", ".kb-*")
EDITORCONFIG = """\
root = true

[*]
charset = utf-8
end_of_line = lf
insert_final_newline = true

[*.{yaml,yml,md}]
indent_style = space
indent_size = 2
"""


@dataclass(frozen=True)
class Addition:
    """A new record: its path below the workspace, its text, and notes on what must still be filled in."""

    path: str
    text: str
    notes: tuple[str, ...] = ()


def init(folder: Path, shared_config: str, seen: Seen | None = None) -> dict[str, str]:
    """The files of a new workspace in `folder`; `shared_config` is the text of its mkdocs.yml.

    Files that a folder has already are added to or left alone, so that an interrupted `kb init` can be run again.
    Raises UsageError where there is a workspace already, or where a file that is there cannot be added to.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "kb init DIR needs the name of a folder")
    seen = Seen() if seen is None else seen
    for name in ("engagements", "mkdocs.yml"):
        seen.look(folder / name)
    if is_workspace(folder):
        raise UsageError(f"{folder} is a workspace already", "kb new CLIENT adds a client to it")
    if (folder / "engagements").exists() and not (folder / "engagements").is_dir():
        raise UsageError(f"{folder / 'engagements'} is not a folder", "move it away, then run it again")
    if _existing(folder, "mkdocs.yml", seen) not in (None, shared_config):
        raise UsageError(
            f"{folder} has a mkdocs.yml of its own, and a workspace's holds what all sites share",
            "name another folder, or move that file away",
        )
    files = {
        "mkdocs.yml": shared_config,
        "engagements/.gitkeep": "",
        ".gitignore": _with_lines(_existing(folder, ".gitignore", seen), IGNORED),
        ".editorconfig": _existing(folder, ".editorconfig", seen) or EDITORCONFIG,
        **editor_files(folder, seen=seen),
    }
    return {path: text for path, text in files.items() if text != _existing(folder, path, seen)}


def editor_files(root: Path, schema_folder: str = FOLDER, seen: Seen | None = None) -> dict[str, str]:
    """The schemas, and the editor settings in `root` with the schemas bound to the records' files."""
    seen = Seen() if seen is None else seen
    settings = _existing(root, ".vscode/settings.json", seen)
    extensions = _existing(root, ".vscode/extensions.json", seen)
    made = schemas(schema_folder)
    for path in made:
        seen.look(root / path)
    return {
        ".vscode/settings.json": editor_settings(settings, schema_folder),
        ".vscode/extensions.json": editor_extensions(extensions),
        **made,
    }


def new(
    workspace: Workspace,
    client: str,
    title: str | None,
    today: dt.date,
    seen: Seen | None = None,
    feed_id: str = "",
) -> dict[str, str]:
    """The files of a new client: its client.yaml and a commented example of each kind that one starts with.

    `feed_id` is what no other client has; it may be left out where there is no other.

    Raises UsageError for a name that is no slug, or that is taken.
    """
    if not SLUG.fullmatch(client):
        near = _slug(client)
        raise UsageError(
            f'"{client}" cannot be a client\'s folder: lower-case letters, digits and `-` only',
            f"did you mean {near}?" if SLUG.fullmatch(near) else None,
        )
    if wrong := fault(client):
        raise UsageError(f'"{client}" cannot be a client\'s folder: it {wrong}', "call it otherwise")
    seen = Seen() if seen is None else seen
    if seen.look(workspace.engagements / client):
        raise UsageError(
            f'there is a client "{client}" already', f"kb add {client} KIND ID adds a record to it"
        )
    name = _one_line(title or "") or client.replace("-", " ").title()
    texts = {
        f"engagements/{client}/client.yaml": record_text(
            Client, client_example(name, today, feed_id or client)
        )
    }
    ready = examples(today)
    for kind in (kind for kind in KINDS if kind.starter):
        plain = Example(f"example-{kind.kind.replace('_', '-')}", {"title": f"Example {kind.label[0]}"})
        example = ready.get(kind.kind, plain)
        heading = f"An example: change it, or delete it once you have {kind.label[1]} of your own."
        texts[_path(client, kind, example.id)] = record_text(kind, example.fields, heading, example.body)
    seen.digests.update(dict.fromkeys((workspace.root / path for path in texts), None))
    return texts


def add(
    workspace: Workspace, reading: Reading, kind_name: str, identifier: str, title: str | None, today: dt.date
) -> Addition:
    """A new record of the client that was read: required fields first, filled in as far as can be known.

    What it was decided from is what `reading` saw, and that there is no such file. Raises UsageError for an unknown
    kind, a bad id, or one that is taken.
    """
    kind = find_kind(kind_name)
    _refuse_bad_id(identifier)
    path = _path(reading.slug, kind, identifier)
    _refuse_taken(workspace, reading, kind, identifier, path)
    values: dict[str, object] = {"title": _one_line(title or "") or _title_from(identifier)}
    notes: list[str] = []
    for spec in fields_of(kind):
        if not spec.required or spec.name in ("id", "title"):
            continue
        values[spec.name], note = _required_value(spec, reading, today)
        if note:
            notes.append(f"{spec.name}: {note}")
    return Addition(path, record_text(kind, values), tuple(notes))


def find_kind(name: str) -> type[Record]:
    """The kind of that name: `known_issue`, `known-issue` or `known_issues`.

    Raises UsageError if there is none.
    """
    plain = name.strip().lower().replace("-", "_")
    for kind in KINDS:
        if plain in (kind.kind, kind.plural) and kind is not Client:
            return kind
    known = [kind.kind for kind in KINDS if kind is not Client]
    if plain == Client.kind:
        raise UsageError("a client is not added to a client", "kb new CLIENT makes a new one")
    near = nearest(plain, known)
    raise UsageError(f'no kind "{name}"', f"did you mean {near}?" if near else f"kinds: {', '.join(known)}")


def _required_value(spec: FieldSpec, reading: Reading, today: dt.date) -> tuple[object, str | None]:
    """What a required field is filled in with, or None and a note that says what it needs."""
    if spec.refs:
        ids = sorted(
            f"{record.kind}/{record.id}" if len(spec.refs) > 1 else record.id
            for record in reading.records
            if record.kind in spec.refs
        )
        if len(ids) == 1:
            return ids[0], None
        if not ids:
            hint = f"there is no {either(spec.refs)} yet, kb add {reading.slug} {spec.refs[0]} ID makes one"
            return None, f"to be filled in; {hint}"
        shown = either(ids) if len(ids) <= 8 else f"{', '.join(ids[:8])} and so on"
        return None, f"to be filled in with the id of {article(spec.refs[0])} {either(spec.refs)}: {shown}"
    if spec.type_name == "date":
        return today, None
    return None, f"to be filled in: {type_words(spec)}"


def _refuse_bad_id(identifier: str) -> None:
    if re.fullmatch(ID_PATTERN.rstrip("$").lstrip("^"), identifier) and len(identifier) <= 120:
        if wrong := fault(f"{identifier}.html"):
            raise UsageError(f'"{identifier}" cannot be an id: it {wrong}', "call it otherwise")
        return
    near = _slug(identifier)
    raise UsageError(
        f'"{identifier}" is not an id',
        f"did you mean {near}?" if near else "lower-case letters, digits, `-`, `_` and `.`, at most 120",
    )


def _refuse_taken(
    workspace: Workspace, reading: Reading, kind: type[Record], identifier: str, path: str
) -> None:
    key = (kind.kind, identifier)
    where = None
    if key in reading.origins:
        origin = reading.origins[key]
        place = origin.document.locate(origin.pointer)
        where = f"{place.path}:{place.line}"
    elif key in reading.broken:
        where = "a file that kb check finds errors in"
    elif kind.kind in reading.unread:
        unread = reading.problems[0]
        raise KbError(
            f"{unread.location.path}:{unread.location.line}: {unread.message}",
            f'mend it first: it may hold a {kind.label[0]} "{identifier}"',
        )
    else:
        stem = path.rpartition(".")[0]
        paths = [f"{stem}{ending}" for ending in (".yaml", ".md", ".yml")]
        where = next((each for each in paths if (workspace.root / each).exists()), None)
    if where:
        raise UsageError(
            f'there is {article(kind.label[0])} {kind.label[0]} "{identifier}" already: {where}',
            "choose another id",
        )


def _path(client: str, kind: type[Record], identifier: str) -> str:
    ending = ".md" if "body" in kind.model_fields else ".yaml"
    return f"engagements/{client}/{folder_of(kind)}/{identifier}{ending}"


def _existing(folder: Path, name: str, seen: Seen) -> str | None:
    path = folder / name
    try:
        content = seen.read(path)
        return None if content is None else content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} cannot be read: {error}", "mend it, or move it aside") from None


def _with_lines(text: str | None, wanted: tuple[str, ...]) -> str:
    present = {line.strip() for line in (text or "").splitlines()}
    missing = [line for line in wanted if line not in present]
    before = text if not text or text.endswith("\n") else f"{text}\n"
    return (before or "") + "".join(f"{line}\n" for line in missing)


def _one_line(text: str) -> str:
    return one_line("".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text))


def _title_from(identifier: str) -> str:
    words = re.sub(r"[-_.]+", " ", identifier).strip() or identifier
    return words[0].upper() + words[1:]


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
