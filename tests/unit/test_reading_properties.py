"""Whatever stands in a client's folder: reading, checking and reckoning never raise, and places are in the file."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb_builder import checks
from kb_builder.catalog import Catalog
from kb_builder.insight import completeness, due, trace
from kb_builder.problem import Problem
from kb_builder.read import read
from kb_builder.records import KINDS
from kb_builder.records.base import STAGES, Record
from kb_builder.records.fields import fields_of
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import parse_text, read_file

TODAY = dt.date(2026, 11, 23)
CALM = settings(max_examples=150)
SNIPPETS = st.sampled_from(
    ["title: ", "- ", "\n", "  ", ": ", "&a ", "*a", "!!str ", "<<: ", "---\n", "...\n", "{", "}", "[", "]", '"', "'",
     "|\n", ">-\n", "# ", "? ", "\t", "%YAML 1.2\n", "id: x\n", "~", "\\", ",", "\u2028", "\ufeff", "\x85", "\x7f"]
)  # fmt: skip
YAMLISH = st.lists(st.one_of(SNIPPETS, st.text(max_size=5)), max_size=30).map("".join)


def file_with(content: bytes, name: str) -> list[Problem]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        document = read_file(path, name)
        return list(document.problems)


@CALM
@given(st.binary(max_size=200), st.sampled_from(["a.yaml", "a.md"]))
def test_any_bytes(content: bytes, name: str) -> None:
    for problem in file_with(content, name):
        assert problem.location.line >= 1
        assert problem.location.column >= 1


@settings(max_examples=400)
@given(YAMLISH, st.sampled_from(["a.yaml", "a.md"]))
@example("title: a\n\ufeff", "a.yaml")
@example("---\n---\n", "a.md")
@example("---\ntitle: x\n---\n" * 3, "a.md")
def test_any_text(text: str, name: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for problem in file_with(text.encode(), name):
        assert 1 <= problem.location.line <= lines + 1
        assert "\n" not in problem.message
    parse_text(text, name).locate(("title", 3, "nothing"))


def folder_of(kind: type[Record]) -> str:
    return f"{kind.stage}/{kind.plural}" if kind.stage in STAGES else kind.plural


SCALARS = st.one_of(
    st.sampled_from(["a", "b", "c", "system/a", "a/b", "2026-01-01", "2026-12-31", "0001-01-01", "9999-12-31",
                     "12 months", "9999 years", "true", "3", "1e400", "nan", "-1", "FREQ=DAILY", "FREQ=YEARLY;COUNT=3",
                     "FREQ=MONTHLY;BYDAY=-1SU", "pass", "fail", "accepted", "done", "retired", "../a.yaml", "/etc",
                     "http://[", "javascript:x", "{{ system('a') }}", "[x](", "![](a.png)", "x" * 300 + ".png"]),
    st.text(max_size=8),
    st.none(),
)  # fmt: skip


def values_of(model: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values for some of a kind's fields: what each takes, or anything at all."""
    options: dict[str, st.SearchStrategy[Any]] = {}
    for spec in fields_of(model):
        if spec.name == "id" and depth == 0:
            continue
        if spec.part is not None and not issubclass(spec.part, Record) and depth < 2:
            one = values_of(spec.part, depth + 1)
        else:
            one = st.sampled_from(spec.choices) if spec.choices else SCALARS
        options[spec.name] = st.lists(one, max_size=3) if spec.many else one
    required = {name: value for name, value in options.items() if name == "title"}
    optional = {name: value for name, value in options.items() if name != "title"}
    return st.fixed_dictionaries(required, optional=optional)


RECORDS = st.lists(
    st.one_of(
        [
            st.tuples(st.just(kind), st.sampled_from(["a", "b", "c"]), values_of(kind))
            for kind in KINDS
            if kind.kind != "client"
        ]
    ),
    max_size=8,
)
CLIENT = values_of(next(kind for kind in KINDS if kind.kind == "client"))


@settings(max_examples=150)
@given(RECORDS, CLIENT)
def test_any_records(records: list[tuple[type[Record], str, Any]], client: Any) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "engagements" / "acme"
        folder.mkdir(parents=True)
        (folder / "client.yaml").write_text(json.dumps(client), encoding="utf-8")
        for kind, name, fields in records:
            path = folder / folder_of(kind) / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(fields), encoding="utf-8")
        reading = read(Workspace(Path(root)), "acme")
        catalog = reading.catalog()
        assert all(problem.location.line >= 1 for problem in reading.problems)
        reckon(catalog)


def reckon(catalog: Catalog) -> None:
    """All that is derived from records, once."""
    for problem in checks.run(catalog, TODAY):
        assert problem.record in catalog.records
        assert "\n" not in problem.message
        assert len(problem.message) < 400
    due.due(catalog, TODAY)
    trace.rows(catalog, TODAY)
    completeness.by_kind(catalog)
    for record in catalog.records.values():
        trace.thread_of(catalog, record)
