"""Schemas that an editor can use: they take what kb takes and mark what it marks."""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from kb_builder.errors import UsageError
from kb_builder.forms import record_text
from kb_builder.read import read
from kb_builder.records import KINDS, testing
from kb_builder.records.base import Record
from kb_builder.records.client import Client
from kb_builder.records.discovery import System
from kb_builder.records.documentation import Guide, Training
from kb_builder.records.fields import fields_of
from kb_builder.schema import (
    EXTENSION,
    default_of,
    editor_extensions,
    editor_settings,
    folder_of,
    globs_of,
    schema,
    schemas,
    type_words,
)
from kb_builder.workspace import Workspace

REPOSITORY = Path(__file__).parents[2]


class Constructor(SafeConstructor):
    """Reads YAML 1.2 as an editor does: a date is a text."""


Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def loaded(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = Constructor
    return reader.load(text)


def faults(kind: type[Record], text: str) -> list[str]:
    checker = Draft7Validator(schema(kind), format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(loaded(text))]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_schema_is_valid_draft_07_without_newer_words(kind: type[Record]) -> None:
    made = schema(kind)
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(made)
    assert "$defs" not in json.dumps(made)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_field_is_there_with_its_description(kind: type[Record]) -> None:
    properties = schema(kind)["definitions"][kind.kind]["properties"]
    assert list(properties) == [spec.name for spec in fields_of(kind)]
    for spec in fields_of(kind):
        assert properties[spec.name]["description"] == spec.description
        assert spec.description in properties[spec.name]["markdownDescription"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_field_that_need_not_be_filled_in_may_be_left_empty(kind: type[Record]) -> None:
    for spec in fields_of(kind):
        text = f"{record_minimum(kind)}{spec.name}:\n" if not spec.required else None
        assert text is None or faults(kind, text) == []


def record_minimum(kind: type[Record]) -> str:
    values = {"title": "T", "date": "2026-03-31", "result": "pass"}
    return "".join(
        f"{spec.name}: {values.get(spec.name, 'x')}\n"
        for spec in fields_of(kind)
        if spec.required and spec.name != "id"
    )


@pytest.mark.parametrize(
    "text",
    [
        "title: A\n",
        "title: 2024\nversion: 1.10\nsummary: no\n",
        "id: file-server\ntitle: A\n",
        "- id: a\n  title: A\n- id: b\n  title: B\n",
        "title: A\nbackup: {method: copy, every: 4 hours}\n",
        "title: A\npersonal_data: true\ndata: [x, 5]\n",
        "title: A\ninstalled: 2026-03-31\n",
    ],
)
def test_what_kb_reads_is_accepted(text: str) -> None:
    assert faults(System, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "summary: no title\n",
        "title:\n",
        "title: A\nstaus: live\n",
        "title: A\nstatus: alive\n",
        "title: A\nid: Not An Id\n",
        "title: A\ndepends_on: file-server\n",
        "title: A\npersonal_data: 'yes'\n",
        "title: A\ninstalled: 31 March\n",
        "title: A\nbackup: {method: copy, every: often}\n",
        "title: A\nbackup: {where: safe}\n",
        "title: A\nbackup: nightly\n",
        "- title: no id\n",
        "title: [a, b]\n",
        "title: true\n",
    ],
)
def test_what_kb_refuses_is_marked(text: str) -> None:
    assert faults(System, text)


def test_parts_within_parts_are_described_too() -> None:
    quiz = schema(Training)["definitions"]["training"]["properties"]["quiz"]
    answers = quiz["items"]["properties"]["answers"]
    assert answers["minItems"] == 2
    assert answers["items"]["properties"]["why"]["description"].startswith("Why it is right")
    assert answers["items"]["additionalProperties"] is False


def test_the_client_is_one_record_and_never_a_list() -> None:
    assert faults(Client, "title: A\nlocations: [{id: x, title: X}]\n") == []
    assert faults(Client, "title: A\nlocations: [{title: X}]\n")
    assert faults(Client, "- {id: a, title: A}\n")


def test_defaults_are_offered_only_where_they_say_something() -> None:
    properties = schema(System)["definitions"]["system"]["properties"]
    assert properties["status"]["default"] == "live"
    assert "default" not in properties["owner"]
    assert "default" not in properties["depends_on"]


@pytest.mark.parametrize(
    ("kind", "field", "words"),
    [
        (System, "owner", "reference to person, role or vendor"),
        (System, "depends_on", "list of references to system"),
        (System, "criticality", "one of low, medium, high or critical"),
        (System, "data", "list of plain text"),
        (Client, "sites", "list of sites"),
        (Guide, "steps", "list of steps"),
        (Guide, "tags", "list of plain text"),
        (testing.TestRun, "date", "date"),
    ],
)
def test_types_in_words(kind: type[Record], field: str, words: str) -> None:
    assert type_words(next(spec for spec in fields_of(kind) if spec.name == field)) == words


def test_defaults_in_words() -> None:
    assert default_of(Training, "pass_mark") == "80"
    assert default_of(Training, "owner") is None
    assert default_of(Training, "lessons") is None


def test_each_kind_has_a_schema_file_in_the_folder_asked_for() -> None:
    files = schemas("editor")
    assert sorted(files) == sorted(f"editor/{kind.kind}.json" for kind in KINDS)
    assert json.loads(files["editor/system.json"])["title"] == "System"
    assert "system.json" in schemas(".")


def test_settings_bind_each_schema_to_its_files() -> None:
    settings = json.loads(editor_settings())
    assert settings["yaml.yamlVersion"] == "1.2"
    bound = settings["yaml.schemas"]
    assert sorted(bound) == sorted(f"./{path}" for path in schemas())
    assert bound["./.kb/schemas/system.json"] == [
        "engagements/*/discovery/systems/**/*.yaml",
        "engagements/*/discovery/systems.yaml",
    ]
    assert bound["./.kb/schemas/client.json"] == ["engagements/*/client.yaml"]


def test_settings_of_your_own_are_kept() -> None:
    mine = '{"editor.rulers": [100], "yaml.schemas": {"./mine.json": "mine/*.yaml"}, "yaml.hover": false}'
    settings = json.loads(editor_settings(mine))
    assert settings["editor.rulers"] == [100]
    assert settings["yaml.hover"] is False
    assert settings["yaml.schemas"]["./mine.json"] == "mine/*.yaml"
    assert len(settings["yaml.schemas"]) == len(KINDS) + 1


def test_writing_the_settings_again_changes_nothing() -> None:
    assert editor_settings(editor_settings()) == editor_settings()
    assert editor_extensions(editor_extensions()) == editor_extensions()


@pytest.mark.parametrize("text", ["{ // mine\n}", "[]", '{"yaml.schemas": []}'])
def test_settings_that_cannot_be_added_to_are_left_alone(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        editor_settings(text)
    assert caught.value.hint


def test_the_extension_is_recommended_besides_your_own() -> None:
    assert json.loads(editor_extensions())["recommendations"] == [EXTENSION]
    assert json.loads(editor_extensions('{"recommendations": ["a.b"]}'))["recommendations"] == [
        "a.b",
        EXTENSION,
    ]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not Client], ids=lambda kind: kind.kind)
