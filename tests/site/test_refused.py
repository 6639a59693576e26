"""When MkDocs cannot go on, the message holds the page, where its record is written, and what MkDocs said."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sites import TODAY

from kb_builder import pipeline
from kb_builder.errors import KbError
from kb_builder.macros import END, START
from kb_builder.records.base import Audience
from kb_builder.site import build_html
from kb_builder.workspace import Workspace


def test_the_page_and_its_record_are_named(workspace: Workspace, tmp_path: Path) -> None:
    guides = workspace.folder("demo") / "documentation" / "guides"
    guides.mkdir(parents=True)
    (guides / "reset.md").write_text("---\ntitle: Reset\n---\nPress it.\n")
    prepared = pipeline.prepare(pipeline.check(workspace, "demo", TODAY), Audience.STAFF, TODAY)
    (tmp_path / "project").mkdir()
    pipeline.export(prepared, workspace, tmp_path / "project")
    page = tmp_path / "project" / "docs" / "guides" / "reset.md"
    page.write_text(f"---\nrender_macros: true\n---\n{START} nothing_of_that_name {END}\n")
    with pytest.raises(KbError) as raised:
        build_html(tmp_path / "project", tmp_path / "site", TODAY, written=prepared.written)
    assert "guides/reset.md" in raised.value.message
    assert "engagements/demo/documentation/guides/reset.md:" in raised.value.message
    assert "nothing_of_that_name" in raised.value.message
    assert "Traceback" not in raised.value.message
    assert (raised.value.hint or "").startswith("look at engagements/demo/documentation/guides/reset.md:")


def test_a_fault_of_no_page_points_at_the_configuration(workspace: Workspace, tmp_path: Path) -> None:
    shared = workspace.root / "mkdocs.yml"
    shared.write_text(shared.read_text() + "hooks: [not-there.py]\n")
    prepared = pipeline.prepare(pipeline.check(workspace, "demo", TODAY), Audience.STAFF, TODAY)
    (tmp_path / "project").mkdir()
    pipeline.export(prepared, workspace, tmp_path / "project")
    with pytest.raises(KbError) as raised:
        build_html(tmp_path / "project", tmp_path / "site", TODAY, written=prepared.written)
    assert "not-there.py" in raised.value.message
    assert raised.value.hint == "look at mkdocs.yml first"
