"""Rules for what comes round again (RFC 5545, RRULE): read, counted out and put into words.

Rules are record text, so nothing in one may cost much: days are the finest step, every number has
a bound, and nobody looks further ahead than `HORIZON_YEARS`.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from dateutil import rrule

from kb_builder.present import date as date_words

MAX_RULE = 200
MAX_NUMBER = 1000
HORIZON_YEARS = 50
FIRST_YEAR = 1900
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_FREQUENCIES: dict[str, Literal[0, 1, 2]] = {
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
_TOO_OFTEN = frozenset({"HOURLY", "MINUTELY", "SECONDLY"})
_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_WEEKDAYS = frozenset({"MO", "TU", "WE", "TH", "FR"})
# fmt: off
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "last but one"}
_RANGES = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYYEARDAY": 366, "BYWEEKNO": 53, "BYSETPOS": 366}
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_RANGES})
_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+-]+)")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"([0-9]{8})(T[0-9]{6}Z?)?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,4}")


class BadRule(Exception):
    """A rule that cannot be understood; its text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Rule:
    """A rule, understood. `days` are (which, day) pairs: (1, "MO") is the first Monday, (0, "MO") any."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: dt.date | None = None
    days: tuple[tuple[int, str], ...] = ()
    week_start: str = "MO"
    numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)


def parse(text: str) -> Rule:
    """Read an RRULE. Raises BadRule."""
    parts = _parts(text)
    frequency = parts.get("FREQ", "")
    if frequency in _TOO_OFTEN:
        raise BadRule(f"FREQ={frequency} is too often: the finest step is a day")
    if frequency not in _UNITS:
        raise BadRule("it needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    rule = Rule(
        frequency,
        _bounded("INTERVAL", parts.get("INTERVAL", "1")),
        _bounded("COUNT", parts["COUNT"]) if "COUNT" in parts else None,
        _until(parts["UNTIL"]) if "UNTIL" in parts else None,
        tuple(_day(each) for each in parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        parts.get("WKST", "MO"),
        {name: _numbers(name, parts[name]) for name in _RANGES if name in parts},
    )
    _fits(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    upper = text.strip().upper().removeprefix("RRULE:")
    if len(upper) > MAX_RULE:
        raise BadRule(f"it is longer than {MAX_RULE} characters")
    parts: dict[str, str] = {}
    for written in upper.removesuffix(";").split(";"):
        match = _PART.fullmatch(written)
        if not match:
            raise BadRule("it is not made of parts such as FREQ=WEEKLY with ; between them")
        name, value = match.groups()
        if name not in _KNOWN:
            raise BadRule(f"{name} is not read here")
        if name in parts:
            raise BadRule(f"{name} is written twice")
        parts[name] = value
    return parts


def _bounded(name: str, value: str) -> int:
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MAX_NUMBER:
        raise BadRule(f"{name} must be from 1 to {MAX_NUMBER}")
    return int(value)


def _until(value: str) -> dt.date:
    match = _UNTIL.fullmatch(value)
    try:
        if match:
            return dt.datetime.strptime(match.group(1), "%Y%m%d").date()
    except ValueError:
        pass
    raise BadRule("UNTIL must be a date such as 20261231")


def _day(value: str) -> tuple[int, str]:
    match = _BYDAY.fullmatch(value)
    if not match or (match.group(1) is not None and not 1 <= abs(int(match.group(1))) <= 53):
        raise BadRule(f'"{value}" is not a day such as MO, 1MO or -1FR')
    return int(match.group(1) or 0), match.group(2)


def _numbers(name: str, value: str) -> tuple[int, ...]:
    highest = _RANGES[name]
    found = []
    for each in value.split(","):
        if (
            not _NUMBER.fullmatch(each)
            or not 1 <= abs(int(each)) <= highest
            or (name == "BYMONTH" and int(each) < 1)
        ):
            raise BadRule(f"{name} must be from 1 to {highest}, not {each or 'nothing'}")
        found.append(int(each))
    return tuple(dict.fromkeys(found))


def _fits(rule: Rule) -> None:
    """What RFC 5545 lets stand together. Raises BadRule."""
    if rule.week_start not in _DAYS:
        raise BadRule("WKST must be a day such as MO")
    if rule.count is not None and rule.until is not None:
        raise BadRule("COUNT and UNTIL cannot stand together")
    if any(which for which, _ in rule.days) and rule.frequency not in ("MONTHLY", "YEARLY"):
        raise BadRule("a numbered day such as 1MO needs FREQ=MONTHLY or YEARLY")
    if "BYMONTHDAY" in rule.numbers and rule.frequency == "WEEKLY":
        raise BadRule("BYMONTHDAY cannot stand with FREQ=WEEKLY")
    for name in ("BYYEARDAY", "BYWEEKNO"):
        if name in rule.numbers and rule.frequency != "YEARLY":
            raise BadRule(f"{name} needs FREQ=YEARLY")
    if "BYSETPOS" in rule.numbers:
        if not rule.days and len(rule.numbers) == 1:
            raise BadRule("BYSETPOS needs BYDAY or the like beside it")
        most = {"DAILY": 0, "WEEKLY": len(rule.days), "MONTHLY": 31}.get(rule.frequency, 366)
        if max(abs(number) for number in rule.numbers["BYSETPOS"]) > most:
            raise BadRule("BYSETPOS counts further than there are days")


def first_after(rule: Rule, start: dt.date, after: dt.date, *, including: bool = False) -> dt.date | None:
    """The first day of a rule that began on `start` after the day `after` (or on it); None if there is none.

    Raises BadRule for a start before 1900.
    """
    if start.year < FIRST_YEAR:
        raise BadRule(f"it starts before {FIRST_YEAR}")
    return next(
        (day for day in _days(rule, start, after) if day > after or (including and day == after)), None
    )


def _days(rule: Rule, start: dt.date, after: dt.date) -> Iterator[dt.date]:
    """The days of a rule, from no later than the last one before `after`, up to the horizon."""
    if rule.count is None and rule.frequency in ("DAILY", "WEEKLY") and after > start:
        step = rule.interval * (7 if rule.frequency == "WEEKLY" else 1)
        start += dt.timedelta(days=max(0, (after - start).days // step - 1) * step)
    horizon = min(max(start, after).year + HORIZON_YEARS, dt.MAXYEAR)
    until = min(rule.until or dt.date.max, dt.date(horizon, 12, 31))
    found = _daily(rule, start, until) if rule.frequency == "DAILY" else _counted_out(rule, start, until)
    yield from islice(found, rule.count)


def _daily(rule: Rule, start: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Days by the day. dateutil would go on to the year 9999 to find that none fits."""
    weekdays = {day for _, day in rule.days}
    months, month_days = rule.numbers.get("BYMONTH"), rule.numbers.get("BYMONTHDAY")
    for number in range(start.toordinal(), until.toordinal() + 1, rule.interval):
        day = dt.date.fromordinal(number)
        if (weekdays and list(_DAYS)[day.weekday()] not in weekdays) or (months and day.month not in months):
            continue
        back = day.day - monthrange(day.year, day.month)[1] - 1
        if not month_days or day.day in month_days or back in month_days:
            yield day


