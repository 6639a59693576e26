"""The thread from objective to maintenance."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kb_builder.catalog import Catalog, index
from kb_builder.insight.trace import rows, thread_of
from kb_builder.records import KINDS
from kb_builder.records.base import Record

TODAY = dt.date(2026, 11, 23)
CLASSES = {kind.kind: kind for kind in KINDS}


def catalog(**records: dict[str, Any]) -> Catalog:
    """Records by id; each is its fields and its `kind`."""
    made: list[Record] = []
    for name, fields in records.items():
        data = {key: value for key, value in fields.items() if key != "kind"}
        made.append(CLASSES[fields["kind"]].model_validate({"id": name, "title": name.upper(), **data}))
    return index("acme", made, {})


def whole_thread() -> Catalog:
    return catalog(
        safe={"kind": "objective"},
        gap={"kind": "gap", "objectives": ["safe"], "systems": ["mail"]},
        risk={"kind": "risk", "gaps": ["gap"]},
        mfa={"kind": "recommendation", "addresses": ["risk"]},
        project={"kind": "project", "implements": ["mfa"]},
        change={"kind": "change", "project": "project", "systems": ["mail"]},
        other={"kind": "change", "project": "project"},
        test={"kind": "test", "verifies": ["change"]},
        run={"kind": "test_run", "test": "test", "date": "2026-11-01", "result": "pass"},
        othertest={"kind": "test", "verifies": ["other"]},
        guide={"kind": "guide", "changes": ["change"], "systems": ["mail"]},
        lesson={"kind": "training", "lessons": [{"id": "l", "title": "L", "guides": ["guide"]}]},
        schedule={"kind": "schedule", "test": "test"},
        entry={"kind": "log_entry", "schedule": "schedule", "date": "2026-11-01"},
        mail={"kind": "system"},
        far={"kind": "gap", "systems": ["mail"]},
    )


def seen(found: Catalog, kind: str, name: str) -> list[list[str]]:
    return [[each.id for each in station.records] for station in thread_of(found, found.records[kind, name])]


ALL = [
    ["safe"],
    ["gap", "risk"],
    ["mfa"],
    ["project", "change"],
    ["test"],
    ["guide", "lesson"],
    ["schedule", "entry"],
]


def test_from_either_end_the_thread_is_the_same() -> None:
    found = whole_thread()
    assert seen(found, "change", "change") == ALL
    assert seen(found, "test", "test") == ALL
    assert seen(found, "guide", "guide") == ALL
    assert seen(found, "schedule", "schedule") == ALL


def test_from_above_all_branches_are_seen() -> None:
    project = seen(whole_thread(), "project", "project")
    assert project[3] == ["project", "change", "other"]
    assert project[4] == ["othertest", "test"]


def test_it_does_not_go_across_systems() -> None:
    found = whole_thread()
    assert all("far" not in names for names in seen(found, "gap", "gap"))
    assert thread_of(found, found.records["gap", "far"]) == ()
    assert thread_of(found, found.records["system", "mail"]) == ()


def test_where_the_record_stands_is_marked() -> None:
    found = whole_thread()
    here = [station.here for station in thread_of(found, found.records["test", "test"])]
    assert here == [False, False, False, False, True, False, False]


def test_the_matrix_has_a_row_an_objective_and_one_for_what_hangs_loose() -> None:
    found = rows(whole_thread(), TODAY)
    assert [row.start.id for row in found] == ["safe", "far"]
    assert [each.id for each in found[0].stations[3].records] == ["project", "change", "other"]
    assert found[0].states == {"test": "passing", "othertest": "never-run"}


def test_only_the_latest_log_entries_are_shown() -> None:
    entries = {
        f"e{number}": {"kind": "log_entry", "schedule": "s", "date": f"2026-11-0{number}"}
        for number in range(1, 8)
    }
    found = catalog(s={"kind": "schedule"}, **entries)
    assert seen(found, "schedule", "s")[6] == ["s", "e7", "e6", "e5"]


def test_records_that_lead_to_each_other_end() -> None:
    found = catalog(
        a={"kind": "risk", "gaps": ["b"]},
        b={"kind": "gap", "assessment": "c"},
        c={"kind": "assessment", "controls": [{"control": "1", "rating": "none", "gaps": ["b"]}]},
    )
    assert seen(found, "gap", "b")[1] == ["c", "b", "a"]
