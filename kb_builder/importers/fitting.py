"""Values as a record's file can hold them.

What a source has is somebody else's text: it may hold characters that no file may, values that the kind
does not take, references to what is not here. What cannot be kept is left out and noted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from pydantic import ValidationError

from kb_builder.catalog import Key
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec, fields_of

LONGEST = 200_000
"""The most characters that a field may have."""
_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINK = re.compile(r"""(\]\(|href=")([a-z0-9][a-z0-9._-]*)\.md(?=[#)" ])""")
"""A link from a body to a record that is imported with it: of the same kind, in the same folder."""
_WHOLE_LINK = re.compile(
    r"(?<!!)\[([^\[\]\n]*)\]\(([a-z0-9][a-z0-9._-]*)\.md(?:#[^\s()]*)?(?: \"[^\"\n]*\")?\)"
)


@dataclass(frozen=True)
class Names:
    """How an import's ids relate to those here.

    `here` maps the kind and id that an importer wants to the id that the record has or gets; `known` is all that is
    here or will be; `lost` are wanted ones that are not and will not be; `former` says whose a former id is.
    """

    here: Mapping[Key, str]
    known: Set[Key]
    lost: Set[Key] = frozenset()
    former: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """A record's fields and body as they can be written, and what was left out: field and why."""

    fields: Mapping[str, object]
    body: str | None
    left_out: tuple[tuple[str, str], ...]


def fit(kind: type[Record], id: str, fields: Mapping[str, object], body: str | None, names: Names) -> Fitted:
    """Make fields and body such that reading them back gives no error."""
    fitter = _Fitter(kind, id, names)
    made = {name: value for name, given in fields.items() if not _empty(value := fitter.top(name, given))}
    text = None if body is None else fitter.body(clean(body).strip())
    kept = fitter.checked({"title": id, **made}, text)
    return Fitted({"title": id, **kept}, text, tuple(fitter.left_out))


def clean(text: str) -> str:
    """A text without the characters that are none, its lines ended alike."""
    return _NO_TEXT.sub("", _BREAK.sub("\n", text))


def one_line(text: str) -> str:
    """A text on one line."""
    return " ".join(clean(text).split())


def lines(text: str) -> str:
    """A text of several lines, as a file gives it back: without spaces at their ends or empty ones around it."""
    return "\n".join(line.rstrip() for line in clean(text).expandtabs(4).split("\n")).strip("\n")


def as_read(value: object) -> object:
    """A value as reading gives it back: every scalar as text."""
    if isinstance(value, Mapping):
        return {str(key): as_read(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [as_read(each) for each in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return lines(value.isoformat() if isinstance(value, dt.date) else str(value))


def _empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


class _Fitter:
    """Fits one record, and notes what it leaves out."""

    def __init__(self, kind: type[Record], id: str, names: Names) -> None:
        self.kind = kind
        self.id = id
        self.names = names
        self.left_out: list[tuple[str, str]] = []

    def top(self, name: str, value: object) -> object:
        """One field of the record."""
        spec = _spec(self.kind, name)
        if spec is None:
            self.left_out.append((name, f"a {self.kind.label[0]} has no such field"))
            return None
        if name == "formerly" and isinstance(value, list | tuple):
            value = [each for each in value if self._is_free(str(each))]
        return self._value(value, spec, name)

    def _is_free(self, former: str) -> bool:
        key = (self.kind.kind, former)
        return key not in self.names.known and self.names.former.get(key, self.id) == self.id

    def _value(self, value: object, spec: FieldSpec, place: str) -> object:
        if isinstance(value, list | tuple):
            items = [self._value(each, spec, place) for each in value]
            return [each for each in items if not _empty(each)]
        if isinstance(value, Mapping):
            inner = {
                str(name): self._value(each, part, f"{place}.{name}")
                for name, each in value.items()
                if spec.part is not None and (part := _spec(spec.part, str(name))) is not None
            }
            return {name: each for name, each in inner.items() if not _empty(each)}
        if value is None or isinstance(value, bool | int | dt.date):
            return value
        text = lines(str(value)) if spec.text in ("markdown", "body") else one_line(str(value))
        if len(text) > LONGEST:
            self.left_out.append((place, f"longer than {LONGEST:,} characters"))
            return None
        return self._reference(text, spec, place) if spec.refs else text

    def _reference(self, written: str, spec: FieldSpec, place: str) -> str | None:
        """A reference to the id that the record has here, with its kind if it was written so or must be."""
        named, slash, name = written.rpartition("/")
        kinds = (named,) if slash else spec.refs
        kind = next((each for each in kinds if (each, name) in self.names.here), "")
        identifier = self.names.here.get((kind, name), name)
        found = [each for each in ((kind,) if kind else kinds) if (each, identifier) in self.names.known]
        if not found:
            self.left_out.append((place, "it names what is not here, or was deleted here"))
            return None
        alike = [each for each in spec.refs if (each, identifier) in self.names.known]
        return f"{found[0]}/{identifier}" if slash or len(alike) > 1 else identifier

    def body(self, text: str) -> str:
        """The body, its links to the ids that the records have here; links to what is not here become words."""
        kind = self.kind.kind

        def unlinked(link: re.Match[str]) -> str:
            if (kind, link.group(2)) not in self.names.lost:
                return link.group()
            self.left_out.append(("body", f'the link to "{link.group(2)}", which was deleted here'))
            return link.group(1)

        def renamed(link: re.Match[str]) -> str:
            return f"{link.group(1)}{self.names.here.get((kind, link.group(2)), link.group(2))}.md"

        return _LINK.sub(renamed, _WHOLE_LINK.sub(unlinked, text))

    def checked(self, fields: Mapping[str, object], body: str | None) -> Mapping[str, object]:
        """The fields that the kind takes."""
        data = {"id": self.id, **{name: as_read(value) for name, value in fields.items()}}
        if body and "body" in self.kind.model_fields:
            data["body"] = body
        try:
            self.kind.model_validate(data)
        except ValidationError as error:
            wrong = {
                str(each["loc"][0]): each["msg"] for each in error.errors(include_url=False) if each["loc"]
            }
            for name, message in wrong.items():
                shown = one_line(str(fields.get(name, "")))[:60]
                self.left_out.append((name, f'"{shown}": {message.removeprefix("Value error, ")}'))
            return {name: value for name, value in fields.items() if name not in wrong}
        return fields


def _spec(model: type, name: str) -> FieldSpec | None:
    return next((spec for spec in fields_of(model) if spec.name == name), None)
