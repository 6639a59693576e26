"""Rewriting records where they stand: only what changes is written anew, comments and all other lines stay.

The text is loaded with its comments (ruamel.yaml), changed in place and written; of what comes out, only the fields
that differ are taken, all others are kept as they were typed.
"""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

import yaml
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from kb_builder.yaml_source import Document, Pointer, Value, front_matter, parse_text, writer

_NAME = "x.yaml"


def rename(record: MutableMapping[str, Any], old: str, new: str) -> None:
    """Give a field of a record, plain or with comments, another name; its value, place and comments stay."""
    if isinstance(record, CommentedMap):
        place, comments = list(record).index(old), record.ca.items.pop(old, None)
        record.insert(place, new, record.pop(old))
        if comments:
            record.ca.items[new] = comments
        return
    fields = {new if name == old else name: value for name, value in record.items()}
    record.clear()
    record.update(fields)


def as_parts(items: list[Any], name: str) -> list[Any]:
    """A new list in which each item, as the field `name`, is a part of its own; comments stay with their items."""
    if not isinstance(items, CommentedSeq):
        return [{name: item} for item in items]
    parts = CommentedSeq()
    flow = bool(items.fa.flow_style())
    for position, item in enumerate(items):
        part = CommentedMap({name: item})
        comments: list[Any] = items.ca.items.get(position) or []
        after, before, *_ = [*comments, None, None]
        if after:
            part.ca.items[name] = [None, None, after, None]
        if before:
            parts.ca.items[position] = [None, before]
        if flow:
            part.fa.set_flow_style()
        parts.append(part)
    if flow:
        parts.fa.set_flow_style()
    parts.ca.comment, parts.ca.end = items.ca.comment, items.ca.end
    return parts


def edit_text(text: str, edit: Callable[[Any], object], wanted: Value, *, markdown: bool = False) -> str:
    """The text of a file of records after `edit` has changed, in place, what it holds: a record or a list.

    `wanted` is what must be in it then. No comment is lost; lines of fields that did not change stay as they were.
    Raises ValueError for a text that cannot be changed so.
    """
    source, tail = front_matter(text) if markdown else (text, "")
    before, after = _dumped(source, lambda _: None), _dumped(source, edit)
    for make in (_spliced, _with_comments_above):
        attempt = make(source, before, after)
        whole = f"---\n{attempt}---\n{tail}" if markdown else attempt
        document = parse_text(whole, "x.md" if markdown else _NAME)
        right = document.value == wanted and not document.problems and (not markdown or document.body == tail)
        if right and not _lost(source, attempt):
            return whole
    raise ValueError("what is written there cannot be changed without losing some of it")


def _dumped(source: str, edit: Callable[[Any], object]) -> str:
    ruamel = writer()
    ruamel.brace_single_entry_mapping_in_flow_sequence = True
    document = parse_text(source, _NAME)
    if isinstance(document.value, list):
        place = document.locate((0,))
        dash = document.text.splitlines()[place.line - 1].find("-")
        ruamel.indent(mapping=2, sequence=max(place.column - 1, dash + 2), offset=max(dash, 0))
    out = io.StringIO()
    try:
        data = ruamel.load(source)
        edit(data)
        ruamel.dump(data, out)
    except YAMLError as error:
        raise ValueError(f"not YAML: {error}") from error
    return out.getvalue()


def _spliced(source: str, before: str, after: str) -> str:
    """The new text, with the lines of every field that did not change as they were typed."""
    typed, old, new = (_blocks(parse_text(each, _NAME)) for each in (source, before, after))
    if typed is None or old is None or new is None:
        return after
    kept = [typed.get(place, lines) if old.get(place) == lines else lines for place, lines in new.items()]
    return "".join(lines if lines.endswith("\n") or not lines else f"{lines}\n" for lines in kept)


def _blocks(document: Document) -> dict[Pointer, str] | None:
    """The lines of each field of each record, by its place, and what is above them all; None if two share a line."""
    places = list(_fields(document.value))
    starts = [document.locate(place, key=True).line - 1 for place in places]
    if any(one >= other for one, other in itertools.pairwise(starts)):
        return None
    lines = document.text.splitlines(keepends=True)
    ends = [*starts[1:], len(lines)]
    found: dict[Pointer, str] = {(): "".join(lines[: starts[0] if starts else 0])}
    for place, start, end in zip(places, starts, ends, strict=True):
        found[place] = "".join(lines[start:end])
    return found


def _fields(value: Value) -> Iterator[Pointer]:
    if isinstance(value, dict):
        yield from ((name,) for name in value)
    for position, record in enumerate(value if isinstance(value, list) else []):
        yield from ((position, name) for name in (record if isinstance(record, dict) else {}))


def _with_comments_above(source: str, _before: str, after: str) -> str:
    """The new text, with the comments that it has lost at its top."""
    return "".join(f"{comment}\n" for comment in _lost(source, after)) + after


def _lost(source: str, after: str) -> list[str]:
    there = Counter(_comments(after))
    return list((Counter(_comments(source)) - there).elements())


def _comments(source: str) -> Iterable[str]:
    """The comments of a text, in order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[str] = []
    end = 0
    for token in yaml.scan(source, Loader=loader):
        found += re.findall(r"#.*", source[end : token.start_mark.index])
        end = max(end, token.end_mark.index)
    return [comment.rstrip() for comment in (*found, *re.findall(r"#.*", source[end:]))]
