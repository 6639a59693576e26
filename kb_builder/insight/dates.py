"""Days and lengths of time."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta


def add(day: dt.date, period: str) -> dt.date:
    """The day that lies a period such as `12 months` after `day`.

    The end of a short month is kept to; hours short of a day are none. A day past
    the end of the calendar is its last. Raises ValueError for what is no period.
    """
    length = _length(period)
    try:
        return day + length
    except (ValueError, OverflowError):
        return dt.date.max


def subtract(day: dt.date, period: str) -> dt.date:
    """The day that lies a period before `day`. Raises ValueError for what is no period."""
    length = _length(period)
    try:
        return day - length
    except (ValueError, OverflowError):
        return dt.date.min


def _length(period: str) -> relativedelta:
    number, _, unit = period.partition(" ")
    name = unit.removesuffix("s")
    if not number.isdecimal() or name not in ("hour", "day", "week", "month", "year"):
        raise ValueError(f"not a period: {period}")
    size = int(number)
    days = {"hour": size // 24, "day": size, "week": 7 * size}.get(name, 0)
    return relativedelta(
        days=days, months=size if name == "month" else 0, years=size if name == "year" else 0
    )
