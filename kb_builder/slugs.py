"""Headings to ids: the one rule by which every heading of a site is named, in every script.

An id is decided here and written beside the heading in the page's Markdown, so that MkDocs, Zensical, the search and
our checks all have the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from markdown.extensions.toc import slugify, unique

NAMELESS = "section"
"""What a heading without a letter or digit is called, and what stands before a name that is not a heading's to take."""
OURS = ("_", "kb-")
"""How the ids begin that the theme's scripts and templates look up; a test holds the theme to it."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_HYPHENS = re.compile(r"-{2,}")
_NUMBERED = re.compile(r"_[0-9]+")


def slug(words: str) -> str:
    """The id that a heading's words give: letters, marks and digits of every script, in one Unicode form and case.

    Never empty, never one that begins as the theme's own do, and without underscores, which Markdown would read where
    the id stands beside its heading.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).casefold())
    kept: list[str] = []
    for char in _SELECTORS.sub("", folded):
        sort = unicodedata.category(char)[0]
        follows = bool(kept) and unicodedata.category(kept[-1])[0] in "LMN"
        if sort in "LN" or (sort == "M" and follows):
            kept.append(char)
        elif char.isspace() or char in "-_":
            kept.append("-")
    made = _HYPHENS.sub("-", "".join(kept)).strip("-") or NAMELESS
    return f"{NAMELESS}-{made}" if made.startswith(OURS) else made


def ids(slugs: Sequence[str], taken: Collection[str] = frozenset()) -> list[str]:
    """An id for each heading of a page, given the slugs in their order and the ids that are `taken` on it.

    The first heading with certain words has its slug, whatever else there is; those that repeat it are numbered, past
    every number that is another heading's own.
    """
    own, used, counts = frozenset(slugs), set(taken), dict.fromkeys(slugs, 0)
    given: list[str] = []
    for each in slugs:
        name = each
        while name in used or (name != each and name in own):
            counts[each] += 1
            name = f"{each}-{counts[each]}"
        used.add(name)
        given.append(name)
    return given


def older_ids(headings: Iterable[str]) -> list[str]:
    """The ids that headings had, given their words in order, when the renderer chose them; "" for one that is no heading's."""
    used: set[str] = set()
    found = [unique(slugify(" ".join(each.split()), "-"), used) for each in headings]
    return ["" if each.startswith(OURS) and not _NUMBERED.fullmatch(each) else each for each in found]
