"""The section Training."""

from __future__ import annotations

from collections.abc import Iterator

from kb_builder.pages.indexes import nav_items
from kb_builder.pages.page import NavItem, Page, Scene

OWN_PAGES: frozenset[str] = frozenset()
OWN_INDEXES: frozenset[str] = frozenset()


def pages(scene: Scene) -> Iterator[Page]:
    """The pages of the section."""
    yield from ()


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem("Training", items=nav_items(scene, "training"))
