"""An edition holds what its audience may see, and no trace of the rest."""

from __future__ import annotations

from pathlib import Path

from support.sites import TODAY, build_sites

from kb_builder.edition import edition
from kb_builder.insight import coverage
from kb_builder.insight.due import due
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.discovery import System
from kb_builder.records.testing import Test, TestRun
from kb_builder.workspace import Workspace


def put(workspace: Workspace, path: str, text: str) -> Path:
    file = workspace.engagements / "demo" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_fields_above_the_audience_are_empty(workspace: Workspace) -> None:
    put(
        workspace,
        "discovery/systems/erp.yaml",
        "title: ERP\ninternal_notes: secret\nnetwork: [{address: 10.0.0.1}]\n",
    )
    catalog = read(workspace, "demo").catalog()
    staff = edition(catalog, Audience.STAFF).get(System, "erp")
    management = edition(catalog, Audience.MANAGEMENT).get(System, "erp")
    consultant = edition(catalog, Audience.CONSULTANT).get(System, "erp")
    assert staff and management and consultant
    assert (staff.internal_notes, staff.network) == (None, [])
    assert (management.internal_notes, len(management.network)) == (None, 1)
    assert consultant.internal_notes == "secret"


def test_references_to_hidden_records_are_dropped(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\ndepends_on: [db, web]\nreplaced_by: db\n")
    put(workspace, "discovery/systems/db.yaml", "title: Database\naudience: consultant\n")
    put(workspace, "discovery/systems/web.yaml", "title: Web\n")
    staff = edition(read(workspace, "demo").catalog(), Audience.STAFF)
    erp = staff.get(System, "erp")
    assert erp is not None
    assert (erp.depends_on, erp.replaced_by) == (["web"], None)
    assert staff.get(System, "db") is None
    assert ("system", "db") not in staff.records
    assert not staff.incoming.get(("system", "db"))


def test_a_record_that_cannot_stand_alone_goes_with_what_it_needs(workspace: Workspace) -> None:
    put(workspace, "testing/tests/restore.yaml", "title: Restore\naudience: consultant\n")
    put(
        workspace,
        "testing/test_runs/one.yaml",
        "title: Run\ntest: restore\ndate: 2026-01-01\nresult: pass\naudience: staff\n",
    )
    catalog = read(workspace, "demo").catalog()
    assert edition(catalog, Audience.MANAGEMENT).get(TestRun, "one") is None
    assert edition(catalog, Audience.CONSULTANT).get(TestRun, "one") is not None


def test_the_full_catalog_is_left_as_it_was(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\ninternal_notes: secret\n")
    catalog = read(workspace, "demo").catalog()
    edition(catalog, Audience.STAFF)
    system = catalog.get(System, "erp")
    assert system is not None and system.internal_notes == "secret"


def test_higher_audiences_see_what_lower_ones_see(workspace: Workspace) -> None:
    for number, audience in enumerate(Audience):
        put(workspace, f"discovery/systems/s{number}.yaml", f"title: S\naudience: {audience.value}\n")
    catalog = read(workspace, "demo").catalog()
    keys = [set(edition(catalog, audience).records) for audience in Audience]
    assert keys[0] < keys[1] < keys[2]


def test_nothing_is_called_overdue_to_readers_who_do_not_see_what_was_done(workspace: Workspace) -> None:
    put(
        workspace,
        "testing/tests/restore.yaml",
        "title: Restore\nevery: 1 month\ncreated: 2026-01-01\naudience: staff\n",
    )
    put(workspace, "maintenance/schedules/open.yaml", "title: Open\nrule: FREQ=MONTHLY\nstart: 2026-01-01\n")
    catalog = read(workspace, "demo").catalog()
    staff = edition(catalog, Audience.STAFF)
    management = edition(catalog, Audience.MANAGEMENT)
    assert [each.record.id for each in due(management, TODAY) if each.overdue] == ["open", "restore"]
    assert [(each.record.id, each.date.isoformat()) for each in due(staff, TODAY)] == [("open", "2026-12-01")]
    test = staff.get(Test, "restore")
    assert test is not None
    assert coverage.test_state(test, staff, TODAY) == "unknown"
    assert coverage.test_state(test, management, TODAY) == "never-run"


def test_ids_that_readers_never_knew_are_not_in_their_edition(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nformerly: [hidden, known, asset/box]\n")
    catalog = read(workspace, "demo").catalog()
    held = {("system", "known"), ("asset", "box"), ("asset", "hidden")}
    assert edition(catalog, Audience.STAFF, held).records["system", "erp"].formerly == ["known", "asset/box"]
    assert edition(catalog, Audience.STAFF).records["system", "erp"].formerly == []
    assert len(edition(catalog, Audience.CONSULTANT).records["system", "erp"].formerly) == 3


def test_an_edition_of_an_edition_is_for_those_who_see_less(workspace: Workspace) -> None:
    put(workspace, "client.yaml", "title: Demo\nedition: {audience: staff, unknown: [test/old]}\n")
    catalog = read(workspace, "demo").catalog()
    assert catalog.reader is Audience.STAFF
    assert edition(catalog, Audience.CONSULTANT).reader is Audience.STAFF
    assert not catalog.knows("log_entry", "test_run")
    assert catalog.knows("log_entry", "system")


def test_a_link_to_a_hidden_record_of_a_list_does_not_name_it(workspace: Workspace, tmp_path: Path) -> None:
    put(
        workspace,
        "discovery/people.yaml",
        "- {id: ann, title: Ann}\n- {id: zorro, title: Z, audience: consultant}\n",
    )
    put(
        workspace,
        "discovery/systems/erp.yaml",
        "title: ERP\ndescription: See [boss](../people.yaml#zorro).\n",
    )
    site = build_sites(workspace, "demo", tmp_path / "out", (Audience.STAFF,))[Audience.STAFF]
    assert "See boss" in (site / "systems/erp.html").read_text()
    assert not [path for path in site.rglob("*") if path.is_file() and b"zorro" in path.read_bytes()]
