"""NetBox's rows as records: sites become locations, devices equipment and systems, circuits subscriptions, and so on."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any

from kb_builder.importers.base import Imported, Skipped, slug
from kb_builder.importers.netbox_source import Row, Tables
from kb_builder.records.base import Record
from kb_builder.records.client import Location
from kb_builder.records.discovery import Asset, Person, Role, Subscription, System, Vendor

SYSTEM_TYPES = {
    "router": "network",
    "switch": "network",
    "firewall": "security",
    "access": "network",
    "wireless": "network",
    "server": "server",
    "storage": "data-store",
    "san": "data-store",
    "nas": "data-store",
    "load": "network",
    "phone": "telephony",
    "voip": "telephony",
    "camera": "security",
    "core": "network",
    "distribution": "network",
}
"""What a device is, by a word in its role; a device of another role is equipment only."""
SYSTEM_STATUS = {
    "planned": "planned",
    "staged": "planned",
    "decommissioning": "retiring",
    "offline": "retired",
}
ASSET_STATUS = {
    "planned": "ordered",
    "staged": "spare",
    "inventory": "spare",
    "failed": "broken",
    "decommissioning": "spare",
    "offline": "spare",
}
CIRCUIT_STATUS = {
    "planned": "planned",
    "provisioning": "planned",
    "decommissioned": "cancelled",
    "deprovisioning": "cancelled",
}


def records(tables: Tables, progress: Callable[[int, int], None]) -> tuple[list[Imported], list[Skipped]]:
    """The records that the tables become, and what could not become one."""
    maker = _Maker(tables)
    steps = (
        maker.vendors,
        maker.roles,
        maker.people,
        maker.sites,
        maker.racks,
        maker.clusters,
        maker.devices,
        maker.machines,
        maker.circuits,
    )
    made: list[Imported] = []
    for number, step in enumerate(steps, 1):
        made.extend(step())
        progress(number, len(steps))
    return made, maker.skipped


class _Maker:
    """Makes records of rows, and remembers which id each row got, so that references find it."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.ids: dict[tuple[str, int], str] = {}
        self.taken: set[tuple[str, str]] = set()
        self.skipped: list[Skipped] = []
        self.addresses = self._addresses()
        self.cables = self._cables()
        self.keepers = self._keepers()

    def _id(self, kind: type[Record], model: str, number: int, title: str) -> str:
        identifier, count = slug(title), 1
        while (kind.kind, identifier) in self.taken:
            count += 1
            identifier = f"{slug(title)}-{count}"
        self.taken.add((kind.kind, identifier))
        self.ids[(f"{kind.kind}:{model}", number)] = identifier
        return identifier

    def _ref(self, kind: type[Record], model: str, number: object) -> str | None:
        return self.ids.get((f"{kind.kind}:{model}", number)) if isinstance(number, int) else None

    def _make(
        self, kind: type[Record], model: str, number: int, row: Row, title: str, **fields: Any
    ) -> Imported:
        identifier = self.ids.get((f"{kind.kind}:{model}", number)) or self._id(kind, model, number, title)
        tags = [str(tag) for tag in row.get("tags") or []]
        if tenant := self.tables.get("tenancy.tenant", row.get("tenant")):
            tags.append(f"tenant: {tenant.get('name')}")
        common = {
            "title": title,
            "summary": _line(row.get("description")),
            "description": row.get("comments"),
            "tags": tags,
        }
        given = {name: value for name, value in fields.items() if value not in (None, "", [])}
        merged = {**{name: value for name, value in common.items() if value}, **given}
        return Imported(kind, identifier, merged, None, f"{model}/{number}")

    def vendors(self) -> Iterator[Imported]:
        """Manufacturers and circuit providers; one of each name."""
        known: dict[str, str] = {}
        for model in ("dcim.manufacturer", "circuits.provider"):
            for number, row in self.tables.all(model):
                name = _title(row, model, number)
                if name.casefold() in known:
                    self.ids[(f"vendor:{model}", number)] = known[name.casefold()]
                    continue
                made = self._make(Vendor, model, number, row, name, account=_line(row.get("account")))
                known[name.casefold()] = made.id
                yield made

    def roles(self) -> Iterator[Imported]:
        """The roles that contacts hold."""
        for number, row in self.tables.all("tenancy.contactrole"):
            yield self._make(Role, "tenancy.contactrole", number, row, _title(row, "role", number))

    def people(self) -> Iterator[Imported]:
        """Contacts, with the roles that they hold anywhere."""
        held: dict[int, list[str]] = {}
        for _, row in self.tables.all("tenancy.contactassignment"):
            role = self._ref(Role, "tenancy.contactrole", row.get("role"))
            if (
                role
                and isinstance(row.get("contact"), int)
                and role not in held.setdefault(row["contact"], [])
            ):
                held[row["contact"]].append(role)
        for number, row in self.tables.all("tenancy.contact"):
            yield self._make(
                Person,
                "tenancy.contact",
                number,
                row,
                _title(row, "contact", number),
                job=_line(row.get("title")),
                phone=_line(row.get("phone")),
                email=_line(row.get("email")),
                roles=held.get(number),
            )

    def _keepers(self) -> dict[tuple[str, int], int]:
        found: dict[tuple[str, int], int] = {}
        for _, row in self.tables.all("tenancy.contactassignment"):
            target = (str(row.get("content_type")), row.get("object_id"))
            if isinstance(target[1], int) and isinstance(row.get("contact"), int):
                found.setdefault((target[0], target[1]), row["contact"])
        return found

    def _keeper(self, model: str, number: int) -> str | None:
        return self._ref(Person, "tenancy.contact", self.keepers.get((model, number)))

    def sites(self) -> Iterator[Imported]:
        """Sites and the locations within them."""
        for number, row in self.tables.all("dcim.site"):
            region = self.tables.get("dcim.region", row.get("region")).get("name")
            address = _line(row.get("physical_address")) or _line(region)
            yield self._make(
                Location,
                "dcim.site",
                number,
                row,
                _title(row, "site", number),
                address=address,
                manager=self._keeper("dcim.site", number),
            )
        for number, row in self.tables.all("dcim.location"):
            site = self.tables.get("dcim.site", row.get("site")).get("name")
            title = f"{site}, {_title(row, 'location', number)}" if site else _title(row, "location", number)
            yield self._make(Location, "dcim.location", number, row, title)

    def _place(self, row: Row) -> str | None:
        return self._ref(Location, "dcim.location", row.get("location")) or self._ref(
            Location, "dcim.site", row.get("site")
        )

    def racks(self) -> Iterator[Imported]:
        """Racks, as equipment that other equipment is built into."""
        for number, row in self.tables.all("dcim.rack"):
            site = self.tables.get("dcim.site", row.get("site")).get("name")
            name = _title(row, "rack", number)
            height = f"{row['u_height']} units" if row.get("u_height") else None
            yield self._make(
                Asset,
                "dcim.rack",
                number,
                row,
                f"Rack {name}, {site}" if site else f"Rack {name}",
                type="rack",
                product=height,
                serial=_line(row.get("serial")),
                asset_tag=_line(row.get("asset_tag")),
                location=self._place(row),
                status=ASSET_STATUS.get(str(row.get("status"))),
            )

    def clusters(self) -> Iterator[Imported]:
        """Clusters, as systems that virtual machines need."""
        for number, row in self.tables.all("virtualization.cluster"):
            sort = self.tables.get("virtualization.clustertype", row.get("type")).get("name")
            yield self._make(
                System,
                "virtualization.cluster",
                number,
                row,
                _title(row, "cluster", number),
                type="server",
                product=_line(sort),
                location=self._ref(Location, "dcim.site", row.get("site")),
                status=SYSTEM_STATUS.get(str(row.get("status"))),
            )

    def devices(self) -> Iterator[Imported]:
        """Devices: each a piece of equipment, and a system where its role is one."""
        for number, row in self.tables.all("dcim.device"):
            sort = self.tables.get("dcim.devicetype", row.get("device_type"))
            role = str(
                self.tables.get("dcim.devicerole", row.get("role") or row.get("device_role")).get("name")
                or ""
            )
            name = _line(row.get("name")) or f"{sort.get('model') or role or 'Device'} {number}"
            vendor = self._ref(Vendor, "dcim.manufacturer", sort.get("manufacturer"))
            position = str(row.get("position") or "").removesuffix(".0")
            asset = self._make(
                Asset,
                "dcim.device",
                number,
                row,
                name,
                type=role.lower() or None,
                vendor=vendor,
                product=_line(sort.get("model")),
                serial=_line(row.get("serial")),
                asset_tag=_line(row.get("asset_tag")),
                location=self._place(row),
                part_of=self._ref(Asset, "dcim.rack", row.get("rack")),
                place=f"Unit {position}" if position else None,
                status=ASSET_STATUS.get(str(row.get("status"))),
                owner=self._keeper("dcim.device", number),
            )
            yield asset
            type_ = next((type_ for word, type_ in SYSTEM_TYPES.items() if word in role.lower()), None)
            if type_ is not None:
                yield self._system(
                    "dcim.device",
                    number,
                    row,
                    name,
                    type=type_,
                    vendor=vendor,
                    product=_line(sort.get("model")),
                    location=self._place(row),
                    runs_on=[asset.id],
                )

    def machines(self) -> Iterator[Imported]:
        """Virtual machines, each needing its cluster."""
        for number, row in self.tables.all("virtualization.virtualmachine"):
            cluster = self._ref(System, "virtualization.cluster", row.get("cluster"))
            yield self._system(
                "virtualization.virtualmachine",
                number,
                row,
                _title(row, "virtual machine", number),
                type="virtual-machine",
                depends_on=[cluster] if cluster else [],
                location=self._place(row),
            )

    def _system(self, model: str, number: int, row: Row, title: str, **fields: Any) -> Imported:
        platform = self.tables.get("dcim.platform", row.get("platform")).get("name")
        description = "\n\n".join(
            part
            for part in (str(row.get("comments") or "").strip(), self.cables.get((model, number), ""))
            if part
        )
        return self._make(
            System,
            model,
            number,
            row,
            title,
            version=_line(platform),
            network=self._network(model, number, row),
            status=SYSTEM_STATUS.get(str(row.get("status"))),
            owner=self._keeper(model, number),
            description=description or None,
            **fields,
        )

    def _addresses(self) -> dict[tuple[str, int], list[tuple[int, str, str]]]:
        homes = {
            "dcim.interface": ("dcim.device", "device"),
            "virtualization.vminterface": ("virtualization.virtualmachine", "virtual_machine"),
        }
        found: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
        for number, row in self.tables.all("ipam.ipaddress"):
            sort = str(row.get("assigned_object_type") or "")
            address = str(row.get("address") or "")
            try:
                ipaddress.ip_interface(address)
            except ValueError:
                self.skipped.append(Skipped(f"address {address or number}", "it is not an IP address"))
                continue
            interface = self.tables.get(sort, row.get("assigned_object_id"))
            if sort not in homes or not interface:
                self.skipped.append(
                    Skipped(f"address {address}", "it is assigned to nothing that is a record")
                )
                continue
            model, name = homes[sort]
            if isinstance(home := interface.get(name), int):
                found.setdefault((model, home), []).append(
                    (number, address, str(interface.get("name") or ""))
                )
        return found

    def _network(self, model: str, number: int, row: Row) -> list[dict[str, object]]:
        first = {row.get("primary_ip4"), row.get("primary_ip6")}
        return [
            {
                "address": address,
                **({"name": name} if name else {}),
                **({"primary": True} if key in first else {}),
            }
            for key, address, name in self.addresses.get((model, number), [])
        ]

    def _cables(self) -> dict[tuple[str, int], str]:
        """For each device, what its cables lead to, as a list in Markdown."""
        ends: dict[int, dict[str, list[tuple[int, str]]]] = {}
        for _, row in self.tables.all("dcim.cabletermination"):
            if row.get("termination_type") == "dcim.interface" and isinstance(row.get("cable"), int):
                interface = self.tables.get("dcim.interface", row.get("termination_id"))
                if isinstance(device := interface.get("device"), int):
                    end = (device, str(interface.get("name") or ""))
                    ends.setdefault(row["cable"], {}).setdefault(str(row.get("cable_end")), []).append(end)
        lines: dict[int, list[str]] = {}
        for _, sides in sorted(ends.items()):
            for one, two in (("A", "B"), ("B", "A")):
                for device, name in sides.get(one, []):
                    for other, port in sides.get(two, []):
                        title = self.tables.get("dcim.device", other).get("name")
                        if title:
                            lines.setdefault(device, []).append(
                                f"- `{_code(name)}` to `{_code(str(title))}`, `{_code(port)}`"
                            )
        return {
            ("dcim.device", device): "Cables:\n\n" + "\n".join(sorted(set(found)))
            for device, found in lines.items()
        }

    def circuits(self) -> Iterator[Imported]:
        """Circuits, as subscriptions that serve the sites they end at."""
        sites: dict[int, list[str]] = {}
        for _, row in self.tables.all("circuits.circuittermination"):
            site = row.get("site") if row.get("site") is not None else row.get("termination_id")
            place = self._ref(Location, "dcim.site", site)
            if (
                place
                and isinstance(row.get("circuit"), int)
                and place not in sites.setdefault(row["circuit"], [])
            ):
                sites[row["circuit"]].append(place)
        for number, row in self.tables.all("circuits.circuit"):
            name = str(row.get("cid") or number)
            sort = self.tables.get("circuits.circuittype", row.get("type")).get("name")
            yield self._make(
                Subscription,
                "circuits.circuit",
                number,
                row,
                f"{sort} {name}" if sort else f"Circuit {name}",
                type="circuit",
                vendor=self._ref(Vendor, "circuits.provider", row.get("provider")),
                reference=_line(row.get("cid")),
                locations=sites.get(number),
                started=row.get("install_date"),
                renews=row.get("termination_date"),
                status=CIRCUIT_STATUS.get(str(row.get("status"))),
                owner=self._keeper("circuits.circuit", number),
            )


def _title(row: Row, what: str, number: int) -> str:
    return _line(row.get("name")) or f"{what.rpartition('.')[2].capitalize()} {number}"


def _line(value: object) -> str | None:
    text = " ".join(str(value).split()) if value is not None else ""
    return text or None


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split()) or "?"
