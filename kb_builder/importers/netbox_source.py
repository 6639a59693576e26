"""NetBox's rows in one shape, and a dump of its database (`manage.py dumpdata`) brought into it.

`TABLES` says which tables and fields are used. A row of another shape is refused here, so that what
makes records of rows need not ask again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kb_builder.errors import KbError, UsageError

MAX_BYTES = 500_000_000
HINT = "make a dump with `manage.py dumpdata --natural-foreign --output netbox.json`"


@dataclass(frozen=True)
class Table:
    """What is used of a table: its texts, its references (field and table), and the types of objects it names."""

    path: str
    texts: tuple[str, ...]
    refs: Mapping[str, str]
    types: tuple[str, ...] = ()
    optional: bool = False


def _table(path: str, texts: str = "", types: str = "", optional: bool = False, **refs: str) -> Table:
    every = ("name", "description", "comments", "status")
    return Table(path, (*every, *texts.split()), refs, tuple(types.split()), optional)


def _port(path: str) -> Table:
    return _table(path, device="dcim.device")


PORTS = {
    "dcim.interface": "interfaces",
    "dcim.frontport": "front_ports",
    "dcim.rearport": "rear_ports",
    "dcim.powerport": "power_ports",
    "dcim.poweroutlet": "power_outlets",
    "dcim.consoleport": "console_ports",
    "dcim.consoleserverport": "console_server_ports",
}
"""What of a device a cable may end at."""
TABLES: dict[str, Table] = {
    "extras.customfield": _table("extras/custom_fields", "label type"),
    "dcim.region": _table("dcim/regions", parent="dcim.region"),
    "dcim.sitegroup": _table("dcim/site_groups"),
    "dcim.site": _table(
        "dcim/sites",
        "facility physical_address shipping_address latitude longitude time_zone",
        region="dcim.region",
        group="dcim.sitegroup",
        tenant="tenancy.tenant",
    ),
    "dcim.location": _table(
        "dcim/locations", "facility", parent="dcim.location", site="dcim.site", tenant="tenancy.tenant"
    ),
    "dcim.rackrole": _table("dcim/rack_roles"),
    "dcim.rack": _table(
        "dcim/racks",
        "serial asset_tag facility_id u_height type",
        site="dcim.site",
        location="dcim.location",
        role="dcim.rackrole",
        tenant="tenancy.tenant",
    ),
    "dcim.manufacturer": _table("dcim/manufacturers"),
    "dcim.devicetype": _table("dcim/device_types", "model part_number", manufacturer="dcim.manufacturer"),
    "dcim.devicerole": _table("dcim/device_roles"),
    "dcim.platform": _table("dcim/platforms"),
    "dcim.virtualchassis": _table("dcim/virtual_chassis"),
    "dcim.device": _table(
        "dcim/devices",
        "serial asset_tag position face vc_position",
        device_type="dcim.devicetype",
        role="dcim.devicerole",
        platform="dcim.platform",
        site="dcim.site",
        location="dcim.location",
        rack="dcim.rack",
        cluster="virtualization.cluster",
        virtual_chassis="dcim.virtualchassis",
        primary_ip4="ipam.ipaddress",
        primary_ip6="ipam.ipaddress",
        tenant="tenancy.tenant",
    ),
    "dcim.devicebay": _table("dcim/device_bays", device="dcim.device", installed_device="dcim.device"),
    **{model: _port(f"dcim/{path}") for model, path in PORTS.items()},
    "dcim.cable": _table("dcim/cables"),
    "dcim.cabletermination": _table("", "cable_end termination_id", "termination_type", cable="dcim.cable"),
    "virtualization.clustertype": _table("virtualization/cluster_types"),
    "virtualization.clustergroup": _table("virtualization/cluster_groups"),
    "virtualization.cluster": _table(
        "virtualization/clusters",
        "scope_id",
        "scope_type",
        type="virtualization.clustertype",
        group="virtualization.clustergroup",
        site="dcim.site",
        tenant="tenancy.tenant",
    ),
    "virtualization.virtualmachine": _table(
        "virtualization/virtual_machines",
        "vcpus memory disk",
        role="dcim.devicerole",
        platform="dcim.platform",
        cluster="virtualization.cluster",
        site="dcim.site",
        device="dcim.device",
        primary_ip4="ipam.ipaddress",
        primary_ip6="ipam.ipaddress",
        tenant="tenancy.tenant",
    ),
    "virtualization.vminterface": _table(
        "virtualization/interfaces", virtual_machine="virtualization.virtualmachine"
    ),
    "ipam.ipaddress": _table(
        "ipam/ip_addresses", "address dns_name assigned_object_id", "assigned_object_type"
    ),
    "circuits.provider": _table("circuits/providers", "account"),
    "circuits.provideraccount": _table(
        "circuits/provider_accounts", "account", optional=True, provider="circuits.provider"
    ),
    "circuits.providernetwork": _table("circuits/provider_networks"),
    "circuits.circuittype": _table("circuits/circuit_types"),
    "circuits.circuit": _table(
        "circuits/circuits",
        "cid install_date termination_date commit_rate",
        provider="circuits.provider",
        type="circuits.circuittype",
        tenant="tenancy.tenant",
    ),
    "circuits.circuittermination": _table(
        "circuits/circuit_terminations",
        "term_side termination_id",
        "termination_type",
        circuit="circuits.circuit",
        site="dcim.site",
        provider_network="circuits.providernetwork",
    ),
    "tenancy.tenantgroup": _table("tenancy/tenant_groups"),
    "tenancy.tenant": _table("tenancy/tenants", group="tenancy.tenantgroup"),
    "tenancy.contactgroup": _table("tenancy/contact_groups"),
    "tenancy.contact": _table(
        "tenancy/contacts", "title phone email address link", group="tenancy.contactgroup"
    ),
    "tenancy.contactrole": _table("tenancy/contact_roles"),
    "tenancy.contactassignment": _table(
        "tenancy/contact_assignments",
        "object_id priority",
        "content_type",
        contact="tenancy.contact",
        role="tenancy.contactrole",
    ),
}
"""The tables that records are made of, and where the REST API has them."""
OLD_NAMES = {"device_role": "role", "object_type": "content_type"}
"""Fields that have another name in some versions of NetBox."""


@dataclass(frozen=True)
class Row:
    """One row: texts (empty where there is none), references that are set, tags, and its custom fields as texts."""

    number: int
    text: Mapping[str, str]
    ref: Mapping[str, int]
    tags: tuple[str, ...] = ()
    custom: Mapping[str, str] = field(default_factory=dict)

    def target(self, type_field: str, id_field: str) -> tuple[str, int] | None:
        """The table and number that a pair of fields names, or None."""
        model, number = self.text.get(type_field, ""), self.text.get(id_field, "")
        return (model, int(number)) if model and number.isascii() and number.isdigit() else None


@dataclass(frozen=True)
class Tables:
    """NetBox's rows by table and number, how many rows there are of what is not used, and NetBox's address if known."""

    rows: Mapping[str, Mapping[int, Row]]
    unused: Mapping[str, int] = field(default_factory=dict)
    base: str = ""

    def all(self, model: str) -> Iterator[Row]:
        """The rows of a table by number."""
        for _, row in sorted(self.rows.get(model, {}).items()):
            yield row

    def find(self, model: str, number: int | None) -> Row | None:
        """One row, or None if there is none."""
        return self.rows.get(model, {}).get(number) if number is not None else None

    def name(self, model: str, number: int | None, text: str = "name") -> str:
        """A text of one row on one line, empty if there is no such row."""
        row = self.find(model, number)
        return " ".join(row.text[text].split()) if row else ""

    def chain(self, model: str, number: int | None) -> list[str]:
        """The names of a row and of those that it lies in, from the inside out."""
        names: list[str] = []
        seen: set[int] = set()
        while (row := self.find(model, number)) is not None and row.number not in seen:
            seen.add(row.number)
            names.append(self.name(model, number))
            number = row.ref.get("parent")
        return names


def make_row(
    model: str, number: int, fields: Mapping[str, Any], tags: tuple[str, ...], custom: Mapping[str, str]
) -> Row:
    """A row of the fields that are used. Raises KbError for a value of the wrong sort."""
    table = TABLES[model]
    given = {OLD_NAMES.get(name, name): value for name, value in fields.items() if value is not None}
    where = f"{model} {number}"
    texts = {name: _text(given.get(name), f"{where}: {name}") for name in table.texts}
    texts.update({name: _type(given.get(name), f"{where}: {name}") for name in table.types})
    refs = {name: _reference(given[name], f"{where}: {name}") for name in table.refs if name in given}
    return Row(number, texts, refs, tags, custom)


def _text(value: object, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return str(value)
    raise KbError(f"{where}: is {_sort(value)}, not a text", HINT)


def _reference(value: object, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise KbError(f"{where}: is {_sort(value)}, not the number of another row", HINT)


def _type(value: object, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value):
        return ".".join(value)
    if isinstance(value, str):
        return value
    raise KbError(f"{where}: is {_sort(value)}, not the name of a table", f"{HINT} (with --natural-foreign)")


def _sort(value: object) -> str:
    if isinstance(value, str | int | float):
        return f'"{str(value)[:40]}"'
    return "nothing" if value is None else "a list" if isinstance(value, list) else "an object"


def from_file(source: str) -> Tables:
    """The tables of a dump. Raises KbError if it is not one, or not a whole one."""
    entries: dict[str, dict[int, Mapping[str, Any]]] = {}
    for position, entry in enumerate(_load(source), 1):
        number = entry.get("pk")
        if entry["model"] in TABLES and (not isinstance(number, int) or isinstance(number, bool)):
            raise KbError(
                f"{source}: object {position}, a {entry['model']}, has no number (pk)",
                "make the dump without --natural-primary",
            )
        rows = entries.setdefault(entry["model"], {})
        rows[number if isinstance(number, int) else -position] = entry["fields"]
    if not any(entries.get(model) for model in ("dcim.site", "dcim.device", "virtualization.virtualmachine")):
        raise KbError(f"{source} holds no site, device or virtual machine of a NetBox", HINT)
    tags = _tags(entries)
    rows_of = {
        model: {
            number: make_row(model, number, fields, tuple(tags.get((model, number), ())), _custom(fields))
            for number, fields in rows.items()
        }
        for model, rows in entries.items()
        if model in TABLES
    }
    _see_that_it_is_whole(source, rows_of)
    unused = {model: len(rows) for model, rows in entries.items() if model not in TABLES}
    return Tables(rows_of, unused)


def _load(source: str) -> list[dict[str, Any]]:
    path = Path(source)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise KbError(
                f"{source} is larger than {MAX_BYTES / 1e6:.0f} MB", "use the address of NetBox instead"
            )
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UsageError(f"{source} is not a file", "name a dump of NetBox") from error
    except (ValueError, RecursionError) as error:
        raise KbError(f"{source} is not JSON: {error}", HINT) from error
    if not isinstance(data, list):
        raise KbError(f"{source} is no dump of a NetBox: it holds {_sort(data)}, not a list", HINT)
    for position, entry in enumerate(data, 1):
        if (
            not isinstance(entry, dict)
            or not isinstance(entry.get("model"), str)
            or not isinstance(entry.get("fields"), dict)
        ):
            raise KbError(f"{source} is no dump of a NetBox: object {position} has no model and fields", HINT)
    return data


def _tags(entries: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> dict[tuple[str, int], list[str]]:
    titles = {number: str(row.get("name") or "") for number, row in entries.get("extras.tag", {}).items()}
    found: dict[tuple[str, int], list[str]] = {}
    for number, row in sorted(entries.get("extras.taggeditem", {}).items()):
        where = f"extras.taggeditem {number}"
        title = titles.get(_reference(row.get("tag"), f"{where}: tag"))
        target = _type(row.get("content_type"), f"{where}: content_type")
        if title:
            key = (target, _reference(row.get("object_id"), f"{where}: object_id"))
            found.setdefault(key, []).append(title)
    return found


def _custom(fields: Mapping[str, Any]) -> dict[str, str]:
    given = fields.get("custom_field_data")
    return custom_texts(given) if isinstance(given, dict) else {}


def custom_texts(given: Mapping[str, Any]) -> dict[str, str]:
    """Custom fields as texts; those that are empty, or that only a program could read, are left out."""
    return {name: text for name, value in given.items() if (text := _custom_text(value))}


def _custom_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        return ", ".join(text for each in value if (text := _custom_text(each)))
    if isinstance(value, dict):
        return next((str(value[name]) for name in ("label", "display", "name") if value.get(name)), "")
    return ""


def _see_that_it_is_whole(source: str, rows: Mapping[str, Mapping[int, Row]]) -> None:
    """Raise KbError if rows refer to a table that is not there at all."""
    for model, those in rows.items():
        for name, target in TABLES[model].refs.items():
            if target not in rows and any(name in row.ref for row in those.values()):
                raise KbError(f"{source} has {model} but not {target}, which it needs", HINT)
