"""What in a page a strict Content-Security-Policy would stop."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

LOADS = frozenset(
    {
        ("audio", "src"),
        ("base", "href"),
        ("button", "formaction"),
        ("embed", "src"),
        ("form", "action"),
        ("iframe", "src"),
        ("img", "src"),
        ("img", "srcset"),
        ("input", "formaction"),
        ("link", "href"),
        ("object", "data"),
        ("script", "src"),
        ("source", "src"),
        ("source", "srcset"),
        ("track", "src"),
        ("use", "href"),
        ("video", "poster"),
        ("video", "src"),
    }
)
FORBIDDEN = frozenset({"applet", "base", "embed", "frame", "iframe", "object", "style"})
NAMES_ONLY = frozenset({"alternate", "canonical", "next", "prev"})
"""Sorts of `link` that name an address and load nothing."""


class PolicyParser(HTMLParser):
    """Collects what a strict policy would stop."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stopped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one tag."""
        named = {name: value or "" for name, value in attrs}
        if tag in FORBIDDEN:
            self.stopped.append(f"<{tag}>")
        if tag == "script" and "src" not in named and named.get("type") != "application/json":
            self.stopped.append("inline script")
        for name, value in named.items():
            address = "".join(value.split()).lower()
            if name.startswith("on") or name == "style":
                self.stopped.append(f"<{tag} {name}>")
            if address.startswith(("javascript:", "vbscript:")):
                self.stopped.append(f"<{tag} {name}={value}>")
            if (tag, name) in LOADS and not _own(address) and not self._only_named(tag, named):
                self.stopped.append(f"<{tag} {name}={value}>")

    def _only_named(self, tag: str, named: dict[str, str]) -> bool:
        return tag == "link" and named.get("rel") in NAMES_ONLY


def _own(address: str) -> bool:
    parts = urlsplit(address)
    return (not parts.scheme and not parts.netloc) or address in ("data:,",)


def stopped_in(html: str) -> list[str]:
    """What a strict policy would stop in one page."""
    parser = PolicyParser()
    parser.feed(html)
    parser.close()
    return parser.stopped


def stopped(site: Path) -> list[str]:
    """What a strict policy would stop in any page of a site, as `page: what`."""
    return [
        f"{path.relative_to(site).as_posix()}: {each}"
        for path in sorted(site.rglob("*.html"))
        for each in stopped_in(path.read_text(encoding="utf-8"))
    ]
