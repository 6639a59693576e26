"""The section Engagement."""

from __future__ import annotations

from collections.abc import Iterator

from kb_builder.pages.indexes import nav_items
from kb_builder.pages.page import NavItem, Page, Scene

OWN_PAGES: frozenset[str] = frozenset()
OWN_INDEXES: frozenset[str] = frozenset()


def pages(scene: Scene) -> Iterator[Page]:
    """The pages of the section."""
    yield Page("engagement/index.md", "section.md", "Engagement", {})


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem("Engagement", items=(NavItem("Overview", "engagement/index.md"), *nav_items(scene, "engagement")))
