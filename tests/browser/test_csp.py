"""The sample behind a real server, with the files that kb exports for it: no page asks for what the policy forbids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.hosting import free_port, started, write_files
from support.sites import build_sites
from support.watch import html_pages, search, watched

from kb_builder import pipeline
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site
from kb_builder.workspace import Workspace

pytestmark = pytest.mark.xdist_group("sample")

VIOLATIONS = """
window.kbViolations = [];
document.addEventListener("securitypolicyviolation", function (event) {
  window.kbViolations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile);
});
"""
FRAMES = """
window.kbSchemes = [];
(function look() {
  if (document.body) {
    var scheme = document.body.getAttribute("data-md-color-scheme");
    if (window.kbSchemes.indexOf(scheme) < 0) { window.kbSchemes.push(scheme); }
  }
  requestAnimationFrame(look);
})();
"""


@dataclass(frozen=True)
class Served:
    """Where the sample is served, and the folder that it is served from."""

    home: str
    site: Path


@pytest.fixture(scope="module")
def hosted(
    sample_sites: dict[Audience, Path],
    checked_sample: pipeline.Checked,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """The consultants' site of the sample, open to all, at a path of a Caddy."""
    folder, port = tmp_path_factory.mktemp("hosted"), free_port()
    site = sample_sites[Audience.CONSULTANT]
    client = checked_sample.catalog.client
    own = client.site(Audience.CONSULTANT)
    url = f"http://localhost:{port}{urlsplit(own.url or '/').path if own else '/'}"
    client = client.model_copy(update={"sites": [Site(audience=Audience.CONSULTANT, url=url, public=True)]})
    main = write_files("caddy", client, site.parents[2], folder)
    with started("caddy", main, port):
        yield Served(f"{url}draft", site)


def opened(context: BrowserContext, hosted: Served) -> tuple[Page, list[str]]:
    """A page that notes what its policy stops."""
    context.add_init_script(VIOLATIONS)
    return watched(context, hosted.home)


def stopped(page: Page) -> list[str]:
    """What the policy stopped on the page that is open."""
    found: list[str] = page.evaluate("window.kbViolations")
    return found


def one_of_each_sort(site: Path) -> list[str]:
    """The index of each section and its fullest page: every template, and whatever it can show."""
    sizes = {path: (site / path).stat().st_size for path in html_pages(site)}
    sections: dict[str, list[str]] = {}
    for path in sizes:
        sections.setdefault(path.rpartition("/")[0], []).append(path)
    chosen = {max(paths, key=lambda path: sizes[path]) for paths in sections.values()}
    return sorted(chosen | {path for path in sizes if path.endswith("index.html")})


def test_no_sort_of_page_asks_for_more(hosted: Served, browser: Browser) -> None:
    paths = one_of_each_sort(hosted.site)
    assert len(paths) > 30
    with browser.new_context() as context:
        page, seen = opened(context, hosted)
        for path in paths:
            answer = page.goto(f"{hosted.home}/{path}", wait_until="load")
            assert answer is not None and "default-src 'none'" in answer.headers["content-security-policy"]
            assert stopped(page) == [] and seen == [], (path, seen)


def test_a_policy_that_is_broken_is_noticed(hosted: Served, browser: Browser) -> None:
    with browser.new_context() as context:
        page, _ = opened(context, hosted)
        page.goto(f"{hosted.home}/index.html")
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
        page.wait_for_function("window.kbViolations.length > 0")
        assert stopped(page)[0].startswith("style-src")


def test_search_runs_under_the_policy(hosted: Served, browser: Browser) -> None:
    with browser.new_context() as context:
        page, seen = opened(context, hosted)
        page.goto(f"{hosted.home}/index.html")
        search(page, "backup")
        page.locator(".md-search-result__link").first.click()
        expect(page.locator("h1")).to_be_visible()
        assert stopped(page) == [] and seen == []


def test_a_quiz_is_marked_under_the_policy(hosted: Served, browser: Browser) -> None:
    modules = sorted((hosted.site / "training").glob("*.html"))
    module = next(path for path in modules if "kb-quiz" in path.read_text(encoding="utf-8"))
    with browser.new_context() as context:
        page, seen = opened(context, hosted)
        page.goto(f"{hosted.home}/training/{module.name}")
        for question in page.locator(".kb-quiz fieldset").all():
            question.locator("input[data-correct]").first.check()
        page.get_by_role("button", name="Check my answers").click()
        expect(page.locator(".kb-result")).to_contain_text("right")
        page.locator(".kb-lesson-done").first.click()
        expect(page.locator(".kb-progress > span").first).not_to_have_css("width", "0px")
        assert stopped(page) == [] and seen == []


