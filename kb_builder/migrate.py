"""Rewriting a client's records in today's format; comments, order and all that need not change stay."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb_builder import migrations
from kb_builder.errors import Changed, KbError
from kb_builder.files import replace_all
from kb_builder.problem import errors
from kb_builder.read import record_files
from kb_builder.records.client import FORMAT
from kb_builder.seen import Seen, again, digest
from kb_builder.workspace import Workspace
from kb_builder.yaml_edit import edit_text
from kb_builder.yaml_source import Document, Value, read_file

_CLIENT = "client.yaml"


def rewrite(workspace: Workspace, client: str) -> list[Path]:
    """Rewrite what has to change, all of it or nothing; the files. Raises what `plan` raises, and Changed."""

    def once() -> list[Path]:
        seen = Seen()
        texts = plan(workspace, client, seen)
        if texts:
            writes = {path: text.encode() for path, text in texts.items()}
            replace_all(writes, workspace.folder(client), seen.digests)
        return sorted(texts)

    return again(once)


def plan(workspace: Workspace, client: str, seen: Seen | None = None) -> Mapping[Path, str]:
    """The new text of every file that has to change, by its path; writes nothing. Empty if all is of today's format.

    The texts are whole files, line ends and byte-order mark as they were; `seen` is told what was read. Raises
    UsageError if there is no such client; KbError if a file cannot be read or changed, or is of a newer format.
    """
    seen = Seen() if seen is None else seen
    folder = workspace.folder(client)
    files = dict(record_files(folder, workspace.root, seen.digests))
    if folder / _CLIENT not in files:
        raise KbError(
            f"{folder / _CLIENT} is not there, and it says in which format the records are", "write it"
        )
    written = _format(folder / _CLIENT, seen)
    if written > FORMAT:
        raise KbError(
            f"{client} is written in format {written}; this kb knows formats up to {FORMAT}",
            "upgrade kb-builder, then try again",
        )
    changed: dict[Path, str] = {}
    if written == FORMAT:
        return changed
    for path, kind in files.items():
        raw = seen.read(path)
        document = read_file(path, path.relative_to(workspace.root).as_posix())
        if raw is None or document.digest not in ("", digest(raw)):
            raise Changed(path)
        _refuse_unreadable(document)
        new = _rewritten(document, kind.kind, written, path == folder / _CLIENT)
        if new != document.text:
            changed[path] = _as_bytes_were(raw, new)
    return changed


def _format(path: Path, seen: Seen) -> int:
    """The format that the records are written in. Raises KbError if the file that says so cannot be read."""
    document = read_file(path, path.name)
    seen.digests.setdefault(path, document.digest or None)
    _refuse_unreadable(document)
    return migrations.format_of(document.value, FORMAT)


def _refuse_unreadable(document: Document) -> None:
    if broken := errors(document.problems):
        place = broken[0].location
        raise KbError(
            f"{place.path}:{place.line}: {broken[0].message}",
            "mend it first: `kb check` names all that cannot be read. Nothing was changed",
        )


def _rewritten(document: Document, kind: str, written: int, says_format: bool) -> str:
    """The file's text with its records in today's format; `says_format` if it is the one that says which."""
    wanted: Value = copy.deepcopy(document.value)
    changes = migrations.migrate(kind, wanted, written)
    if says_format and isinstance(wanted, dict):
        wanted["format"] = str(FORMAT)
        changes = True
    if not changes:
        return document.text

    def edit(data: Any) -> None:
        migrations.migrate(kind, data, written)
        if says_format:
            data["format"] = FORMAT

    try:
        return edit_text(document.text, edit, wanted, markdown=document.path.endswith(".md"))
    except ValueError as error:
        raise KbError(
            f"{document.path} cannot be rewritten: {error}",
            "change it by hand, as the reference says under the format; nothing was changed",
        ) from error


def _as_bytes_were(raw: bytes, text: str) -> str:
    """The text with the line ends and the byte-order mark that the file had."""
    mark = "\ufeff" if raw.startswith(b"\xef\xbb\xbf") else ""
    return mark + (text.replace("\n", "\r\n") if b"\r\n" in raw else text)
