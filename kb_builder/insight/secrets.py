"""Values in records that look like secrets: passwords, keys, tokens, private keys.

In: a catalog, and the fingerprints of values that somebody looked at and that are none. Out: where each stands and
what it looks like; never the secret itself. A false alarm is marked on its line with detect-secrets' own words,
`pragma: allowlist secret`, in a comment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb_builder.catalog import Catalog
from kb_builder.insight.secret_files import NamedFile, named_files
from kb_builder.insight.secret_rules import Hit, may_be_named, named
from kb_builder.insight.secret_tables import in_csv, in_markdown
from kb_builder.insight.secret_tokens import may_be_token, tokens
from kb_builder.insight.secret_words import is_no_place
from kb_builder.problem import Location
from kb_builder.records.base import Record
from kb_builder.records.fields import Pointer, walk
from kb_builder.yaml_source import Document

_MARK = re.compile(r"(?:#|<!--|//|;|--|/\*)[ \t]*pragma: ?allowlist[ -]secret\b", re.IGNORECASE)
_BLOCK = re.compile(r"[|>][-+0-9]{0,2}[ \t]+#")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\n]*", re.MULTILINE)
_SHORTEST = 4
PATH = "the file's name"
"""Stands as the pointer of what is found there."""
_DATA = re.compile(r"[\w+/=.-]{2000,}")
"""What is so long without a break is an image or other data; it would only cost time."""
_CREDENTIALS = ("credential", "credentials")
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)")


@dataclass(frozen=True)
class Found:
    """Something that looks like a secret: in which field of which record, where in the record's file, and what it is.

    `fingerprint` names its value without telling it; `begins` is at most its first two characters. Where it stands
    in a file that the record names, `file` and `line` say in which and where; with an empty pointer, it stands in a
    comment of the record's file.
    """

    record: Record
    pointer: Pointer
    place: Location
    kind: str
    fingerprint: str
    begins: str
    file: str | None = None
    line: int | None = None


def fingerprint(value: str) -> str:
    """What names a value without telling it: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def find(catalog: Catalog, allowed: frozenset[str] = frozenset()) -> Iterator[Found]:
    """Everything in an engagement's records, and in the text files that they name, that looks like a secret.

    What is marked as a false alarm is left out, and so is a value whose fingerprint is in `allowed`.
    """
    doubtful: dict[str, bool] = {}
    for key, record in catalog.records.items():
        origin = catalog.origins.get(key)
        if origin is None:
            continue
        document = origin.document
        first = document.path not in doubtful
        if first:
            yield from _each_once(_in_path(record, document), allowed)
            doubtful[document.path] = not document.text or "\\" in document.text or _may_hold(document.text)
        if doubtful[document.path]:
            found = list(_in_record(catalog, record, document))
            if first:
                found += _in_comments(record, document)
            yield from _each_once(found, allowed)
    for file in named_files(catalog):
        yield from _each_once(_in_file(file), allowed)


@dataclass(frozen=True)
class Stands:
    """Something that looks like a secret in a text that is no record's: its line and column there, and what it is."""

    line: int
    column: int
    kind: str
    fingerprint: str
    begins: str


def in_text(text: str, allowed: frozenset[str] = frozenset()) -> Iterator[Stands]:
    """Everything in a text beside the records that looks like a secret and is not marked as a false alarm."""
    lines = text.split("\n")
    for hit in hits(text):
        number = text.count("\n", 0, hit.start)
        value = text[hit.start : hit.end]
        if not _MARK.search(lines[number]) and fingerprint(value) not in allowed:
            column = hit.start - text.rfind("\n", 0, hit.start)
            yield Stands(number + 1, column, hit.kind, fingerprint(value), _begins(value))


