"""The notes of a release, and who reads which: a text for everybody, or sections by audience.

A section is read by its audience and those above it. In a file, a heading of the first level that is an audience's
name begins one (`# Management`); what stands before the first is for everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kb_builder.records.base import Audience, Plain

ByAudience = dict[Audience, Plain]
Notes = Plain | ByAudience | None
_NAMES = {"staff": Audience.STAFF, "management": Audience.MANAGEMENT, "consultants": Audience.CONSULTANT}
_HEADING = re.compile(r"# +(\w+) *#*", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(```|~~~)")


def sections(notes: Notes) -> ByAudience:
    """Notes by audience; a text is for everybody, whom nobody stands below."""
    return notes if isinstance(notes, dict) else {Audience.STAFF: notes} if notes else {}


def joined(found: Mapping[Audience, str]) -> Notes:
    """Sections as they are kept: empty ones left out, and as a text where it is for everybody."""
    kept = {audience: found[audience] for audience in Audience if found.get(audience)}
    return kept.get(Audience.STAFF) if kept.keys() <= {Audience.STAFF} else kept


def told(notes: Notes, audience: Audience) -> str:
    """What the readers of an audience are told: the notes for them, after those for the ones below."""
    found = sections(notes)
    return "\n\n".join(found[each] for each in Audience if each in found and audience.sees(each))


def up_to(notes: Notes, audience: Audience) -> Notes:
    """The notes that an audience reads, still in sections."""
    return joined({each: text for each, text in sections(notes).items() if audience.sees(each)})


def as_data(notes: Notes) -> object:
    """Notes as `release.yaml` holds them."""
    return {each.value: text for each, text in notes.items()} if isinstance(notes, dict) else notes


def from_text(text: str) -> Notes:
    """Notes as they are written in a file."""
    found: dict[Audience, list[str]] = {}
    audience, fence = Audience.STAFF, ""
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line.rstrip()) if not fence else None
        if mark := _FENCE.match(line):
            fence = "" if fence == mark[1] else fence or mark[1]
        if heading and heading[1].lower() in _NAMES:
            audience = _NAMES[heading[1].lower()]
        else:
            found.setdefault(audience, []).append(line)
    return joined({each: "\n".join(lines).strip("\n") for each, lines in found.items()})
