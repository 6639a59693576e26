"""The links of a built site: every page's addresses and anchors, without a browser."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKING = {
    ("a", "href"),
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("source", "src"),
    ("iframe", "src"),
    ("form", "action"),
}
LOADING = {("link", "href"), ("script", "src"), ("img", "src"), ("source", "src"), ("iframe", "src")}


class PageParser(HTMLParser):
    """Collects where a page leads, what it loads and which anchors it has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if (tag, name) in LINKING and value:
                self.links.append(value)
            if (tag, name) in LOADING and value:
                self.loads.append(value)


def parse_site(site: Path) -> dict[Path, PageParser]:
    """Every HTML page of a site, parsed."""
    pages: dict[Path, PageParser] = {}
    for path in sorted(site.rglob("*.html")):
        parser = PageParser()
        parser.feed(path.read_text(encoding="utf-8"))
        pages[path.resolve()] = parser
    return pages


def dead_links(site: Path) -> list[str]:
    """Every internal link, file or anchor of a site that is not there, the search index included."""
    site = site.resolve()
    pages = parse_site(site)
    dead: list[str] = []

    def follow(base: Path, address: str, where: str) -> None:
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            return
        target = (base.parent / unquote(parts.path)).resolve() if parts.path else base
        if target.is_dir():
            target = target / "index.html"
        if not target.is_relative_to(site) or not target.is_file():
            dead.append(f"{where}: {address}")
        elif (
            parts.fragment
            and target in pages
            and unquote(parts.fragment) not in pages[target].anchors | {"__search"}
        ):
            dead.append(f"{where}: {address} (no such anchor)")

    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for address in page.links:
            follow(path, address, str(path.relative_to(site)))
    index = site / "search" / "search_index.json"
    if index.is_file():
        for entry in json.loads(index.read_text(encoding="utf-8"))["docs"]:
            follow(site / "index.html", entry["location"] or "index.html", "search index")
    return dead


def loads_from_elsewhere(site: Path) -> list[str]:
    """What a site's pages and style sheets would fetch from another host."""
    found = [
        f"{path.name}: {address}"
        for path, page in parse_site(site).items()
        for address in page.loads
        if urlsplit(address).netloc or address.startswith("//")
    ]
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        found.extend(
            f"{path.name}: {word}" for word in ("url(http", 'url("http', "url(//", "@import") if word in text
        )
    return found
