"""Stage 1, discovery: what there is, who is there and what they want."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from kb_builder.records.base import (
    Audience,
    Date,
    Flag,
    For,
    LocationRef,
    ManagementMoney,
    Markdown,
    Part,
    Period,
    PersonRef,
    Plain,
    Record,
    Ref,
    RoleRef,
    SystemRef,
    VendorRef,
)

Criticality = Literal["low", "medium", "high", "critical"]


class Person(Record):
    """Somebody at the client, at a vendor or in the consultancy: a stakeholder or a contact."""

    kind = "person"
    plural = "people"
    label = ("person", "people")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("roles", "organisation", "location", "phone", "email")
    expected: ClassVar[tuple[str, ...]] = ("roles", "phone", "email")
    starter = True

    job: Plain | None = Field(None, description="The person's job title.")
    roles: list[RoleRef] = Field([], description="The roles that the person holds.")
    organisation: Annotated[str, Ref("vendor", back="People who work there")] | None = Field(
        None, description="The vendor they work for, if not the client."
    )
    email: Plain | None = Field(None, description="The address to write to.")
    phone: Plain | None = Field(None, description="The number to call.")
    location: LocationRef | None = Field(None, description="Where they usually work.")
    stakeholder: Annotated[Plain, For(Audience.CONSULTANT)] | None = Field(
        None, description="What they want from the engagement, and how much they weigh."
    )
    status: Literal["active", "left"] = Field("active", description="Whether they are still there.")


class Role(Record):
    """A hat that people wear: receptionist, practice manager, data protection lead."""

    kind = "role"
    plural = "roles"
    label = ("role", "roles")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("summary",)
    expected: ClassVar[tuple[str, ...]] = ("summary",)

    responsibilities: Markdown | None = Field(None, description="What the role answers for.")


class Objective(Record):
    """A desired outcome: what will be different, how it is measured and by when."""

    kind = "objective"
    plural = "objectives"
    label = ("objective", "objectives")
    stage = "discovery"
    section = "engagement"
    default_audience = Audience.MANAGEMENT
    facts: ClassVar[tuple[str, ...]] = ("owner", "status", "target", "by")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "measure", "baseline", "target", "by")
    starter = True

    measure: Plain | None = Field(None, description="What is counted or observed.")
    baseline: Plain | None = Field(None, description="What it was at the start.")
    target: Plain | None = Field(None, description="What it is to be.")
    current: Plain | None = Field(None, description="What it is now.")
    by: Date | None = Field(None, description="When it is to be reached.")
    processes: list[Annotated[str, Ref("process")]] = Field(
        [], description="The business processes that it serves."
    )
    systems: list[SystemRef] = Field([], description="The systems it is about.")
    status: Literal["proposed", "agreed", "met", "missed", "dropped"] = Field(
        "agreed", description="Where it stands."
    )


class ProcessStep(Part):
    """One step of a business process."""

    title: Plain = Field(description="What is done.")
    who: RoleRef | None = Field(None, description="The role that does it.")
    systems: list[SystemRef] = Field([], description="The systems that are used.")


class Process(Record):
    """A business process: what the client does for its own customers, and what it needs for that."""

    kind = "process"
    plural = "processes"
    label = ("business process", "business processes")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("owner", "criticality", "rto", "rpo", "systems")
    expected: ClassVar[tuple[str, ...]] = ("summary", "owner", "criticality", "rto", "rpo", "systems")

    steps: list[ProcessStep] = Field([], description="What is done, in order.")
    systems: list[SystemRef] = Field([], description="The systems that the process cannot do without.")
    criticality: Criticality | None = Field(None, description="How much it hurts when it stops.")
    rto: Period | None = Field(None, description="Recovery time objective: how long it may be down.")
    rpo: Period | None = Field(None, description="Recovery point objective: how much work may be lost.")
    workaround: Markdown | None = Field(None, description="What people do while it is down.")


class Backup(Part):
    """How a system is backed up."""

    method: Plain = Field(description="What copies it, such as `Veeam, nightly image`.")
    where: Plain | None = Field(None, description="Where the copies are.")
    every: Period | None = Field(None, description="How often a copy is made.")
    keep: Period | None = Field(None, description="How long a copy is kept.")
    restore_tested: Date | None = Field(None, description="When a restore last worked.")
    system: Annotated[str, Ref("system", back="Systems that it backs up")] | None = Field(
        None, description="The system that does it."
    )


class Credential(Part):
    """Where what one signs in with is kept; never the password, key or token itself."""

    where: Plain = Field(description="Where it is kept, such as `Bitwarden / Harbour Dental / ERP admin`.")
    who: Annotated[str, Ref("person", "role", "vendor", back="Credentials in their care")] | None = Field(
        None, description="Who may open that, and hands it out."
    )


class NamedCredential(Part):
    """One of several credentials: what it opens and where it is kept; never the credential itself."""

    title: Plain = Field(description="What it opens.")
    where: Plain = Field(description="Where it is kept, such as `Bitwarden / Harbour Dental / ERP admin`.")


class Network(Part):
    """One address of a system on the network."""

    address: Plain = Field(description="An IP address, with its prefix length if known.")
    name: Plain | None = Field(None, description="The interface or the DNS name.")
    primary: Flag = Field(False, description="Whether this is the address to reach it by.")


class System(Record):
    """A server, application, cloud service, network device or data store: the hub of all that touches it."""

    kind = "system"
    plural = "systems"
    label = ("system", "systems")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("type", "owner", "criticality", "location", "product", "status")
    expected: ClassVar[tuple[str, ...]] = (
        "summary",
        "owner",
        "type",
        "criticality",
        "vendor",
        "product",
        "support",
        "backup",
        "data",
    )
    starter = True

    type: (
        Literal[
            "server",
            "virtual-machine",
            "application",
            "cloud-service",
            "network",
            "data-store",
            "endpoint",
            "telephony",
            "security",
            "other",
        ]
        | None
    ) = Field(None, description="What sort of system it is.")
    criticality: Criticality | None = Field(None, description="How much it hurts when it stops.")
    vendor: VendorRef | None = Field(None, description="Who makes or sells it.")
    product: Plain | None = Field(None, description="The product's name.")
    version: Plain | None = Field(None, description="The version in use.")
    support: Plain | None = Field(
        None, description="How to get help with it: a number, an address, a contract."
    )
    url: Plain | None = Field(None, description="Where people open it.")
    depends_on: list[Annotated[str, Ref("system", back="Systems that need it")]] = Field(
        [], description="The systems that it needs to work."
    )
    runs_on: list[Annotated[str, Ref("asset", back="Systems that run on it")]] = Field(
        [], description="The equipment that it runs on."
    )
    location: LocationRef | None = Field(None, description="Where it is.")
    users: list[RoleRef] = Field([], description="The roles that use it.")
    data: list[Plain] = Field([], description="The data that it holds, such as `patient records`.")
    personal_data: Flag | None = Field(None, description="Whether it holds data about people.")
    network: Annotated[list[Network], For(Audience.MANAGEMENT)] = Field(
        [], description="Its addresses on the network."
    )
    backup: Backup | None = Field(None, description="How it is backed up.")
    no_backup: Plain | None = Field(None, description="Why it needs no backup, if it needs none.")
    credential: Annotated[Credential, For(Audience.MANAGEMENT)] | None = Field(
        None, description="Where what one signs in with is kept; never the password itself."
    )
    credentials: Annotated[list[NamedCredential], For(Audience.MANAGEMENT)] = Field(
        [], description="Where its credentials are kept, if there are several; never the credentials."
    )
    installed: Date | None = Field(None, description="When it came into use.")
    warranty_until: Date | None = Field(None, description="When the warranty ends.")
    support_until: Date | None = Field(None, description="When the maker's support ends.")
    replaced_by: Annotated[str, Ref("system", back="Replaces")] | None = Field(
        None, description="What took or takes its place."
    )
    status: Literal["planned", "live", "retiring", "retired"] = Field(
        "live", description="Where it is in its life."
    )


class Asset(Record):
    """A piece of hardware: a laptop, a switch, a rack, an X-ray sensor."""

    kind = "asset"
    plural = "assets"
    label = ("equipment", "equipment")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = (
        "type",
        "product",
        "serial",
        "location",
        "assigned_to",
        "warranty_until",
        "status",
    )
    expected: ClassVar[tuple[str, ...]] = ("owner", "type", "product", "serial", "location", "warranty_until")

    type: Plain | None = Field(None, description="What sort of hardware it is, such as `laptop` or `switch`.")
    vendor: VendorRef | None = Field(None, description="Who made or sold it.")
    product: Plain | None = Field(None, description="Make and model.")
    serial: Annotated[Plain, For(Audience.MANAGEMENT)] | None = Field(None, description="The serial number.")
    asset_tag: Plain | None = Field(None, description="The label that the client sticks on it.")
    location: LocationRef | None = Field(None, description="Where it is.")
    place: Plain | None = Field(None, description="Where exactly, such as `Rack 2, unit 14`.")
    part_of: Annotated[str, Ref("asset", back="Built into it")] | None = Field(
        None, description="What it is built into, such as a rack."
    )
    assigned_to: Annotated[str, Ref("person", back="Equipment they have")] | None = Field(
        None, description="Who has it."
    )
    credential: Annotated[Credential, For(Audience.MANAGEMENT)] | None = Field(
        None, description="Where what one signs in with is kept; never the password itself."
    )
    purchased: Date | None = Field(None, description="When it was bought.")
    warranty_until: Date | None = Field(None, description="When the warranty ends.")
    cost: ManagementMoney | None = Field(None, description="What it cost.")
    status: Literal["ordered", "in-use", "spare", "broken", "disposed"] = Field(
        "in-use", description="Where it is in its life."
    )


class Subscription(Record):
    """Something that must be renewed: a licence, a contract, a domain, a certificate, a line."""

    kind = "subscription"
    plural = "subscriptions"
    label = ("subscription", "subscriptions")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("type", "vendor", "renews", "cost_yearly", "owner", "status")
    expected: ClassVar[tuple[str, ...]] = ("owner", "type", "vendor", "renews", "cost_yearly")

    type: Literal["licence", "contract", "domain", "certificate", "circuit", "insurance", "other"] | None = (
        Field(None, description="What sort of thing is renewed.")
    )
    vendor: VendorRef | None = Field(None, description="Who it is bought from.")
    systems: list[SystemRef] = Field([], description="The systems that need it.")
    locations: list[LocationRef] = Field([], description="The places it serves.")
    quantity: int | None = Field(None, ge=0, description="How many were bought: seats, devices, lines.")
    reference: Annotated[Plain, For(Audience.MANAGEMENT)] | None = Field(
        None, description="The contract or account number."
    )
    credential: Annotated[Credential, For(Audience.MANAGEMENT)] | None = Field(
        None, description="Where what one signs in with is kept; never the password itself."
    )
    started: Date | None = Field(None, description="When it began.")
    renews: Date | None = Field(None, description="When it ends unless it is renewed.")
    notice: Period | None = Field(None, description="How long before that it must be cancelled.")
    auto_renews: Flag | None = Field(None, description="Whether it renews by itself.")
    cost_yearly: ManagementMoney | None = Field(None, description="What it costs a year.")
    status: Literal["planned", "active", "cancelled", "expired"] = Field(
        "active", description="Where it stands."
    )


class Vendor(Record):
    """A firm that makes, sells or looks after something."""

    kind = "vendor"
    plural = "vendors"
    label = ("vendor", "vendors")
    stage = "discovery"
    section = "systems"
    facts: ClassVar[tuple[str, ...]] = ("summary", "support_phone", "support_email")
    expected: ClassVar[tuple[str, ...]] = ("summary", "website", "support_phone", "support_email")

    website: Plain | None = Field(None, description="The vendor's site.")
    support_phone: Plain | None = Field(None, description="The number to call for help.")
    support_email: Plain | None = Field(None, description="The address to write to for help.")
    support_hours: Plain | None = Field(None, description="When somebody answers.")
    account: Annotated[Plain, For(Audience.MANAGEMENT)] | None = Field(
        None, description="The client's account or customer number there."
    )
    credential: Annotated[Credential, For(Audience.MANAGEMENT)] | None = Field(
        None, description="Where what one signs in with is kept; never the password itself."
    )
    contacts: list[PersonRef] = Field([], description="The people we know there.")


class Interview(Record):
    """A conversation in which something was learned."""

    kind = "interview"
    plural = "interviews"
    label = ("interview", "interviews")
    stage = "discovery"
    section = "engagement"
    default_audience = Audience.CONSULTANT
    facts: ClassVar[tuple[str, ...]] = ("date", "people")
    expected: ClassVar[tuple[str, ...]] = ("summary", "date", "people", "description")

    date: Date | None = Field(None, description="When it took place.")
    people: list[PersonRef] = Field([], description="Who was asked.")
    by: PersonRef | None = Field(None, description="Who asked.")
    about: list[Annotated[str, Ref("system", "process", "objective")]] = Field(
        [], description="What it was about."
    )
