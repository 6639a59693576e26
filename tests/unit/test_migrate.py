"""`kb migrate` rewrites what has to change, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sites import new_workspace
from support.story import put
from support.trees import tree

from kb_builder import migrate, migrations
from kb_builder.errors import KbError, UsageError
from kb_builder.read import read
from kb_builder.workspace import Workspace
from kb_builder.yaml_edit import rename

OLD = """\
# Demo is a dentist.
title:    Demo   # as they write it
audiences:
  - staff        # nurses, mostly
  # and the owners:
  - management

standards:
- a list as people write it
summary: 'quoted'
"""
NEW = """\
# Demo is a dentist.
title:    Demo   # as they write it
sites:
  - audience: staff # nurses, mostly
  # and the owners:
  - audience: management

standards:
- a list as people write it
summary: 'quoted'
format: 2
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = new_workspace(tmp_path)
    put(made, "client.yaml", OLD)
    return made


@pytest.fixture
def purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more migration: systems and guides once had a `purpose`."""

    def apply(kind: str, record: MutableMapping[str, Any]) -> bool:
        if kind not in ("system", "guide") or "purpose" not in record:
            return False
        rename(record, "purpose", "summary")
        return True

    more = SimpleNamespace(FORMAT=2, RENAMED={("system", "summary"): "purpose"}, migrate=apply)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, more))


def migrated(workspace: Workspace) -> dict[str, str]:
    """What `plan` would write, by the path in the client's folder."""
    folder = workspace.folder("demo")
    return {
        path.relative_to(folder).as_posix(): text for path, text in migrate.plan(workspace, "demo").items()
    }


def test_only_what_changes_is_written_anew(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title:   ERP\n")
    before = tree(workspace.root)
    assert migrated(workspace) == {"client.yaml": NEW}
    assert tree(workspace.root) == before


def test_what_was_written_needs_no_migration(workspace: Workspace) -> None:
    migrate.rewrite(workspace, "demo")
    assert (workspace.folder("demo") / "client.yaml").read_text() == NEW
    assert read(workspace, "demo").problems == ()
    assert migrate.plan(workspace, "demo") == {}
    before = tree(workspace.root)
    assert migrate.rewrite(workspace, "demo") == []
    assert tree(workspace.root) == before


@pytest.mark.parametrize("text", ["title: Demo\n", "title: Demo\nformat: 2\n", "title: Demo\nsites: []\n"])
def test_there_is_nothing_to_do_for_todays_records(workspace: Workspace, text: str) -> None:
    put(workspace, "client.yaml", text)
    assert migrate.plan(workspace, "demo") == {}


def test_a_client_that_says_an_older_format_says_todays_then(workspace: Workspace) -> None:
    put(workspace, "client.yaml", "title: Demo\nformat: 1 # for now\nsector: Dentistry\n")
    assert migrated(workspace) == {"client.yaml": "title: Demo\nformat: 2 # for now\nsector: Dentistry\n"}


@pytest.mark.usefixtures("purpose")
def test_lists_markdown_and_records_with_other_mistakes_are_rewritten_too(workspace: Workspace) -> None:
    put(
        workspace,
        "discovery/systems.yaml",
        "# All of them\n- id: erp\n  title:  ERP\n  purpose: Money # lots\n\n# Mail\n- id: mail\n  titel: Mail\n"
        "  purpose: Letters\n- id: fax\n  title:  Fax\n",
    )
    put(
        workspace,
        "documentation/guides/begin.md",
        "---\ntitle:  Begin # here\npurpose: >\n  The\n  start\n---\n\nPress `on`.  \n---\npurpose: stays\n",
    )
    found = migrated(workspace)
    assert found["discovery/systems.yaml"] == (
        "# All of them\n- id: erp\n  title:  ERP\n  summary: Money # lots\n\n# Mail\n- id: mail\n  titel: Mail\n"
        "  summary: Letters\n- id: fax\n  title:  Fax\n"
    )
    assert found["documentation/guides/begin.md"] == (
        "---\ntitle:  Begin # here\nsummary: >\n  The\n  start\n---\n\nPress `on`.  \n---\npurpose: stays\n"
    )
    assert set(found) == {"client.yaml", "discovery/systems.yaml", "documentation/guides/begin.md"}


@pytest.mark.usefixtures("purpose")
def test_a_mistake_in_a_renamed_field_of_one_of_many_is_found_where_it_is_written(
    workspace: Workspace,
) -> None:
    put(
        workspace,
        "discovery/systems.yaml",
        "- id: a\n  title: A\n  purpose: [x]\n- id: b\n  title: B\n  summary: [x]\n",
    )
    found = [each for each in read(workspace, "demo").problems if each.code == "KB101"]
    assert [(each.location.line, each.location.column) for each in found] == [(3, 12), (6, 12)]


def test_releases_and_what_is_no_record_are_left_alone(workspace: Workspace) -> None:
    put(workspace, "releases/1.0/client.yaml", OLD)
    put(workspace, "README.md", OLD)
    put(workspace, "notes.yaml", OLD)
    assert set(migrated(workspace)) == {"client.yaml"}


def test_line_ends_and_byte_order_mark_stay(workspace: Workspace) -> None:
    path = workspace.folder("demo") / "client.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + OLD.replace("\n", "\r\n").encode())
    migrate.rewrite(workspace, "demo")
    assert path.read_bytes() == b"\xef\xbb\xbf" + NEW.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    "text",
    [
        "title: Demo\naudiences: [staff, management]  # both\n# the sector\nsector: x\n",
        "title: Demo\naudiences: [\n  staff, # one\n  management # other\n]\n",
        "title: Demo\naudiences:\n# one\n- staff\n# other\n- management # and so on\n# end",
        "{title: Demo, audiences: [staff, management]} # short\n",
        "--- # begin\ntitle: Demo\naudiences: &all [staff, management] # all\n...\n",
        "standards: &all [staff, management] # all\ntitle: Demo\naudiences: *all\n",
        "title: Demo\n'audiences': ['staff', \"management\"]\nscope: |\n  # Heading\n\n  Text\n\n\n# end\n",
        "# Ünïcode → ok\ntitle: Müller # straße\naudiences:\n  - staff # für alle\n  - management\n",
        "? title\n: Demo # odd\n? audiences\n: - staff\n  - management # too\n",
        "title: Demo # no end of line\naudiences: [staff, management]\nsummary: >-\n  folded\n  text",
        "title: Demo\naudiences:\n  - staff\n  - management\nheadcount: 0012\nphone_: &x ~\n",
    ],
)
def test_however_it_is_written_no_comment_is_lost(workspace: Workspace, text: str) -> None:
    put(workspace, "client.yaml", text)
    before = read(workspace, "demo")
    migrate.rewrite(workspace, "demo")
    after = read(workspace, "demo")
    assert [each.model_dump(exclude={"format"}) for each in after.records] == [
        each.model_dump(exclude={"format"}) for each in before.records
    ]
    new = (workspace.folder("demo") / "client.yaml").read_text()
    for comment in [
        line.partition(" #")[2] or line for line in text.splitlines() if " #" in line or line[0:1] == "#"
    ]:
        assert comment.strip() in new
    assert after.format == 2
    assert "KB013" not in {each.code for each in after.problems}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("discovery/systems/erp.yaml", "title: [\n"),
        ("discovery/systems/erp.yaml", "title: ERP\ntitle: ERP\n"),
        ("discovery/systems/erp.md", "no front matter"),
    ],
)
def test_a_file_that_cannot_be_read_stops_it_before_anything_is_written(
    workspace: Workspace, path: str, text: str
) -> None:
    put(workspace, path, text)
    with pytest.raises(KbError, match=path) as caught:
        migrate.plan(workspace, "demo")
    assert "kb check" in (caught.value.hint or "")


