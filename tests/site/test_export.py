"""The exported MkDocs project gives the same site without kb, and the same pages with Zensical."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.sites import TODAY
from support.watch import html_pages

from kb_builder import pipeline
from kb_builder.links import dead_links
from kb_builder.records.base import Audience
from kb_builder.site import build_html
from kb_builder.workspace import Workspace

pytestmark = pytest.mark.xdist_group("sample")
WITHOUT_KB = "import sys; sys.modules['kb_builder'] = None; from mkdocs.__main__ import cli; cli()"


@pytest.fixture(scope="module")
def project(
    checked_sample: pipeline.Checked, sample: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The staff edition of the sample as a plain project."""
    folder = tmp_path_factory.mktemp("export") / "project"
    folder.mkdir()
    pipeline.export(pipeline.prepare(checked_sample, Audience.STAFF, TODAY), sample, folder)
    return folder


def test_mkdocs_alone_gives_the_same_site(project: Path, tmp_path: Path) -> None:
    build_html(project, tmp_path / "ours", TODAY)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1795392000", "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(
        [sys.executable, "-c", WITHOUT_KB, "build", "--quiet", "--strict"],
        cwd=project,
        check=True,
        env=environment,
    )
    ours = {
        path.relative_to(tmp_path / "ours"): path for path in (tmp_path / "ours").rglob("*") if path.is_file()
    }
    theirs = {
        path.relative_to(project / "site"): path for path in (project / "site").rglob("*") if path.is_file()
    }
    assert set(ours) == set(theirs)
    differing = [str(name) for name, path in ours.items() if path.read_bytes() != theirs[name].read_bytes()]
    assert differing == []


def test_zensical_gives_the_same_pages(project: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean"], cwd=project, check=True, capture_output=True
    )
    site = project / "site"
    pages = {
        path.relative_to(project / "docs").with_suffix(".html") for path in (project / "docs").rglob("*.md")
    }
    assert set(html_pages(site)) == {page.as_posix() for page in pages}
    assert dead_links(site) == []
    for page in pages:
        html = (site / page).read_text(encoding="utf-8")
        main = html[html.index("<article") : html.index("</article>")]
        assert not re.search(r"\{\{|\{%", main), page


def test_two_builds_are_the_same_to_the_byte(
    checked_sample: pipeline.Checked, sample: Workspace, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pipeline.export(pipeline.prepare(checked_sample, Audience.MANAGEMENT, TODAY), sample, tmp_path / name)
    one = {
        path.relative_to(tmp_path / "one"): path.read_bytes()
        for path in (tmp_path / "one").rglob("*")
        if path.is_file()
    }
    two = {
        path.relative_to(tmp_path / "two"): path.read_bytes()
        for path in (tmp_path / "two").rglob("*")
        if path.is_file()
    }
    assert one == two
