"""Files to data and back: YAML and Markdown with front matter.

Reading uses libyaml's parser event by event, so that hostile input (deep nesting,
alias bombs, tags) is refused before it costs anything. Every scalar stays the text
that was written: a field's type, not YAML, decides whether `1.10` is a number.
Writing goes through ruamel.yaml, which keeps comments.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from kb_builder.problem import Location, Problem, Severity, unreadable
from kb_builder.seen import digest

Value = str | None | list["Value"] | dict[str, "Value"]
"""What a file holds: texts, lists and mappings; None where nothing was written."""
Pointer = tuple[str | int, ...]
"""A way into a value: keys and positions."""

MAX_BYTES = 2_000_000
MAX_NODES = 100_000
MAX_DEPTH = 30
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_LIST = re.compile(r"(?:[ \t]*(?:#.*|---[ \t]*)?\n)*[ \t]*(?:-(?:\s|\Z)|\[|\Z)")
"""How a text begins that is a list, or that is nothing."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that are no text, and line breaks that only some programs take for one."""


@dataclass(frozen=True)
class Document:
    """What one file holds. `value` is None where it could not be read.

    Where `value` was brought to today's format, `older` says what its fields are called in the file. `digest` is the
    SHA-256 of the file's bytes, empty where they could not be read, or come from no file.
    """

    path: str
    value: Value
    body: str | None = None
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)
    older: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    @property
    def withheld(self) -> bool:
        """Whether the machine did not give the file out, so that nobody knows what it holds."""
        return not self.text and any(each.code == "KB001" for each in self.problems)

    @property
    def may_hold_several(self) -> bool:
        """Whether the file holds several records, or may, where it could not be read."""
        if self.path.endswith(".md"):
            return False
        return isinstance(self.value, list) or (self.value is None and _LIST.match(self.text) is not None)

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """Where the value at `pointer` is written, or its key; else the nearest place around it."""
        keys, values = _marks(self.text, self.path.endswith(".md"))
        pointer = self._as_written(pointer, keys)
        for length in range(len(pointer), -1, -1):
            part = pointer[:length]
            mark = (keys.get(part) if key or length < len(pointer) else None) or values.get(part)
            if mark:
                return Location(self.path, *mark)
        return Location(self.path)

    def _as_written(self, pointer: Pointer, known: Container[Pointer]) -> Pointer:
        for at, part in enumerate(pointer):
            if isinstance(part, str):
                older = part if pointer[: at + 1] in known else self.older.get(part, part)
                return (*pointer[:at], older, *pointer[at + 1 :])
        return pointer


def read_file(path: Path, shown: str) -> Document:
    """Read one `.yaml` or `.md` file; `shown` is its path as people see it in messages.

    Never raises for what a file holds: what is wrong comes back as problems.
    """
    raw, refused = _raw(path, shown)
    if raw is None:
        return Document(shown, None, problems=tuple(refused))
    text, problems = _decode(raw, shown)
    if text is None:
        return Document(shown, None, problems=tuple(problems), digest=digest(raw))
    document = parse_text(text, shown)
    return replace(document, problems=(*problems, *document.problems), digest=digest(raw))


def parse_text(text: str, shown: str) -> Document:
    """Parse the text of a `.yaml` file, or of a `.md` file with front matter."""
    body: str | None = None
    source, offset = text, 0
    if shown.endswith(".md"):
        match = _FRONT_MATTER.match(text)
        if not match:
            return Document(
                shown,
                None,
                None,
                (
                    _problem(
                        "KB008",
                        shown,
                        1,
                        1,
                        "no front matter",
                        "begin the file with `---`, its fields, and `---` again",
                    ),
                ),
                text,
            )
        source, offset, body = match.group(1), 1, text[match.end() :]
    reader = _Reader(shown, offset)
    value = reader.read(source)
    if value is None and not reader.problems:
        reader.problems.append(
            _problem("KB007", shown, 1, 1, "the file is empty", "write at least `title:`, or delete the file")
        )
    return Document(shown, value, body, tuple(reader.problems), text)


