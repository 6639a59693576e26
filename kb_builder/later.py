"""Links to a place within a page: where they lead is known when every page has been written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from kb_builder.catalog import Key
from kb_builder.outline import Outline
from kb_builder.text import LATER, LATER_END

_LINK = re.compile(rf'<a href="{LATER}([0-9]+){LATER_END}"[^>]*>(.*?)</a>', re.DOTALL)


@dataclass(frozen=True)
class Lead:
    """One such link: whose it is, how it is written, its anchor, and the pages that it may mean.

    Each page comes with its address from where the link stands.
    """

    record: Key
    written: str
    anchor: str
    pages: tuple[tuple[str, str], ...]


@dataclass
class Later:
    """The links of a site that wait for its pages, and those that turned out to lead nowhere."""

    leads: list[Lead] = field(default_factory=list)
    dead: list[Lead] = field(default_factory=list)

    def note(self, lead: Lead) -> str:
        """What stands for the link's address until it is settled."""
        self.leads.append(lead)
        return f"{LATER}{len(self.leads) - 1}{LATER_END}"

    def settle(self, text: str, outlines: Mapping[str, Outline]) -> str:
        """A text with its links in it; one that leads nowhere becomes its words, marked."""

        def link(match: re.Match[str]) -> str:
            lead = self.leads[int(match[1])]
            for page, to in lead.pages:
                found = outlines[page].find(lead.anchor) if page in outlines else None
                if found is not None:
                    return f'<a href="{to}#{quote(found, safe="-._~")}">{match[2]}</a>'
            self.dead.append(lead)
            return unlinked(match[2])

        return _LINK.sub(link, text)


def unlinked(words: str) -> str:
    """Words, as HTML, of a link that leads to nothing which this version holds."""
    return f'<span class="kb-unlinked" title="It leads to nothing in this version">{words}</span>'