def _counted_out(rule: Rule, start: dt.date, until: dt.date) -> Iterator[dt.date]:
    found = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=dt.datetime.combine(start, dt.time()),
        interval=rule.interval,
        wkst=getattr(rrule, rule.week_start),
        until=dt.datetime.combine(until, dt.time()),
        byweekday=[getattr(rrule, day)(which) if which else getattr(rrule, day) for which, day in rule.days]
        or None,
        bymonth=rule.numbers.get("BYMONTH"),
        bymonthday=rule.numbers.get("BYMONTHDAY"),
        byyearday=rule.numbers.get("BYYEARDAY"),
        byweekno=rule.numbers.get("BYWEEKNO"),
        bysetpos=rule.numbers.get("BYSETPOS"),
    )
    return (moment.date() for moment in found)


def in_words(rule: Rule) -> str:
    """A rule as people say it: `Every month on the first Monday`."""
    unit = _UNITS[rule.frequency]
    numbers = rule.numbers
    text = f"Every {unit}" if rule.interval == 1 else f"Every {rule.interval} {unit}s"
    months = [_MONTHS[number - 1] for number in numbers.get("BYMONTH", ())]
    month_days = numbers.get("BYMONTHDAY", ())
    if months and month_days and not rule.days and min(month_days) > 0:
        text += " on " + _and([f"{day} {month}" for month in months for day in month_days])
    else:
        text += f" in {_and(months)}" if months else ""
        text += (
            f" in week {_and([str(number) for number in numbers['BYWEEKNO']])}"
            if "BYWEEKNO" in numbers
            else ""
        )
        text += f" on {_days_in_words(rule)}" if rule.days else ""
        if month_days:
            text += (" that is " if rule.days else " on ") + _and(
                [_day_of_month(number) for number in month_days]
            )
    if "BYYEARDAY" in numbers:
        text += f" on day {_and([str(number) for number in numbers['BYYEARDAY']])} of the year"
    if rule.count is not None:
        text += ", once" if rule.count == 1 else f", {rule.count} times"
    return text + (f" until {date_words(rule.until)}" if rule.until else "")


def _days_in_words(rule: Rule) -> str:
    names = [day for _, day in rule.days]
    plain = not any(which for which, _ in rule.days)
    working = plain and set(names) == _WEEKDAYS
    positions = rule.numbers.get("BYSETPOS", ())
    if plain and positions:
        what = "working day" if working else _or([_DAYS[name] for name in names])
        return "the " + _and([_ordinal(number) for number in positions]) + f" {what}"
    if working:
        return "working days"
    return _and([f"the {_ordinal(which)} {_DAYS[day]}" if which else _DAYS[day] for which, day in rule.days])


def _ordinal(number: int) -> str:
    if number in _ORDINALS:
        return _ORDINALS[number]
    ending = "th" if 10 < abs(number) % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(abs(number) % 10, "th")
    return f"{number}{ending}" if number > 0 else f"{-number}{ending} last"


def _day_of_month(number: int) -> str:
    return f"day {number}" if number > 0 else f"the {_ordinal(number)} day"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _or(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