def _problem(
    code: str,
    path: str,
    line: int,
    column: int,
    message: str,
    hint: str | None = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(code, severity, Location(path, line, column), message, hint)


def _raw(path: Path, shown: str) -> tuple[bytes | None, list[Problem]]:
    try:
        if not path.is_file():
            path.stat()
            return None, [_problem("KB015", shown, 1, 1, "it is not a file", "take it away")]
        size = path.stat().st_size
        if size > MAX_BYTES:
            return None, [
                _problem(
                    "KB002",
                    shown,
                    1,
                    1,
                    f"the file is too large: {size / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:.0f} MB are read",
                    "split it, or keep large files as attachments",
                )
            ]
        return path.read_bytes(), []
    except OSError as error:
        return None, [unreadable(shown, error)]


def _decode(raw: bytes, shown: str) -> tuple[str | None, list[Problem]]:
    problems: list[Problem] = []
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [_problem("KB003", shown, 1, 1, "the file is UTF-16, not UTF-8", "save it as UTF-8")]
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
        problems.append(
            _problem(
                "KB004",
                shown,
                1,
                1,
                "the file begins with a byte-order mark",
                "save it as UTF-8 without BOM",
                Severity.WARNING,
            )
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _line_column(raw[: error.start].decode("utf-8", "replace"))
        return None, [
            *problems,
            _problem(
                "KB003",
                shown,
                line,
                column,
                f"not UTF-8: byte 0x{raw[error.start]:02x}",
                "save the file as UTF-8 (it looks like Latin-1)",
            ),
        ]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if control := CONTROL.search(text):
        line, column = _line_column(text[: control.start()])
        return None, [
            *problems,
            _problem(
                "KB005",
                shown,
                line,
                column,
                f"a control character (U+{ord(control.group()):04X})",
                "delete it",
            ),
        ]
    return text, problems


def _line_column(before: str) -> tuple[int, int]:
    line = before.count("\n") + 1
    return line, len(before) - (before.rfind("\n") + 1) + 1


def _deeper(lines: list[str], line: int) -> bool:
    """Whether a line is indented further than the one above it."""
    if not 0 < line < len(lines):
        return False
    here, above = lines[line], lines[line - 1]
    return len(here) - len(here.lstrip(" ")) > len(above) - len(above.lstrip(" "))


class _Stop(Exception):
    """Reading this file cannot go on; the problem is already noted."""


class _Reader:
    """Builds plain values from a parser's events, and notes where each is if asked to."""

    def __init__(self, shown: str, offset: int = 0, marks: bool = False) -> None:
        self.shown = shown
        self.offset = offset
        self.problems: list[Problem] = []
        self.keys: dict[Pointer, tuple[int, int]] = {}
        self.values: dict[Pointer, tuple[int, int]] = {}
        self._marks = marks
        self._anchors: dict[str, Value] = {}
        self._weights: dict[str, int] = {}
        self._nodes = 0
        self._events: Iterator[yaml.Event] = iter(())

    def read(self, text: str) -> Value:
        """The one document in `text`, or None with a problem noted."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events = yaml.parse(text, Loader=loader)
        try:
            next(self._events)
            start = next(self._events)
            if isinstance(start, yaml.StreamEndEvent):
                return None
            value = self._value(next(self._events), (), 0)
            next(self._events)
            more = next(self._events)
            if isinstance(more, yaml.DocumentStartEvent):
                self._note(
                    "KB006",
                    more,
                    "a second document in one file",
                    "a list of records is one document; take the `---` out",
                )
            return value
        except _Stop:
            return None
        except yaml.MarkedYAMLError as error:
            self._syntax(error, text)
            return None
        except yaml.YAMLError as error:
            self.problems.append(_problem("KB001", self.shown, 1 + self.offset, 1, f"not YAML: {error}"))
            return None

    def _syntax(self, error: yaml.MarkedYAMLError, text: str) -> None:
        unclosed = "end of stream" in str(error.problem)
        mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        lines = text.split("\n")
        here = lines[line] if line < len(lines) else ""
        hint = "quote the text, or check the indentation here and on the line above"
        if "\t" in here[: max(column + 1, 1)] or "'\\t'" in str(error.problem):
            hint = "indent with spaces: YAML allows no tabs there"
        elif unclosed:
            hint = "close what is opened here: a quotation mark or a bracket"
        elif "mapping values are not allowed" in str(error.problem) and _deeper(lines, line):
            hint = "begin the line where the one above begins: it is indented further"
        elif ": " in here and "mapping values are not allowed" in str(error.problem):
            hint = "put the text in quotation marks: it has a colon and a space in it"
        what = ", ".join(part for part in (error.context, error.problem) if part)
        self.problems.append(
            _problem("KB001", self.shown, line + 1 + self.offset, column + 1, f"not YAML: {what}", hint)
        )

    def _place(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + 1 + self.offset, event.start_mark.column + 1

    def _note(self, code: str, event: Any, message: str, hint: str | None = None) -> None:
        self.problems.append(_problem(code, self.shown, *self._place(event), message, hint))

    def _value(self, event: Any, pointer: Pointer, depth: int) -> Value:
        self._nodes += 1
        if depth > MAX_DEPTH:
            self._note(
                "KB006", event, f"nested more than {MAX_DEPTH} deep", "no record is: take brackets out"
            )
            raise _Stop
        if self._nodes > MAX_NODES:
            self._note(
                "KB006",
                event,
                f"more than {MAX_NODES:,} values in one file",
                "write fewer aliases, or split the file",
            )
            raise _Stop
        if self._marks:
            self.values[pointer] = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None and event.tag != "!":
            self._note(
                "KB006",
                event,
                f"a tag ({event.tag.replace('tag:yaml.org,2002:', '!!')}) is not read here",
                "delete it, or put the text in quotation marks if it only begins with !",
            )
            raise _Stop
        before = self._nodes
        anchor = event.anchor
        value: Value
        if isinstance(event, yaml.ScalarEvent):
            value = (
                None
                if event.implicit[0] and event.style in (None, "") and event.value in _NULLS
                else event.value
            )
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(item, (*pointer, len(value)) if self._marks else (), depth + 1))
        else:
            value = self._mapping(pointer, depth)
        if anchor is not None:
            self._anchors[anchor] = value
            self._weights[anchor] = self._nodes - before
        return value

    def _alias(self, event: Any) -> Value:
        if event.anchor not in self._anchors:
            hint = "put the text in quotation marks, if it only begins with *"
            self._note("KB006", event, f"the alias *{event.anchor} names no anchor above it", hint)
            raise _Stop
        self._nodes += self._weights[event.anchor]
        return self._anchors[event.anchor]

    def _mapping(self, pointer: Pointer, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                hint = "put the text in quotation marks, if it only begins with a bracket"
                self._note("KB006", key, "a field's name must be plain text", hint)
                raise _Stop
            name = key.value
            if name == "<<" and key.implicit[0]:
                self._note("KB006", key, "merge keys (<<) are not read", "write the fields out")
                raise _Stop
            inner = (*pointer, name) if self._marks else ()
            duplicate = name in found
            if duplicate:
                self._note("KB009", key, f"{name} is written twice", "delete one of the two")
            elif self._marks:
                self.keys[inner] = self._place(key)
            value = self._value(next(self._events), inner if not duplicate else ("<duplicate>",), depth + 1)
            if not duplicate:
                found[name] = value
        return found


@lru_cache(maxsize=64)
def _marks(
    text: str, markdown: bool
) -> tuple[dict[Pointer, tuple[int, int]], dict[Pointer, tuple[int, int]]]:
    source, offset = text, 0
    body_line = 0
    if markdown:
        match = _FRONT_MATTER.match(text)
        if not match:
            return {}, {}
        source, offset = match.group(1), 1
        body_line = text[: match.end()].count("\n") + 1
    reader = _Reader("", offset, marks=True)
    reader.read(source)
    if markdown:
        for name in ("body", "description"):
            reader.values.setdefault((name,), (body_line, 1))
    return reader.keys, reader.values


def place_in_text(document: Document, pointer: Pointer, within: str) -> Location:
    """Where the text `within` stands in the file, at or after the field at `pointer`."""
    start = document.locate(pointer)
    lines = _line_starts(document.text)
    found = document.text.find(within, lines[start.line - 1] + start.column - 1)
    if found < 0 or "\n" in within:
        return start
    line = bisect_right(lines, found)
    return Location(document.path, line, found - lines[line - 1] + 1)


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    """Where each line of a text begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def writer() -> YAML:
    """What writes YAML as people would, and keeps comments."""
    made = YAML(typ="rt")
    made.width = 110
    made.indent(mapping=2, sequence=4, offset=2)
    made.preserve_quotes = True
    return made


def _styled(value: object) -> object:
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString("\n".join(line.rstrip() for line in value.splitlines()) + "\n")
    if isinstance(value, Mapping):
        return CommentedMap((key, _styled(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_styled(item) for item in value]
    return value


def write_text(fields: Mapping[str, object], body: str | None = None) -> str:
    """The text of a new record file: YAML, or Markdown with front matter where `body` is given."""
    out = io.StringIO()
    writer().dump(_styled(fields), out)
    if body is None:
        return out.getvalue()
    return f"---\n{out.getvalue()}---\n\n{body.strip()}\n"


def front_matter(text: str) -> tuple[str, str]:
    """The front matter of a Markdown file's text, and what follows it. Raises ValueError if there is none."""
    match = _FRONT_MATTER.match(text)
    if not match:
        raise ValueError("no front matter")
    return match.group(1) + "\n", text[match.end() :]


def change_text(text: str, changes: Mapping[str, object], *, markdown: bool = False) -> str:
    """`text` with its top-level fields set to `changes`; None removes one. Comments and order stay.

    Raises ValueError for a text that cannot be changed so.
    """
    source, tail = front_matter(text) if markdown else (text, "")
    yaml_ = writer()
    try:
        data = yaml_.load(source)
    except YAMLError as error:
        raise ValueError(f"not YAML: {error}") from error
    if data is None:
        data = CommentedMap()
    if not isinstance(data, CommentedMap):
        raise ValueError("not fields and values")
    for key, value in changes.items():
        if value is None:
            data.pop(key, None)
        else:
            data[key] = _styled(value)
    out = io.StringIO()
    yaml_.dump(data, out)
    return f"---\n{out.getvalue()}---\n{tail}" if markdown else out.getvalue()
