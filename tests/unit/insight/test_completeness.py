"""How much of what complete records hold is filled in."""

from __future__ import annotations

from kb_builder.catalog import index
from kb_builder.insight.completeness import by_kind, missing, overall, share
from kb_builder.records.client import Client, Location
from kb_builder.records.discovery import Role, System
from kb_builder.records.documentation import Guide
from kb_builder.records.maintenance import Schedule

EMPTY = index("acme", [], {})


def test_what_nobody_wrote_is_missing() -> None:
    system = System(id="erp", title="ERP", summary="Orders", type="server", data=[])
    assert missing(system, EMPTY) == (
        "owner",
        "criticality",
        "vendor",
        "product",
        "support",
        "backup",
        "data",
    )
    assert share(system, EMPTY) == 22


def test_a_reason_for_no_backup_is_as_good_as_one() -> None:
    system = System(id="switch", title="Switch", no_backup="In the network plan")
    assert "backup" not in missing(system, EMPTY)


def test_a_guide_is_as_good_as_a_method() -> None:
    assert "method" in missing(Schedule(id="s", title="S"), EMPTY)
    assert "method" not in missing(Schedule(id="s", title="S", guide="g"), EMPTY)


def test_a_value_that_a_kind_fills_in_does_not_count() -> None:
    class Odd(Role):
        expected = ("status", "summary")
        status: str = "active"

    assert missing(Odd(id="o", title="O"), EMPTY) == ("status", "summary")
    assert missing(Odd(id="o", title="O", status="active"), EMPTY) == ("summary",)


def test_locations_are_records_of_their_own() -> None:
    client = Client(id="acme", title="Acme")
    assert "locations" in missing(client, index("acme", [client], {}))
    assert "locations" not in missing(client, index("acme", [client, Location(id="hq", title="HQ")], {}))


def test_all_records_and_each_kind() -> None:
    catalog = index(
        "acme", [Role(id="a", title="A", summary="S"), Role(id="b", title="B"), Guide(id="g", title="G")], {}
    )
    assert by_kind(catalog) == {"role": 50, "guide": 0}
    assert overall(catalog) == 100 * 1 // (2 + len(Guide.expected))
    assert overall(EMPTY) == 100


def test_only_what_is_complete_is_whole() -> None:
    roles = [Role(id=f"r{number}", title="R", summary="S" if number else None) for number in range(1000)]
    assert overall(index("acme", roles, {})) == 99
