"""Records as CSV: what the columns hold, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_builder.edition import edition
from kb_builder.exporters.bundle_csv import cell, csv_files, read_table, text_of
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

FIRST = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"


@pytest.fixture
def tables(workspace: Workspace) -> dict[str, str]:
    folder = workspace.engagements / "demo"
    for path, text in {
        "discovery/vendors.yaml": "- id: acme\n  title: Acme, Ltd\n  support_phone: +44 117 496 0000\n",
        "discovery/systems/erp.yaml": (
            'title: \'=HYPERLINK("https://evil.example","x")\'\nvendor: acme\ndepends_on: [mail, web]\n'
            "tags: [a; b, c]\nattachments:\n  - file: files/plan.pdf\n    title: '@plan'\n"
            'internal_notes: Never tell.\ndescription: |\n  One\n  "two"\n'
        ),
        "discovery/systems/mail.yaml": 'title: "\'quoted"\ntags: [x, y]\n',
        "discovery/systems/web.yaml": "title: Zeppelin\naudience: consultant\n",
        "discovery/systems/files/plan.pdf": "plan",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    catalog = edition(read(workspace, "demo").catalog(), Audience.MANAGEMENT)
    return csv_files(catalog, Audience.MANAGEMENT, folder)


@given(st.text())
def test_a_cell_gives_its_text_back_and_is_no_formula(text: str) -> None:
    assert text_of(cell(text)) == text
    assert not cell(text).startswith(tuple(FIRST))


@pytest.mark.parametrize("first", FIRST)
def test_no_cell_of_any_table_begins_a_formula(first: str, tables: dict[str, str]) -> None:
    for text in tables.values():
        for row in csv.reader(io.StringIO(text, newline="")):
            assert not [each for each in row if each.startswith(first)]


def test_there_is_a_table_for_each_kind_with_records(tables: dict[str, str]) -> None:
    assert set(tables) == {"client.csv", "fields.csv", "relations.csv", "system.csv", "vendor.csv"}


def test_texts_come_back_as_they_were(tables: dict[str, str]) -> None:
    erp, mail = read_table(tables["system.csv"])
    assert erp["title"] == '=HYPERLINK("https://evil.example","x")'
    assert erp["description"] == 'One\n"two"\n'
    assert mail["title"] == "'quoted"
    assert read_table(tables["vendor.csv"])[0]["support_phone"] == "+44 117 496 0000"


def test_lists_are_joined_and_json_where_joining_would_not_tell(tables: dict[str, str]) -> None:
    erp, mail = read_table(tables["system.csv"])
    assert mail["tags"] == "x; y"
    assert json.loads(erp["tags"]) == ["a; b", "c"]
    assert json.loads(erp["attachments"]) == [{"file": "discovery/systems/files/plan.pdf", "title": "@plan"}]


def test_what_the_audience_may_not_see_is_not_there(tables: dict[str, str]) -> None:
    everything = "".join(tables.values())
    assert "Never tell" not in everything
    assert "internal_notes" not in everything
    assert "Zeppelin" not in everything
    assert [row["to_id"] for row in read_table(tables["relations.csv"])] == ["mail", "acme"]


def test_every_relation_names_rows_and_a_column_that_are_there(tables: dict[str, str]) -> None:
    rows = {name.removesuffix(".csv"): read_table(text) for name, text in tables.items()}
    relations = rows["relations"]
    assert relations
    for each in relations:
        assert each["from_id"] in {row["id"] for row in rows[each["from_kind"]]}
        assert each["to_id"] in {row["id"] for row in rows[each["to_kind"]]}
        assert each["field"].partition(".")[0] in rows[each["from_kind"]][0]


def test_every_column_is_explained(tables: dict[str, str]) -> None:
    explained = {(row["kind"], row["field"]) for row in read_table(tables["fields.csv"])}
    for name in ("client", "system", "vendor"):
        head = next(csv.reader(io.StringIO(tables[f"{name}.csv"])))
        assert {(name, column) for column in head} <= explained


def test_a_row_says_where_its_record_is_written(tables: dict[str, str]) -> None:
    assert read_table(tables["vendor.csv"])[0]["written_in"] == "discovery/vendors.yaml"
    assert Path(read_table(tables["client.csv"])[0]["written_in"]) == Path("client.yaml")
