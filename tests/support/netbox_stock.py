"""A small NetBox for tests: as a dump of its database, and as its REST API serves it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kb_builder.importers.netbox_source import TABLES

Rows = dict[str, dict[int, dict[str, Any]]]
TOKEN = "0123456789abcdef"
CHOICES = {"status", "type", "face", "priority", "cable_end"}


def stock() -> Rows:
    """Two sites, a rack, three devices, two virtual machines, a circuit, and what belongs to them."""
    return {
        "dcim.region": {1: {"name": "Europe"}, 2: {"name": "Kent", "parent": 1}},
        "dcim.sitegroup": {1: {"name": "Branches"}},
        "dcim.site": {
            1: {"name": "Head Office", "status": "active", "region": 2, "tenant": 1, "physical_address": "1 High St\r\nDover"},
            2: {"name": "Dover | Depot", "status": "planned", "region": 2, "group": 1, "facility": "D_1", "description": "Stock"},
        },
        "dcim.location": {
            1: {"name": "Floor 1", "status": "active", "site": 1},
            2: {"name": "Room 4", "status": "active", "site": 1, "parent": 1},
        },
        "dcim.rackrole": {1: {"name": "Core"}},
        "dcim.rack": {
            1: {"name": "R1", "status": "active", "site": 1, "location": 2, "role": 1, "u_height": 42, "type": "4-post-cabinet"}
        },
        "dcim.manufacturer": {1: {"name": "Acme"}, 2: {"name": "Telco"}},
        "dcim.devicetype": {
            1: {"model": "SW-48", "manufacturer": 1, "part_number": "X-1"},
            2: {"model": "Patch 24", "manufacturer": 1},
        },
        "dcim.devicerole": {1: {"name": "Access Switch"}, 2: {"name": "Patch Panel"}, 3: {"name": "File Server"}},
        "dcim.platform": {1: {"name": "SwitchOS 4"}, 2: {"name": "Debian 12"}},
        "dcim.virtualchassis": {1: {"name": "stack-1", "master": 1}},
        "dcim.device": {
            1: {
                "name": "sw_core_1", "status": "active", "device_type": 1, "role": 1, "platform": 1, "site": 1, "location": 2,
                "rack": 1, "position": 10.0, "face": "front", "serial": "S-100", "asset_tag": "A7", "tenant": 1,
                "primary_ip4": 2, "comments": "Bought **new**.", "virtual_chassis": 1, "vc_position": 2, "cluster": 1,
                "custom": {"owner_mail": "it@example.com", "spare": None, "managed": True},
            },
            2: {"name": None, "status": "staged", "device_type": 2, "role": 2, "site": 1, "rack": 1},
            3: {"name": "files", "status": "offline", "device_type": 1, "role": 3, "site": 2},
        },
        "dcim.interface": {1: {"name": "eth0", "device": 1}, 2: {"name": "eth1", "device": 1}, 3: {"name": "lan", "device": 3}},
        "dcim.frontport": {1: {"name": "Port 1", "device": 2}},
        "dcim.cable": {1: {}, 2: {}},
        "dcim.cabletermination": {
            1: {"cable": 1, "cable_end": "A", "termination_type": "dcim.interface", "termination_id": 2},
            2: {"cable": 1, "cable_end": "B", "termination_type": "dcim.frontport", "termination_id": 1},
            3: {"cable": 2, "cable_end": "A", "termination_type": "circuits.circuittermination", "termination_id": 1},
            4: {"cable": 2, "cable_end": "B", "termination_type": "dcim.interface", "termination_id": 1},
        },
        "dcim.devicebay": {1: {"name": "Bay 1", "device": 1, "installed_device": 3}},
        "virtualization.clustertype": {1: {"name": "VMware"}, 2: {"name": "Amazon Web Services"}},
        "virtualization.clustergroup": {},
        "virtualization.cluster": {
            1: {"name": "vm-cluster", "status": "active", "type": 1, "scope_type": "dcim.site", "scope_id": 1},
            2: {"name": "aws", "status": "active", "type": 2},
        },
        "virtualization.virtualmachine": {
            1: {
                "name": "erp", "status": "active", "cluster": 1, "role": 3, "platform": 2, "vcpus": 2.0, "memory": 4096,
                "disk": 100, "primary_ip4": 1, "tags": ["Prod"], "device": 1,
            },
            2: {"name": "erp", "status": "decommissioning", "cluster": 2},
        },
        "virtualization.vminterface": {1: {"name": "ens1", "virtual_machine": 1}},
        "ipam.ipaddress": {
            1: {"address": "10.0.0.5/24", "assigned_object_type": "virtualization.vminterface", "assigned_object_id": 1,
                "dns_name": "erp.example.com", "status": "active"},
            2: {"address": "10.0.0.2/24", "assigned_object_type": "dcim.interface", "assigned_object_id": 1, "status": "active"},
            3: {"address": "10.0.0.9/24", "status": "reserved"},
            4: {"address": "2001:db8::5/64", "assigned_object_type": "virtualization.vminterface", "assigned_object_id": 1},
        },
        "circuits.provider": {1: {"name": "telco"}},
        "circuits.provideraccount": {1: {"provider": 1, "account": "ACC-9"}},
        "circuits.providernetwork": {1: {"name": "Telco MPLS"}},
        "circuits.circuittype": {1: {"name": "Internet"}},
        "circuits.circuit": {
            1: {"cid": "C-77", "status": "active", "provider": 1, "type": 1, "tenant": 1, "install_date": "2024-01-31",
                "termination_date": "2027-01-31", "commit_rate": 10000},
            2: {"cid": "C-78", "status": "offline", "provider": 1, "type": 1, "install_date": "2024-02-01",
                "termination_date": "2023-02-01"},
        },
        "circuits.circuittermination": {
            1: {"circuit": 1, "term_side": "A", "site": 1},
            2: {"circuit": 1, "term_side": "Z", "provider_network": 1},
            3: {"circuit": 2, "term_side": "A", "termination_type": "dcim.site", "termination_id": 2},
        },
        "tenancy.tenantgroup": {1: {"name": "Departments"}},
        "tenancy.tenant": {1: {"name": "Finance", "group": 1}},
        "tenancy.contactgroup": {1: {"name": "Staff"}},
        "tenancy.contact": {
            1: {"name": "Ann Lee", "title": "Manager", "email": "ann@example.com", "phone": "01304 1", "group": 1},
            2: {"name": "Bo Ek"},
            3: {"name": "Finance", "comments": "At the [portal](/tenancy/contacts/3/)."},
        },
        "tenancy.contactrole": {1: {"name": "On call"}, 2: {"name": "Billing"}},
        "tenancy.contactassignment": {
            1: {"content_type": "dcim.site", "object_id": 1, "contact": 2, "role": 1, "priority": "secondary"},
            2: {"content_type": "dcim.site", "object_id": 1, "contact": 1, "role": 1, "priority": "primary"},
            3: {"content_type": "circuits.provider", "object_id": 1, "contact": 2, "role": 2, "priority": "primary"},
            4: {"content_type": "virtualization.virtualmachine", "object_id": 1, "contact": 1, "role": 1, "priority": ""},
            5: {"content_type": "tenancy.tenant", "object_id": 1, "contact": 3, "role": 2, "priority": "primary"},
        },
        "extras.customfield": {1: {"name": "owner_mail", "label": "Owner's mail", "type": "text"}},
    }  # fmt: skip


def dump(rows: Rows) -> list[dict[str, Any]]:
    """The rows as `manage.py dumpdata --natural-foreign` writes them."""
    entries: list[dict[str, Any]] = [
        {"model": "auth.user", "pk": None, "fields": {"username": "admin"}},
        {"model": "dcim.cablepath", "pk": 1, "fields": {"path": [["1:1"]]}},
    ]
    tags: dict[str, int] = {}
    for model, those in rows.items():
        for number, row in those.items():
            fields = {name: value for name, value in row.items() if name not in ("tags", "custom")}
            for name in TABLES[model].types:
                if isinstance(fields.get(name), str):
                    fields[name] = fields[name].split(".")
            fields["custom_field_data"] = row.get("custom", {})
            entries.append({"model": model, "pk": number, "fields": fields})
            for tag in row.get("tags", ()):
                link = {
                    "content_type": model.split("."),
                    "object_id": number,
                    "tag": tags.setdefault(tag, len(tags) + 1),
                }
                entries.append({"model": "extras.taggeditem", "pk": len(entries), "fields": link})
    entries += [
        {"model": "extras.tag", "pk": number, "fields": {"name": tag}} for tag, number in tags.items()
    ]
    return entries


@dataclass
class Server:
    """What a test may set: the rows, and answers to give instead of them; and what was asked."""

    rows: Rows
    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    largest_page: int = 2
    next_at: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)


@contextmanager
def serving(rows: Rows) -> Iterator[Server]:
    """A server on this machine that answers as NetBox's REST API does, two rows a page."""
    state = Server(rows)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = _answer(state, self.path, self.headers.get("authorization"))
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", content.decode())
                content = b""
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _answer(state: Server, path: str, token: str | None) -> tuple[int, bytes]:
    state.asked.append(path)
    state.tokens.append(token)
    parts = urlsplit(path)
    endpoint = parts.path.removeprefix("/api/").strip("/")
    if endpoint in state.answers:
        return state.answers[endpoint]
    if token != f"Token {TOKEN}":
        return 403, b'{"detail": "Authentication credentials were not provided."}'
    models = {table.path.replace("_", "-"): model for model, table in TABLES.items() if table.path}
    model = models.get(endpoint)
    if model is None:
        return 404, b'{"detail": "Not found."}'
    query = parse_qs(parts.query)
    offset = int(query.get("offset", ["0"])[0])
    limit = min(int(query.get("limit", ["50"])[0]) or 50, state.largest_page)
    all_rows = [as_served(state.rows, model, number) for number in sorted(state.rows.get(model, {}))]
    page = all_rows[offset : offset + limit]
    more = f"{state.next_at or state.url}{parts.path}?limit={limit}&offset={offset + limit}"
    body = {"count": len(all_rows), "next": more if offset + limit < len(all_rows) else None, "results": page}
    return 200, json.dumps(body).encode()


