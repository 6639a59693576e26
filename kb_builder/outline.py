"""A page's outline: the id that each heading gets, written beside it, and where in the page a link may lead.

In: a page's Markdown, in which a heading of record text carries its slug. Out: the same with `{: #id }` behind each
heading, and with empty targets for the ids that it had before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from html import unescape

from kb_builder.slugs import ids, older_ids, slug
from kb_builder.text import NAMED, NAMED_END

_HEADING = re.compile(rf"(#{{1,6}}) (.+?)(?: {NAMED}([^{NAMED_END}]*){NAMED_END})?")
_SHARPS = re.compile(r"#+$")
"""What the extension that reads the ids takes for the end of a heading, and leaves out."""
_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'<[a-z][^>]*?\sid="([^"]+)"')
_TEXT, _TEXT_END = '<div class="kb-text">', "</div>"


@dataclass(frozen=True)
class Outline:
    """A page's Markdown with its ids, all of them, and the ids that its headings had before, each with today's."""

    text: str
    anchors: frozenset[str]
    older: Mapping[str, str]

    def find(self, anchor: str) -> str | None:
        """The id that a link to `anchor` leads to; None if there is none."""
        if anchor in self.anchors:
            return anchor
        named = slug(anchor)
        return named if named in self.anchors else self.older.get(anchor)


@dataclass
class _Heading:
    line: int
    marks: str
    words: str
    slug: str
    of_record: bool
    id: str = ""
    before: list[str] = field(default_factory=list)


def outlined(text: str, former: Mapping[str, Collection[str]], *, renamed: bool) -> Outline:
    """Give every heading of a page its id.

    `former` are the ids that headings had in earlier versions of the page, by today's id; they stay as second targets.
    With `renamed` those stay too that the renderer chose before ids were decided here.
    """
    lines = text.split("\n")
    found = _headings(lines)
    fixed = frozenset(_ID.findall(text))
    _name([each for each in found if each.of_record], fixed)
    own = fixed | {each.id for each in found if each.of_record}
    _name([each for each in found if not each.of_record], own)
    taken = own | {each.id for each in found}
    older: dict[str, str] = {}
    for heading, name in zip(found, older_ids(map(_plain, found)), strict=True):
        if name and name not in taken and "{" not in heading.words:
            older.setdefault(name, heading.id)
    second = dict(older) if renamed else {}
    for name, earlier in former.items():
        second |= {each: name for each in earlier if each not in taken}
    by_id = {each.id: each for each in found}
    for each, name in second.items():
        if name in by_id:
            by_id[name].before.append(each)
    for heading in found:
        targets = "".join(f'<div class="kb-former" id="{each}"></div>\n\n' for each in sorted(heading.before))
        words = _SHARPS.sub(lambda match: "&#35;" * len(match[0]), heading.words)
        lines[heading.line] = f"{targets}{heading.marks} {words} {{: #{heading.id} }}"
    return Outline("\n".join(lines), frozenset(taken | second.keys()), older)


def _headings(lines: list[str]) -> list[_Heading]:
    """The headings of a page in their order; a line of record text that only looks like one is none."""
    found: list[_Heading] = []
    in_text = False
    for number, line in enumerate(lines):
        in_text = line == _TEXT or (in_text and line != _TEXT_END)
        match = None if in_text else _HEADING.fullmatch(line)
        if match:
            named = match[3] if match[3] is not None else slug(unescape(_TAG.sub("", match[2])))
            found.append(_Heading(number, match[1], match[2], named, match[3] is not None))
    return found


def _name(headings: list[_Heading], taken: frozenset[str]) -> None:
    for heading, name in zip(headings, ids([each.slug for each in headings], taken), strict=True):
        heading.id = name


def _plain(heading: _Heading) -> str:
    return unescape(_TAG.sub("", heading.words))
