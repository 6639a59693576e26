"""How a person is called, and how to find and replace that in a text.

A full name, an address or a number is the person's; a surname or a first name alone may be somebody else's, and is only
found, not replaced.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

NAMELESS = "a person whose name was removed"
ALIAS = "removed-person-"
NO_ADDRESS, NO_NUMBER = "address removed", "number removed"
_HONORIFIC = re.compile(
    r"(?:dr|mr|mrs|ms|miss|mx|prof|professor|sir|dame|rev|herr|frau|ing|dipl|mme|m|sig|sra?)\.?",
    re.IGNORECASE,
)
_BETWEEN = r"(?:[\s\u00a0*_]|\n[ \t]*[#>])+"
"""What may stand between two names: space, the end of a line and what the next begins with, marks of Markdown."""
_IN_NUMBER = r"[\s\u00a0().\-/]*"
_BEGINS_LINE = re.compile(r"\s*(?:[-*>#]+\s+)*(?:[\w ]{1,40}:\s+)?[\"']?")
_ENDS_SENTENCE = re.compile(r"[.!?]\s+\Z")
_JOINT = re.compile(r"[-._]")


@dataclass(frozen=True)
class Who:
    """A person as any release or the records of today know them: id, what they are called instead, and how to know them.

    `also` is what else somebody said that they are called.
    """

    id: str
    alias: str
    names: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    also: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Their names one by one, without titles and initials."""
        words = {
            word.strip(".,") for name in self.names for word in name.split() if not _HONORIFIC.fullmatch(word)
        }
        return tuple(sorted(word for word in words if len(word) > 2))

    @property
    def id_tells(self) -> bool:
        """Whether the id tells the name, and is no word that may stand in a text by itself."""
        words = {part.casefold() for part in _spellings(self.parts)}
        return bool(_JOINT.search(self.id)) and bool(words & set(_JOINT.split(self.id)))

    @property
    def id_is_a_word(self) -> bool:
        """Whether the id may stand in a text without meaning the person."""
        return not re.search(r"[-._0-9]", self.id)


def replaced(text: str, person: Who) -> str:
    """A text without a person's name, contacts and id."""
    for email in person.emails:
        text = re.sub(rf"mailto:{re.escape(email)}(?:\?[^\s)\"'>]*)?", "#", text, flags=re.IGNORECASE)
        text = re.sub(rf"(?<![\w.+-]){re.escape(email)}(?![\w-])", NO_ADDRESS, text, flags=re.IGNORECASE)
    for phone in person.phones:
        if pattern := _number(phone):
            text = re.sub(rf"tel:{pattern}", "#", text)
            text = re.sub(rf"(?<![\d+]){pattern}(?!\d)", NO_NUMBER, text)
    for form in sorted([*forms(person.names), *_spellings(person.also)], key=lambda form: (-len(form), form)):
        text = _named(form).sub(lambda match: _nameless(match.string, match.start()), text)
    return without_id(text, person)


def _nameless(text: str, at: int) -> str:
    """What stands for a name: with a capital where a sentence or a value begins."""
    above, _, line = text[:at].rpartition("\n")
    above = above.rstrip(" \t")
    begins = bool(_ENDS_SENTENCE.search(line) or _BEGINS_LINE.fullmatch(line))
    if not line.strip():
        begins = not above or above[-1] in "\n.!?:|>-"
    return NAMELESS.capitalize() if begins else NAMELESS


def without_id(text: str, person: Who) -> str:
    """A text, or a path, in which the person has the other id, within other ids too if theirs tells the name."""
    id = re.escape(person.id)
    if person.id_tells:
        return re.sub(rf"(?<![a-z0-9]){id}(?![a-z0-9])", person.alias, text)
    if not person.id_is_a_word:
        return re.sub(rf"(?<![\w.-]){id}(?![\w-]|\.(?!yaml|md|html)\w)", person.alias, text)
    text = re.sub(
        rf"(people/|people\.(?:yaml|html)#|index\.html#|person/){id}(?![\w-])", rf"\1{person.alias}", text
    )
    return re.sub(rf"(contact\(\s*[\"']){id}(?=[\"'])", rf"\1{person.alias}", text)


def forms(names: Iterable[str]) -> list[str]:
    """The ways in which full names are written, the longest first: without titles, with an initial, surname first."""
    found: set[str] = set()
    for name in names:
        words = [word for word in name.split() if not _HONORIFIC.fullmatch(word)]
        if len(name.split()) > 1:
            found.add(name)
        if len(words) < 2:
            continue
        first, last = words[0], words[-1]
        found |= {
            " ".join(words),
            f"{first} {last}",
            f"{last}, {first}",
            f"{first[0]}. {last}",
            f"{first[0]} {last}",
        }
    return _spellings(found)


def _spellings(names: Iterable[str]) -> list[str]:
    """Names as Unicode may write them, and without their accents, the longest first."""
    names = list(names)
    found = {unicodedata.normalize(form, name) for name in names for form in ("NFC", "NFD")}
    found |= {
        "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
        for name in names
    }
    return sorted(found, key=lambda name: (-len(name), name))


def _named(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_BETWEEN.join(map(re.escape, form.split()))}(?!\w)", re.IGNORECASE)


def _number(phone: str) -> str:
    """Finds a telephone number however it is grouped, with or without the country's; nothing for a short one."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) < 6:
        return ""
    if phone.strip().startswith("+") or not digits.startswith("0"):
        return r"\+?" + _IN_NUMBER.join(digits)
    country = rf"(?:\+\d{{1,3}}{_IN_NUMBER}(?:\(0\){_IN_NUMBER})?|0{_IN_NUMBER})"
    return country + _IN_NUMBER.join(digits[1:])


def speaking(person: Who) -> re.Pattern[str]:
    """Finds what may speak of a person: one of their names alone, and what could not be replaced."""
    words = {re.escape(each) for each in _spellings(person.parts)}
    words |= {re.escape(each) for each in person.emails} | {
        each for each in map(_number, person.phones) if each
    }
    words.add(re.escape(person.id))
    found = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE)
