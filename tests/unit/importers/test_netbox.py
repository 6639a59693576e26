"""NetBox's dump and its REST API to records."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.netbox_stock import TOKEN, Rows, Server, as_served, dump, serving, stock
from support.sites import TODAY, new_workspace

from kb_builder import pipeline
from kb_builder.errors import KbError
from kb_builder.importers import netbox, netbox_api
from kb_builder.importers.base import Import, Imported, merge, write
from kb_builder.importers.netbox_source import TABLES
from kb_builder.importers.netbox_words import prose, system_type, table, written
from kb_builder.insight.texts import targets
from kb_builder.problem import errors
from kb_builder.records.base import Audience
from kb_builder.records.discovery import System
from kb_builder.text import parse
from kb_builder.workspace import Workspace

Dumped = Callable[[object], str]


@pytest.fixture
def dumped(tmp_path: Path) -> Dumped:
    """Writes a dump and gives back where."""

    def make(data: object) -> str:
        path = tmp_path / "netbox.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data))
        return str(path)

    return make


def found(imported: Import) -> dict[str, Imported]:
    return {f"{record.kind.kind}/{record.id}": record for record in imported.records}


def fields(imported: Import, name: str) -> Mapping[str, object]:
    return found(imported)[name].fields


def whys(imported: Import) -> dict[str, str]:
    return {entry.what: entry.why for entry in imported.skipped}


def changed(change: Callable[[Rows], object]) -> list[dict[str, Any]]:
    rows = stock()
    change(rows)
    return dump(rows)


# What becomes what


@pytest.fixture
def small(dumped: Dumped) -> Import:
    return netbox.read(dumped(dump(stock())))


def test_every_record(small: Import) -> None:
    assert sorted(found(small)) == [
        "asset/files", "asset/patch-24-2", "asset/rack-r1-head-office", "asset/sw-core-1",
        "location/dover-depot", "location/head-office", "location/head-office-floor-1", "location/head-office-floor-1-room-4",
        "person/ann-lee", "person/bo-ek", "person/finance",
        "role/billing", "role/finance", "role/on-call",
        "subscription/internet-telco-dover-depot", "subscription/internet-telco-head-office",
        "system/aws", "system/erp", "system/erp-2", "system/files", "system/sw-core-1", "system/vm-cluster",
        "vendor/acme", "vendor/telco",
    ]  # fmt: skip


def test_sites_are_locations(small: Import) -> None:
    assert fields(small, "location/head-office") == {
        "title": "Head Office",
        "address": "1 High St, Dover",
        "manager": "ann-lee",
        "owner": "role/finance",
        "tags": ["tenant: Finance"],
        "description": "- Region: Kent, Europe\n\n## Contacts\n\n| Who | Role | Priority |\n| --- | --- | --- |\n"
        "| Ann Lee | On call | primary |\n| Bo Ek | On call | secondary |",
    }
    assert fields(small, "location/dover-depot") == {
        "title": "Dover | Depot",
        "summary": "Stock",
        "address": "Kent, Europe",
        "status": "planned",
        "tags": ["Branches"],
        "description": "- Facility: D_1",
    }
    assert fields(small, "location/head-office-floor-1-room-4") == {"title": "Head Office, Floor 1, Room 4"}


def test_racks_and_devices_are_equipment(small: Import) -> None:
    assert fields(small, "asset/rack-r1-head-office") == {
        "title": "Rack R1, Head Office",
        "type": "rack",
        "product": "4 post cabinet, 42 units",
        "location": "head-office-floor-1-room-4",
        "tags": ["Core"],
    }
    assert fields(small, "asset/patch-24-2") == {
        "title": "Patch 24 2",
        "type": "patch panel",
        "vendor": "acme",
        "product": "Patch 24",
        "location": "head-office",
        "part_of": "rack-r1-head-office",
        "status": "spare",
        "description": "- Status in NetBox: staged\n\n## Connections\n\n| Port | Connected to | Port there |\n"
        "| --- | --- | --- |\n| Port 1 | sw_core_1 | eth1 |",
    }
    switch = fields(small, "asset/sw-core-1")
    assert (switch["serial"], switch["asset_tag"], switch["place"]) == ("S-100", "A7", "Unit 10, front")
    blade = fields(small, "asset/files")
    assert (blade["part_of"], blade["place"]) == ("sw-core-1", "Bay 1")


def test_a_device_that_runs_something_is_a_system_too(small: Import) -> None:
    assert fields(small, "system/sw-core-1") == {
        "title": "sw_core_1",
        "summary": "Access Switch",
        "type": "network",
        "vendor": "acme",
        "product": "SW-48",
        "version": "SwitchOS 4",
        "location": "head-office-floor-1-room-4",
        "runs_on": ["sw-core-1"],
        "network": [{"address": "10.0.0.2/24", "name": "eth0", "primary": True}],
        "owner": "role/finance",
        "tags": ["tenant: Finance"],
        "description": "Bought **new**.\n\n- managed: yes\n- Owner's mail: it@example.com\n\n## Connections\n\n"
        "| Port | Connected to | Port there |\n| --- | --- | --- |\n| eth0 | Internet, telco | Side A |\n"
        "| eth1 | Patch 24 2 | Port 1 |",
    }
    assert fields(small, "system/files")["status"] == "retired"
    assert "system/patch-24-2" not in found(small)


def test_machines_need_their_cluster(small: Import) -> None:
    assert fields(small, "system/erp") == {
        "title": "erp",
        "summary": "File Server",
        "type": "virtual-machine",
        "product": "Debian 12",
        "depends_on": ["vm-cluster"],
        "runs_on": ["sw-core-1"],
        "network": [
            {"address": "10.0.0.5/24", "name": "ens1 (erp.example.com)", "primary": True},
            {"address": "2001:db8::5/64", "name": "ens1"},
        ],
        "owner": "ann-lee",
        "tags": ["Prod"],
        "description": "- Virtual CPUs: 2\n- Memory: 4096 MB",
    }
    assert fields(small, "system/erp-2") == {
        "title": "erp",
        "type": "virtual-machine",
        "depends_on": ["aws"],
        "status": "retiring",
        "description": "- Status in NetBox: decommissioning",
    }
    cluster = fields(small, "system/vm-cluster")
    assert (cluster["type"], cluster["location"], cluster["runs_on"]) == (
        "server",
        "head-office",
        ["sw-core-1"],
    )
    assert fields(small, "system/aws")["type"] == "cloud-service"


def test_circuits_are_subscriptions(small: Import) -> None:
    assert fields(small, "subscription/internet-telco-head-office") == {
        "title": "Internet, telco, Head Office",
        "type": "circuit",
        "vendor": "telco",
        "reference": "C-77",
        "locations": ["head-office"],
        "systems": ["sw-core-1"],
        "started": dt.date(2024, 1, 31),
        "renews": dt.date(2027, 1, 31),
        "owner": "role/finance",
        "tags": ["tenant: Finance"],
        "description": "- Commit rate: 10000 kbit/s\n- Provider's network: Telco MPLS",
    }
    other = fields(small, "subscription/internet-telco-dover-depot")
    assert "renews" not in other and other["locations"] == ["dover-depot"]
    assert whys(small)["the end of circuit C-78"] == "it is before its start"


def test_a_firm_that_makes_and_provides_is_one_vendor(small: Import) -> None:
    assert fields(small, "vendor/telco") == {"title": "Telco", "account": "ACC-9", "contacts": ["bo-ek"]}


def test_contacts_are_people_and_tenants_roles(small: Import) -> None:
    assert fields(small, "person/ann-lee") == {
        "title": "Ann Lee",
        "job": "Manager",
        "phone": "01304 1",
        "email": "ann@example.com",
        "roles": ["on-call"],
        "tags": ["Staff"],
    }
    assert fields(small, "person/bo-ek") == {
        "title": "Bo Ek",
        "roles": ["billing", "on-call"],
        "organisation": "telco",
    }
    assert fields(small, "person/finance")["roles"] == ["billing", "finance"]
    finance = fields(small, "role/finance")
    assert (finance["owner"], finance["tags"]) == ("person/finance", ["tenant", "Departments"])


def test_what_is_left_out_is_told(small: Import) -> None:
    told = whys(small)
    assert told["address 10.0.0.9/24"] == "it is not assigned to a device or a virtual machine"
    assert told["links in person/finance"] == "they lead to pages of NetBox itself"
    assert told["the disk size of 1 virtual machines"] == "its unit differs between versions of NetBox"
    assert told["3 of dcim.interface"] == "only names, addresses and what is plugged in are kept"
    assert told["1 of auth.user"] == "accounts and rights of NetBox itself"
    assert told["1 of dcim.cablepath"] == "follows from the cables"
    assert fields(small, "person/finance")["description"] == "At the portal."


def test_progress_is_told(dumped: Dumped) -> None:
    told: list[tuple[int, int]] = []
    netbox.read(dumped(dump(stock())), progress=lambda done, all: told.append((done, all)))
    assert told and told[-1][0] == told[-1][1]


@pytest.mark.parametrize(
    ("role", "type"),
    [
        ("Access Switch", "network"), ("Core Router", "network"), ("Firewalls", "security"), ("IP Phone", "telephony"),
        ("Storage Server", "server"), ("NAS", "data-store"), ("PDU", None), ("Patch Panel", None), ("Server Chassis", None),
        ("Wireless AP", "network"), ("Laser printer", "endpoint"), ("Mascot", None), ("", None), ("Personal nasal thing", None),
    ],
)  # fmt: skip
def test_a_role_says_what_sort_of_system_it_is(role: str, type: str | None) -> None:
    assert system_type(role) == type


def test_statuses(dumped: Dumped) -> None:
    def some(rows: Rows) -> None:
        rows["dcim.device"][1]["status"] = "failed"
        rows["circuits.circuit"][1]["status"] = "deprovisioning"
        rows["dcim.rack"][1]["status"] = "available"

    imported = netbox.read(dumped(changed(some)))
    assert fields(imported, "asset/sw-core-1")["status"] == "broken"
    assert "status" not in fields(imported, "system/sw-core-1")
    assert fields(imported, "subscription/internet-telco-head-office")["status"] == "cancelled"
    assert fields(imported, "asset/rack-r1-head-office")["status"] == "spare"


def test_older_names_of_fields(dumped: Dumped) -> None:
    def older(rows: Rows) -> None:
        for row in rows["dcim.device"].values():
            row["device_role"] = row.pop("role")
        rows["virtualization.cluster"][1] = {"name": "vm-cluster", "type": 1, "site": 1}

    imported = netbox.read(dumped(changed(older)))
    assert found(imported) == found(netbox.read(dumped(dump(stock()))))


# Written down, and again


def bring(workspace: Workspace, wanted: Import) -> Any:
    outcome = merge(workspace, "demo", wanted)
    write(workspace, "demo", outcome)
    assert errors(pipeline.check(workspace, "demo", TODAY).problems) == []
    return outcome


def test_it_has_no_errors_and_does_not_change_again(workspace: Workspace, dumped: Dumped) -> None:
    source = dumped(dump(stock()))
    assert len(bring(workspace, netbox.read(source)).added) == 24
    again = bring(workspace, netbox.read(source))
    assert (again.added, again.changed, again.kept, dict(again.writes)) == ((), (), (), {})


def test_an_edit_is_kept_and_what_is_new_comes_in(workspace: Workspace, dumped: Dumped) -> None:
    bring(workspace, netbox.read(dumped(dump(stock()))))
    file = workspace.folder("demo") / "discovery/systems/erp.yaml"
    file.write_text(
        "# Do not restart on Fridays\n" + file.read_text().replace("title: erp", "title: The ERP")
    )

    def later(rows: Rows) -> None:
        rows["virtualization.virtualmachine"][1].update(name="erp-prod", memory=8192)
        rows["virtualization.virtualmachine"][3] = {"name": "erp", "status": "active"}
        del rows["virtualization.virtualmachine"][2]

    outcome = bring(workspace, netbox.read(dumped(changed(later))))
    text = file.read_text()
    assert text.startswith("# Do not restart on Fridays\ntitle: The ERP\n") and "8192 MB" in text
    assert outcome.gone == ("system/erp-2",)
    assert outcome.added == ("system/erp-3",)


def test_the_number_of_a_circuit_is_for_managers(workspace: Workspace, dumped: Dumped) -> None:
    bring(workspace, netbox.read(dumped(dump(stock()))))
    checked = pipeline.check(workspace, "demo", TODAY)
    prepared = pipeline.prepare(checked, Audience.STAFF, TODAY)
    for hidden in ("C-77", "S-100", "10.0.0.5", "ACC-9"):
        assert not [path for path, text in prepared.rendered.texts.items() if hidden in text], hidden


# Broken input


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", "not a list"),
        ("7", "not a list"),
        ("[7]", "object 1 has no model and fields"),
        ('[{"model": 1, "fields": {}}]', "object 1 has no model and fields"),
        ('[{"model": "dcim.site", "fields": []}]', "object 1 has no model and fields"),
        ("[]", "holds no site"),
        ('[{"model": "shop.order", "pk": 1, "fields": {}}]', "holds no site"),
        ('[{"model": "dcim.site", "fields": {"name": "x"}}]', r"has no number \(pk\)"),
        ('[{"model": "dcim.site", "pk": "a", "fields": {"name": "x"}}]', r"has no number \(pk\)"),
        (
            '[{"model": "dcim.site", "pk": 1, "fields": {"name": {"en": "x"}}}]',
            "dcim.site 1: name: is an object",
        ),
        (
            '[{"model": "dcim.site", "pk": 1, "fields": {"region": "Kent"}}]',
            'region: is "Kent", not the number',
        ),
        ('[{"model": "dcim.site", "pk": 1, "fields": {"region": 5}}]', "has dcim.site but not dcim.region"),
        ('[{"model": "dcim.site", "pk": 1, "fields": {"region": true}}]', "not the number"),
    ],
)
def test_what_is_no_dump_is_refused(dumped: Dumped, data: str, words: str) -> None:
    with pytest.raises(KbError, match=words) as caught:
        netbox.read(dumped(data))
    assert caught.value.hint


def test_a_dump_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'[{"model": "caf\xe9"}]')
    for name in ("none.json", "", "latin"):
        with pytest.raises(KbError):
            netbox.read(str(tmp_path / name))


def test_references_without_a_row_are_dropped(dumped: Dumped, workspace: Workspace) -> None:
    def some(rows: Rows) -> None:
        rows["dcim.device"][1].update(rack=99, tenant=99, device_type=99, site=99, location=99)
        rows["dcim.cabletermination"][1]["termination_id"] = 99
        rows["tenancy.contactassignment"][1]["contact"] = 99

    imported = netbox.read(dumped(changed(some)))
    assert "part_of" not in fields(imported, "asset/sw-core-1")
    bring(workspace, imported)


def test_regions_that_lie_in_each_other_have_an_end(dumped: Dumped) -> None:
    imported = netbox.read(dumped(changed(lambda rows: rows["dcim.region"][1].update(parent=2))))
    assert fields(imported, "location/dover-depot")["address"] == "Kent, Europe"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 5)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["dcim.site", "A", "1"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)
NAMES = sorted({name for table in TABLES.values() for name in (*table.texts, *table.refs, *table.types)})


@given(
    st.lists(
        st.tuples(
            st.integers(0, 200), st.sampled_from([*NAMES, "custom_field_data", "tag", "object_id"]), JSON
        ),
        max_size=4,
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    [
        (3, "comments", "[x](/y) ![z](a.png) <a href=/b>c</a>\n\n[d]: /e\n[d]"),
        (3, "name", "{{ 7*7 }}<script>|\n# x"),
    ]
)
def test_a_damaged_dump_is_refused_or_gives_good_records(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, str, object]]
) -> None:
    entries = dump(stock())
    for position, name, value in damage:
        entries[position % len(entries)]["fields"][name] = value
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "dump.json").write_text(json.dumps(entries))
    workspace = new_workspace(folder)
    try:
        imported = netbox.read(str(folder / "dump.json"))
    except KbError as error:
        assert error.hint
        return
    bring(workspace, imported)
    assert merge(workspace, "demo", netbox.read(str(folder / "dump.json"))).writes == {}


@given(st.text(), st.sampled_from(["", "https://netbox.example.com/"]))
@example("```\n[a](/b)", "")
@example("<img src=x.png>", "https://netbox.example.com/")
def test_comments_never_hold_a_link_that_leads_nowhere(text: str, base: str) -> None:
    made, cut = prose(text, base)
    shown = parse(made)
    assert all(":" in each or each.startswith("#") for each in (*shown.links, *shown.images))
    assert cut or made == text.replace("\r\n", "\n").strip()


def test_comments_keep_links_to_netbox_where_its_address_is_known() -> None:
    text = "See [it](/dcim/sites/1/) and [that](https://example.com)."
    assert prose(text, "https://netbox.example.com/")[0] == (
        "See [it](https://netbox.example.com/dcim/sites/1/) and [that](https://example.com)."
    )
    assert prose(text)[0] == "See it and [that](https://example.com)."


@given(st.text(max_size=30))
@example("a|b")
@example("*x* _y_ `z` <b>")
@example("- x")
def test_a_name_in_a_table_shows_as_it_is(name: str) -> None:
    html = parse(table("T", ("A",), [(name,)])).html
    assert html.count("<td>") == 1 and "<em>" not in html and "<code>" not in html
    assert parse(written("sw_core_1 & 'x'")).html == "<p>sw_core_1 &amp; 'x'</p>"


# The REST API


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with serving(stock()) as state:
        yield state


def test_both_forms_give_the_same_records(server: Server, small: Import) -> None:
    told: list[tuple[int, int]] = []
    imported = netbox.read(server.url, token=TOKEN, progress=lambda done, all: told.append((done, all)))
    one, other = found(imported), found(small)
    assert sorted(one) == sorted(other)
    portal = f"At the [portal]({server.url}/tenancy/contacts/3/)."
    assert fields(imported, "person/finance")["description"] == portal
    for name in sorted(set(one) - {"person/finance"}):
        assert one[name] == other[name], name
    assert {path for path in server.asked if "offset=2" in path} and len(told) > len(TABLES) / 2
    assert not [path for path in server.asked if "interfaces" in path]


@pytest.mark.parametrize("ending", ["", "/", "/api", "/api/"])
def test_the_address_may_end_in_api(server: Server, ending: str) -> None:
    assert netbox.read(f"{server.url}{ending}", token=TOKEN).records


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://netbox.example.com", "in the clear"),
        ("http://127.0.0.1.example.com", "in the clear"),
        ("ftp://netbox.example.com", "not the address"),
        ("https://", "not the address"),
        ("https://user:secret@netbox.example.com", "not the address"),
        ("https://netbox.example.com:port", "not an address"),
        ("http://[::1", "not an address"),
        ("http://127.0.0.1:1", "cannot be reached: no connection"),
    ],
)
def test_an_address_that_must_not_be_used(address: str, words: str) -> None:
    with pytest.raises(KbError, match=words) as caught:
        netbox.read(address, token=TOKEN)
    assert (
        caught.value.hint
        and "secret" not in f"{caught.value.message}{caught.value.hint}"
        and TOKEN not in str(caught.value)
    )


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "naïve", "x\0"])
def test_a_token_that_is_none_is_not_sent_or_shown(server: Server, token: str) -> None:
    with pytest.raises(KbError, match="NETBOX_TOKEN") as caught:
        netbox.read(server.url, token=token)
    assert token not in f"{caught.value.message}{caught.value.hint}" and not server.asked


@pytest.mark.parametrize("token", [None, "wrong"])
def test_without_a_good_token_it_says_what_to_set(server: Server, token: str | None) -> None:
    with pytest.raises(KbError, match="403") as caught:
        netbox.read(server.url, token=token)
    assert "NETBOX_TOKEN" in str(caught.value.hint)


BAD = {
    "html": (200, b"<html>Welcome</html>"),
    "another shape": (200, b'{"hello": "world"}'),
    "null": (200, b"null"),
    "a number": (200, b"7"),
    "a list of numbers": (200, b"[7]"),
    "rows without numbers": (200, b'{"count": 1, "next": null, "results": [{"name": "x"}]}'),
    "no list": (200, b'{"count": 1, "next": null, "results": 5}'),
    "no count": (200, b'{"results": []}'),
    "wrong types": (200, b'{"count": 1, "next": null, "results": [{"id": 1, "name": ["x"]}]}'),
    "not found": (404, b"{}"),
    "broken": (500, b"Oh no"),
}


@pytest.mark.parametrize("answer", BAD)
def test_what_is_no_netbox_is_refused(server: Server, answer: str) -> None:
    server.answers["dcim/sites"] = BAD[answer]
    with pytest.raises(KbError, match=r"127\.0\.0\.1"):
        netbox.read(server.url, token=TOKEN)


def test_tables_of_newer_versions_may_be_missing(server: Server) -> None:
    server.answers["circuits/provider-accounts"] = (404, b"{}")
    assert "account" not in fields(netbox.read(server.url, token=TOKEN), "vendor/telco")


def test_the_token_goes_to_no_other_host(server: Server) -> None:
    with serving(stock()) as other:
        server.next_at = other.url
        server.largest_page = 1
        with pytest.raises(KbError, match="another address"):
            netbox.read(server.url, token=TOKEN)
        server.next_at = ""
        server.answers["dcim/sites"] = (302, f"{other.url}/api/dcim/sites/".encode())
        with pytest.raises(KbError, match="another address"):
            netbox.read(server.url, token=TOKEN)
        assert other.asked == []


def test_pages_without_end_come_to_one(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netbox_api._OneHost, "left", 30)
    server.answers["dcim/sites"] = (
        200,
        json.dumps({"count": 9, "next": f"{server.url}/api/dcim/sites/", "results": []}).encode(),
    )
    with pytest.raises(KbError, match="no end"):
        netbox.read(server.url, token=TOKEN)


def test_the_server_of_these_tests_answers_as_netbox_does() -> None:
    served = as_served(stock(), "dcim.device", 1)
    assert served["status"] == {"value": "active", "label": "Active"}
    assert served["rack"] == {"id": 1, "url": "https://netbox/1/", "display": "R1", "name": "R1"}


# NetBox's own demo


def test_the_demo(shared_data: Path, workspace: Workspace) -> None:
    source = str(shared_data / "netbox-demo-data" / "json" / "netbox-demo-v3.6.json")
    imported = netbox.read(source)
    kinds = Counter(record.kind.kind for record in imported.records)
    assert kinds == {
        "system": 252, "asset": 114, "subscription": 29, "location": 28, "vendor": 23, "role": 14, "person": 3,
    }  # fmt: skip
    before = bring(workspace, imported)
    assert not before.kept
    checked = pipeline.check(workspace, "demo", TODAY)
    assert not [problem for problem in checked.problems if problem.code != "KB501"]
    assert len(checked.catalog.all(System)) == 252 and not list(targets(checked.catalog, "links"))
    assert bring(workspace, netbox.read(source)).writes == {}
