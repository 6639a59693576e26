"""The client: the one file that every engagement has, and the places it names."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from kb_builder.records.base import (
    Audience,
    Date,
    File,
    Id,
    Markdown,
    Part,
    PersonRef,
    Plain,
    Record,
    VendorRef,
)

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class Location(Record):
    """A place where the client works or keeps equipment. Written in `client.yaml` under `locations`."""

    kind = "location"
    plural = "locations"
    label = ("location", "locations")
    stage = "engagement"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("address", "phone", "manager")
    expected: ClassVar[tuple[str, ...]] = ("address", "phone", "manager")

    address: Plain | None = Field(None, description="Where it is, on one line.")
    phone: Plain | None = Field(None, description="The number to call there.")
    manager: PersonRef | None = Field(None, description="Who runs the place.")
    headcount: int | None = Field(None, ge=0, description="How many people work there.")
    opening_hours: Plain | None = Field(None, description="When people are there.")


class Branding(Part):
    """How the client's site looks."""

    colour: Colour | None = Field(None, description="The main colour, such as `#0b6e6e`.")
    logo: File | None = Field(None, description="An image (PNG, JPEG or WebP) beside `client.yaml`.")


class SupportContact(Part):
    """Somebody to call, and for what."""

    for_what: Plain = Field(description="When to call, such as `Anything that does not work`.")
    id: Id = Field(description='The name that `{{ contact("…") }}` uses.')
    person: PersonRef | None = Field(None, description="Who answers, if it is one of the people.")
    vendor: VendorRef | None = Field(None, description="Which vendor answers, if it is one.")
    phone: Plain | None = Field(None, description="The number to call.")
    email: Plain | None = Field(None, description="The address to write to.")
    hours: Plain | None = Field(None, description="When somebody answers.")


class Client(Record):
    """The client itself: who they are, where they work, how their site looks and who may read it."""

    kind = "client"
    plural = "client"
    label = ("client", "clients")
    stage = "engagement"
    section = "engagement"
    expected: ClassVar[tuple[str, ...]] = ("summary", "sector", "support", "locations", "consultancy")

    sector: Plain | None = Field(None, description="What the client does, such as `Dentistry`.")
    headcount: int | None = Field(None, ge=0, description="How many people work there.")
    consultancy: Plain | None = Field(None, description="Who advises the client.")
    since: Date | None = Field(None, description="When the engagement began.")
    scope: Markdown | None = Field(None, description="What was agreed, and what was left out.")
    currency: Plain = Field("GBP", description="The currency of every amount, as ISO 4217 has it.")
    branding: Branding | None = Field(None, description="How the site looks.")
    locations: list[Location] = Field([], description="The places where the client works.")
    support: list[SupportContact] = Field([], description="Whom to call; shown on the first page.")
    standards: list[Plain] = Field([], description="Standards in scope, such as `ISO/IEC 27001:2022`.")
    audiences: list[Audience] = Field(
        [Audience.STAFF, Audience.MANAGEMENT, Audience.CONSULTANT],
        description="The audiences that sites are built for.",
    )
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = Field(
        "en", description="The language of the records, as ISO 639-1 has it."
    )
