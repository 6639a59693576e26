"""Two texts, word by word: what stayed, what went and what came."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeVar

T = TypeVar("T")
_PAIRS = 60_000
"""How many pairs of equal words are weighed against each other; beyond it, a stretch is cut or counts as replaced."""
_WORDS = 4_000
"""How many words of one stretch are compared; texts are cut into lines first, so few are longer."""


@dataclass(frozen=True)
class Piece:
    """Words in a row that stayed, went or came; `cut` stands for words left out."""

    kind: Literal["same", "gone", "new", "cut"]
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """What changed between two texts. Space between words counts for nothing.

    The words that stayed and went are those of `before`, the words that stayed and came those of `after`.
    Lines are compared first, then the words within those that differ. A long stretch is cut at landmarks first,
    and one in which too much is alike counts as replaced, so that the time does not grow with its square.
    """
    if before.split() == (words := after.split()):
        return tuple(_joined([("same", words)]))
    old, new = _lines(before), _lines(after)
    pieces: list[tuple[str, Sequence[str]]] = []
    for lines_before, lines_after in _stretches(old, new):
        words_before = [word for line in lines_before for word in line]
        words_after = [word for line in lines_after for word in line]
        if lines_before == lines_after:
            pieces.append(("same", words_before))
        else:
            for part_before, part_after in _stretches(words_before, words_after):
                if part_before == part_after:
                    pieces.append(("same", part_before))
                else:
                    pieces.append(("gone", part_before))
                    pieces.append(("new", part_after))
    return tuple(_joined(pieces))


def shortened(pieces: Iterable[Piece], around: int = 8, most: int = 120) -> tuple[Piece, ...]:
    """The pieces with `around` words that stayed on either side of a change, and `most` of what came or went."""
    found: list[Piece] = []
    listed = list(pieces)
    for number, piece in enumerate(listed):
        words = piece.text.split(" ")
        first = 0 if piece.kind == "same" and number == 0 else around
        last = 0 if piece.kind == "same" and number == len(listed) - 1 else around
        if piece.kind != "same":
            first, last = most - around, around
        if len(words) <= first + last + 1:
            found.append(piece)
            continue
        if first:
            found.append(Piece(piece.kind, " ".join(words[:first])))
        found.append(Piece("cut", "…"))
        if last:
            found.append(Piece(piece.kind, " ".join(words[-last:])))
    return tuple(found)


def _lines(text: str) -> list[tuple[str, ...]]:
    return [words for line in text.splitlines() if (words := tuple(line.split()))]


def _stretches(before: Sequence[T], after: Sequence[T]) -> Iterator[tuple[Sequence[T], Sequence[T]]]:
    """Stretches of both, in order: equal ones, and ones of which the first became the second."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    if start:
        yield before[:start], after[:start]
    middle_before, middle_after = before[start : len(before) - end], after[start : len(after) - end]
    if not _too_much(middle_before, middle_after):
        yield from _matched(middle_before, middle_after)
    else:
        for part_before, part_after in _between_landmarks(middle_before, middle_after):
            if _too_much(part_before, part_after):
                yield part_before, part_after
            else:
                yield from _matched(part_before, part_after)
    if end:
        yield before[len(before) - end :], after[len(after) - end :]


def _matched(before: Sequence[T], after: Sequence[T]) -> Iterator[tuple[Sequence[T], Sequence[T]]]:
    for _, low, high, new_low, new_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield before[low:high], after[new_low:new_high]


def _between_landmarks(before: Sequence[T], after: Sequence[T]) -> Iterator[tuple[Sequence[T], Sequence[T]]]:
    """Both cut where the same three stand in a row that stand nowhere else: patience diff, whose time is n log n."""
    there, others = _landmarks(before), _landmarks(after)
    pairs = [(place, others[marks]) for marks, place in there.items() if marks in others]
    low, new_low = 0, 0
    for high, new_high in _rising(pairs):
        yield before[low:high], after[new_low:new_high]
        low, new_low = high, new_high
    yield before[low:], after[new_low:]


def _landmarks(items: Sequence[T]) -> dict[tuple[T, ...], int]:
    rows = [tuple(items[place : place + 3]) for place in range(len(items) - 2)]
    often = Counter(rows)
    return {row: place for place, row in enumerate(rows) if often[row] == 1}


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rise in both: the pairs come in the order of the first."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        place = bisect_left(ends, value)
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [value]
        last[place : place + 1] = [number]
    found: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _too_much(before: Sequence[object], after: Sequence[object]) -> bool:
    if max(len(before), len(after)) > _WORDS:
        return True
    there = Counter(after)
    return sum(count * there[each] for each, count in Counter(before).items()) > _PAIRS


def _joined(pieces: Iterable[tuple[str, Sequence[str]]]) -> Iterator[Piece]:
    """Neighbouring pieces of a sort as one; between two that stayed, all that went comes before all that came."""
    gone: list[str] = []
    new: list[str] = []
    same: list[str] = []
    for kind, words in [*pieces, ("end", [])]:
        if kind in ("same", "end") and (gone or new) and (words or kind == "end"):
            yield from _piece("same", same)
            yield from _piece("gone", gone)
            yield from _piece("new", new)
            same, gone, new = [], [], []
        if kind == "same":
            same += words
        elif kind == "gone":
            gone += words
        else:
            new += words
    yield from _piece("same", same)


def _piece(kind: Literal["same", "gone", "new"], words: list[str]) -> Iterator[Piece]:
    if words:
        yield Piece(kind, " ".join(words))