def test_the_globs_cover_exactly_where_kb_reads_the_kind(kind: type[Record], tmp_path: Path) -> None:
    """What the settings bind is what reading takes for that kind."""
    client = tmp_path / "engagements" / "acme"
    ending = "md" if "body" in kind.model_fields else "yaml"
    for name in (
        f"{folder_of(kind)}/one.{ending}",
        f"{folder_of(kind)}/deep/two.yaml",
        f"{folder_of(kind)}.yaml",
    ):
        path = client / name
        path.parent.mkdir(parents=True, exist_ok=True)
        minimum = record_minimum(kind)
        listed = "- id: three\n" + "".join(f"  {line}\n" for line in minimum.splitlines())
        front = f"---\n{minimum}---\n"
        path.write_text(
            listed
            if path.stem not in ("one", "two")
            else front
            if ending == "md" and path.stem == "one"
            else minimum
        )
    reading = read(Workspace(tmp_path), "acme")
    assert {record.key for record in reading.records if record.kind == kind.kind} == {
        (kind.kind, name) for name in ("one", "two", "three")
    }
    plain = [pattern.replace("/**/", "/") for pattern in globs_of(kind)]
    for name in (f"{folder_of(kind)}/deep/two.yaml", f"{folder_of(kind)}.yaml"):
        assert any(fnmatch.fnmatch(f"engagements/acme/{name}", pattern) for pattern in plain)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_form_with_only_its_required_fields_passes_its_schema(kind: type[Record]) -> None:
    values = {
        spec.name: {"date": "2026-03-31", "result": "pass"}.get(spec.name, "x")
        for spec in fields_of(kind)
        if spec.required and spec.name != "id"
    }
    text = record_text(kind, values)
    assert faults(kind, text.removeprefix("---\n").split("\n---\n")[0]) == []


def sample_files() -> list[tuple[type[Record], Path]]:
    found: list[tuple[type[Record], Path]] = []
    for kind in KINDS:
        for pattern in globs_of(kind):
            found += [(kind, path) for path in sorted(REPOSITORY.glob(pattern))]
    return found


def test_the_sample_clients_records_pass_their_schemas() -> None:
    files = sample_files()
    assert len(files) >= 20
    wrong = {
        str(path.relative_to(REPOSITORY)): found
        for kind, path in files
        if (found := faults(kind, path.read_text(encoding="utf-8")))
    }
    assert wrong == {}
