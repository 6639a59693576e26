"""Each migration does the same to plain data and to what is written with comments, and does it once."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.sites import new_workspace
from support.story import put

from kb_builder import migrations, releases
from kb_builder.migrations import MIGRATIONS, format_of, migrate, older_names
from kb_builder.problem import errors
from kb_builder.read import Reading, read
from kb_builder.records import KINDS
from kb_builder.records.base import Audience
from kb_builder.records.client import FORMAT
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import parse_text, writer

DAY = dt.date(2026, 11, 20)
OLD: Mapping[int, tuple[str, str]] = {2: ("client", "title: Demo\naudiences: [staff, management]\n")}
"""By the format of a migration, a kind and a record of the format before it that it changes."""
RIGHT_AS_IT_IS = [
    ("client", {"title": "Demo"}),
    ("client", {"title": "Demo", "sites": [{"audience": "staff"}]}),
    ("client", {"title": "Demo", "sites": [], "audiences": ["staff"]}),
    ("client", {"title": "Demo", "audiences": "staff"}),
    ("client", {"title": "Demo", "audiences": {"staff": None}}),
    ("client", {"title": "Demo", "audiences": [{"audience": "staff"}]}),
    ("client", {"title": "Demo", "audiences": ["staff", None]}),
    ("system", {"title": "Demo", "audiences": ["staff"]}),
]


def client_of(text: str, tmp_path: Path) -> Reading:
    workspace = new_workspace(tmp_path)
    put(workspace, "client.yaml", text)
    return read(workspace, "demo")


def told(reading: Reading) -> list[str]:
    return [
        f"{each.location.line}:{each.location.column} {each.code} {each.message}"
        for each in reading.problems
        if each.code != "KB013"
    ]


def test_the_last_migration_leads_to_todays_format() -> None:
    assert [each.FORMAT for each in MIGRATIONS] == list(range(2, FORMAT + 1))


each_migration = pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda each: str(each.FORMAT))


@each_migration
def test_a_migration_changes_a_record_once(migration: migrations.Migration) -> None:
    kind, text = OLD[migration.FORMAT]
    record = parse_text(text, "x.yaml").value
    assert isinstance(record, dict)
    assert migration.migrate(kind, record)
    once = copy.deepcopy(record)
    assert not migration.migrate(kind, record)
    assert record == once


@each_migration
def test_a_migration_does_the_same_with_comments(migration: migrations.Migration) -> None:
    kind, text = OLD[migration.FORMAT]
    plain, written = parse_text(text, "x.yaml").value, writer().load(text)
    assert isinstance(plain, dict)
    assert migration.migrate(kind, plain)
    assert migration.migrate(kind, written)
    assert plain == written
    assert list(plain) == list(written)


@each_migration
def test_a_migration_says_what_and_why(migration: migrations.Migration) -> None:
    doc = inspect.getdoc(migration) or ""
    assert doc.startswith(f"Format {migration.FORMAT}: ")
    assert "\nBefore:\n" in doc
    assert "\nNow:\n" in doc


def test_audiences_become_sites_where_they_stand() -> None:
    record: dict[str, Any] = {"title": "Demo", "audiences": ["staff", "management"], "sector": "x"}
    assert migrate("client", record, 1)
    assert list(record.items()) == [
        ("title", "Demo"),
        ("sites", [{"audience": "staff"}, {"audience": "management"}]),
        ("sector", "x"),
    ]


@pytest.mark.parametrize(("before", "after"), [(None, None), ([], [])])
def test_audiences_left_empty_are_sites_left_empty(before: object, after: object) -> None:
    record = {"audiences": before}
    assert migrate("client", record, 1)
    assert record == {"sites": after}


@pytest.mark.parametrize(("kind", "record"), RIGHT_AS_IT_IS)
def test_what_is_not_of_the_format_before_stays(kind: str, record: dict[str, Any]) -> None:
    before = copy.deepcopy(record)
    assert not migrate(kind, record, 1)
    assert record == before


def test_what_is_of_todays_format_is_not_touched() -> None:
    record = {"audiences": ["staff"]}
    assert not migrate("client", record, FORMAT)
    assert record == {"audiences": ["staff"]}


@pytest.mark.parametrize(
    ("client", "written"),
    [
        ({"title": "Demo"}, FORMAT),
        ({"audiences": ["staff"]}, 1),
        ({"audiences": ["staff"], "format": None}, 1),
        ({"audiences": ["staff"], "format": "new"}, 1),
        ({"audiences": ["staff"], "format": "0"}, 1),
        ({"audiences": ["staff"], "format": "2"}, 2),
        ({"format": "1"}, 1),
        ({"format": "03"}, 3),
        (["a list"], FORMAT),
        (None, FORMAT),
    ],
)
def test_the_format_is_what_the_client_says_or_still_holds(client: object, written: int) -> None:
    before = copy.deepcopy(client)
    assert format_of(client, FORMAT) == written
    assert client == before


def test_where_nothing_tells_the_format_a_release_says_it() -> None:
    assert format_of({"title": "Demo"}, 1) == 1
    assert format_of({"audiences": ["staff"]}, 2) == 1


def test_records_within_the_client_and_in_lists_are_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    def shout(kind: str, record: MutableMapping[str, Any]) -> bool:
        before = record.get("title")
        if kind == "location" and isinstance(before, str):
            record["title"] = before.upper()
        return record.get("title") != before

    shouting = SimpleNamespace(FORMAT=2, RENAMED={("location", "title"): "name"}, migrate=shout)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, shouting))
    client = {"locations": [{"title": "Harbour"}, "nonsense"]}
    assert migrate("client", client, 1)
    assert client == {"locations": [{"title": "HARBOUR"}, "nonsense"]}
    assert migrate("location", records := [{"title": "Hill"}], 1)
    assert records == [{"title": "HILL"}]
    assert older_names("location", 1) == {"title": "name"}
    assert older_names("location", FORMAT) == {}


def test_a_field_renamed_twice_is_known_by_its_first_name(monkeypatch: pytest.MonkeyPatch) -> None:
    one = SimpleNamespace(FORMAT=2, RENAMED={("system", "b"): "a"})
    two = SimpleNamespace(FORMAT=3, RENAMED={("system", "c"): "b"})
    monkeypatch.setattr(migrations, "MIGRATIONS", (one, two))
    assert older_names("system", 1)["c"] == "a"
    assert older_names("system", 2) == {"c": "b"}


def test_records_of_format_1_are_read_as_todays(tmp_path: Path) -> None:
    reading = client_of("title: Demo\naudiences: [management, staff]\n", tmp_path)
    client = reading.catalog().client
    assert client.audiences == (Audience.STAFF, Audience.MANAGEMENT)
    assert reading.format == 1
    assert [(each.code, each.hint) for each in reading.problems] == [
        ("KB013", "`kb migrate demo` rewrites them; until then they are read as they are")
    ]


def test_a_mistake_in_an_older_field_is_found_where_it_is_written(tmp_path: Path) -> None:
    reading = client_of("title: Demo\naudiences:\n  - staff\n  - managment\n", tmp_path)
    assert told(reading) == [
        '4:5 KB106 sites.1.audience: "managment" is not one of staff, management, consultant'
    ]


def test_a_mistake_elsewhere_is_found_where_it_is_written(tmp_path: Path) -> None:
    reading = client_of("title: Demo\naudiences: [staff]\ncurency: GBP\n", tmp_path)
    assert told(reading) == ["3:1 KB102 curency: no field of a client"]


def test_who_says_an_older_format_and_has_nothing_of_it_is_not_bothered(tmp_path: Path) -> None:
    reading = client_of("title: Demo\nformat: 1\n", tmp_path)
    assert reading.problems == ()
    assert reading.catalog().client.format == 1


def test_what_a_newer_kb_wrote_is_not_guessed_at(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    put(workspace, "client.yaml", "title: Demo\nformat: 3\nnewfangled: yes\n")
    put(workspace, "discovery/systems/erp.yaml", "newfangled: yes\n")
    reading = read(workspace, "demo")
    assert [each.code for each in reading.problems] == ["KB014"]
    assert reading.records == ()


def release_of(workspace: Workspace, written: int) -> releases.Release:
    """A release that says it was sealed in a format."""
    made = releases.seal(workspace, "demo", "1.0", DAY)
    seal = made.seal.model_copy(update={"format": written})
    (made.folder / releases.SEAL).write_bytes(releases.seal_text(seal))
    found = releases.load(workspace, "demo")
    assert found.problems == ()
    return found.all[0]


@pytest.mark.parametrize("written", [1, 2])
def test_a_release_is_migrated_while_it_is_read_and_never_rewritten(tmp_path: Path, written: int) -> None:
    """Also one that was sealed by a newer kb while its records were still of format 1."""
    workspace = new_workspace(tmp_path)
    put(workspace, "client.yaml", "title: Demo\naudiences: [staff]\n")
    release = release_of(workspace, written)
    reading = read(workspace, "demo", release)
    assert reading.catalog().client.audiences == (Audience.STAFF,)
    assert reading.problems == ()
    assert releases.verify(release, workspace.root) == []


def test_a_release_of_a_newer_kb_is_not_guessed_at(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    reading = read(workspace, "demo", release_of(workspace, 3))
    assert [(each.code, each.location.path) for each in errors(reading.problems)] == [
        ("KB014", "engagements/demo/releases/1.0/release.yaml")
    ]


def test_what_a_field_was_called_before_is_no_field_of_today() -> None:
    today = {(kind.kind, name) for kind in KINDS for name in kind.model_fields}
    assert not today & {(kind, old) for each in MIGRATIONS for (kind, _), old in each.RENAMED.items()}
    assert {renamed for each in MIGRATIONS for renamed in each.RENAMED} <= today
