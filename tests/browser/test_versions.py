"""Readers move between versions: picker, banner, old addresses and the feed, served and from disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from support import story
from support.watch import served, watched

pytestmark = pytest.mark.xdist_group("versions")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The staff site of a client with three releases and a draft."""
    workspace = story.told(tmp_path_factory.mktemp("story"))
    output = tmp_path_factory.mktemp("sites")
    story.build(workspace, output)
    return output / "demo" / "staff"


@pytest.fixture(params=["served", "from disk"])
def reader(request: pytest.FixtureRequest, browser: Browser, site: Path) -> Iterator[tuple[Page, str]]:
    """A page, and the address of the site; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    if request.param == "served":
        with served(site) as home:
            page, seen = watched(context, home)
            yield page, home
    else:
        page, seen = watched(context, "file://")
        yield page, site.as_uri()
    assert seen == []
    context.close()


def pick(page: Page, version: str) -> None:
    """Choose a version as a reader does, and wait until it is there."""
    page.locator(".md-version").hover()
    link = page.locator(".md-version__link", has_text=version)
    with page.expect_navigation():
        link.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("start", "version", "end"),
    [
        ("draft/systems/mail.html", "2026.3", "2026.3/systems/mail.html"),
        ("draft/systems/erp.html", "2026.3", "2026.3/systems/old-erp.html"),
        ("2026.3/systems/old-erp.html", "2026.6", "2026.6/systems/erp.html"),
        ("2026.3/systems/old-erp.html", "2026.11", "latest/systems/erp.html"),
        ("2026.6/systems/till.html", "2026.3", "2026.3/assets/till.html"),
        ("2026.3/assets/till.html", "Draft", "draft/systems/till.html"),
        ("2026.6/systems/fax.html", "2026.11", "latest/systems/index.html"),
        ("draft/systems/vpn.html", "2026.6", "2026.6/systems/index.html"),
        ("latest/training/safe-work.html", "2026.6", "2026.6/training/safety.html"),
        ("draft/systems/mail.html", "2026.11", "latest/systems/mail.html"),
        ("draft/maintenance/index.html", "2026.3", "2026.3/maintenance/index.html"),
        ("latest/index.html", "2026.3", "2026.3/index.html"),
    ],
)
def test_another_version_opens_at_the_same_page_or_near_it(
    reader: tuple[Page, str], start: str, version: str, end: str
) -> None:
    page, home = reader
    page.goto(f"{home}/{start}")
    pick(page, version)
    page.wait_for_url(f"{home}/{end}")


def test_the_picker_names_this_version_and_all_others(reader: tuple[Page, str]) -> None:
    page, home = reader
    page.goto(f"{home}/2026.6/systems/erp.html")
    assert page.locator(".md-version__current").inner_text() == "2026.6"
    names = page.locator(".md-version__link").all_inner_texts()
    assert [" ".join(name.split()) for name in names] == ["Draft", "2026.11 latest", "2026.6", "2026.3"]
    assert page.locator('.md-version__link[aria-current="true"]').inner_text() == "2026.6"


def test_the_picker_works_with_the_keyboard(reader: tuple[Page, str]) -> None:
    page, home = reader
    page.goto(f"{home}/2026.6/systems/erp.html")
    page.locator(".md-version__current").focus()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url(f"{home}/draft/systems/erp.html")


def test_the_banner_leads_to_this_page_in_the_latest_release(reader: tuple[Page, str]) -> None:
    page, home = reader
    for start, end in (
        ("2026.3/systems/old-erp.html", "latest/systems/erp.html"),
        ("2026.3/systems/fax.html", "latest/systems/index.html"),
        ("draft/systems/till.html", "latest/systems/till.html"),
    ):
        page.goto(f"{home}/{start}")
        assert page.locator(".kb-banner").is_visible()
        page.locator(".kb-banner a").click()
        page.wait_for_url(f"{home}/{end}")
    assert page.locator(".kb-banner").count() == 0


def test_an_old_address_leads_to_the_same_place_on_the_new_page(reader: tuple[Page, str]) -> None:
    page, home = reader
    page.goto(f"{home}/draft/systems/old-erp.html#history")
    page.wait_for_url(f"{home}/draft/systems/erp.html#history")
    page.goto(f"{home}/index.html")
    page.wait_for_url(f"{home}/latest/index.html")


def test_old_addresses_and_the_banner_work_without_scripts(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/2026.3/systems/old-erp.html")
    page.locator(".kb-banner a").click()
    page.wait_for_url(f"{site.as_uri()}/latest/systems/erp.html")
    context.close()


def test_materials_own_picker_reads_the_list(browser: Browser, site: Path) -> None:
    page_file = site / "2026.6/systems/materials-own.html"
    text = (site / "2026.6/systems/erp.html").read_text()
    assert '"version": null' in text
    text = text.replace('"version": null', '"version": {"provider": "mike"}')
    page_file.write_text(re.sub(r"<script src=[^>]*(picker|versions)\.js[^>]*></script>", "", text))
    context = browser.new_context()
    with served(site) as home:
        page = context.new_page()
        page.goto(f"{home}/2026.6/systems/materials-own.html")
        page.locator(".md-version__link").first.wait_for(state="attached")
        links = page.locator(".md-version__link").evaluate_all("links => links.map(link => link.href)")
        assert links == [f"{home}/{version}/" for version in ("draft", "2026.11", "2026.6", "2026.3")]
        assert page.locator(".md-version__current").inner_text().startswith("2026.6")
    context.close()
    page_file.unlink()
