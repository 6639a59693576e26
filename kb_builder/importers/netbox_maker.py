"""Making records of NetBox's rows: ids that stay the same, and what every row has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from kb_builder.importers.base import Imported, Skipped, slug
from kb_builder.importers.netbox_joins import DEVICE, Target, addresses, connections, contacts
from kb_builder.importers.netbox_source import Row, Tables
from kb_builder.importers.netbox_words import LIVE, facts, prose, table
from kb_builder.records.base import Record
from kb_builder.records.client import Location
from kb_builder.records.discovery import Person, Role, Vendor

Facts = Iterable[tuple[str, str]]


class Maker:
    """Makes records of rows, and remembers which id each row got, so that references find it."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.ids: dict[tuple[str, Target], str] = {}
        self.addresses, self.skipped = addresses(tables)
        self.connections = connections(tables)
        self.contacts = contacts(tables)
        self._taken: dict[tuple[str, str], int] = {}
        custom = list(tables.all("extras.customfield"))
        self._labels = {row.text["name"]: row.text["label"] for row in custom}
        self._numbers = {row.text["name"] for row in custom if "object" in row.text["type"]}

    def ref(self, kind: type[Record], model: str, number: int | None) -> str | None:
        """The id of a row's record, or None if there is none."""
        return self.ids.get((kind.kind, (model, number))) if number is not None else None

    def place(self, row: Row) -> str | None:
        """Where a row's thing is."""
        location = self.ref(Location, "dcim.location", row.ref.get("location"))
        return location or self.ref(Location, "dcim.site", row.ref.get("site"))

    def make(
        self,
        kind: type[Record],
        target: Target,
        row: Row,
        title: str,
        *,
        extra: Facts = (),
        groups: Iterable[str] = (),
        parts: Iterable[str] = (),
        **fields: Any,
    ) -> Imported:
        """A record with what every row has: description, comments, tags, tenant, contacts, custom fields.

        `extra` are facts that no field is for, `groups` further tags, `parts` further parts of the description.
        """
        identifier = self.id(kind, target, title)
        comments, cut = prose(row.text["comments"], self.tables.base)
        if cut:
            self.skipped.append(
                Skipped(f"links in {kind.kind}/{identifier}", "they lead to pages of NetBox itself")
            )
        tenant = self.tables.name("tenancy.tenant", row.ref.get("tenant"))
        tags = [*row.tags, *groups, *([f"tenant: {tenant}"] if tenant else [])]
        described = [comments, facts([*extra, *self._custom(row)]), self._contacts(target), *parts]
        given = {
            "title": title,
            "summary": row.text["description"],
            **fields,
            "owner": fields["owner"] if "owner" in fields else self.owner(target, row),
            "tags": list(dict.fromkeys(tag for tag in tags if tag)),
            "description": "\n\n".join(part for part in described if part),
        }
        made = {name: value for name, value in given.items() if value not in (None, "", [])}
        return Imported(kind, identifier, made, None, f"{target[0]}/{target[1]}")

    def id(self, kind: type[Record], target: Target, title: str) -> str:
        """The id of a row's record, unlike all others of the kind; the one that it has, if it has one."""
        if known := self.ids.get((kind.kind, target)):
            return known
        wanted = identifier = slug(title)
        while (kind.kind, identifier) in self._taken:
            self._taken[kind.kind, wanted] += 1
            identifier = f"{wanted}-{self._taken[kind.kind, wanted]}"
        self._taken[kind.kind, identifier] = 1
        self.ids[kind.kind, target] = identifier
        return identifier

    def person(self, target: Target) -> str | None:
        """The first of something's contacts."""
        first = next((each for each in self.contacts.get(target, ()) if each.priority != "inactive"), None)
        return self.ref(Person, "tenancy.contact", first.number) if first else None

    def owner(self, target: Target, row: Row) -> str | None:
        """Who looks after something: its first contact, or else its tenant."""
        if person := self.person(target):
            return self._keeper(Person, person)
        return self.tenant(row)

    def tenant(self, row: Row) -> str | None:
        """The tenant of something, as `owner` names it."""
        role = self.ref(Role, "tenancy.tenant", row.ref.get("tenant"))
        return self._keeper(Role, role) if role else None

    def _keeper(self, kind: type[Record], identifier: str) -> str:
        """An id for `owner`, with its kind where a person, a role and a vendor share it."""
        alike = [each for each in (Person, Role, Vendor) if (each.kind, identifier) in self._taken]
        return identifier if len(alike) == 1 else f"{kind.kind}/{identifier}"

    def _custom(self, row: Row) -> Iterator[tuple[str, str]]:
        """Custom fields under their labels. Those that name a row by its number would say nothing."""
        for name, text in sorted(row.custom.items()):
            if name not in self._numbers or not text.replace(", ", "").isdigit():
                yield self._labels.get(name) or name, text

    def _contacts(self, target: Target) -> str:
        """The contacts of something as a table, where one name in `owner` does not say it all."""
        name = self.tables.name
        rows = [
            (name("tenancy.contact", each.number), name("tenancy.contactrole", each.role), each.priority)
            for each in self.contacts.get(target, ())
        ]
        return table("Contacts", ("Who", "Role", "Priority"), rows) if len(rows) > 1 else ""

    def plugged_in(self, target: Target) -> str:
        """What something is connected to by cables, as a table."""
        found = self.connections.get(target, [])
        rows = [(each.port, *self._other(each.other, each.other_port)) for each in found]
        return table("Connections", ("Port", "Connected to", "Port there"), rows)

    def _other(self, other: Target, port: str) -> tuple[str, str]:
        row = self.tables.find(*other)
        if row is None:
            return "?", port
        if other[0] == DEVICE:
            return self.device_name(row), port
        provider = self.tables.name("circuits.provider", row.ref.get("provider"))
        return ", ".join(filter(None, (self.circuit_type(row), provider))), f"Side {port}" if port else ""

    def circuit_type(self, row: Row) -> str:
        """What sort of line a circuit is."""
        return self.tables.name("circuits.circuittype", row.ref.get("type")) or "Circuit"

    def device_name(self, row: Row) -> str:
        """What a device is called; one without a name as NetBox shows it, by its type and number."""
        model = self.tables.name("dcim.devicetype", row.ref.get("device_type"), "model")
        role = self.tables.name("dcim.devicerole", row.ref.get("role"))
        return line(row.text["name"]) or f"{model or role or 'Device'} {row.number}"


def changed(made: Imported, **fields: object) -> Imported:
    """A record with some fields set otherwise, if they are set."""
    return replace(made, fields={**made.fields, **{name: value for name, value in fields.items() if value}})


def title_of(row: Row, what: str) -> str:
    """What a row is called; its number if it has no name."""
    return line(row.text["name"]) or f"{what.capitalize()} {row.number}"


def line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def status_fact(row: Row, known: dict[str, str]) -> tuple[str, str]:
    """NetBox's word for a status that ours does not say exactly."""
    status = row.text["status"]
    return "Status in NetBox", "" if status in LIVE or known.get(status) == status else status
