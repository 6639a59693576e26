"""What the checks share: how fields, kinds and what was written read in a message."""

from __future__ import annotations

from collections.abc import Iterable

from kb_builder.records import KINDS
from kb_builder.records.fields import Pointer

HIDDEN = (
    "is hidden, or part of a release, so that a release would not hold it",
    "give the file a name without a dot in front, in a folder without one",
)
"""What is wrong with a file that a release leaves out, and what to do."""
_LABELS = {kind.kind: kind.label for kind in KINDS}


def field(pointer: Pointer) -> str:
    """A place in a record as a message names it: `systems`, `tasks.2.start`; of a list, the list."""
    parts = list(pointer)
    while parts and isinstance(parts[-1], int):
        parts.pop()
    return ".".join(str(part) for part in parts)


def short(text: object, limit: int = 60) -> str:
    """Text of a record on one line, cut where it is too long for a message."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def one_of(kinds: Iterable[str]) -> str:
    """Kinds as people call them: `person, role or vendor`."""
    words = [_LABELS[kind][0] for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def a(*kinds: str) -> str:
    """Kinds as people call one of them: `a system`, `an objective`, `a person, role or vendor`."""
    words = one_of(kinds)
    if words.startswith("equipment"):
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