def test_tables_and_anchors_and_print_work_under_the_policy(hosted: Served, browser: Browser) -> None:
    with browser.new_context() as context:
        page, seen = opened(context, hosted)
        page.goto(f"{hosted.home}/systems/index.html")
        page.get_by_label("Filter the table").fill("backup")
        expect(page.locator(".kb-filter .kb-quiet")).to_contain_text("of")
        page.goto(f"{hosted.home}/systems/dentafile.html")
        link = page.locator("article h2 .headerlink").last
        link.evaluate("link => link.click()")
        anchor = link.get_attribute("href") or ""
        expect(page.locator(f"{anchor}")).to_be_in_viewport()
        page.emulate_media(media="print")
        expect(page.locator(".md-header")).not_to_be_visible()
        assert stopped(page) == [] and seen == []


def test_code_is_copied_under_the_policy(hosted: Served, browser: Browser) -> None:
    path = next(
        path
        for path in html_pages(hosted.site)
        if '<div class="highlight"' in (hosted.site / path).read_text(encoding="utf-8")
    )
    with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
        page, seen = opened(context, hosted)
        page.goto(f"{hosted.home}/{path}")
        page.locator(".md-code__button, .md-clipboard").first.click(force=True)
        expect(page.locator(".md-dialog")).to_contain_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()").strip()
        assert stopped(page) == [] and seen == []


def test_the_chosen_colours_are_kept_and_never_flash(hosted: Served, browser: Browser) -> None:
    with browser.new_context(color_scheme="light") as context:
        page, seen = opened(context, hosted)
        context.add_init_script(FRAMES)
        page.goto(f"{hosted.home}/index.html")
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "default")
        page.locator("label[title='Switch to dark mode']").click()
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
        for path in ("systems/index.html", "guides/index.html"):
            page.goto(f"{hosted.home}/{path}", wait_until="networkidle")
            assert page.evaluate("window.kbSchemes") == ["slate"]
        assert stopped(page) == [] and seen == []


def test_a_system_that_is_dark_sees_no_light(hosted: Served, browser: Browser) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page, _ = opened(context, hosted)
        context.add_init_script(FRAMES)
        page.goto(f"{hosted.home}/index.html", wait_until="networkidle")
        assert page.evaluate("window.kbSchemes") == ["slate"]


def test_colours_are_kept_from_disk(hosted: Served, browser: Browser) -> None:
    with browser.new_context(color_scheme="light") as context:
        page = context.new_page()
        page.goto((hosted.site / "index.html").as_uri())
        page.locator("label[title='Switch to dark mode']").click()
        page.goto((hosted.site / "systems" / "index.html").as_uri())
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def test_colours_of_a_browser_that_keeps_nothing_or_nonsense(hosted: Served, browser: Browser) -> None:
    refused = (
        "Object.defineProperty(window, 'localStorage', { get: function () { throw new Error('no'); } });"
    )
    for script in (
        refused,
        "localStorage.setItem(location.pathname.replace(/[^/]*$/, '') + '.__palette', '{');",
    ):
        with browser.new_context(color_scheme="dark") as context:
            context.add_init_script(script)
            page = context.new_page()
            page.goto(f"{hosted.home}/index.html")
            expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")


def whole_at_any_depth(page: Page, home: str) -> None:
    """Whether the page for a missing address has its style, and a link to the first page, wherever it is shown."""
    for path in ("nothing.html", "systems/nothing.html", "a/b/c/d.html"):
        answer = page.goto(f"{home}/{path}")
        assert answer is not None and answer.status == 404
        assert page.locator("main").evaluate("main => getComputedStyle(main).maxWidth") == "544px", path
        assert stopped(page) == []
        page.get_by_role("link", name="Go to the first page").click()
        page.wait_for_url(f"{home}/index.html")


def test_the_page_for_a_missing_address_is_whole(hosted: Served, browser: Browser) -> None:
    with browser.new_context() as context:
        page, _ = opened(context, hosted)
        whole_at_any_depth(page, hosted.home)


def test_it_is_whole_where_the_sites_address_was_not_known(
    workspace: Workspace, tmp_path: Path, browser: Browser
) -> None:
    build_sites(workspace, "demo", tmp_path / "sites", (Audience.STAFF,))
    port, folder = free_port(), tmp_path / "server"
    client = Client(id="demo", title="Demo", sites=[Site(audience=Audience.STAFF, public=True)])
    main = write_files("nginx", client, tmp_path / "sites", folder, host=f"http://localhost:{port}/docs")
    home = f"http://localhost:{port}/docs/staff"
    with started("nginx", main, port), browser.new_context() as context:
        page, _ = opened(context, Served(f"{home}/draft", tmp_path))
        whole_at_any_depth(page, f"{home}/draft")
        page.goto(f"{home}/")
        page.wait_for_url(f"{home}/draft/index.html")
        expect(page.locator("h1")).to_be_visible()
