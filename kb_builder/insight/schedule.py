"""When a scheduled check is due: its rule, when it was last done and when it comes round again."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from itertools import islice

from dateutil.rrule import rrule, rruleset, rrulestr

from kb_builder.catalog import Catalog
from kb_builder.records.maintenance import LogEntry, Schedule
from kb_builder.records.testing import Test, TestRun

MAX_RULE = 200
_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_KNOWN = frozenset("FREQ INTERVAL COUNT UNTIL BYDAY BYMONTH BYMONTHDAY BYSETPOS BYYEARDAY BYWEEKNO WKST".split())
_FREQUENCIES = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS = {"MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday", "SU": "Sunday"}
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


class BadRule(Exception):
    """A rule that cannot be understood; its text says why."""


@dataclass(frozen=True)
class State:
    """A schedule as it stands: its rule in words, when it was last done, when it is next due, whether that is past."""

    words: str
    last: dt.date | None
    next: dt.date | None
    overdue: bool


def parts_of(rule: str) -> dict[str, str]:
    """The parts of an RRULE (RFC 5545, section 3.3.10) by name. Raises BadRule."""
    text = rule.strip().upper().removeprefix("RRULE:")
    if len(text) > MAX_RULE:
        raise BadRule("it is too long")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        if not _PART.fullmatch(part):
            raise BadRule(f'"{part}" is not NAME=VALUE')
        name, _, value = part.partition("=")
        if name not in _KNOWN:
            raise BadRule(f"{name} is not known")
        parts[name] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise BadRule("it needs FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not 1 <= int(parts[name] if parts[name].isdigit() else 0) <= 1000:
            raise BadRule(f"{name} must be from 1 to 1000")
    return parts


def occurrences(rule: str, start: dt.date) -> rrule:
    """All days on which a rule falls, from `start` on. Raises BadRule."""
    parts = parts_of(rule)
    if "UNTIL" in parts:
        parts["UNTIL"] = parts["UNTIL"][:8]
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        found = rrulestr(text, dtstart=dt.datetime.combine(start, dt.time()))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise BadRule(str(error) or "it is not an RRULE") from error
    if isinstance(found, rruleset):
        raise BadRule("it must be one rule")
    return found


def first_after(rule: str, start: dt.date, after: dt.date, *, including: bool = False) -> dt.date | None:
    """The first day of a rule after a day, or None if there is none. Raises BadRule."""
    dates = occurrences(rule, start)
    moment = dt.datetime.combine(after, dt.time())
    for found in islice(dates.xafter(moment, inc=including), 1):
        return found.date()
    return None


def last_done(schedule: Schedule, catalog: Catalog) -> dt.date | None:
    """When a check was last done: its newest log entry, or the newest run of its test."""
    days = [entry.date for entry in catalog.sources(schedule, LogEntry, "schedule")]
    test = catalog.get(Test, schedule.test)
    if test is not None:
        days.extend(run.date for run in catalog.sources(test, TestRun, "test") if run.result != "blocked")
    return max(days, default=None)


def state_of(schedule: Schedule, catalog: Catalog, today: dt.date) -> State:
    """A schedule as it stands today. It is next due on its first day after it was last done; overdue once that is past.

    A schedule that was never done is due on its first day; one without `start` counts from today.
    """
    last = last_done(schedule, catalog)
    if schedule.rule is None:
        return State("", last, None, False)
    try:
        start = schedule.start or (last or today)
        due = first_after(schedule.rule, start, last) if last else first_after(schedule.rule, start, start, including=True)
        words = in_words(schedule.rule)
    except BadRule:
        return State(schedule.rule, last, None, False)
    return State(words, last, due, due is not None and due < today and schedule.status == "active")


def in_words(rule: str) -> str:
    """A rule as people say it: `Every month on the first Monday`. Raises BadRule."""
    parts = parts_of(rule)
    unit = _FREQUENCIES[parts["FREQ"]]
    interval = int(parts.get("INTERVAL", "1"))
    text = f"Every {unit}" if interval == 1 else f"Every {interval} {unit}s"
    if months := [_MONTHS[int(name) - 1] for name in parts.get("BYMONTH", "").split(",") if name.isdigit() and 1 <= int(name) <= 12]:
        text += " in " + _and(months)
    if days := [name for name in parts.get("BYDAY", "").split(",") if name]:
        text += " on " + _and([_day(name, parts.get("BYSETPOS")) for name in days])
    elif days := [name for name in parts.get("BYMONTHDAY", "").split(",") if name]:
        text += " on " + _and(["the last day" if name == "-1" else f"day {name}" for name in days])
    return text


def _day(name: str, position: str | None) -> str:
    match = re.fullmatch(r"([+-]?\d+)?([A-Z]{2})", name)
    if not match:
        return name
    number = match.group(1) or position
    day = _DAYS.get(match.group(2), match.group(2))
    if not number:
        return day
    return f"the {_ORDINALS.get(int(number), number)} {day}" if number.lstrip("+-").isdigit() else day


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
