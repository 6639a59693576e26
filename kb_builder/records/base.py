"""What every record shares: the fields, the text types and the typed references.

A kind is one subclass of `Record`. Everything else (folder, schema, checks, pages,
reference manual) follows from the class: its docstring, its fields and the class
variables declared here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

STAGES: tuple[str, ...] = (
    "discovery",
    "analysis",
    "recommendations",
    "implementation",
    "testing",
    "documentation",
    "maintenance",
)
"""The seven steps of a consultation, in order; each is a folder of an engagement."""


class Audience(StrEnum):
    """Who a record or a field is for; each sees what the ones before it see."""

    STAFF = "staff"
    MANAGEMENT = "management"
    CONSULTANT = "consultant"

    def sees(self, other: Audience) -> bool:
        """Whether a reader of this audience may see what is meant for `other`."""
        order = list(Audience)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class PlainText:
    """Marks a text that is shown as it is written."""


@dataclass(frozen=True)
class MarkdownText:
    """Marks a text that is Markdown, sanitised; `macros` says whether macros run in it."""

    macros: bool = False


@dataclass(frozen=True)
class For:
    """Marks a field that only `audience` and those above it may see."""

    audience: Audience


@dataclass(frozen=True)
class Bookkeeping:
    """Marks a field that says how records are kept or sites made. No page tells it, so no page tells that it changed."""


@dataclass(frozen=True, init=False)
class Ref:
    """Marks a text that is the id of another record, of one of `kinds`.

    Where more than one kind is allowed and two records share the id, the value is
    written `kind/id`. `back` heads the list of back-links on the page of the record that is
    named; without it, the list is headed by what the referring kind is called.
    """

    kinds: tuple[str, ...]
    back: str | None

    def __init__(self, *kinds: str, back: str | None = None) -> None:
        object.__setattr__(self, "kinds", kinds)
        object.__setattr__(self, "back", back)


@dataclass(frozen=True)
class FilePath:
    """Marks a text that is the path of a file, relative to the record's own folder."""


ID_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
FORMER_PATTERN = r"^([a-z][a-z_]*/)?[a-z0-9][a-z0-9._-]*$"
PERIOD_PATTERN = r"^([1-9][0-9]{0,3}) (hour|day|week|month|year)s?$"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date_only(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("not a date; write it as 2026-03-31")
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"no such date: {error}") from None


def _true_or_false(value: object) -> object:
    if isinstance(value, bool):
        return value
    if value in ("true", "True", "TRUE"):
        return True
    if value in ("false", "False", "FALSE"):
        return False
    raise ValueError("write true or false")


_TEXT_SCHEMA = WithJsonSchema({"type": ["string", "number"]})

Plain = Annotated[str, PlainText(), _TEXT_SCHEMA]
"""Plain text: shown exactly as written, always escaped."""
Markdown = Annotated[str, MarkdownText()]
"""Markdown: rendered, with raw HTML and unsafe links made harmless."""
Body = Annotated[str, MarkdownText(macros=True)]
"""Markdown in which macros run: the text of a guide, a manual or a lesson."""
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=120)]
"""Lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit."""
FormerId = Annotated[str, StringConstraints(pattern=FORMER_PATTERN, max_length=160)]
"""An id that a record had, with the kind and a `/` before it where it was of another kind."""
Date = Annotated[dt.date, BeforeValidator(_date_only), WithJsonSchema({"type": "string", "format": "date"})]
"""A calendar date, ISO 8601: `2026-03-31`."""
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
"""`true` or `false`, as YAML 1.2 has it."""
Money = Annotated[
    Decimal, Field(ge=0, max_digits=12, decimal_places=2), WithJsonSchema({"type": "number", "minimum": 0})
]
"""An amount in the client's currency, without its sign."""
Period = Annotated[str, StringConstraints(pattern=PERIOD_PATTERN)]
"""A length of time: a number and a unit, such as `4 hours` or `12 months`."""
Score = Annotated[int, Field(ge=1, le=5)]
"""A whole number from 1 (lowest) to 5 (highest)."""
File = Annotated[str, FilePath()]
"""The path of a file, relative to the folder of the record that names it."""

