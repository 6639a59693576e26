"""Which pages a site has. `SECTIONS` lists the modules that plan them, in the order of the navigation.

Each has `pages(scene)`, the pages it plans, `nav(scene)`, its entry in the navigation or None, and
`KINDS`, the kinds whose pages and indexes it plans itself; the rest get the generic ones.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from kb_builder.errors import KbError
from kb_builder.pages import (
    changes,
    engagement,
    guides,
    home,
    indexes,
    maintenance,
    records,
    systems,
    training,
)
from kb_builder.pages.page import NavItem, Page, Scene

SECTIONS: tuple[ModuleType, ...] = (home, systems, guides, training, maintenance, engagement, changes)


def plan(scene: Scene) -> tuple[list[Page], list[NavItem]]:
    """All pages of a site and its navigation. Raises KbError if two pages have one path."""
    found: list[Page] = []
    nav: list[NavItem] = []
    own_pages: frozenset[str] = frozenset().union(*(section.OWN_PAGES for section in SECTIONS))
    own_indexes: frozenset[str] = frozenset().union(*(section.OWN_INDEXES for section in SECTIONS))
    for section in SECTIONS:
        found.extend(section.pages(scene))
        entry: NavItem | None = section.nav(scene)
        if entry is not None:
            nav.append(entry)
    found.extend(records.pages(scene, own_pages))
    found.extend(indexes.pages(scene, own_indexes))
    seen: set[str] = set()
    for page in found:
        if page.path in seen:
            raise KbError(f"two pages would be written to {page.path}", "rename one of the records")
        seen.add(page.path)
    alone = {item.items[0].path for item in nav if len(item.items) == 1}
    return [_without_navigation(page) if page.path in alone else page for page in found], nav


def _without_navigation(page: Page) -> Page:
    """A page that is alone in its section: a list of one leads nowhere, so its room goes to the text."""
    return replace(page, front={**page.front, "hide": ["navigation"]})
