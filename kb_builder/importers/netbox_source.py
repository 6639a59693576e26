"""Where NetBox's rows come from: a Django dump (`dumpdata`) or the REST API, in one shape."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pynetbox
import requests

from kb_builder.errors import KbError

MAX_BYTES = 500_000_000
Row = Mapping[str, Any]

ENDPOINTS: dict[str, tuple[str, str]] = {
    "dcim.region": ("dcim", "regions"),
    "dcim.site": ("dcim", "sites"),
    "dcim.location": ("dcim", "locations"),
    "dcim.rack": ("dcim", "racks"),
    "dcim.manufacturer": ("dcim", "manufacturers"),
    "dcim.devicetype": ("dcim", "device_types"),
    "dcim.devicerole": ("dcim", "device_roles"),
    "dcim.platform": ("dcim", "platforms"),
    "dcim.device": ("dcim", "devices"),
    "dcim.interface": ("dcim", "interfaces"),
    "virtualization.cluster": ("virtualization", "clusters"),
    "virtualization.clustertype": ("virtualization", "cluster_types"),
    "virtualization.virtualmachine": ("virtualization", "virtual_machines"),
    "virtualization.vminterface": ("virtualization", "interfaces"),
    "ipam.ipaddress": ("ipam", "ip_addresses"),
    "circuits.provider": ("circuits", "providers"),
    "circuits.circuittype": ("circuits", "circuit_types"),
    "circuits.circuit": ("circuits", "circuits"),
    "circuits.circuittermination": ("circuits", "circuit_terminations"),
    "tenancy.tenant": ("tenancy", "tenants"),
    "tenancy.contact": ("tenancy", "contacts"),
    "tenancy.contactrole": ("tenancy", "contact_roles"),
    "tenancy.contactassignment": ("tenancy", "contact_assignments"),
}
"""The tables that records are made of, and where the REST API has them."""

DUMP_ONLY = ("extras.tag", "extras.taggeditem", "dcim.cable", "dcim.cabletermination")
LEFT_OUT = {
    "auth.permission": "NetBox's own accounts and rights",
    "auth.user": "NetBox's own accounts and rights",
    "auth.group": "NetBox's own accounts and rights",
    "users.userconfig": "NetBox's own accounts and rights",
    "admin.logentry": "NetBox's own log",
    "contenttypes.contenttype": "NetBox's own housekeeping",
    "dcim.cablepath": "follows from the cables",
    "ipam.prefix": "address plans are not records",
    "ipam.vlan": "address plans are not records",
    "ipam.vrf": "address plans are not records",
    "ipam.aggregate": "address plans are not records",
    "ipam.iprange": "address plans are not records",
}
"""Why the tables that are not imported are not."""


@dataclass(frozen=True)
class Tables:
    """NetBox's rows by table and number. References are numbers, types of objects `app.model`, tags titles."""

    rows: Mapping[str, Mapping[int, Row]]
    unused: Mapping[str, Mapping[int, Row]] = field(default_factory=dict)

    def all(self, model: str) -> Iterator[tuple[int, Row]]:
        """The rows of a table by number."""
        yield from sorted(self.rows.get(model, {}).items())

    def get(self, model: str, number: object) -> Row:
        """One row, empty if there is none."""
        return self.rows.get(model, {}).get(number, {}) if isinstance(number, int) else {}


def from_file(source: str) -> Tables:
    """The tables of a dump. Raises KbError if it is not one."""
    hint = "make one with `manage.py dumpdata --natural-foreign -o netbox.json`"
    path = Path(source)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise KbError(
                f"{source} is larger than {MAX_BYTES / 1e6:.0f} MB", "use the address of the API instead"
            )
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KbError(f"{source} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise KbError(f"{source} is not JSON: {error}", hint) from error
    if not isinstance(data, list) or not all(_is_entry(entry) for entry in data):
        raise KbError(
            f"{source} is no dump of a NetBox: it must be a list of objects with model and fields", hint
        )
    tables: dict[str, dict[int, Row]] = {}
    for number, entry in enumerate(data):
        rows = tables.setdefault(entry["model"], {})
        key = entry.get("pk")
        rows[key if isinstance(key, int) else -number] = {
            name: _flat(value) for name, value in entry["fields"].items()
        }
    if not any(model in tables for model in ENDPOINTS):
        raise KbError(f"{source} holds no table of a NetBox", hint)
    _add_tags(tables)
    wanted = {*ENDPOINTS, *DUMP_ONLY}
    return Tables(
        {model: rows for model, rows in tables.items() if model in wanted},
        {model: rows for model, rows in tables.items() if model not in wanted},
    )


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("model"), str)
        and isinstance(entry.get("fields"), dict)
    )


def _flat(value: Any) -> Any:
    """A natural key of a type as `app.model`; a choice or a nested object of the API as its value or number."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value):
        return ".".join(value)
    if isinstance(value, dict):
        if "value" in value:
            return value["value"]
        if "id" in value and ("url" in value or "display" in value):
            return value["id"]
        if "address" in value:
            return value["address"]
    return value


def _add_tags(tables: dict[str, dict[int, Row]]) -> None:
    titles = {number: row.get("name") for number, row in tables.get("extras.tag", {}).items()}
    for row in tables.get("extras.taggeditem", {}).values():
        target = tables.get(str(row.get("content_type")), {}).get(row.get("object_id") or 0)
        title = titles.get(row.get("tag") or 0)
        if target is not None and title:
            tables[str(row["content_type"])][row["object_id"]] = {
                **target,
                "tags": [*target.get("tags", []), title],
            }


def from_api(source: str, token: str | None, progress: Callable[[int, int], None]) -> Tables:
    """The tables as NetBox's REST API has them. Raises KbError if it does not answer as a NetBox does."""
    parts = urlsplit(source)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise KbError(f"{source} is not an address of a NetBox", "write https://netbox.example.com")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise KbError("a token must not travel in the clear", "use https")
    tables: dict[str, dict[int, Row]] = {}
    try:
        api = pynetbox.api(source, token=token)
        for done, (model, (app, endpoint)) in enumerate(ENDPOINTS.items(), 1):
            found = getattr(getattr(api, app), endpoint).all()
            tables[model] = {row["id"]: _api_row(row) for row in map(dict, found)}
            progress(done, len(ENDPOINTS))
    except pynetbox.RequestError as error:
        hint = "set NETBOX_TOKEN to a token that may read" if error.req.status_code in (401, 403) else None
        raise KbError(f"NetBox refused: {error.req.status_code} {error.req.reason}", hint) from error
    except (
        requests.RequestException,
        pynetbox.ContentError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise KbError(
            f"{source} does not answer as a NetBox does: {error}", "give the address without /api"
        ) from error
    return Tables(tables)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _api_row(row: dict[str, Any]) -> Row:
    made = {name: _flat(value) for name, value in row.items()}
    made["tags"] = [tag.get("name") for tag in row.get("tags") or [] if isinstance(tag, dict)]
    for old, new in (("object_type", "content_type"), ("device_role", "role")):
        if old in made and new not in made:
            made[new] = made[old]
    return made
