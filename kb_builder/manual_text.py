"""Markdown of the reference manual: words, tables and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_CODE_SPAN = re.compile(r"(`+[^`]+`+)")


def text(words: str) -> str:
    """Words as Markdown: code spans stay, anything else shows as written."""
    parts = _CODE_SPAN.split(words)
    for position in range(0, len(parts), 2):
        parts[position] = re.sub(r"([<>*\[\]|\\])", lambda match: f"&#{ord(match.group())};", parts[position])
    return "".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    return ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]


def page(lines: Iterable[str]) -> str:
    """Lines as one page, with no more than one empty line between two."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
