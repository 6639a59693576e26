"""Records written anew read back as they were, and a second time gives the same bytes."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.sites import new_workspace

from kb_builder.catalog import Catalog
from kb_builder.edition import edition
from kb_builder.exporters.bundle_records import write_edition
from kb_builder.names import portable
from kb_builder.problem import errors
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.documentation import Guide
from kb_builder.text import parse
from kb_builder.workspace import Workspace

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("\n\r\t #:-|>'\"&*![]{}%@`\u2028\x85\ufeff0123no~"),
    min_size=1,
    max_size=40,
)


def written(
    workspace: Workspace, target: Path, audience: Audience = Audience.MANAGEMENT
) -> tuple[Catalog, Catalog]:
    """The edition of the client, and what is read of it after it was written to another workspace."""
    reading = read(workspace, "demo")
    assert not errors(reading.problems), reading.problems[:2]
    seen = edition(reading.catalog(), audience)
    home = target / "engagements" / "demo"
    write_edition(reading.catalog(), seen, audience, workspace.folder("demo"), home)
    again = read(Workspace(target), "demo")
    assert not errors(again.problems), again.problems[:2]
    return seen, again.catalog()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def put(workspace: Workspace, path: str, fields: object) -> None:
    place = workspace.folder("demo") / path
    place.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(fields, ensure_ascii=False)
    place.write_text("".join(char if char.isprintable() or char in "\n" else _escaped(char) for char in text))


def _escaped(char: str) -> str:
    return f"\\U{ord(char):08x}"


@settings(max_examples=300)
@given(TEXTS, TEXTS, TEXTS)
@example("a  \nb", "a\n   \nb ", " a\n b\n\n")
@example("\n", " \n x", "\tx\ny")
@example("---\nx", "...\nx", "x\n---\n")
@example("\ufeffx", "a\rb", "\u2028")
def test_texts_come_back_as_they_were(one: str, two: str, three: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        workspace = new_workspace(Path(name) / "from")
        put(
            workspace,
            "documentation/guides/g.yaml",
            {
                "title": one,
                "summary": two,
                "tags": [three, one],
                "body": three,
                "description": one,
                "links": [{"title": two, "url": three}],
            },
        )
        seen, again = written(workspace, Path(name) / "to")
        before, after = seen.records["guide", "g"], again.records["guide", "g"]
        assert isinstance(before, Guide)
        assert isinstance(after, Guide)
        exact = {"title", "summary", "tags", "links"}
        assert after.model_dump(include=exact) == before.model_dump(include=exact)
        for had, has in ((before.body, after.body), (before.description, after.description)):
            assert parse(has or "").html.split() == parse(had or "").html.split()
        written(Workspace(Path(name) / "to"), Path(name) / "third")
        assert tree(Path(name) / "third") == tree(Path(name) / "to")


@pytest.mark.parametrize("amount", ["1200", "12.50", "0", "0.10", "1E+3"])
def test_amounts_stay_amounts(amount: str, workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "discovery/subscriptions/s.yaml", {"title": "S", "cost_yearly": amount})
    seen, again = written(workspace, tmp_path / "to")
    assert again.records["subscription", "s"] == seen.records["subscription", "s"]


def test_a_client_that_its_readers_may_not_see_stays_a_slug(workspace: Workspace, tmp_path: Path) -> None:
    put(
        workspace,
        "client.yaml",
        {"title": "Secret plc", "audience": "consultant", "sites": [{"audience": "staff"}]},
    )
    _, again = written(workspace, tmp_path / "to", Audience.STAFF)
    assert again.client.title == "demo"
    assert again.client.audiences == (Audience.STAFF,)


def test_a_client_without_a_site_for_its_readers_gets_none(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace, "client.yaml", {"title": "Demo", "sites": [{"audience": "consultant"}]})
    _, again = written(workspace, tmp_path / "to")
    assert again.client.audiences == ()


def test_files_whose_names_need_care_are_found_again(workspace: Workspace, tmp_path: Path) -> None:
    folder = workspace.folder("demo") / "discovery/systems/old"
    names = ["100%25 done.pdf", "a%23b.pdf", "a%3Fb.pdf", "x (1).pdf", "\u00e9.pdf"]
    real = ["100% done.pdf", "a#b.pdf", "a?b.pdf", "x (1).pdf", "\u00e9.pdf"]
    folder.mkdir(parents=True)
    for name in real:
        (folder / name).write_text(name)
    links = " ".join(f"[w](<{name}>)" for name in names)
    put(
        workspace,
        "discovery/systems/old/erp.yaml",
        {"title": "ERP", "attachments": [{"file": name} for name in names], "description": links},
    )
    _, again = written(workspace, tmp_path / "to")
    home = tmp_path / "to/engagements/demo/discovery/systems"
    assert sorted(path.name for path in (home / "old").iterdir()) == sorted(map(portable, real))
    record = again.records["system", "erp"]
    assert [each.file for each in record.attachments] == [f"old/{portable(name)}" for name in real]
    assert "[w](old/100%25%20done.pdf)" in (record.description or "")
