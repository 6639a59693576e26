"""The links of a built site: where each page leads, and what of that is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKING = frozenset(
    {
        ("a", "href"),
        ("link", "href"),
        ("script", "src"),
        ("img", "src"),
        ("source", "src"),
        ("iframe", "src"),
        ("form", "action"),
    }
)
LOADING = LINKING - {("a", "href"), ("form", "action")}
SEARCH_BOX = "__search"
"""An anchor that the theme's script makes."""


class PageParser(HTMLParser):
    """Collects where a page leads, what it loads and which anchors it has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag says."""
        known = {name: value or "" for name, value in attrs}
        named_only = tag == "link" and not {"canonical", "alternate"}.isdisjoint(known.get("rel", "").split())
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if (tag, name) in LINKING and value:
                self.links.append(value)
            if (tag, name) in LOADING and value and not named_only:
                self.loads.append(value)
        if tag == "meta" and ("http-equiv", "refresh") in attrs:
            self.links.append(known.get("content", "").partition("url=")[2])


def parse_site(site: Path) -> dict[Path, PageParser]:
    """Every HTML page of a site, parsed, by its path on disk."""
    pages: dict[Path, PageParser] = {}
    for path in sorted(site.rglob("*.html")):
        parser = PageParser()
        parser.feed(path.read_text(encoding="utf-8"))
        pages[path.resolve()] = parser
    return pages


def dead_links(site: Path, root: Path | None = None) -> list[str]:
    """Every link, file or anchor within a site that is not there, the search index included: `page: address`.

    `site` may be one version; `root` is then the folder of all versions, which its links may lead into.
    """
    site = site.resolve()
    whole = root.resolve() if root else site
    pages = parse_site(site)
    dead: list[str] = []

    def follow(base: Path, address: str, where: str) -> None:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return
        target = (base.parent / unquote(parts.path)).resolve() if parts.path else base
        if target.is_dir():
            target = target / "index.html"
        if not target.is_relative_to(whole) or not target.is_file():
            dead.append(f"{where}: {address}")
        elif (
            parts.fragment
            and target in pages
            and unquote(parts.fragment) not in pages[target].anchors | {SEARCH_BOX}
        ):
            dead.append(f"{where}: {address} (no such anchor)")

    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for address in page.links:
            follow(path, address, path.relative_to(site).as_posix())
    for index in (site / "search" / "search_index.json", *site.glob("*/search/search_index.json")):
        for location in _locations(index):
            follow(index.parent.parent / "index.html", location, "search index")
    return dead


def _locations(index: Path) -> Iterator[str]:
    if index.is_file():
        for entry in json.loads(index.read_text(encoding="utf-8"))["docs"]:
            yield entry["location"] or "index.html"