def test_what_a_newer_kb_wrote_is_left_alone(workspace: Workspace) -> None:
    put(workspace, "client.yaml", "title: Demo\nformat: 3\n")
    with pytest.raises(KbError, match="format 3"):
        migrate.plan(workspace, "demo")


def test_there_must_be_such_a_client(workspace: Workspace) -> None:
    with pytest.raises(UsageError):
        migrate.plan(workspace, "demmo")


def test_without_a_client_file_nothing_is_rewritten(workspace: Workspace) -> None:
    put(workspace, "client.yaml", None)
    with pytest.raises(KbError, match="is not there"):
        migrate.plan(workspace, "demo")


COMMENT = st.sampled_from(["", " # why", " # 'quoted': [#1]", "  # – ü"])
ABOVE = st.sampled_from(["", "# a line above\n", "\n", "\n# two\n# lines\n"])
PLAIN = st.sampled_from(
    ["Demo", "'De mo'", '"De: mo"', "0012", "1.10", "yes", "2024-01-02", "|\n  De\n  mo", "~"]
)


@st.composite
def clients(draw: st.DrawFn) -> str:
    """A client.yaml of format 1: its fields in any order and style, with comments anywhere."""
    names = draw(st.lists(st.sampled_from(["staff", "management", "consultant", "nobody"]), max_size=4))
    style = draw(st.sampled_from(["flow", "block", "flush", "empty"]))
    if style == "empty":
        audiences = f"audiences:{draw(COMMENT)}\n"
    elif style == "flow" or not names:
        audiences = f"audiences: [{', '.join(names)}]{draw(COMMENT)}\n"
    else:
        indent = "  " if style == "block" else ""
        items = "".join(f"{draw(ABOVE)}{indent}- {name}{draw(COMMENT)}\n" for name in names)
        audiences = f"audiences:{draw(COMMENT)}\n{items}"
    fields = [audiences]
    for name in draw(
        st.lists(st.sampled_from(["title", "sector", "scope", "currency", "wrong"]), unique=True)
    ):
        value = draw(PLAIN)
        fields.append(f"{name}: {value}{draw(COMMENT) if '|' not in value else ''}\n")
    if draw(st.booleans()):
        fields.append("format: 1\n")
    if draw(st.booleans()):
        fields.append("locations:\n- id: hill\n  title: Hill # top\n")
    ordered = draw(st.permutations(fields))
    text = draw(st.sampled_from(["", "---\n"])) + "".join(f"{draw(ABOVE)}{field}" for field in ordered)
    return text + draw(ABOVE) if draw(st.booleans()) else text.rstrip("\n")


@settings(max_examples=150)
@given(clients())
def test_reading_before_and_after_gives_the_same(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = new_workspace(Path(folder) / "ws")
        put(workspace, "client.yaml", text)
        before = read(workspace, "demo")
        migrate.rewrite(workspace, "demo")
        after = read(workspace, "demo")
        new = (workspace.folder("demo") / "client.yaml").read_text()
        assert [each.model_dump(exclude={"format"}) for each in before.records] == [
            each.model_dump(exclude={"format"}) for each in after.records
        ]
        assert [(each.code, each.message) for each in after.problems] == [
            (each.code, each.message) for each in before.problems if each.code != "KB013"
        ]
        assert sorted(
            new.count(mark) for mark in ("why", "quoted': [#1]", "– ü", "a line above", "two", "top")
        ) == (
            sorted(text.count(mark) for mark in ("why", "quoted': [#1]", "– ü", "a line above", "two", "top"))
        )
        assert migrate.plan(workspace, "demo") == {}
