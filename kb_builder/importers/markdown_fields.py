"""The front matter of a page to the fields of a guide."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from kb_builder.importers.base import slug
from kb_builder.importers.markdown_links import words_of
from kb_builder.importers.markdown_site import Page, below_root
from kb_builder.importers.markdown_source import Note
from kb_builder.records.base import ID_PATTERN, PERIOD_PATTERN
from kb_builder.yaml_source import Value

SUMMARY = ("summary", "description", "excerpt")
OWNER = ("owner_slack", "owner", "owners", "maintainer", "author", "authors", "questions", "contact")
REVIEWED = ("last_reviewed_on", "last_reviewed", "reviewed", "reviewed_on")
REVIEW_EVERY = ("review_in", "review_every", "review_cycle")
TAGS = ("tags", "categories", "category", "keywords")
ADDRESSES = ("permalink", "url", "redirect_from", "aliases", "redirect_to")
STATE = ("draft", "published", "outdated")
KNOWN = frozenset(("title", *SUMMARY, *OWNER, *REVIEWED, *REVIEW_EVERY, *TAGS, *ADDRESSES, *STATE))
"""The names of front matter that become fields, or that links need."""

ONE_OWNER = "a guide has one owner; this is another"
NOT_READ = "not a date or a length of time that a guide can have"

_WORDS = {
    "hourly": "1 hour",
    "daily": "1 day",
    "weekly": "1 week",
    "fortnightly": "2 weeks",
    "monthly": "1 month",
    "quarterly": "3 months",
    "half-yearly": "6 months",
    "biannually": "6 months",
    "yearly": "1 year",
    "annually": "1 year",
    "annual": "1 year",
}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_DATES = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%Y/%m/%d")


def fields_of(front: Mapping[str, Value], key: str) -> tuple[dict[str, object], list[Note]]:
    """What a page's front matter and its folder say of the guide, and what they say that a guide cannot hold.

    The `owner` is a name yet; the title is not among the fields.
    """
    fields: dict[str, object] = {}
    notes: list[Note] = []
    if summary := _first(front, SUMMARY):
        fields["summary"] = words_of(summary)
    if topic := _topic(key):
        fields["topic"] = topic
    for name in OWNER:
        if owners := texts(front.get(name)):
            fields["owner"] = (
                f"#{owners[0]}"
                if name == "questions" and re.fullmatch(r"[a-z0-9-]+", owners[0])
                else owners[0]
            )
            notes.extend(Note(1, f"{name} {other}", ONE_OWNER) for other in owners[1:])
            break
    for field, names, reader in (("reviewed", REVIEWED, date_of), ("review_every", REVIEW_EVERY, period_of)):
        if written := _first(front, names):
            if value := reader(written):
                fields[field] = value
            else:
                notes.append(Note(1, f"{field} {written[:40]}", NOT_READ))
    if tags := list(dict.fromkeys(tag for name in TAGS for tag in texts(front.get(name), split=True))):
        fields["tags"] = tags
    if plain(front.get("draft")) == "true" or plain(front.get("published")) == "false":
        fields["status"] = "draft"
    elif plain(front.get("outdated")) == "true":
        fields["status"] = "retired"
    return fields, notes


def former_ids(pages: Iterable[Page]) -> dict[str, list[str]]:
    """For each page's key, the ids that its former addresses end in, where no other page has or had them."""
    found = {
        page.key: list(dict.fromkeys(_last(address) for address in page.also[1:] if address.strip("/")))
        for page in pages
    }
    own = {page.id for page in pages}
    claims = Counter(id for ids in found.values() for id in ids)
    return {
        key: [id for id in ids if re.match(ID_PATTERN, id) and id not in own and claims[id] == 1]
        for key, ids in found.items()
    }


def _last(address: str) -> str:
    return slug(re.sub(r"\.html?$", "", address.partition("#")[0].strip("/").rpartition("/")[2]))


def _topic(key: str) -> str:
    """The folder as a heading: `source/concepts/networking/vpn.md` stands under "Concepts – networking"."""
    names = [re.sub(r"[-_]+", " ", name).strip() for name in below_root(key).split("/")[:-1]]
    topic = " – ".join(name for name in names[:2] if name)
    return topic[:1].upper() + topic[1:]


def date_of(written: str) -> str | None:
    """A date as `2026-03-31`; None for what is no date, or one that may be read in two ways."""
    if match := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]|$)", written):
        return _parsed("-".join(match.groups()), "%Y-%m-%d")
    return next((day for form in _DATES if (day := _parsed(written, form))), None)


def _parsed(text: str, form: str) -> str | None:
    try:
        return dt.datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return None


def period_of(written: str) -> str | None:
    """A length of time as `6 months`; None for what is none."""
    text = " ".join(written.lower().split()).removeprefix("every ")
    text = _WORDS.get(text, text)
    for number, word in enumerate(_NUMBERS, 1):
        text = re.sub(rf"^{word}\b", str(number), text)
    text = re.sub(r"^an? |^(?=(?:hour|day|week|month|year)$)", "1 ", text)
    match = re.fullmatch(r"(\d{1,4})[ -]*(h|d|w|m|y|hour|day|week|month|year)s?", text)
    if not match:
        return None
    number, unit = int(match.group(1)), _UNITS.get(match.group(2), match.group(2))
    period = f"{number} {unit}{'' if number == 1 else 's'}"
    return period if re.match(PERIOD_PATTERN, period) else None


def plain(value: Value) -> str:
    """A value as text on one line; nothing if it is no text."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def texts(value: Value, split: bool = False) -> list[str]:
    """A value as a list of texts; one text may be split at its commas."""
    if isinstance(value, str):
        value = [*value.split(",")] if split else [value]
    if isinstance(value, dict):
        value = [value.get("name") or value.get("title") or value.get("email")]
    return [
        text
        for each in value or []
        if (text := plain(each) or next(iter(texts(each) if isinstance(each, dict) else []), ""))
    ]


def _first(front: Mapping[str, Value], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := plain(front.get(name)))), "")
