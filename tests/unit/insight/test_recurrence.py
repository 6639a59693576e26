"""Rules for what comes round again."""

from __future__ import annotations

import datetime as dt

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.steps import calls

from kb_builder.insight.recurrence import BadRule, first_after, in_words, parse

START = dt.date(2026, 1, 5)
TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", "2026-11-24"),
        ("FREQ=WEEKLY", "2026-11-30"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "2026-11-26"),
        ("FREQ=MONTHLY", "2026-12-05"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-12-07"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2026-11-27"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-11-30"),
        ("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1", "2027-04-01"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29"),
        ("RRULE:freq=daily;", "2026-11-24"),
        ("FREQ=DAILY;COUNT=3", None),
        ("FREQ=DAILY;UNTIL=20261123", None),
        ("FREQ=DAILY;UNTIL=20261124T235959Z", "2026-11-24"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", None),
    ],
)
def test_the_first_day_after_today(rule: str, expected: str | None) -> None:
    found = first_after(parse(rule), START, TODAY)
    assert found == (dt.date.fromisoformat(expected) if expected else None)


def test_the_day_itself_counts_if_asked_for() -> None:
    rule = parse("FREQ=WEEKLY")
    assert first_after(rule, START, START, including=True) == START
    assert first_after(rule, START, START) == dt.date(2026, 1, 12)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "not made of parts"),
        ("every Monday", "not made of parts"),
        ("BYDAY=MO", "needs FREQ"),
        ("FREQ=FORTNIGHTLY", "needs FREQ"),
        ("FREQ=HOURLY", "too often"),
        ("FREQ=SECONDLY;COUNT=1", "too often"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not read here"),
        ("FREQ=DAILY;FREQ=WEEKLY", "written twice"),
        ("FREQ=DAILY;INTERVAL=0", "from 1 to 1000"),
        ("FREQ=DAILY;INTERVAL=-1", "from 1 to 1000"),
        ("FREQ=DAILY;COUNT=999999999", "from 1 to 1000"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "cannot stand together"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL must be a date"),
        ("FREQ=DAILY;UNTIL=2026", "UNTIL must be a date"),
        ("FREQ=WEEKLY;BYDAY=1MO", "needs FREQ=MONTHLY or YEARLY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "not a day"),
        ("FREQ=MONTHLY;BYDAY=99MO", "not a day"),
        ("FREQ=MONTHLY;BYDAY=XX", "not a day"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "from 1 to 31"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,", "from 1 to 31"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "cannot stand with FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYMONTH=-1", "from 1 to 12"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "needs FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "needs FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "needs BYDAY"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2", "further than there are days"),
        ("FREQ=DAILY;WKST=XX", "WKST must be a day"),
        ("FREQ=DAILY;BYDAY=" + ",".join(["MO"] * 100), "longer than 200"),
    ],
)
def test_what_is_no_rule(rule: str, why: str) -> None:
    with pytest.raises(BadRule, match=why):
        parse(rule)


def test_a_start_long_ago_is_refused() -> None:
    with pytest.raises(BadRule, match="before 1900"):
        first_after(parse("FREQ=DAILY"), dt.date(1, 1, 1), TODAY)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1000",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=9",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    ],
)
def test_rules_that_no_day_fits_are_given_up_soon(rule: str) -> None:
    found: list[dt.date | None] = []
    assert calls(lambda: found.append(first_after(parse(rule), START, TODAY))) < 2_000_000
    assert found == [None]


PARTS = st.tuples(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.one_of(st.just(""), st.integers(1, 9).map(";INTERVAL={}".format)),
    st.one_of(
        st.just(""),
        st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1).map(
            lambda days: ";BYDAY=" + ",".join(sorted(days))
        ),
    ),
    st.one_of(st.just(""), st.integers(1, 12).map(";BYMONTH={}".format)),
    st.sampled_from(["", ";BYMONTHDAY=1", ";BYMONTHDAY=-1", ";BYMONTHDAY=15,31"]),
    st.sampled_from(["", ";COUNT=1", ";COUNT=20", ";UNTIL=20270615"]),
    st.sampled_from(["", ";WKST=SU"]),
)


@settings(max_examples=200)
@given(
    PARTS,
    st.dates(dt.date(2015, 1, 1), dt.date(2026, 1, 1)),
    st.dates(dt.date(2020, 1, 1), dt.date(2027, 1, 1)),
)
def test_days_are_those_of_the_standard(parts: tuple[str, ...], start: dt.date, after: dt.date) -> None:
    """Short cuts must not change a day; dateutil counts everything out from the start."""
    text = "FREQ=" + "".join(parts)
    assume(not ("WEEKLY" in text and "BYMONTHDAY" in text))
    bounded = dt.datetime(2036, 1, 1)
    plain = rrulestr(text, dtstart=dt.datetime.combine(start, dt.time()))
    plain = plain if "COUNT" in text or "UNTIL" in text else plain.replace(until=bounded)
    expected = next((day.date() for day in plain if day.date() > after), None)
    found = first_after(parse(text), start, after)
    assert found == expected or (expected is None and found is not None and found.year >= 2036)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "Every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "Every 2 weeks on Monday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every week on working days"),
        ("FREQ=MONTHLY;BYDAY=1MO", "Every month on the first Monday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Every month on the last Friday"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", "Every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "Every month on the last working day"),
        ("FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1", "Every month on the first Saturday or Sunday"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,-1", "Every month on day 15 and the last day"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "Every month on Friday that is day 13"),
        ("FREQ=MONTHLY;INTERVAL=3", "Every 3 months"),
        ("FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=1", "Every year on 1 April and 1 October"),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=1MO", "Every year in March on the first Monday"),
        ("FREQ=YEARLY;BYDAY=22MO", "Every year on the 22nd Monday"),
        ("FREQ=YEARLY;BYDAY=-11MO", "Every year on the 11th last Monday"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "Every year in week 20 on Monday"),
        ("FREQ=YEARLY;BYYEARDAY=100", "Every year on day 100 of the year"),
        ("FREQ=DAILY;COUNT=1", "Every day, once"),
        ("FREQ=DAILY;COUNT=10", "Every day, 10 times"),
        ("FREQ=DAILY;UNTIL=20261231", "Every day until 31\u00a0Dec\u00a02026"),
    ],
)
def test_rules_in_words(rule: str, words: str) -> None:
    assert in_words(parse(rule)) == words
