"""The section Guides: how to do things, by topic, and the manuals."""

from __future__ import annotations

from collections.abc import Iterator

from kb_builder.pages.indexes import index_page, nav_items
from kb_builder.pages.page import NavItem, Page, Scene
from kb_builder.pages.records import record_page
from kb_builder.records.documentation import Guide, Manual

OWN_PAGES = frozenset({"guide", "manual"})
OWN_INDEXES = frozenset({"guide"})
EVERYTHING_ELSE = "Everything else"


def by_topic(guides: list[Guide]) -> list[tuple[str, list[Guide]]]:
    """Guides under their topics, topics by name; those without one come last."""
    topics: dict[str, list[Guide]] = {}
    for guide in guides:
        topics.setdefault(guide.topic or "", []).append(guide)
    return [
        (topic or EVERYTHING_ELSE, topics[topic])
        for topic in sorted(topics, key=lambda name: (not name, name.casefold()))
    ]


def pages(scene: Scene) -> Iterator[Page]:
    """The list of guides, and the page of each guide and manual."""
    guides = scene.catalog.all(Guide)
    current = [guide for guide in guides if guide.status != "retired"]
    yield index_page(
        Guide,
        list(guides),
        "guides.md",
        topics=by_topic(current),
        retired=[guide for guide in guides if guide.status == "retired"],
        manuals=scene.catalog.all(Manual),
    )
    for guide in guides:
        yield record_page(
            scene, guide, "guide.md", without=("steps", "before", "trouble", "topic", "minutes")
        )
    for manual in scene.catalog.all(Manual):
        yield record_page(scene, manual, "guide.md")


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem(
        "Guides", items=(NavItem("All guides", "guides/index.md"), *nav_items(scene, "guides", OWN_INDEXES))
    )
