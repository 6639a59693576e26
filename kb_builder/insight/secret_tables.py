"""Secrets in tables: a Markdown table or a CSV file with a column that is headed `Password`, `PIN` or `Token`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb_builder.insight.secret_patterns import CODE, COMMUNITY, KEY, PASS, Sort
from kb_builder.insight.secret_rules import Hit, counts

_HEADS: tuple[tuple[str, Sort, re.Pattern[str]], ...] = (
    ("a password", "password", re.compile(rf"(?:[\w /-]+[ _-])?(?:{PASS})", re.IGNORECASE | re.VERBOSE)),
    ("a key or token", "key", re.compile(rf"(?:[\w /-]+[ _-])?(?:{KEY})", re.IGNORECASE | re.VERBOSE)),
    ("an SNMP community", "community", re.compile(rf"(?:{COMMUNITY}|community)", re.IGNORECASE | re.VERBOSE)),
    ("a code", "code", re.compile(rf"(?:[\w ]+ )?(?:PIN|{CODE}[ -]?(?:code|pin))s?", re.IGNORECASE)),
)
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"[^|]+")
_FIELD = {
    sign: re.compile(rf'"(?:[^"]|"")*"|[^{sign}]+|(?<={sign})(?={sign})|^(?={sign})') for sign in ",;\t"
}
_DIGITS = re.compile(r"[A-Z*#]?\d{4,10}[A-Z*#]?")


def in_markdown(text: str) -> Iterator[Hit]:
    """What looks like a secret in the columns of Markdown tables that are headed by a word for one."""
    lines = list(re.finditer(r"[^\n]*", text))
    lines = [line for line in lines if line.end() > line.start()]
    kinds: dict[int, tuple[str, Sort]] = {}
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None and "|" in before.group() and _RULE.match(line.group()):
            kinds = _kinds(_cells(before.group()))
        elif "|" not in line.group():
            kinds = {}
        elif kinds:
            yield from _row(_cells(line.group()), line.start(), kinds)


def in_csv(text: str) -> Iterator[Hit]:
    """What looks like a secret in the columns of a CSV file whose first line heads them."""
    first, _, rest = text.partition("\n")
    sign = max(",;\t", key=first.count)
    kinds = _kinds(_fields(first, sign))
    if not kinds:
        return
    start = len(first) + 1
    for line in rest.split("\n"):
        yield from _row(_fields(line, sign), start, kinds)
        start += len(line) + 1


def _row(cells: list[tuple[int, str]], offset: int, kinds: dict[int, tuple[str, Sort]]) -> Iterator[Hit]:
    for number, (start, cell) in enumerate(cells):
        if number not in kinds:
            continue
        kind, sort = kinds[number]
        word = cell.strip(" \t\r\"'`*")
        word = re.sub(r"\s*<!--.*", "", word).rstrip("`* ")
        if word and " " not in word and (_DIGITS.fullmatch(word) if sort == "code" else counts(word, sort)):
            begin = offset + start + cell.index(word)
            yield Hit(begin, begin + len(word), kind)


def _kinds(cells: list[tuple[int, str]]) -> dict[int, tuple[str, Sort]]:
    """What the columns hold that are headed by a word for a secret, by number."""
    found: dict[int, tuple[str, Sort]] = {}
    for number, (_, cell) in enumerate(cells):
        head = re.sub(r"\s*\(.*\)$", "", cell.strip(" \t\r\"'`*_").strip())
        for kind, sort, pattern in _HEADS:
            if pattern.fullmatch(head):
                found.setdefault(number, (kind, sort))
    return found


def _cells(line: str) -> list[tuple[int, str]]:
    return [
        (match.start(), match.group())
        for match in _CELL.finditer(line)
        if match.group().strip() or match.start()
    ]


def _fields(line: str, sign: str) -> list[tuple[int, str]]:
    return [(match.start(), match.group()) for match in _FIELD[sign].finditer(line)]
