"""Secrets in a text that a word or a form gives away: `password: …`, `PIN 4711`, `user / pass`, command lines.

In: a text. Out: where something in it looks like a secret, and like what. What only a machine writes (tokens, keys)
is in `secret_tokens`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb_builder.insight.secret_patterns import QUOTED, RULES, Rule, Sort
from kb_builder.insight.secret_words import (
    is_phrase,
    is_placeholder,
    is_random,
    is_token,
    is_well_known,
    is_word,
)

_ALL = {need for rule in RULES for need in rule.needs}
_NEEDS = tuple(sorted(need for need in _ALL if not any(other in need for other in _ALL - {need})))
_ANY_NEED, _SHORT = re.compile("|".join(re.escape(need) for need in _NEEDS)), 80
"""One pattern is quicker than many searches where a text is short, and slower where it is long."""
_AFTER = 3
"""How many lines, the first included, may lie between a label and its secret."""
_OPENERS = "\"'`*_([{“„«‘"
_CLOSERS = ".,;:)]}>\"'`*_”’»“"
_LABEL_WORDS = 4
_PROSE = re.compile(r"[a-z][\w'’-]*(?: |[.,;]|$)")
"""How a line begins that goes on with the sentence of the one above."""
_DEFAULTS = frozenset({"public", "private"})
"""The communities that everybody knows: a finding, but no secret."""


@dataclass(frozen=True)
class Hit:
    """Something in a text that looks like a secret: where it begins and ends, and what it looks like."""

    start: int
    end: int
    kind: str


def may_be_named(lowered: str) -> bool:
    """Whether `named` can find anything in a text, which is given in lower case; quick."""
    if len(lowered) < _SHORT:
        return bool(_ANY_NEED.search(lowered))
    return any(map(lowered.__contains__, _NEEDS))


def named(text: str, lowered: str) -> Iterator[Hit]:
    """What rules find in a text; `lowered` is the same in lower case, character by character."""
    for rule in RULES:
        for start, end in _neighbourhoods(lowered, rule.needs):
            yield from _applied(rule, text, start, end)


def _applied(rule: Rule, text: str, start: int, end: int) -> Iterator[Hit]:
    """What one rule finds in a part of a text. What was taken for a value and is none may be the next label."""
    while match := rule.pattern.search(text, start, end):
        hit = _labelled(match, rule) if rule.label else _exact(match, rule)
        if hit:
            yield hit
            start = hit.end
        else:
            start = match.start(_value_of(match)) if rule.label else match.start("it")


def _value_of(match: re.Match[str]) -> str:
    """The group that holds what stands where a labelled secret would."""
    return next((name for name in QUOTED if match[name]), "bare")


def counts(word: str, sort: Sort) -> bool:
    """Whether a word looks like a secret, all alone where one of that sort would stand."""
    if sort in ("any", "code"):
        return sort == "code" or not is_placeholder(word)
    if sort == "random":
        return is_random(word)
    if sort == "key":
        return is_token(word)
    return (is_random(word) or is_word(word)) and not (sort == "community" and word.lower() in _DEFAULTS)


def _neighbourhoods(lowered: str, needs: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The lines of a text that hold one of `needs` and the ones just after, as spans that do not touch."""
    places: set[int] = set()
    for need in needs:
        place = lowered.find(need)
        while place >= 0:
            line_end = lowered.find("\n", place + len(need))
            places.add(lowered.rfind("\n", 0, place) + 1)
            place = lowered.find(need, line_end) if line_end >= 0 else -1
    last: tuple[int, int] | None = None
    for start in sorted(places):
        end = _end(lowered, start)
        if last and start <= last[1]:
            last = (last[0], max(end, last[1]))
            continue
        if last:
            yield last
        last = (start, end)
    if last:
        yield last


def _end(text: str, start: int) -> int:
    """Where the few lines that have something in them end."""
    end = start
    for _ in range(_AFTER):
        while end < len(text) and text[end] in "\r\n \t":
            end += 1
        line_end = text.find("\n", end)
        if line_end < 0:
            return len(text)
        end = line_end
    return end


def _exact(match: re.Match[str], rule: Rule) -> Hit | None:
    start, end = _trimmed(match.string, *match.span("it"))
    word = match.string[start:end]
    return Hit(start, end, rule.kind) if word and counts(word, rule.sort) else None


def _labelled(match: re.Match[str], rule: Rule) -> Hit | None:
    quoted = _value_of(match) != "bare"
    start, end = match.span(_value_of(match))
    if not quoted:
        cut = re.search(r"[;&,]", match["bare"]) if match["sign"] in ("=", ":=") else None
        start, end = _trimmed(match.string, start, start + cut.start() if cut else end)
    value = match.string[start:end]
    return Hit(start, end, rule.kind) if value and _is_secret(match, value, rule.sort, quoted, end) else None


def _is_secret(match: re.Match[str], value: str, sort: Sort, quoted: bool, end: int) -> bool:
    if sort == "key":
        return " " not in value and is_token(value)
    if sort == "community" and value.lower() in _DEFAULTS:
        return False
    if " " in value:
        return quoted and (is_phrase(value) or _is_half_random(value))
    if is_random(value):
        return quoted or not match.groupdict().get("near") or _is_mixed(value)
    if match["verb"]:
        return (quoted and is_word(value)) or is_well_known(value) or (value.isdigit() and len(value) >= 6)
    if not match["sign"]:
        return quoted and is_well_known(value)
    if "\n" in match["gap"] or match["sign"] == "|":
        return False
    return is_word(value) and (quoted or _is_alone(match, end))


def _is_alone(match: re.Match[str], end: int) -> bool:
    """Whether label and value are all there is on their line or in their clause: the last word of a line of prose is none."""
    rest, _, following = match.string[end:].partition("\n")
    rest = rest.strip(_CLOSERS + " ")
    clause = re.split(r"[.,;|(–!?]\s", match.string[: match.start()].rpartition("\n")[2])[-1]
    ends = not rest and not _PROSE.match(following)
    return (ends or rest.startswith(("|", "<", "#", "//", "\\"))) and len(clause.split()) <= _LABEL_WORDS


def _is_half_random(text: str) -> bool:
    """Whether words in quotation marks have one that looks like a password among them, and none that a sentence has."""
    words = text.split()
    return (
        len(words) <= 4
        and any(is_random(word) for word in words)
        and all(is_random(word) or is_word(word) for word in words)
    )


def _is_mixed(word: str) -> bool:
    """Whether a word that merely stands beside `password` is as mixed as a good password: it is no name or number."""
    inner = word.rstrip("!?")
    sorts = (
        any(c.islower() for c in inner),
        any(c.isupper() for c in inner),
        any(c.isdigit() for c in inner),
    )
    signs = bool(re.search(r"[!@#$%^&*+=~§€£]", word))
    if len(word) < 6 or re.search(r"[()\[\]/\\<>{},;]", word):
        return False
    return sum(sorts) + signs >= 2 and (signs or sorts[2])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the marks that stand around a word in prose."""
    while start < end and text[start] in _OPENERS and text[start] not in "[{":
        start += 1
    while end > start and text[end - 1] in _CLOSERS:
        end -= 1
    return start, end