PersonRef = Annotated[str, Ref("person")]
KeeperRef = Annotated[str, Ref("person", "role", "vendor")]
SystemRef = Annotated[str, Ref("system")]
LocationRef = Annotated[str, Ref("location")]
VendorRef = Annotated[str, Ref("vendor")]
RoleRef = Annotated[str, Ref("role")]
ManagementMoney = Annotated[Money, For(Audience.MANAGEMENT)]


class Part(BaseModel):
    """A part of a record: a group of fields that has no id of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)


class Link(Part):
    """A link to something outside the site."""

    title: Plain = Field(description="What the reader finds there.")
    url: Plain = Field(description="The address: http, https, mailto or tel.")


class Attachment(Part):
    """A file that belongs to a record and is published with it."""

    file: File = Field(description="The file, relative to this record's folder.")
    title: Plain | None = Field(None, description="What the file is; its name if left out.")


class Source(Part):
    """Where a record was imported from."""

    system: Plain = Field(description="What it came from, such as `netbox` or `markdown`.")
    key: Plain = Field(description="The name or number that it has there.")


class Record(BaseModel):
    """One thing written down about a client."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=False)

    kind: ClassVar[str]
    """The kind's name, as in `kb add CLIENT KIND ID`."""
    plural: ClassVar[str]
    """The kind's folder within its stage's."""
    label: ClassVar[tuple[str, str]]
    """What readers call one of it and many of it."""
    stage: ClassVar[str]
    """One of `STAGES`, or `engagement` for the client file."""
    section: ClassVar[str]
    """The site's section: systems, guides, training, maintenance or engagement."""
    default_audience: ClassVar[Audience] = Audience.STAFF
    """Who may see a record of this kind that does not say."""
    facts: ClassVar[tuple[str, ...]] = ("owner", "status")
    """The fields an index of this kind shows beside the title."""
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner")
    """The fields a complete record has; what is missing lowers its completeness."""
    on_page: ClassVar[bool] = True
    """Whether each has a page of its own; else it is a line on its kind's index."""
    starter: ClassVar[bool] = False
    """Whether `kb new` gives a new client a commented example of this kind."""

    id: Id = Field(description="The file's name without its ending; in a list, written out.")
    title: Plain = Field(description="What readers call it.")
    summary: Plain | None = Field(None, description="One line that says what it is.")
    description: Markdown | None = Field(None, description="All there is to say, in Markdown.")
    owner: KeeperRef | None = Field(None, description="Who looks after it.")
    audience: Annotated[Audience, Bookkeeping()] | None = Field(
        None, description="Who may see it: staff, management or consultant."
    )
    status: Plain | None = Field(None, description="Where it stands.")
    tags: list[Plain] = Field([], description="Words to group and find it by.")
    reviewed: Date | None = Field(None, description="When somebody last confirmed that it is right.")
    review_every: Period | None = Field(
        None, description="How often it is to be confirmed, such as `12 months`."
    )
    formerly: Annotated[list[FormerId], Bookkeeping()] = Field(
        [],
        description="Ids that it had before, `kind/id` where it was of another kind; old addresses lead here.",
    )
    source: Annotated[Source, For(Audience.CONSULTANT), Bookkeeping()] | None = Field(
        None, description="Where it was imported from; written by importers."
    )
    attachments: list[Attachment] = Field([], description="Files that are published with it.")
    links: list[Link] = Field([], description="Where to read more, outside the site.")
    internal_notes: Annotated[Markdown, For(Audience.CONSULTANT)] | None = Field(
        None, description="Notes that only consultants see."
    )

    @property
    def key(self) -> tuple[str, str]:
        """The record's kind and id, which name it within an engagement."""
        return (self.kind, self.id)

    @property
    def cleared_for(self) -> Audience:
        """Who may see the record: what it says, or what its kind says."""
        return self.audience or self.default_audience

    @property
    def page(self) -> str:
        """Where it is in a site: a page of its own, or a place on its kind's index."""
        if self.kind == "client":
            return "index.html"
        return f"{self.plural}/{self.id}.html" if self.on_page else f"{self.plural}/index.html#{self.id}"


def folder_of(kind: type[Record]) -> str:
    """Where a kind's records live, relative to the client's folder."""
    return f"{kind.stage}/{kind.plural}" if kind.stage in STAGES else kind.plural
