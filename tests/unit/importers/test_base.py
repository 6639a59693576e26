"""Merging what a source has with what is here."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.pictures import PIXEL
from support.sites import TODAY, new_workspace

from kb_builder import pipeline
from kb_builder.errors import KbError, UsageError
from kb_builder.importers.base import Import, Imported, Outcome, Skipped, merge, report, slug, write
from kb_builder.importers.fitting import Names, as_read, fit
from kb_builder.problem import errors
from kb_builder.read import read
from kb_builder.records.base import ID_PATTERN, Record
from kb_builder.records.client import Location
from kb_builder.records.discovery import Person, Role, Subscription, System, Vendor
from kb_builder.records.documentation import Guide
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import parse_text, write_text

SYSTEM = "stock"
PNG = PIXEL


def one(id: str, kind: type[Record] = System, *, key: str = "", **fields: object) -> Imported:
    return Imported(kind, id, {"title": id.upper(), **fields}, None, key or f"row/{id}")


def guide(id: str, body: str, **files: bytes) -> Imported:
    named = {f"images/{name}.png": content for name, content in files.items()}
    return Imported(Guide, id, {"title": id.upper()}, body, f"{id}.md", named)


def bring(workspace: Workspace, *records: Imported, skipped: tuple[Skipped, ...] = ()) -> Outcome:
    """Import records, and see that nothing is wrong with what is there then."""
    outcome = merge(workspace, "demo", Import(SYSTEM, records, skipped))
    write(workspace, "demo", outcome)
    checked = pipeline.check(workspace, "demo", TODAY)
    assert errors(checked.problems) == []
    return outcome


def path(workspace: Workspace, name: str) -> Path:
    return workspace.folder("demo") / name


def text(workspace: Workspace, name: str) -> str:
    return path(workspace, name).read_text()


def put(workspace: Workspace, name: str, content: str) -> Path:
    file = path(workspace, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


def tree(workspace: Workspace) -> Mapping[str, bytes]:
    files = sorted(each for each in workspace.root.rglob("*") if each.is_file())
    return {str(each.relative_to(workspace.root)): each.read_bytes() for each in files}


def whys(entries: tuple[Skipped, ...]) -> dict[str, str]:
    return {entry.what: entry.why for entry in entries}


# New records


def test_a_new_record_is_one_file_that_says_where_it_came_from(workspace: Workspace) -> None:
    outcome = bring(workspace, one("erp", type="server", installed=dt.date(2024, 2, 1), personal_data=True))
    assert outcome.added == ("system/erp",)
    assert text(workspace, "discovery/systems/erp.yaml") == (
        "title: ERP\ntype: server\ninstalled: 2024-02-01\npersonal_data: true\n"
        "source:\n  system: stock\n  key: row/erp\n"
    )


def test_a_place_goes_beside_the_client_and_a_guide_into_markdown(workspace: Workspace) -> None:
    bring(workspace, one("hq", Location), guide("sign-in", "Press the button."))
    assert path(workspace, "locations/hq.yaml").is_file()
    assert text(workspace, "documentation/guides/sign-in.md").endswith("---\n\nPress the button.\n")


def test_what_is_empty_is_not_written(workspace: Workspace) -> None:
    bring(workspace, one("erp", tags=["", None, " "], summary="", owner=None, network=[{"address": ""}]))
    assert "tags" not in text(workspace, "discovery/systems/erp.yaml")
    assert "network" not in text(workspace, "discovery/systems/erp.yaml")


def test_an_unknown_client_is_wrong_usage(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match='no client "nobody"'):
        merge(workspace, "nobody", Import(SYSTEM, ()))


def test_merge_writes_nothing(workspace: Workspace) -> None:
    before = tree(workspace)
    merge(workspace, "demo", Import(SYSTEM, (one("erp"),)))
    assert tree(workspace) == before


def test_records_with_errors_stop_an_import(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/mail.yaml", "title: [\n")
    with pytest.raises(KbError, match=r"an error.*mail\.yaml:2") as caught:
        merge(workspace, "demo", Import(SYSTEM, (one("erp"),)))
    assert "kb check demo" in str(caught.value.hint)


# A second run


def test_a_second_run_changes_no_byte(workspace: Workspace) -> None:
    records = (
        one("erp", description="Line\n\n  more \ttabbed  \n", tags=["a: b", "012", "no", "~"]),
        guide("x", "Y\n", z=PNG),
    )
    bring(workspace, *records)
    before = tree(workspace)
    outcome = bring(workspace, *reversed(records))
    assert (outcome.added, outcome.changed, outcome.kept, dict(outcome.writes)) == ((), (), (), {})
    assert outcome.unchanged == ("guide/x", "system/erp")
    assert tree(workspace) == before


def test_a_field_follows_the_source(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A", version="1"))
    outcome = bring(workspace, one("erp", product="B", summary="New"))
    assert outcome.changed == ("system/erp",)
    made = text(workspace, "discovery/systems/erp.yaml")
    assert "product: B" in made and "summary: New" in made and "version" not in made


def test_what_a_person_changed_is_kept_with_comments_and_order(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A", version="1"))
    put(
        workspace,
        "discovery/systems/erp.yaml",
        "# Ask Ann before touching it\nversion: 1  # really\nowner: ann\ntitle: The ERP\n\n# Made by\nproduct: A\n"
        "source: {system: stock, key: row/erp}\n",
    )
    put(workspace, "discovery/people/ann.yaml", "title: Ann\n")
    outcome = bring(workspace, one("erp", product="B", version="1"))
    assert outcome.changed == ("system/erp",)
    assert whys(outcome.kept) == {"system/erp (title)": "it was edited here"}
    assert text(workspace, "discovery/systems/erp.yaml") == (
        "# Ask Ann before touching it\nversion: 1  # really\nowner: ann\ntitle: The ERP\n\n# Made by\nproduct: B\n"
        "source: {system: stock, key: row/erp}\n"
    )


def test_a_field_that_a_person_took_out_stays_out(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nsource: {system: stock, key: row/erp}\n")
    assert whys(bring(workspace, one("erp", product="A")).kept) == {
        "system/erp (product)": "it was edited here"
    }
    assert "product" not in text(workspace, "discovery/systems/erp.yaml")


def test_a_person_who_made_the_same_change_edited_nothing(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    put(
        workspace,
        "discovery/systems/erp.yaml",
        "title: ERP\nproduct: B\nsource: {system: stock, key: row/erp}\n",
    )
    outcome = bring(workspace, one("erp", product="B"))
    assert (outcome.kept, outcome.changed) == ((), ())


def test_a_body_follows_the_source_until_a_person_edits_it(workspace: Workspace) -> None:
    bring(workspace, guide("x", "One."))
    bring(workspace, guide("x", "Two."))
    file = path(workspace, "documentation/guides/x.md")
    assert file.read_text().endswith("---\n\nTwo.\n")
    file.write_text(file.read_text().replace("Two.", "Two, and mine."))
    outcome = bring(workspace, guide("x", "Three."))
    assert whys(outcome.kept) == {"guide/x (body)": "it was edited here"}
    assert file.read_text().endswith("---\n\nTwo, and mine.\n")


def test_line_ends_of_another_system_stay(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    file = path(workspace, "discovery/systems/erp.yaml")
    file.write_bytes(b"# Mine\r\n" + file.read_bytes().replace(b"\n", b"\r\n"))
    bring(workspace, one("erp", product="B"))
    assert b"product: B\r\n" in file.read_bytes() and file.read_bytes().count(
        b"\n"
    ) == file.read_bytes().count(b"\r\n")


def test_a_deleted_record_stays_deleted_and_nothing_new_names_it(workspace: Workspace) -> None:
    bring(workspace, one("hq", Location), one("erp", location="hq"))
    path(workspace, "locations/hq.yaml").unlink()
    outcome = bring(workspace, one("hq", Location), one("erp", location="hq"), one("crm", location="hq"))
    assert whys(outcome.kept) == {"location/hq": "it was deleted here"}
    assert "system/crm location" in whys(outcome.skipped)
    assert not path(workspace, "locations/hq.yaml").exists()
    assert "location" not in text(workspace, "discovery/systems/erp.yaml")


def test_a_record_that_left_the_source_stays_until_a_person_deletes_it(workspace: Workspace) -> None:
    bring(workspace, one("erp"), one("crm"))
    assert bring(workspace, one("erp")).gone == ("system/crm",)
    assert bring(workspace, one("erp")).gone == ("system/crm",)
    path(workspace, "discovery/systems/crm.yaml").unlink()
    assert bring(workspace, one("erp")).gone == ()
    assert "crm" not in text(workspace, ".imports/stock.json")


def test_a_renamed_file_is_found_and_what_names_it_follows(workspace: Workspace) -> None:
    records = (one("hq", Location), one("erp", location="hq"))
    bring(workspace, *records)
    path(workspace, "locations/hq.yaml").rename(path(workspace, "locations/head-office.yaml"))
    outcome = bring(workspace, *records)
    assert (outcome.added, outcome.changed) == ((), ("system/erp",))
    assert "location: head-office" in text(workspace, "discovery/systems/erp.yaml")


def test_a_record_that_was_moved_into_a_list_is_left_alone(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    path(workspace, "discovery/systems/erp.yaml").unlink()
    put(
        workspace,
        "discovery/systems.yaml",
        "- id: erp\n  title: Mine\n  source: {system: stock, key: row/erp}\n",
    )
    before = text(workspace, "discovery/systems.yaml")
    outcome = bring(workspace, one("erp", product="B"))
    assert whys(outcome.kept) == {"system/erp": "it was moved into a file with others here"}
    assert (outcome.added, outcome.changed) == ((), ())
    assert text(workspace, "discovery/systems.yaml") == before


def test_a_copy_of_a_record_does_not_take_its_place(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    file = path(workspace, "discovery/systems/erp.yaml")
    put(workspace, "discovery/systems/a-copy.yaml", file.read_text())
    bring(workspace, one("erp", product="B"))
    assert "product: B" in file.read_text()
    assert "product: A" in text(workspace, "discovery/systems/a-copy.yaml")


def test_a_lost_memory_counts_all_as_edited_and_a_broken_one_stops(workspace: Workspace) -> None:
    bring(workspace, one("erp", product="A"))
    memory = path(workspace, ".imports/stock.json")
    for broken in ("{", "[]", '{"system:row/erp": 7}', '{"system:row/erp": {"id": "x", "fields": 1}}'):
        memory.write_text(broken)
        with pytest.raises(KbError, match=r"stock\.json"):
            merge(workspace, "demo", Import(SYSTEM, (one("erp", product="B"),)))
    memory.unlink()
    assert whys(bring(workspace, one("erp", product="B")).kept) == {
        "system/erp (product)": "it was edited here"
    }


def test_two_sources_do_not_know_each_other(workspace: Workspace) -> None:
    bring(workspace, one("erp"))
    outcome = merge(workspace, "demo", Import("other", (one("erp"),)))
    assert outcome.added == ("system/erp-2",)


# Ids and references


def test_an_id_that_is_taken_gets_a_number_and_keeps_it(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: By hand\n")
    records = (one("erp"), one("crm", depends_on=["erp"]))
    assert bring(workspace, *records).added == ("system/crm", "system/erp-2")
    assert "- erp-2" in text(workspace, "discovery/systems/crm.yaml")
    assert text(workspace, "discovery/systems/erp.yaml") == "title: By hand\n"
    path(workspace, "discovery/systems/erp.yaml").unlink()
    assert dict(bring(workspace, *records).writes) == {}


def test_two_that_change_places_keep_their_files(workspace: Workspace) -> None:
    bring(workspace, one("sw", key="5"))
    bring(workspace, one("sw", key="3"), one("sw-2", key="5"), one("x", depends_on=["sw", "sw-2"]))
    assert "key: '5'" in text(workspace, "discovery/systems/sw.yaml")
    assert "key: '3'" in text(workspace, "discovery/systems/sw-2.yaml")
    assert "  - sw-2\n  - sw\n" in text(workspace, "discovery/systems/x.yaml")


def test_a_reference_that_may_mean_two_says_its_kind(workspace: Workspace) -> None:
    put(workspace, "discovery/vendors/ann.yaml", "title: Ann Ltd\n")
    bring(workspace, one("ann", Person), one("erp", owner="ann"))
    assert "owner: person/ann" in text(workspace, "discovery/systems/erp.yaml")


def test_a_reference_to_nothing_is_left_out(workspace: Workspace) -> None:
    outcome = bring(workspace, one("erp", owner="nobody", users=["person/x", "clerk"]), one("clerk", Role))
    assert whys(outcome.skipped).keys() == {"system/erp owner", "system/erp users"}
    assert "users:\n  - clerk\n" in text(workspace, "discovery/systems/erp.yaml")


def test_a_former_id_that_is_in_use_is_left_out(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/old.yaml", "title: Old\nformerly: [older]\n")
    bring(workspace, one("erp", formerly=["old", "older", "erp", "oldest"]))
    assert "formerly:\n  - oldest\n" in text(workspace, "discovery/systems/erp.yaml")


def test_links_between_bodies_follow_ids_and_lead_to_nothing_deleted(workspace: Workspace) -> None:
    records = (guide("a", "See [B](b.md#x) and [C](c.md)."), guide("b", "## X"), guide("c", "C"))
    put(workspace, "documentation/guides/b.md", "---\ntitle: Mine\n---\n\nText.\n")
    bring(workspace, *records)
    assert "[B](b-2.md#x) and [C](c.md)" in text(workspace, "documentation/guides/a.md")
    path(workspace, "documentation/guides/c.md").unlink()
    outcome = bring(workspace, *records)
    assert "[B](b-2.md#x) and C." in text(workspace, "documentation/guides/a.md")
    assert "guide/a body" in whys(outcome.skipped)


@given(st.text())
@example("")
@example("index")
@example("../../etc/passwd")
@example("Ünïcode – Straße / 1")
@example("x" * 300)
@example("-" * 300 + "a")
def test_a_slug_is_an_id(words: str) -> None:
    made = slug(words)
    assert re.fullmatch(ID_PATTERN, made) and len(made) <= 100 and made != "index"
    assert slug(made) == made


# Hostile input


@pytest.mark.parametrize(
    "id", ["../../x", "/etc/x", "a/b", "a\0b", "A b", "", "index", ".hidden", "x\n", "y" * 400]
)
def test_an_id_never_leads_out_of_its_folder(workspace: Workspace, id: str) -> None:
    outcome = bring(workspace, Imported(System, id, {"title": "X"}, None, "1"))
    files = [each for each in outcome.writes if each.suffix == ".yaml"]
    assert [each.parent for each in files] == [path(workspace, "discovery/systems")]
    assert bring(workspace, Imported(System, id, {"title": "X"}, None, "1")).writes == {}


HOSTILE_FILES = [
    "../x.png",
    "/tmp/x.png",
    "a/../../x.png",
    "a\0.png",
    "a\\..\\x.png",
    "C:x.png",
    ".git/hooks/x",
    "a/.x",
    "x.yaml",
    "x.md",
    "x.yml",
    "",
    ".",
    "a\n.png",
]


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_file_never_leads_out_of_its_folder(workspace: Workspace, name: str) -> None:
    record = Imported(Guide, "x", {"title": "X"}, "Text.", "x.md", {name: PNG})
    outcome = bring(workspace, record)
    assert {each.name for each in outcome.writes} == {"x.md", "stock.json"}
    assert "no file may have such a name here" in whys(outcome.skipped).values()


def test_a_folder_that_leads_out_stops_the_import(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path(workspace, "documentation/guides").mkdir(parents=True)
    path(workspace, "documentation/guides/images").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KbError):
        write(workspace, "demo", merge(workspace, "demo", Import(SYSTEM, (guide("x", "Y", z=PNG),))))
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not path(workspace, "documentation/guides/x.md").exists()


def test_values_that_the_kind_does_not_take_are_left_out(workspace: Workspace) -> None:
    record = one(
        "erp", type="toaster", installed="2024-02-31", colour="red", title=["a"], network=[{"name": "x"}]
    )
    outcome = bring(workspace, record)
    wrong = ("type", "installed", "colour", "title", "network")
    assert whys(outcome.skipped).keys() == {f"system/erp {name}" for name in wrong}


def test_a_record_without_a_title_is_called_by_its_id(workspace: Workspace) -> None:
    bring(workspace, Imported(System, "erp", {"title": "  "}, None, "1"))
    assert "title: erp" in text(workspace, "discovery/systems/erp.yaml")


def test_what_is_too_long_is_left_out(workspace: Workspace) -> None:
    outcome = bring(workspace, one("erp", description="x" * 200_001), guide("x", "y" * 1_700_000))
    assert whys(outcome.skipped).keys() == {"system/erp description", "guide/x"}


def test_a_key_that_comes_twice_is_taken_once(workspace: Workspace) -> None:
    outcome = bring(workspace, one("a", key="1"), one("b", key="1"))
    assert (outcome.added, whys(outcome.skipped).keys()) == (("system/a",), {"system/b"})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.dictionaries(
    st.sampled_from(sorted(System.model_fields)) | st.text(max_size=8), VALUES, max_size=6
)


@given(FIELDS, st.text(), st.text())
@settings(max_examples=150)
def test_what_is_written_reads_back_the_same(fields: Mapping[str, object], id: str, body: str) -> None:
    made = fit(System, slug(id), fields, None, Names({}, frozenset()))
    document = parse_text(write_text(made.fields), "x.yaml")
    assert document.problems == ()
    assert as_read(document.value) == as_read(made.fields)
    assert isinstance(document.value, dict)
    System.model_validate({**document.value, "id": slug(id)})
    page = parse_text(write_text(made.fields, fit(Guide, "x", {}, body, Names({}, frozenset())).body), "x.md")
    assert page.problems == () and as_read(page.value) == as_read(made.fields)


@given(FIELDS, st.text(min_size=1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_record_can_be_imported_twice(
    tmp_path_factory: pytest.TempPathFactory, fields: Mapping[str, object], key: str
) -> None:
    workspace = new_workspace(tmp_path_factory.mktemp("any"))
    fields = {
        name: value for name, value in fields.items() if name not in ("id", "description", "internal_notes")
    }
    record = Imported(System, "x", fields, None, key)
    merged = merge(workspace, "demo", Import(SYSTEM, (record,)))
    write(workspace, "demo", merged)
    assert errors(read(workspace, "demo").problems) == []
    assert merge(workspace, "demo", Import(SYSTEM, (record,))).writes == {}


CHOICES = {"product": "ABC", "version": "12", "summary": "st"}
SMALL = st.fixed_dictionaries({}, optional={name: st.sampled_from(each) for name, each in CHOICES.items()})


@given(st.lists(st.tuples(SMALL, SMALL | st.none()), min_size=1, max_size=5))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_field_is_the_persons_or_the_sources(
    tmp_path_factory: pytest.TempPathFactory, story: list[tuple[dict[str, str], dict[str, str] | None]]
) -> None:
    """Whatever the source and a person do in turn: a field that the person left alone is as the source has it."""
    workspace = new_workspace(tmp_path_factory.mktemp("story"))
    file = path(workspace, "discovery/systems/x.yaml")
    left: dict[str, str | None] = {}
    for there, edit in story:
        here = {} if not file.is_file() else _fields(file)
        merged = merge(workspace, "demo", Import(SYSTEM, (one("x", **there),)))
        write(workspace, "demo", merged)
        now = _fields(file)
        for name in ("product", "version", "summary"):
            untouched = here.get(name) == left.get(name)
            expected = there.get(name) if untouched else here.get(name)
            assert now.get(name) == expected, name
        left = {name: there.get(name) for name in ("product", "version", "summary")}
        if edit is not None:
            lines = "".join(f"{name}: '{value}'\n" for name, value in edit.items())
            file.write_text(f"# Mine\ntitle: X\n{lines}source: {{system: stock, key: row/x}}\n")
    if story[0][1] is not None:
        assert file.read_text().startswith("# Mine\n")


def _fields(file: Path) -> dict[str, str]:
    value = parse_text(file.read_text(), "x.yaml").value
    assert isinstance(value, dict)
    return {name: str(each) for name, each in value.items()}


# Files beside a record


def test_files_follow_the_source_until_a_person_changes_them(workspace: Workspace) -> None:
    record = "![Two](images/a.png) ![Three](images/b.png) ![Four](images/c.png)"
    bring(workspace, guide("x", record, a=PNG, b=PNG, c=PNG))
    images = path(workspace, "documentation/guides/images")
    (images / "b.png").write_bytes(PNG + b"mine")
    (images / "c.png").unlink()
    put(workspace, "documentation/guides/images/c.png", "back").unlink()
    outcome = merge(
        workspace, "demo", Import(SYSTEM, (guide("x", record, a=PNG + b"2", b=PNG + b"2", c=PNG),))
    )
    write(workspace, "demo", outcome)
    assert (images / "a.png").read_bytes() == PNG + b"2"
    assert (images / "b.png").read_bytes() == PNG + b"mine"
    assert not (images / "c.png").exists()
    assert whys(outcome.kept).keys() == {"guide/x images/b.png", "guide/x images/c.png"}


def test_a_file_that_was_here_before_is_not_overwritten(workspace: Workspace) -> None:
    put(workspace, "documentation/guides/images/a.png", "").write_bytes(PNG + b"mine")
    outcome = bring(workspace, guide("x", "![A](images/a.png)", a=PNG))
    assert path(workspace, "documentation/guides/images/a.png").read_bytes() == PNG + b"mine"
    assert whys(outcome.kept) == {"guide/x images/a.png": "the file was changed or deleted here"}


def test_two_records_may_share_a_file(workspace: Workspace) -> None:
    bring(workspace, guide("b", "![A](images/a.png)", a=PNG))
    outcome = bring(workspace, *(guide(id, "![A](images/a.png)", a=PNG + b"2") for id in "ab"))
    assert outcome.kept == ()
    assert path(workspace, "documentation/guides/images/a.png").read_bytes() == PNG + b"2"


# What is said about it


def test_the_report_counts_then_says_why() -> None:
    skipped = tuple(Skipped(f"row {number}", "not wanted") for number in range(12))
    kept = (Skipped("system/erp (title)", "it was edited here"),)
    said = report(Outcome({}, ("a", "b"), ("c",), (), kept, ("system/old",), skipped))
    assert said.splitlines() == [
        "added                   2",
        "changed                 1",
        "left alone              0",
        "edited here, kept       1",
        "no longer there         1",
        "skipped                12",
        "",
        "Kept as it is here:",
        "  it was edited here (1)",
        "    system/erp (title)",
        "",
        "Skipped:",
        "  not wanted (12)",
        *(f"    row {number}" for number in range(10)),
        "    and 2 more",
        "",
        "No longer in the source, left alone here:",
        "  system/old",
    ]


def test_the_memory_is_sorted_and_small(workspace: Workspace) -> None:
    bring(workspace, one("b", Vendor), one("a", Subscription, renews="2027-01-31"))
    kept = json.loads(text(workspace, ".imports/stock.json"))
    assert kept == {
        "subscription:row/a": {"fields": {"renews": "2027-01-31", "title": "A"}, "id": "a"},
        "vendor:row/b": {"fields": {"title": "B"}, "id": "b"},
    }
    assert list(kept) == sorted(kept)
