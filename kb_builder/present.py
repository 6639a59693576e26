"""Values to words: how a date, an amount, a status or a reference reads on a page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥", "INR": "₹"}
_TONES = {
    "good": "live active met agreed complete done pass passing closed fixed accepted decided published full ok in-use supported treated",
    "warn": "retiring planned proposed in-progress partial largely deferred on-hold draft workaround attention "
    "paused medium next blocked overdue soon ends-soon ordered broken reduce never-run due",
    "bad": "critical high fail failing failed missed expired none open rejected rolled-back now ended unsupported lapsed left",
}
_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words.split()}
_WORDS = {
    "virtual-machine": "virtual machine",
    "cloud-service": "cloud service",
    "data-store": "data store",
    "in-use": "in use",
    "in-progress": "in progress",
    "on-hold": "on hold",
    "rolled-back": "rolled back",
    "not-applicable": "not applicable",
    "end-of-life": "end of life",
}


def date(value: dt.date) -> str:
    """`23 November 2026`, with spaces that do not break."""
    return f"{value.day}\u00a0{value:%b}\u00a0{value.year}"


def money(value: Decimal, currency: str) -> str:
    """An amount with its currency: `£1,200`; pence only where there are any."""
    number = f"{value:,.2f}".removesuffix(".00")
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number}\u00a0{currency}"


def words(value: str) -> str:
    """One of a field's choices, as readers say it."""
    return _WORDS.get(value, value.replace("-", " ").replace("_", " "))


def tone(value: str) -> str:
    """Whether a state is `good`, `warn`, `bad` or `plain`; the theme gives each a colour."""
    return _TONE_OF.get(value, "plain")


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 system`, `3 systems`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def away(day: dt.date, today: dt.date) -> str:
    """How far a day is from today: `in 12 days`, `today`, `3 weeks ago`."""
    days = (day - today).days
    if days == 0:
        return "today"
    size = abs(days)
    if size < 21:
        text = count(size, "day")
    elif size < 70:
        text = count(size // 7, "week")
    elif size < 700:
        text = count(round(size / 30.44), "month")
    else:
        text = count(round(size / 365.25), "year")
    return f"in {text}" if days > 0 else f"{text} ago"
