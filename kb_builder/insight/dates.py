"""Days and lengths of time."""

from __future__ import annotations

import datetime as dt

from dateutil.relativedelta import relativedelta


def add(day: dt.date, period: str) -> dt.date:
    """`day` and a period such as `12 months` after it; the end of a short month is kept to. Hours are no days.

    Raises ValueError for what is no period.
    """
    number, _, unit = period.partition(" ")
    name = unit.removesuffix("s")
    if not number.isdigit() or name not in ("hour", "day", "week", "month", "year"):
        raise ValueError(f"not a period: {period}")
    size = int(number)
    try:
        match name:
            case "hour":
                return day + dt.timedelta(days=size // 24)
            case "day":
                return day + relativedelta(days=size)
            case "week":
                return day + relativedelta(weeks=size)
            case "month":
                return day + relativedelta(months=size)
        return day + relativedelta(years=size)
    except (ValueError, OverflowError):
        return dt.date.max


def subtract(day: dt.date, period: str) -> dt.date:
    """The day that lies a period before `day`."""
    number, _, unit = period.partition(" ")
    name = unit.removesuffix("s")
    size = int(number)
    try:
        return day - relativedelta(**{f"{'day' if name == 'hour' else name}s": size // 24 if name == "hour" else size})
    except (ValueError, OverflowError):
        return dt.date.min
