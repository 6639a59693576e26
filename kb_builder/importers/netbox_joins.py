"""What NetBox keeps in tables of its own and a record keeps with itself: addresses, cables, contacts."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kb_builder.importers.base import Skipped
from kb_builder.importers.netbox_source import PORTS, Tables

Target = tuple[str, int]
"""A table and the number of a row in it."""
DEVICE = "dcim.device"
MACHINE = "virtualization.virtualmachine"
CIRCUIT = "circuits.circuit"
_ENDS = ("circuits.circuittermination", *PORTS)
_PRIORITIES = ("primary", "", "secondary", "tertiary", "inactive")


@dataclass(frozen=True)
class Address:
    """One address: its row, the address, the interface and the DNS name."""

    number: int
    address: str
    interface: str
    dns: str


@dataclass(frozen=True)
class Connection:
    """One cable, seen from a device or a circuit: its port, what it leads to, and the port there."""

    port: str
    other: Target
    other_port: str


@dataclass(frozen=True)
class Contact:
    """A contact of something: the row, the role, and which of several it is."""

    number: int
    role: int | None
    priority: str


def addresses(tables: Tables) -> tuple[dict[Target, list[Address]], list[Skipped]]:
    """The addresses of each device and virtual machine, and those that are of neither."""
    found: dict[Target, list[Address]] = {}
    skipped: list[Skipped] = []
    for row in tables.all("ipam.ipaddress"):
        address = " ".join(row.text["address"].split())
        shown = f"address {address or row.number}"
        try:
            ipaddress.ip_interface(address)
        except ValueError:
            skipped.append(Skipped(shown, "it is not an IP address"))
            continue
        target = row.target("assigned_object_type", "assigned_object_id")
        interface = tables.find(*target) if target else None
        if interface is None or target is None:
            skipped.append(Skipped(shown, "it is not assigned to a device or a virtual machine"))
            continue
        field, model = ("device", DEVICE) if target[0] in PORTS else ("virtual_machine", MACHINE)
        home = interface.ref.get(field)
        if home is None:
            skipped.append(Skipped(shown, "it is not assigned to a device or a virtual machine"))
            continue
        name, dns = interface.text["name"], row.text["dns_name"]
        found.setdefault((model, home), []).append(Address(row.number, address, name, dns))
    return found, skipped


def connections(tables: Tables) -> dict[Target, list[Connection]]:
    """The cables of each device and circuit, in the order of their ports."""
    cables: dict[int, tuple[list[tuple[Target, str]], list[tuple[Target, str]]]] = {}
    for row in tables.all("dcim.cabletermination"):
        target = row.target("termination_type", "termination_id")
        end = _end(tables, target) if target else None
        if end and "cable" in row.ref and row.text["cable_end"] in ("A", "B"):
            cables.setdefault(row.ref["cable"], ([], []))[row.text["cable_end"] == "B"].append(end)
    found: dict[Target, list[Connection]] = {}
    for one, two in cables.values():
        for here, there in ((one, two), (two, one)):
            for owner, port in here:
                found.setdefault(owner, []).extend(Connection(port, other, name) for other, name in there)
    return {
        owner: sorted(set(those), key=lambda each: (_natural(each.port), each.other, each.other_port))
        for owner, those in found.items()
        if those
    }


def _end(tables: Tables, target: Target) -> tuple[Target, str] | None:
    """What a cable's end belongs to, and the name of the port there."""
    row = tables.find(*target) if target[0] in _ENDS else None
    if row is None:
        return None
    if target[0] in PORTS:
        return ((DEVICE, row.ref["device"]), row.text["name"]) if "device" in row.ref else None
    return ((CIRCUIT, row.ref["circuit"]), row.text["term_side"]) if "circuit" in row.ref else None


def _natural(port: str) -> tuple[tuple[int, str], ...]:
    """A port's name as people sort it: `eth10` after `eth9`."""
    parts: list[str] = []
    for char in port:
        if parts and parts[-1][-1].isdecimal() == char.isdecimal():
            parts[-1] += char
        else:
            parts.append(char)
    return tuple((int(each), "") if each.isdecimal() and each.isascii() else (-1, each) for each in parts)


def contacts(tables: Tables) -> dict[Target, list[Contact]]:
    """The contacts of whatever has some, the most important first."""
    found: dict[Target, list[Contact]] = {}
    for row in tables.all("tenancy.contactassignment"):
        target = row.target("content_type", "object_id")
        if target and "contact" in row.ref:
            contact = Contact(row.ref["contact"], row.ref.get("role"), row.text["priority"])
            found.setdefault(target, []).append(contact)
    return {target: sorted(those, key=_importance) for target, those in found.items()}


def _importance(contact: Contact) -> int:
    return _PRIORITIES.index(contact.priority) if contact.priority in _PRIORITIES else len(_PRIORITIES)


def network(found: list[Address], primary: Mapping[str, int]) -> Iterator[dict[str, object]]:
    """A system's addresses as it keeps them, those to reach it by first."""
    first = {primary.get("primary_ip4"), primary.get("primary_ip6")}
    for each in sorted(found, key=lambda each: (each.number not in first, each.number)):
        name = f"{each.interface} ({each.dns})" if each.interface and each.dns else each.interface or each.dns
        entry: dict[str, object] = {"address": each.address}
        yield {
            **entry,
            **({"name": name} if name else {}),
            **({"primary": True} if each.number in first else {}),
        }
