"""What a workspace may switch on in Material works with our scripts in place of those within the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, expect
from support.hosting import free_port, started, write_files
from support.policy import stopped
from support.sites import TODAY, new_workspace
from support.watch import watched

from kb_builder import pipeline
from kb_builder.records.base import Audience
from kb_builder.records.client import Client, Site
from kb_builder.site import build_html

ANSWERED = "localStorage.setItem('/staff/latest/.__consent', '{}');"
TABS = """# {title}

=== "Windows"

    Press the Windows key.

=== "macOS"

    Press the command key.

Then:

=== "Windows"

    Choose Settings.

=== "macOS"

    Choose System settings.
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small site with linked tabs, an announcement that can be put away, and consent; served under the policy."""
    folder = tmp_path_factory.mktemp("theme")
    workspace = new_workspace(folder / "workspace")
    project = folder / "project"
    project.mkdir()
    checked = pipeline.check(workspace, "demo", TODAY)
    pipeline.export(pipeline.prepare(checked, Audience.STAFF, TODAY), workspace, project)
    settings: dict[str, Any] = yaml.safe_load((project / "mkdocs.yml").read_text())
    settings["theme"]["features"] += ["content.tabs.link", "announce.dismiss"]
    settings["theme"]["palette"].insert(
        0,
        {
            "media": "(prefers-color-scheme)",
            "primary": "custom",
            "accent": "custom",
            "toggle": {"icon": "material/brightness-auto", "name": "Switch to light mode"},
        },
    )
    settings["markdown_extensions"].append({"pymdownx.tabbed": {"alternate_style": True}})
    settings["extra"]["consent"] = {
        "title": "Consent",
        "description": "May this site remember you?",
        "cookies": {"memory": {"name": "Memory", "checked": False}},
    }
    (project / "mkdocs.yml").write_text(yaml.safe_dump(settings))
    for name in ("one", "two"):
        (project / "docs" / f"{name}.md").write_text(TABS.format(title=name))
    site = folder / "sites" / "demo" / "staff"
    build_html(project, site / "latest", TODAY)
    assert stopped(site) == []
    port = free_port()
    client = Client(id="demo", title="Demo", sites=[Site(audience=Audience.STAFF, public=True)])
    main = write_files("nginx", client, folder / "sites", folder / "server", host=f"http://localhost:{port}")
    with started("nginx", main, port):
        yield f"http://localhost:{port}/staff/latest"


def test_tabs_that_belong_together_open_together_on_the_next_page_too(home: str, browser: Browser) -> None:
    with browser.new_context() as context:
        context.add_init_script(ANSWERED)
        page, seen = watched(context, home)
        page.goto(f"{home}/one.html")
        expect(page.get_by_text("Press the Windows key.")).to_be_visible()
        page.locator(".tabbed-labels > label", has_text="macOS").first.click()
        expect(page.get_by_text("Choose System settings.")).to_be_visible()
        page.goto(f"{home}/two.html")
        expect(page.get_by_text("Press the command key.")).to_be_visible()
        expect(page.get_by_text("Choose System settings.")).to_be_visible()
        assert seen == []


def test_an_address_opens_the_tab_that_it_names(home: str, browser: Browser) -> None:
    with browser.new_context() as context:
        context.add_init_script(ANSWERED)
        page, seen = watched(context, home)
        page.goto(f"{home}/one.html#__tabbed_2_2")
        expect(page.get_by_text("Choose System settings.")).to_be_visible()
        expect(page.get_by_text("Press the Windows key.")).to_be_visible()
        assert seen == []


def test_an_announcement_that_was_put_away_stays_away(home: str, browser: Browser) -> None:
    with browser.new_context() as context:
        context.add_init_script(ANSWERED)
        page, seen = watched(context, home)
        page.goto(f"{home}/index.html")
        expect(page.locator(".kb-banner")).to_be_visible()
        page.locator(".md-banner__button").click()
        expect(page.locator(".kb-banner")).not_to_be_visible()
        page.goto(f"{home}/index.html")
        expect(page.locator(".kb-banner")).not_to_be_visible()
        assert seen == []


def test_consent_is_asked_once(home: str, browser: Browser) -> None:
    with browser.new_context() as context:
        page, seen = watched(context, home)
        page.goto(f"{home}/index.html")
        expect(page.locator(".md-consent__form")).to_be_visible()
        page.get_by_role("button", name="Accept").click()
        page.wait_for_function("window.__md_get('__consent') !== null")
        page.goto(f"{home}/one.html")
        page.wait_for_timeout(400)
        expect(page.locator(".md-consent__form")).not_to_be_visible()
        assert seen == []


@pytest.mark.parametrize(("system", "scheme"), [("light", "default"), ("dark", "slate")])
def test_colours_as_the_system_has_them(home: str, browser: Browser, system: Any, scheme: str) -> None:
    with browser.new_context(color_scheme=system) as context:
        page, seen = watched(context, home)
        for path in ("index.html", "one.html"):
            page.goto(f"{home}/{path}")
            expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
        assert seen == []


def test_who_chose_the_systems_colours_has_them_before_the_page_is_drawn(home: str, browser: Browser) -> None:
    chosen = {
        "index": 0,
        "color": {"media": "(prefers-color-scheme)", "scheme": "default", "primary": "custom"},
    }
    with browser.new_context(color_scheme="dark") as context:
        context.add_init_script(f"localStorage.setItem('/staff/latest/.__palette', '{json.dumps(chosen)}');")
        context.add_init_script(ANSWERED)
        context.route("**/bundle.*.js", lambda route: route.abort())
        page = context.new_page()
        page.goto(f"{home}/index.html")
        expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
