"""Markdown on its way in: its text, the line of the file that each of its lines came from, and where code is.

The steps of an import change the text; what cannot be kept is still named by the line where its author wrote it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

PROSE = r"(?![ \t]*\w+(?: [\w'’.,-]+){2,}[^={}\n]*$)"
"""What does not follow a fence: a sentence. Somebody meant inline code."""
FENCE = re.compile(
    rf"^(?P<indent>[ \t>]*(?:(?:[-*+]|\d{{1,9}}[.)])[ \t]+)?)(?P<fence>`{{3,}}(?=[^`\n]*$)|~{{3,}}){PROSE}(?P<info>[^\n]*)$"
)
LIST_ITEM = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
BLOCK_TAGS = (
    "address|article|aside|blockquote|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|li|main|nav|ol|p|pre"
    "|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
"""The HTML elements that are blocks, as part of a pattern."""
_HOLDER = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)]|!!!|\?\?\?|===|:::|\[\^)")
_SPAN = re.compile(
    r"(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
    r"|<(?P<tag>code|pre|samp)\b[^>]*>.*?</(?P=tag)>",
    re.DOTALL | re.IGNORECASE,
)

Edit = tuple[int, int, str]
"""From where, to where, and what stands there instead."""
Span = tuple[int, int]


@dataclass(frozen=True)
class Note:
    """Something of the source that the import could not keep: its line, what it is, and why."""

    line: int
    what: str
    why: str


@dataclass(frozen=True)
class Source:
    """Markdown, and for each of its lines the number of the line in the file."""

    text: str
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, text: str, first: int = 1) -> Source:
        """The text of a file, or its end beginning at line `first`."""
        return cls(text, tuple(range(first, first + text.count("\n") + 1)))

    def lines(self) -> list[tuple[int, str]]:
        """Each line with its number in the file."""
        return list(zip(self.numbers, self.text.split("\n"), strict=True))

    def line_at(self, position: int) -> int:
        """The line of the file that the text at `position` came from."""
        return self.numbers[self.text.count("\n", 0, position)]

    def edited(self, edits: Iterable[Edit]) -> Source:
        """The text with `edits` made; of two that overlap, the first one counts."""
        starts = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
        pieces: list[tuple[str, int, bool]] = []
        position = 0
        for start, end, new in sorted(edits):
            if start >= position:
                pieces.append((self.text[position:start], bisect_right(starts, position) - 1, True))
                pieces.append((new, bisect_right(starts, start) - 1, False))
                position = end
        pieces.append((self.text[position:], bisect_right(starts, position) - 1, True))
        return Source("".join(piece for piece, _, _ in pieces), self._numbers(pieces))

    def _numbers(self, pieces: list[tuple[str, int, bool]]) -> tuple[int, ...]:
        """The number of each line of the pieces put together: that of the first text on it."""
        numbers = [self.numbers[0]]
        empty = True
        for piece, line, kept in pieces:
            for step, part in enumerate(piece.split("\n")):
                number = self.numbers[min(line + (step if kept else 0), len(self.numbers) - 1)]
                if step:
                    numbers.append(number)
                    empty = True
                elif empty and part:
                    numbers[-1] = number
                empty = empty and not part
        return tuple(numbers)


def literal_braces(text: str, *, html: bool = False) -> str:
    """The text with every brace that would begin a macro written as a brace; entities are the way in HTML."""
    text = re.sub(r"\{(?=[%#])", "&#123;", text)
    return re.sub(r"(?<!\\)\{(?=\{)|(?<=\{)\{", "&#123;" if html else r"\\{", text)


def code_spans(text: str, *, indented: bool = True) -> list[Span]:
    """Where code is, in order: fenced, `indented`, in backticks, and in HTML elements for code."""
    blocks = _blocks(text, indented)
    found = list(blocks)
    position = 0
    for start, end in [*blocks, (len(text), len(text))]:
        found.extend((match.start(), match.end()) for match in _SPAN.finditer(text, position, start))
        position = end
    return sorted(found)


def _blocks(text: str, indented: bool) -> list[Span]:
    found: list[Span] = []
    fence: str | None = None
    opened = position = 0
    blank, in_list = True, False
    for line in text.split("\n"):
        end = position + len(line)
        if fence is not None:
            if closes(line, fence):
                found.append((opened, end))
                fence = None
        elif match := FENCE.match(line):
            fence, opened = match.group("fence"), position
        elif (
            indented
            and line.startswith(("    ", "\t"))
            and line.strip()
            and not in_list
            and (blank or (found and found[-1][1] == position - 1))
        ):
            found.append((position, end))
        elif line.strip():
            in_list = bool(_HOLDER.match(line)) or (in_list and (line[0] in " \t" or not blank))
        blank = not line.strip()
        position = end + 1
    if fence is not None:
        found.append((opened, len(text)))
    return found


def closes(line: str, fence: str) -> bool:
    """Whether the line ends a block that `fence` began."""
    bare = line.strip(" \t>")
    return len(bare) >= len(fence) and set(bare) == {fence[0]}


def inside(position: int, spans: list[Span]) -> Span | None:
    """The span that `position` is in."""
    at = bisect_right(spans, (position, len(spans) and spans[-1][1] + 1)) - 1
    return spans[at] if at >= 0 and spans[at][0] <= position < spans[at][1] else None
