"""New workspaces, clients and records."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from kb_builder import checks, scaffold
from kb_builder.errors import UsageError
from kb_builder.files import overwrite
from kb_builder.problem import Problem, errors
from kb_builder.read import Reading, read
from kb_builder.records import KINDS
from kb_builder.records.base import Record
from kb_builder.records.client import Client
from kb_builder.records.fields import fields_of
from kb_builder.records.testing import TestRun as Run
from kb_builder.schema import folder_of
from kb_builder.workspace import Workspace, find
from kb_builder.yaml_source import parse_text

TODAY = dt.date(2026, 3, 31)
CONFIG = "theme:\n  name: material\n"
ADDABLE = [kind for kind in KINDS if kind is not Client]
BLANK = {"test_run": {"test", "result"}, "training_record": {"person", "training"}}


def write(root: Path, texts: Mapping[str, str]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    overwrite({root / path: text.encode() for path, text in texts.items()}, root)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    write(tmp_path, scaffold.init(tmp_path, CONFIG))
    return Workspace(tmp_path)


@pytest.fixture
def bare(workspace: Workspace) -> Workspace:
    """A workspace with a client of which only the title is known."""
    write(workspace.root, {"engagements/acme/client.yaml": "title: Acme\n"})
    return workspace


def add(workspace: Workspace, kind: str, name: str, title: str | None = None) -> scaffold.Addition:
    return scaffold.add(workspace, read(workspace, "acme"), kind, name, title, TODAY)


def wrong(reading: Reading) -> list[Problem]:
    """What is wrong with the files of a client; the checks across them find no error."""
    assert errors(checks.run(reading.catalog(), TODAY)) == []
    return list(reading.problems)


# init


def test_init_makes_a_folder_that_is_a_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    texts = scaffold.init(folder, CONFIG)
    assert not folder.exists()
    write(folder, texts)
    assert find(folder / "engagements").root == folder
    assert (folder / "mkdocs.yml").read_text() == CONFIG
    assert {"site/", ".kb-*"} <= set((folder / ".gitignore").read_text().splitlines())
    assert json.loads((folder / ".vscode/extensions.json").read_text()) == {
        "recommendations": ["redhat.vscode-yaml"]
    }


def test_init_binds_schemas_that_are_there(tmp_path: Path) -> None:
    write(tmp_path, scaffold.init(tmp_path, CONFIG))
    bound = json.loads((tmp_path / ".vscode/settings.json").read_text())["yaml.schemas"]
    assert len(bound) == len(KINDS)
    assert all((tmp_path / path).is_file() for path in bound)


def test_init_refuses_a_folder_that_is_a_workspace(tmp_path: Path) -> None:
    write(tmp_path, {"engagements/x/client.yaml": "", "mkdocs.yml": ""})
    with pytest.raises(UsageError, match="already"):
        scaffold.init(tmp_path, CONFIG)


def test_init_refuses_a_file(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        scaffold.init(tmp_path / "taken", CONFIG)


def test_init_adds_to_what_is_there_and_takes_nothing_away(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".gitignore": "*.bak\nsite/", ".editorconfig": "root = true\n", ".vscode/settings.json": '{"a": 1}'},
    )
    texts = scaffold.init(tmp_path, CONFIG)
    assert texts[".gitignore"] == "*.bak\nsite/\n.kb-*\n"
    assert ".editorconfig" not in texts
    assert json.loads(texts[".vscode/settings.json"])["a"] == 1


def test_init_does_not_guess_at_settings_with_comments(tmp_path: Path) -> None:
    write(tmp_path, {".vscode/settings.json": "{ /* mine */ }"})
    with pytest.raises(UsageError, match=r"settings\.json"):
        scaffold.init(tmp_path, CONFIG)


# new


def test_a_new_client_has_an_example_of_each_starter_kind_and_no_problem(workspace: Workspace) -> None:
    write(workspace.root, scaffold.new(workspace, "harbour-dental", None, TODAY))
    reading = read(workspace, "harbour-dental")
    assert wrong(reading) == []
    kinds = {record.kind for record in reading.records}
    assert kinds == {"client", "location"} | {kind.kind for kind in KINDS if kind.starter}


def test_the_examples_hang_together_from_objective_to_recommendation(workspace: Workspace) -> None:
    write(workspace.root, scaffold.new(workspace, "acme", None, TODAY))
    links = {
        (source[0], link.target[0])
        for source, found in read(workspace, "acme").catalog().outgoing.items()
        for link in found
    }
    assert {
        ("gap", "objective"),
        ("risk", "gap"),
        ("recommendation", "risk"),
        ("guide", "system"),
        ("system", "person"),
    } <= links


def test_a_new_clients_title(workspace: Workspace) -> None:
    for title, shown in (
        (None, "Harbour Dental"),
        ("  Smith & Sons: #1 ", "Smith & Sons: #1"),
        ("  ", "Harbour Dental"),
    ):
        text = scaffold.new(workspace, "harbour-dental", title, TODAY)[
            "engagements/harbour-dental/client.yaml"
        ]
        value = parse_text(text, "client.yaml").value
        assert isinstance(value, dict)
        assert value["title"] == shown


def test_examples_say_what_to_write(workspace: Workspace) -> None:
    for path, text in scaffold.new(workspace, "acme", None, TODAY).items():
        kind = next(kind for kind in KINDS if path.endswith("client.yaml") or f"/{folder_of(kind)}/" in path)
        for spec in fields_of(kind):
            if spec.name not in ("id", "source", "body"):
                assert spec.name + ":" in text
                assert spec.description in text


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Harbour Dental", "harbour-dental"),
        ("../x", "x"),
        ("Café", "cafe"),
        ("a/b", "a-b"),
        ("-x", "x"),
        ("", None),
        ("x\n", "x"),
    ],
)
def test_a_client_needs_a_slug(workspace: Workspace, name: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        scaffold.new(workspace, name, None, TODAY)
    assert caught.value.hint == (f"did you mean {hint}?" if hint else None)


def test_a_client_is_not_made_twice(bare: Workspace) -> None:
    with pytest.raises(UsageError, match="already"):
        scaffold.new(bare, "acme", None, TODAY)


# add


@pytest.mark.parametrize("kind", ADDABLE, ids=lambda kind: kind.kind)
def test_an_added_record_is_read_without_an_error(bare: Workspace, kind: type[Record]) -> None:
    addition = add(bare, kind.kind, "first-one")
    write(bare.root, {addition.path: addition.text})
    blank = BLANK.get(kind.kind, set())
    problems = wrong(read(bare, "acme"))
    assert {problem.message.partition(":")[0] for problem in problems} == blank
    assert {note.partition(":")[0] for note in addition.notes} == blank
    if not blank:
        (record,) = [record for record in read(bare, "acme").records if record.kind == kind.kind]
        assert (record.id, record.title) == ("first-one", "First one")


@pytest.mark.parametrize("kind", ADDABLE, ids=lambda kind: kind.kind)
def test_every_field_is_offered_with_its_description(bare: Workspace, kind: type[Record]) -> None:
    text = add(bare, kind.kind, "first-one").text
    for spec in fields_of(kind):
        if spec.name not in ("id", "source", "body"):
            (line,) = [
                line for line in text.splitlines() if line.startswith((f"{spec.name}:", f"# {spec.name}:"))
            ]
            assert spec.description in text
            assert line.startswith("#") is not spec.required


@pytest.mark.parametrize("kind", ADDABLE, ids=lambda kind: kind.kind)
def test_what_is_commented_out_is_yaml_once_it_is_not(bare: Workspace, kind: type[Record]) -> None:
    text = add(bare, kind.kind, "first-one").text.removeprefix("---\n").partition("\n---\n")[0]
    fields = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if ":" in line.partition("#")[0] or (line.startswith("# ") and ":  #" in line)
    ]
    found = yaml.load("\n".join(fields), Loader=yaml.BaseLoader)
    assert set(found) == {spec.name for spec in fields_of(kind)} - {"id", "source", "body"}


def test_required_fields_come_first(bare: Workspace) -> None:
    lines = [
        line for line in add(bare, "test_run", "r").text.splitlines() if line and not line.startswith("#")
    ]
    assert lines == ["title: R", "test:", "date: 2026-03-31", "result:"]


def test_choices_are_told(bare: Workspace) -> None:
    text = add(bare, "system", "erp").text
    assert "# criticality:  # How much it hurts when it stops. One of low, medium, high or critical." in text
    assert "# owner:  # Who looks after it. Reference to person, role or vendor." in text
    assert "# colour" not in text


def test_parts_are_laid_out(bare: Workspace) -> None:
    text = add(bare, "training", "security-basics").text
    assert "# quiz:" in text
    assert "#   - ask:  # The question." in text
    assert "#       - text:  # The answer." in text
    assert "#         correct:" in text


def test_a_required_reference_with_one_candidate_is_filled_in(bare: Workspace) -> None:
    write(bare.root, {"engagements/acme/testing/tests/restore.yaml": "title: Restore\n"})
    addition = add(bare, "test_run", "restore-1")
    assert "\ntest: restore\n" in addition.text
    assert [note.partition(":")[0] for note in addition.notes] == ["result"]


def test_a_required_reference_with_more_is_left_to_the_consultant(bare: Workspace) -> None:
    write(bare.root, {f"engagements/acme/testing/tests/t{number}.yaml": "title: T\n" for number in range(2)})
    addition = add(bare, "test_run", "restore-1")
    assert "\ntest:\n" in addition.text
    assert addition.notes[0] == "test: to be filled in with the id of a test: t0 or t1"


def test_a_required_reference_to_nothing_says_what_to_add_first(bare: Workspace) -> None:
    (note, _) = add(bare, "test-run", "restore-1").notes
    assert note == "test: to be filled in; there is no test yet, kb add acme test ID makes one"


def test_what_is_left_blank_is_an_error_at_its_line(bare: Workspace) -> None:
    addition = add(bare, "test_run", "restore-1")
    write(bare.root, {addition.path: addition.text})
    (problem, _) = sorted(read(bare, "acme").problems, key=lambda problem: problem.message, reverse=True)
    assert addition.text.splitlines()[problem.location.line - 1] == "test:"


def test_kinds_with_a_text_become_markdown(bare: Workspace) -> None:
    addition = add(bare, "guide", "scan-a-letter")
    assert addition.path == "engagements/acme/documentation/guides/scan-a-letter.md"
    write(bare.root, {addition.path: addition.text + "\nPut the letter in.\n"})
    (guide,) = [record for record in read(bare, "acme").records if record.kind == "guide"]
    assert guide.model_dump()["body"] == "Put the letter in."


@pytest.mark.parametrize(
    "title",
    [
        "No: really #1",
        "'quoted' \"twice\"",
        "- x",
        "{{ 7*7 }}",
        "é 🙂",
        "yes",
        "2024-01-01",
        "a\nb",
        "x\x1b[1m",
        "&a *b",
        "x" * 300,
    ],
)
def test_any_title_can_be_given(bare: Workspace, title: str) -> None:
    addition = add(bare, "gap", "g", title)
    write(bare.root, {addition.path: addition.text})
    reading = read(bare, "acme")
    assert wrong(reading) == []
    shown = " ".join(title.replace("\x1b", " ").split())
    assert [record.title for record in reading.records if record.kind == "gap"] == [shown]


@pytest.mark.parametrize("name", ["known_issue", "known-issue", "known_issues", "Known_Issue"])
def test_kinds_may_be_written_as_people_write_them(name: str) -> None:
    assert scaffold.find_kind(name).kind == "known_issue"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("sytem", "system"), ("objectve", "objective"), ("zzz", "log_entry"), ("client", "kb new")],
)
def test_an_unknown_kind(name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        scaffold.find_kind(name)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["../x", "No MFA", "a/b", "", "x\n", "-x", "x" * 121, "é"])
def test_a_bad_id(bare: Workspace, name: str) -> None:
    with pytest.raises(UsageError, match="not an id"):
        add(bare, "gap", name)


def test_a_bad_id_gets_a_good_one_as_hint(bare: Workspace) -> None:
    with pytest.raises(UsageError) as caught:
        add(bare, "gap", "No MFA!")
    assert caught.value.hint == "did you mean no-mfa?"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("analysis/gaps/no-mfa.yaml", "title: X\n"),
        ("analysis/gaps.yaml", "- id: no-mfa\n  title: X\n"),
        ("analysis/gaps/deep/no-mfa.yaml", "title: X\n"),
        ("analysis/gaps/no-mfa.yaml", "title: [\n"),
        ("analysis/gaps/no-mfa.md", "---\ntitle: X\n---\n"),
        ("analysis/gaps/no-mfa.yml", "title: X\n"),
    ],
)
def test_what_is_there_is_never_written_over(bare: Workspace, path: str, text: str) -> None:
    write(bare.root, {f"engagements/acme/{path}": text})
    with pytest.raises(UsageError, match="already"):
        add(bare, "gap", "no-mfa")


def test_the_same_id_in_another_kind_is_fine(bare: Workspace) -> None:
    write(bare.root, {"engagements/acme/analysis/gaps/no-mfa.yaml": "title: X\n"})
    assert add(bare, "risk", "no-mfa").path == "engagements/acme/analysis/risks/no-mfa.yaml"


def test_a_kind_without_an_example_of_its_own_gets_a_plain_one(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "starter", True)
    texts = scaffold.new(workspace, "acme", None, TODAY)
    assert "title: Example test run" in texts["engagements/acme/testing/test_runs/example-test-run.yaml"]