def hits(text: str) -> list[Hit]:
    """What looks like a secret in a text, in order; of two that overlap, the one that begins first."""
    text = _DATA.sub(lambda match: " " * len(match.group()), text)
    lowered = _lowered(text)
    found: list[Hit] = []
    if may_be_named(lowered):
        found += named(text, lowered)
        if "|" in text:
            found += in_markdown(text)
    if may_be_token(text):
        found += tokens(text)
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _lowered(text: str) -> str:
    """A text in lower case, character by character: some letters would become two."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(char.lower()[:1] for char in text)


def _may_hold(text: str) -> bool:
    """Whether a text can hold a secret at all: quick, and never no where `hits` finds one."""
    return may_be_token(text) or may_be_named(text.lower())


def _in_record(catalog: Catalog, record: Record, document: Document) -> Iterator[Found]:
    for pointer, spec, value in walk(record):
        if not isinstance(value, str) or len(value) < _SHORTEST:
            continue
        found = hits(value) if _may_hold(value) else []
        if not found and spec.name == "where" and pointer[0] in _CREDENTIALS and is_no_place(value):
            found = [Hit(0, len(value), "the password itself")]
        for hit in found:
            place = _place(catalog, record, pointer, value, hit)
            if not _is_marked(catalog, record, pointer, document, place, value, hit):
                yield _found(record, pointer, place, hit, value)


def _in_path(record: Record, document: Document) -> Iterator[Found]:
    """What the file and its folders are called: files that lie beside it are published under those names."""
    for hit in hits(document.path.replace("/", "\n")) if _may_hold(document.path) else ():
        yield _found(record, (PATH,), Location(document.path), hit, document.path)


def _in_comments(record: Record, document: Document) -> Iterator[Found]:
    """What YAML comments say: they are published nowhere, but they are kept, sealed and handed over."""
    text = document.text
    if document.path.endswith(".md"):
        text = text[: text.find("\n---", 3) + 1]
    if "#" not in text:
        return
    lines = text.split("\n")
    comments = "\n".join(match.group() if (match := _COMMENT.search(line)) else "" for line in lines)
    for hit in hits(comments):
        number = comments.count("\n", 0, hit.start)
        if not _MARK.search(lines[number]):
            word = comments[hit.start : hit.end].partition("\n")[0]
            place = Location(document.path, number + 1, lines[number].find(word) + 1)
            yield _found(record, (), place, hit, comments)


def _in_file(file: NamedFile) -> Iterator[Found]:
    lines = file.text.split("\n")
    found = hits(file.text)
    if file.name.lower().endswith(".csv"):
        found += in_csv(file.text)
    for hit in found:
        first, last = file.text.count("\n", 0, hit.start), file.text.count("\n", 0, hit.end)
        if not any(_MARK.search(line) for line in lines[first : last + 1]):
            yield _found(file.record, file.pointer, file.place, hit, file.text, file.name, first + 1)


def _found(
    record: Record,
    pointer: Pointer,
    place: Location,
    hit: Hit,
    text: str,
    file: str | None = None,
    line: int | None = None,
) -> Found:
    value = text[hit.start : hit.end]
    return Found(record, pointer, place, hit.kind, fingerprint(value), _begins(value), file, line)


def _begins(value: str) -> str:
    """So much of a value that whoever knows it recognises it."""
    return value[:2] if len(value) >= 8 and value[:2].isprintable() else ""


def _each_once(found: Iterator[Found] | list[Found], allowed: frozenset[str]) -> Iterator[Found]:
    """Each secret once a line, without those that are allowed."""
    seen: set[tuple[Location, int | None, str]] = set()
    for each in found:
        key = (Location(each.place.path, each.place.line), each.line, each.fingerprint)
        if each.fingerprint not in allowed and key not in seen:
            seen.add(key)
            yield each


def _place(catalog: Catalog, record: Record, pointer: Pointer, value: str, hit: Hit) -> Location:
    """Where a hit stands in the record's file: its line as written, else the word, else the field."""
    document = catalog.origins[record.key].document
    lines = document.text.split("\n")
    begin = value.rfind("\n", 0, hit.start) + 1
    line = value[begin:].partition("\n")[0].strip()
    word = value[hit.start : hit.end].partition("\n")[0]
    for text in (line, word):
        place = catalog.locate(record, pointer, text=text)
        if lines[place.line - 1].startswith(text, place.column - 1):
            return Location(place.path, place.line, place.column + text.find(word))
    return catalog.locate(record, pointer)


def _is_marked(
    catalog: Catalog,
    record: Record,
    pointer: Pointer,
    document: Document,
    place: Location,
    value: str,
    hit: Hit,
) -> bool:
    """Whether a hit is marked as a false alarm: on its line, above its fence, or where its block of text begins."""
    lines = document.text.split("\n")
    size = value.count("\n", hit.start, hit.end)
    if any(_MARK.search(line) for line in lines[place.line - 1 : place.line + size]):
        return True
    head = lines[catalog.locate(record, pointer).line - 1]
    if _BLOCK.search(head) and _MARK.search(head):
        return True
    return _is_fence_marked(value, hit)


def _is_fence_marked(value: str, hit: Hit) -> bool:
    """Whether a hit is in a fence that has the mark on a line of its own above it."""
    above, mark, inside = "", "", False
    for line in value[: hit.start].split("\n"):
        if _FENCE.match(line):
            inside = not inside
            mark = above
        elif not inside and line.strip():
            above = line
        elif not inside:
            continue
    return inside and bool(re.fullmatch(r"\s*<!--.*-->\s*", mark)) and bool(_MARK.search(mark))
