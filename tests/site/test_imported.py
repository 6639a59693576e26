"""Real public data, imported into one client and built: no error, no dead link, no broken page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.links import loads_from_elsewhere
from support.sites import TODAY, build_sites, mark_known_secrets, new_workspace
from support.watch import fullest, served, spare_search, watched

from kb_builder import pipeline
from kb_builder.importers import base, markdown, netbox
from kb_builder.links import dead_links
from kb_builder.records.base import Audience
from kb_builder.records.discovery import System
from kb_builder.records.documentation import Guide
from kb_builder.workspace import Workspace

pytestmark = pytest.mark.xdist_group("imported")
FOLDERS = ("md-18f-handbook", "md-moj-modernisation-platform")


def bring_in(workspace: Workspace, data: Path) -> list[base.Outcome]:
    """Run all imports once."""
    outcomes = []
    sources = [netbox.read(str(data / "netbox-demo-data" / "json" / "netbox-demo-v3.6.json"))]
    sources += [markdown.read(str(data / folder)) for folder in FOLDERS]
    for source in sources:
        outcome = base.merge(workspace, "demo", source)
        base.write(workspace, "demo", outcome)
        outcomes.append(outcome)
    return outcomes


@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A client with all the public data in it."""
    workspace = new_workspace(tmp_path_factory.mktemp("imported"))
    mark_known_secrets(workspace)
    bring_in(workspace, shared_data)
    return workspace


@pytest.fixture(scope="module")
def site(imported: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site for consultants, which has all pages."""
    output = tmp_path_factory.mktemp("site")
    return build_sites(imported, "demo", output, (Audience.CONSULTANT,))[Audience.CONSULTANT]


def test_all_of_it_is_there_without_an_error(imported: Workspace) -> None:
    checked = pipeline.check(imported, "demo", TODAY)
    assert checked.sound
    assert len(checked.catalog.all(System)) >= 240
    assert len(checked.catalog.all(Guide)) >= 290


def test_a_second_run_changes_no_byte(imported: Workspace, shared_data: Path) -> None:
    before = {path: path.read_bytes() for path in sorted(imported.root.rglob("*")) if path.is_file()}
    outcomes = bring_in(imported, shared_data)
    assert [(outcome.added, outcome.changed, dict(outcome.writes)) for outcome in outcomes] == [
        ((), (), {})
    ] * len(outcomes)
    assert {path: path.read_bytes() for path in sorted(imported.root.rglob("*")) if path.is_file()} == before


def test_no_link_is_dead(site: Path) -> None:
    assert dead_links(site, site.parent) == []
    assert loads_from_elsewhere(site) == []


def test_no_template_tag_is_left_outside_code(imported: Workspace) -> None:
    checked = pipeline.check(imported, "demo", TODAY)
    assert not [problem for problem in checked.problems if problem.code.startswith(("KB61", "KB62"))]


def test_pages_open_cleanly_in_a_browser(site: Path, browser: Browser) -> None:
    with served(site) as home, browser.new_context() as context:
        spare_search(context, site)
        page, seen = watched(context, home)
        for path in fullest(site):
            page.goto(f"{home}/{path}", wait_until="domcontentloaded")
            assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
            assert not seen, (path, seen)
