"""Facts for macros: what a reader may know of systems, contacts and guides, as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from kb_builder.catalog import Catalog
from kb_builder.records.client import SupportContact
from kb_builder.records.discovery import Person, System, Vendor
from kb_builder.records.fields import fields_of
from kb_builder.values import plain_value


def facts(catalog: Catalog) -> dict[str, dict[str, dict[str, Any]]]:
    """The facts of an edition, but for `steps`, which need a page's own links and are added when rendering."""
    return {
        "system": {
            system.id: {**_lines(system, catalog), "address": system.page} for system in catalog.all(System)
        },
        "contact": dict(_contacts(catalog)),
    }


def _lines(model: BaseModel, catalog: Catalog) -> dict[str, str]:
    found: dict[str, str] = {}
    for spec in fields_of(type(model)):
        if (
            spec.part is None
            and spec.text in (None, "plain")
            and spec.name not in ("id", "audience", "formerly")
            and catalog.reader.sees(spec.audience)
        ):
            value = getattr(model, spec.name)
            found[spec.name] = "" if value is None or value == [] else plain_value(value, spec, catalog)
    return found


def _contacts(catalog: Catalog) -> Iterator[tuple[str, dict[str, str]]]:
    for person in catalog.all(Person):
        yield person.id, _contact(person.title, person.phone, person.email, None)
    for contact in catalog.client.support:
        yield contact.id, contact_of(contact, catalog)


def contact_of(contact: SupportContact, catalog: Catalog) -> dict[str, str]:
    """Who answers, by telephone, mail and hours: what the client file says, else what is known of the person or vendor."""
    person = catalog.get(Person, contact.person)
    vendor = catalog.get(Vendor, contact.vendor)
    name = person.title if person else vendor.title if vendor else contact.for_what
    phone = contact.phone or (person.phone if person else None) or (vendor.support_phone if vendor else None)
    email = contact.email or (person.email if person else None) or (vendor.support_email if vendor else None)
    return _contact(name, phone, email, contact.hours or (vendor.support_hours if vendor else None))


def _contact(name: str, phone: str | None, email: str | None, hours: str | None) -> dict[str, str]:
    line = ", ".join(part for part in (name, phone, email, f"({hours})" if hours else None) if part)
    return {
        "title": name,
        "name": name,
        "phone": phone or "",
        "email": email or "",
        "hours": hours or "",
        "line": line,
    }
