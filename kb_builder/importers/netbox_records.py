"""NetBox's rows as records: sites become locations, devices equipment and systems, circuits subscriptions, and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from kb_builder.importers.base import Imported, Skipped
from kb_builder.importers.netbox_joins import CIRCUIT, DEVICE, Target
from kb_builder.importers.netbox_maker import Maker, line, status_fact, title_of
from kb_builder.importers.netbox_source import Row, Tables
from kb_builder.importers.netbox_systems import clusters, devices, machines
from kb_builder.importers.netbox_words import ASSET_STATUS, CIRCUIT_STATUS, LIVE, date
from kb_builder.records.client import Location
from kb_builder.records.discovery import Asset, Person, Role, Subscription, System, Vendor

CONTACT = "tenancy.contact"
CONTACT_ROLE = "tenancy.contactrole"
TENANT = "tenancy.tenant"
NETWORK = "circuits.providernetwork"


def records(tables: Tables, progress: Callable[[int, int], None]) -> tuple[list[Imported], list[Skipped]]:
    """The records that the tables become, and what could not become one."""
    maker = Maker(tables)
    for kind, model in ((Role, CONTACT_ROLE), (Role, TENANT), (Person, CONTACT)):
        for row in tables.all(model):
            maker.id(kind, (model, row.number), title_of(row, model.partition(".")[2]))
    steps = (vendors, roles, tenants, people, sites, places, racks, devices, clusters, machines, circuits)
    made: list[Imported] = []
    for number, step in enumerate(steps, 1):
        made.extend(step(maker))
        progress(number, len(steps))
    return made, maker.skipped


def vendors(maker: Maker) -> Iterator[Imported]:
    """Manufacturers and circuit providers; one of each name."""
    alike: dict[str, list[tuple[Target, Row]]] = {}
    for model in ("dcim.manufacturer", "circuits.provider"):
        for row in maker.tables.all(model):
            title = title_of(row, model.partition(".")[2])
            alike.setdefault(title.casefold(), []).append(((model, row.number), row))
    for same in alike.values():
        title = title_of(same[0][1], same[0][0][0].partition(".")[2])
        known = maker.id(Vendor, same[0][0], title)
        maker.ids.update({(Vendor.kind, target): known for target, _ in same})
    accounts = _accounts(maker)
    for same in alike.values():
        (target, row), *_ = same
        people = [
            maker.ref(Person, CONTACT, each.number) for key, _ in same for each in maker.contacts.get(key, ())
        ]
        yield maker.make(
            Vendor,
            target,
            row,
            title_of(row, target[0].partition(".")[2]),
            account=", ".join(_each(account for key, _ in same for account in accounts.get(key, ()))),
            contacts=_each(people),
            owner=None,
        )


def _accounts(maker: Maker) -> dict[Target, list[str]]:
    """The accounts that the client has with each provider."""
    found: dict[Target, list[str]] = {}
    for row in maker.tables.all("circuits.provider"):
        found.setdefault(("circuits.provider", row.number), []).append(row.text["account"])
    for row in maker.tables.all("circuits.provideraccount"):
        if "provider" in row.ref:
            found.setdefault(("circuits.provider", row.ref["provider"]), []).append(row.text["account"])
    return found


def roles(maker: Maker) -> Iterator[Imported]:
    """The roles that contacts hold."""
    for row in maker.tables.all(CONTACT_ROLE):
        yield maker.make(Role, (CONTACT_ROLE, row.number), row, title_of(row, "role"))


def tenants(maker: Maker) -> Iterator[Imported]:
    """Tenants, as roles: what they hold in NetBox has them as owner, if it has no contact."""
    for row in maker.tables.all(TENANT):
        yield maker.make(
            Role,
            (TENANT, row.number),
            row,
            title_of(row, "tenant"),
            groups=["tenant", maker.tables.name("tenancy.tenantgroup", row.ref.get("group"))],
            summary=row.text["description"] or "A tenant in NetBox: owns or uses what names it as owner.",
        )


def people(maker: Maker) -> Iterator[Imported]:
    """Contacts, with the roles that they hold anywhere, and those of the tenants that they speak for."""
    held: dict[int, list[str | None]] = {}
    firms: dict[int, str | None] = {}
    for (model, number), those in sorted(maker.contacts.items()):
        for each in those:
            firms[each.number] = firms.get(each.number) or maker.ref(Vendor, model, number)
            held.setdefault(each.number, []).append(maker.ref(Role, CONTACT_ROLE, each.role))
            if model == TENANT:
                held[each.number].append(maker.ref(Role, TENANT, number))
    for row in maker.tables.all(CONTACT):
        text = row.text
        yield maker.make(
            Person,
            (CONTACT, row.number),
            row,
            title_of(row, "contact"),
            extra=[("Address", text["address"]), ("Web", text["link"])],
            groups=[maker.tables.name("tenancy.contactgroup", row.ref.get("group"))],
            job=text["title"],
            phone=text["phone"],
            email=text["email"],
            roles=sorted(_each(held.get(row.number, ()))),
            organisation=firms.get(row.number),
        )


def sites(maker: Maker) -> Iterator[Imported]:
    """Sites; where one has no address, the regions that it lies in say where it is."""
    for row in maker.tables.all("dcim.site"):
        text, target = row.text, ("dcim.site", row.number)
        region = ", ".join(maker.tables.chain("dcim.region", row.ref.get("region")))
        address = text["physical_address"] or text["shipping_address"]
        yield maker.make(
            Location,
            target,
            row,
            title_of(row, "site"),
            extra=[
                ("Facility", text["facility"]),
                ("Region", region if address else ""),
                ("Coordinates", ", ".join(filter(None, (text["latitude"], text["longitude"])))),
                ("Time zone", text["time_zone"]),
            ],
            groups=[maker.tables.name("dcim.sitegroup", row.ref.get("group"))],
            address=", ".join(filter(None, map(line, address.splitlines()))) or region,
            manager=maker.person(target),
            owner=maker.tenant(row),
            status=None if text["status"] in LIVE else text["status"],
        )


def places(maker: Maker) -> Iterator[Imported]:
    """The locations within sites: buildings, floors, rows."""
    for row in maker.tables.all("dcim.location"):
        target = ("dcim.location", row.number)
        within = maker.tables.chain("dcim.location", row.number)[::-1]
        site = maker.tables.name("dcim.site", row.ref.get("site"))
        yield maker.make(
            Location,
            target,
            row,
            ", ".join(filter(None, [site, *within])) or title_of(row, "location"),
            extra=[("Facility", row.text["facility"])],
            manager=maker.person(target),
            owner=maker.tenant(row),
            status=None if row.text["status"] in LIVE else row.text["status"],
        )


def racks(maker: Maker) -> Iterator[Imported]:
    """Racks, as equipment that other equipment is built into."""
    for row in maker.tables.all("dcim.rack"):
        text = row.text
        site = maker.tables.name("dcim.site", row.ref.get("site"))
        height = f"{text['u_height']} units" if text["u_height"] else ""
        yield maker.make(
            Asset,
            ("dcim.rack", row.number),
            row,
            f"Rack {line(text['name']) or row.number}{f', {site}' if site else ''}",
            extra=[("Facility's name for it", text["facility_id"]), status_fact(row, ASSET_STATUS)],
            groups=[maker.tables.name("dcim.rackrole", row.ref.get("role"))],
            type="rack",
            product=", ".join(filter(None, (text["type"].replace("-", " "), height))),
            serial=text["serial"],
            asset_tag=text["asset_tag"],
            location=maker.place(row),
            status=ASSET_STATUS.get(text["status"]),
        )


def circuits(maker: Maker) -> Iterator[Imported]:
    """Circuits, as subscriptions that serve the sites they end at and the systems they are plugged into."""
    ends: dict[int, list[Row]] = {}
    for row in maker.tables.all("circuits.circuittermination"):
        if "circuit" in row.ref:
            ends.setdefault(row.ref["circuit"], []).append(row)
    for row in maker.tables.all(CIRCUIT):
        yield _circuit(maker, row, [_end(each) for each in ends.get(row.number, [])])


def _circuit(maker: Maker, row: Row, ends: list[Target | None]) -> Imported:
    """One circuit. Its number is not in its title, which more people may see than `reference`."""
    text, target = row.text, (CIRCUIT, row.number)
    provider = maker.tables.name("circuits.provider", row.ref.get("provider"))
    sites = " – ".join(_each(maker.tables.name(*end) for end in ends if end and end[0] != NETWORK))
    plugged = [each.other for each in maker.connections.get(target, ()) if each.other[0] == DEVICE]
    networks = [maker.tables.name(*end) for end in ends if end and end[0] == NETWORK]
    started, renews = date(text["install_date"]), date(text["termination_date"])
    if started and renews and renews < started:
        shown = line(text["cid"]) or str(row.number)
        maker.skipped.append(Skipped(f"the end of circuit {shown}", "it is before its start"))
        renews = None
    return maker.make(
        Subscription,
        target,
        row,
        ", ".join(filter(None, (maker.circuit_type(row), provider, sites))),
        extra=[
            ("Commit rate", f"{text['commit_rate']} kbit/s" if text["commit_rate"] else ""),
            ("Provider's network", ", ".join(_each(networks))),
            status_fact(row, CIRCUIT_STATUS),
        ],
        type="circuit",
        vendor=maker.ref(Vendor, "circuits.provider", row.ref.get("provider")),
        reference=text["cid"],
        locations=_each(maker.ref(Location, *end) for end in ends if end),
        systems=_each(maker.ref(System, *other) for other in plugged),
        started=started,
        renews=renews,
        status=CIRCUIT_STATUS.get(text["status"]),
    )


def _end(row: Row) -> Target | None:
    """What a circuit ends at: a site, a location, a provider's network."""
    if found := row.target("termination_type", "termination_id"):
        return found
    if "site" in row.ref:
        return ("dcim.site", row.ref["site"])
    return (NETWORK, row.ref["provider_network"]) if "provider_network" in row.ref else None


def _each(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(each for each in found if each))
