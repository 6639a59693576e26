"""What versions are called and which comes first.

A version is numbers with dots between them, a calendar's (`2026.11`, `2026.11.1`) or semantic
(`1.4.0`), and for a semantic one perhaps a pre-release after a hyphen (`2.0.0-rc.1`).
"""

from __future__ import annotations

import re
from functools import total_ordering

DRAFT = "draft"
LATEST = "latest"
_VERSION = re.compile(
    r"(?P<numbers>[0-9]{1,8}(?:\.[0-9]{1,8}){0,3})(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
LONGEST = 40


@total_ordering
class Version:
    """A version that can be compared. Raises ValueError for a text that is none.

    Numbers are compared as numbers, so 2026.9 comes before 2026.11 and 1.9.0 before 1.10.0; zeros at the
    end count for nothing. A pre-release comes before its release, as in section 11 of Semantic Versioning 2.0.0.
    """

    def __init__(self, text: str) -> None:
        found = _VERSION.fullmatch(text) if len(text) <= LONGEST else None
        if found is None:
            raise ValueError(f'"{text}" is not a version')
        self.text = text
        numbers = [int(part) for part in found["numbers"].split(".")]
        while numbers and numbers[-1] == 0:
            numbers.pop()
        pre = found["pre"]
        parts = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in (pre or "").split(".") if part
        )
        self._key = (tuple(numbers), pre is None, parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return self.text