def as_served(rows: Rows, model: str, number: int) -> dict[str, Any]:
    """One row as the REST API shows it."""
    row, table = rows[model][number], TABLES[model]
    shown: dict[str, Any] = {
        "id": number,
        "url": f"https://netbox/{number}/",
        "display": str(row.get("name")),
    }
    for name, value in row.items():
        if name in table.refs and value is not None:
            shown[name] = nested(rows, table.refs[name], value)
        elif name in CHOICES and value:
            shown[name] = {"value": value, "label": str(value).title()}
        elif name not in ("tags", "custom"):
            shown[name] = value
    shown["tags"] = [
        {"id": 1, "url": "", "display": tag, "name": tag, "slug": tag.lower()} for tag in row.get("tags", ())
    ]
    shown["custom_fields"] = row.get("custom", {})
    if model == "ipam.ipaddress":
        shown["assigned_object"] = _object(
            rows, row.get("assigned_object_type"), row.get("assigned_object_id")
        )
    if model == "dcim.cable":
        ends = [each for each in rows["dcim.cabletermination"].values() if each["cable"] == number]
        for end in ("A", "B"):
            shown[f"{end.lower()}_terminations"] = [
                {
                    "object_type": each["termination_type"],
                    "object_id": each["termination_id"],
                    "object": _object(rows, each["termination_type"], each["termination_id"]),
                }
                for each in ends
                if each["cable_end"] == end
            ]
    return shown


def _object(rows: Rows, model: str | None, number: int | None) -> dict[str, Any] | None:
    if model is None or number is None:
        return None
    row: Mapping[str, Any] = rows[model][number]
    refs = {
        name: nested(rows, target, row[name]) for name, target in TABLES[model].refs.items() if name in row
    }
    return {**nested(rows, model, number), **refs}


def nested(rows: Rows, model: str, number: int) -> dict[str, Any]:
    """A row as another shows it."""
    name = rows[model].get(number, {}).get("name")
    return {"id": number, "url": f"https://netbox/{number}/", "display": str(name), "name": name}
