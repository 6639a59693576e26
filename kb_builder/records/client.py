"""The client: the one file that every engagement has, and the places it names."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from kb_builder.records.base import (
    Audience,
    Bookkeeping,
    Date,
    File,
    Flag,
    For,
    Id,
    Markdown,
    Part,
    PersonRef,
    Plain,
    PlainText,
    Record,
    VendorRef,
)

FORMAT = 2
"""The format that records are written in now: see `kb_builder.migrations`."""
Address = Annotated[str, PlainText(), StringConstraints(pattern=r"^https?://[^\s/?#]+/([^\s?#]+/)?$")]
"""The address of a folder on the web."""
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


class Site(Part):
    """One of the client's sites: for whom it is, and where those readers find it."""

    audience: Audience = Field(description="The audience that it is for.")
    url: Address | None = Field(
        None, description="Where it is served, such as `https://docs.example.com/staff/`; ends with `/`."
    )
    public: Flag = Field(
        False, description="Whether search engines may list its latest release; anything else they never may."
    )


class Target(Part):
    """A place that `kb publish` copies a site to."""

    id: Id = Field(description="The name that `kb publish --to` uses.")
    to: Plain = Field(
        description="A folder, or the address of one: `s3://`, `gs://`, `az://`, `sftp://`, "
        "or of a git branch: `git+ssh://git@example.com/acme/site.git#gh-pages`."
    )
    audience: Audience = Field(
        description="Who reads there: a site for an audience above it is refused, and this one's is copied."
    )
    draft: Flag = Field(False, description="Whether the draft is copied too; else only releases are.")


class ReleaseRules(Part):
    """What a release of this client needs."""

    sign_off: int = Field(
        0, ge=0, le=9, description="How many people must sign a release before it is published."
    )


class History(Part):
    """Whether pages for consultants show who changed a record last, as git knows it."""

    show: Flag = Field(True, description="Whether it is shown, where the workspace is in git.")
    link: Plain | None = Field(
        None,
        description="Where a file's history can be read, with `{path}` for its path in the repository, "
        "such as `https://git.example.com/acme/commits/main/{path}`.",
    )


class EditionOf(Part):
    """Whose edition the records are, where they are not all that there were; written by `kb export bundle`."""

    audience: Audience = Field(description="Whose edition they are.")
    unknown: list[Plain] = Field(
        [], description="Written by an earlier kb; it means nothing any more and can be taken out."
    )


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
    currency: Annotated[Plain, Bookkeeping()] = Field(
        "GBP", description="The currency of every amount, as ISO 4217 has it."
    )
    branding: Annotated[Branding, Bookkeeping()] | None = Field(None, description="How the site looks.")
    locations: list[Location] = Field([], description="The places where the client works.")
    support: list[SupportContact] = Field([], description="Whom to call; shown on the first page.")
    standards: list[Plain] = Field([], description="Standards in scope, such as `ISO/IEC 27001:2022`.")
    sites: Annotated[list[Site], Bookkeeping()] = Field(
        [Site(audience=audience) for audience in Audience],
        description="The sites that are built: for whom each is, and where it is served.",
    )
    release: Annotated[ReleaseRules, For(Audience.CONSULTANT), Bookkeeping()] | None = Field(
        None, description="What a release needs before it is published."
    )
    targets: Annotated[list[Target], For(Audience.CONSULTANT), Bookkeeping()] = Field(
        [], description="The places that `kb publish` copies sites to."
    )
    history: Annotated[History, For(Audience.CONSULTANT), Bookkeeping()] | None = Field(
        None, description="Whether consultants see who changed a record last."
    )
    not_secret: Annotated[list[Plain], For(Audience.CONSULTANT), Bookkeeping()] = Field(
        [],
        description="The fingerprints of false alarms (KB701) where a record cannot be marked, as in a release; "
        "the message tells them.",
    )
    edition: Annotated[EditionOf, Bookkeeping()] | None = Field(
        None,
        description="Where the records are an edition of others: whose. Nothing is said here that would follow from there "
        "being no record of a kind that those readers do not see. Take it out when the records are all there is.",
    )
    feed_id: Annotated[Plain | None, Bookkeeping()] = Field(
        None,
        description="What tells this client's feeds from all others; `kb new` writes it. Feed readers know entries by it, "
        "so it stays as it is.",
    )
    format: Annotated[int, Bookkeeping()] = Field(
        FORMAT, ge=1, description="The format that the records are written in; `kb migrate` raises it."
    )
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$"), Bookkeeping()] = Field(
        "en", description="The language of the records, as ISO 639-1 has it."
    )

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """The audiences that sites are built for, the lowest first."""
        wanted = {site.audience for site in self.sites}
        return tuple(audience for audience in Audience if audience in wanted)

    def site(self, audience: Audience) -> Site | None:
        """The site for an audience, if there is one."""
        return next((site for site in self.sites if site.audience is audience), None)
