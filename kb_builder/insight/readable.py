"""Markdown as its readers see it, as plain text that can be compared."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

from kb_builder.text import SAFE_SCHEMES, parse

_MARKED = re.compile(r"[<\[{!&`\\]")
"""What a text without any of these says is what it holds."""
_MACRO = re.compile("\ue000[0-9]+\ue001")
_BLOCKS = frozenset("p li h1 h2 h3 h4 h5 h6 tr pre div dt dd summary".split())


def readable(before: str, after: str, *, macros: bool) -> tuple[str, str]:
    """Two versions of a Markdown text as their readers see them; both as written if neither hides anything.

    What is in the source and not on the page is left out: comments, macro calls, where a link within the records
    leads. A reader who may not see it must not learn of it from a comparison.
    """
    if not (_MARKED.search(before) or _MARKED.search(after)):
        return before, after
    return _seen(before, macros), _seen(after, macros)


@lru_cache(maxsize=20_000)
def _seen(text: str, macros: bool) -> str:
    reader = _Reader()
    reader.feed(parse(text, macros).html)
    reader.close()
    return _MACRO.sub("[…]", "".join(reader.parts)).strip()


class _Reader(HTMLParser):
    """The words of sanitised HTML, a line a block, with the addresses of links to other sites."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.leads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag shows by itself."""
        attributes = dict(attrs)
        if tag == "img":
            self.parts.append(f"[{attributes.get('alt') or 'picture'}]")
        elif tag == "a":
            address = attributes.get("href") or ""
            self.leads.append(address if address.partition(":")[0].lower() in SAFE_SCHEMES else "")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a line after a block; after a link to another site, say where it leads."""
        if tag == "a" and self.leads:
            address = self.leads.pop()
            if address and not "".join(self.parts[-1:]).endswith(address):
                self.parts.append(f" ({address})")
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        self.parts.append(data)
