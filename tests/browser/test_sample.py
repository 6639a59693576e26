"""The sample in a real browser: what HTML alone cannot prove."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.watch import fullest, search, served, spare_search, watched

from kb_builder.records.base import Audience

pytestmark = pytest.mark.xdist_group("sample")
PHONE = {"width": 390, "height": 844}


def test_pages_of_every_sort_open_cleanly(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.CONSULTANT]
    with served(site) as home, browser.new_context() as context:
        spare_search(context, site)
        page, seen = watched(context, home)
        for path in fullest(site):
            page.goto(f"{home}/{path}", wait_until="domcontentloaded")
            assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
            assert not seen, (path, seen)
        page.goto(f"{home}/index.html", wait_until="networkidle")
        assert not seen, seen


def test_no_page_is_wider_than_a_phone(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.CONSULTANT]
    wide = []
    with served(site) as home, browser.new_context(viewport=PHONE) as context:
        spare_search(context, site)
        page = context.new_page()
        for path in fullest(site):
            page.goto(f"{home}/{path}", wait_until="domcontentloaded")
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                wide.append(path)
    assert wide == []


def test_search_works_from_disk(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.STAFF]
    with browser.new_context() as context:
        page, seen = watched(context, site.as_uri())
        page.goto((site / "index.html").as_uri())
        search(page, "password")
        page.locator(".md-search-result__link").first.click()
        expect(page.locator("h1")).to_be_visible()
        assert not [line for line in seen if not line.startswith("failed")], seen


def test_quiz_explains_and_keeps_the_result(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.STAFF]
    module = next(
        path for path in sorted((site / "training").glob("*.html")) if "kb-quiz" in path.read_text()
    )
    with served(site) as home, browser.new_context(viewport=PHONE) as context:
        page, seen = watched(context, home)
        page.goto(f"{home}/training/{module.name}")
        for question in page.locator(".kb-quiz fieldset").all():
            question.locator("input:not([data-correct])").first.check()
        page.get_by_role("button", name="Check my answers").click()
        expect(page.locator(".kb-why:not([hidden])").first).to_be_visible()
        expect(page.locator(".kb-result")).to_contain_text("try again")
        for question in page.locator(".kb-quiz fieldset").all():
            for wrong in question.locator("input[type=checkbox]:not([data-correct])").all():
                wrong.uncheck()
            for right in question.locator("input[data-correct]").all():
                right.check()
        page.get_by_role("button", name="Check my answers").click()
        expect(page.locator(".kb-result")).to_contain_text("You passed")
        page.locator(".kb-lesson-done").first.click()
        page.reload()
        expect(page.locator(".kb-progress-words").first).to_contain_text("1 of")
        expect(page.locator(".kb-progress-words").first).to_contain_text("passed")
        page.goto(f"{home}/training/index.html")
        expect(page.get_by_text(re.compile("quiz 100 %, passed")).first).to_be_visible()
        assert not seen


def test_tables_filter_and_sort(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.STAFF]
    with served(site) as home, browser.new_context() as context:
        page, _ = watched(context, home)
        page.goto(f"{home}/systems/index.html")
        rows = page.locator(".kb-table tbody tr")
        before = rows.count()
        page.get_by_label("Filter the table").fill("backup")
        expect(page.locator(".kb-filter .kb-quiet")).to_contain_text(f"of {before}")
        assert 0 < page.locator(".kb-table tbody tr:visible").count() < before
        page.get_by_label("Filter the table").fill("")
        page.get_by_role("button", name="System", exact=True).click()
        page.get_by_role("button", name="System", exact=True).click()
        expect(page.locator("th[aria-sort=descending]")).to_have_count(1)


def test_the_site_prints(sample_sites: dict[Audience, Path], browser: Browser) -> None:
    site = sample_sites[Audience.STAFF]
    guide = next(path for path in sorted((site / "guides").glob("*.html")) if path.name != "index.html")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(guide.as_uri())
        page.emulate_media(media="print")
        expect(page.locator(".md-header")).not_to_be_visible()
        expect(page.locator("h1")).to_be_visible()
        assert len(page.pdf()) > 5_000
