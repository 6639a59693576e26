"""Days and lengths of time."""

from __future__ import annotations

import datetime as dt

import pytest

from kb_builder.insight.dates import add, subtract

DAY = dt.date(2024, 1, 31)


@pytest.mark.parametrize(
    ("period", "after", "before"),
    [
        ("1 day", dt.date(2024, 2, 1), dt.date(2024, 1, 30)),
        ("2 weeks", dt.date(2024, 2, 14), dt.date(2024, 1, 17)),
        ("1 month", dt.date(2024, 2, 29), dt.date(2023, 12, 31)),
        ("12 months", dt.date(2025, 1, 31), dt.date(2023, 1, 31)),
        ("1 year", dt.date(2025, 1, 31), dt.date(2023, 1, 31)),
        ("4 hours", DAY, DAY),
        ("48 hours", dt.date(2024, 2, 2), dt.date(2024, 1, 29)),
        ("9999 years", dt.date.max, dt.date.min),
    ],
)
def test_a_period_after_and_before_a_day(period: str, after: dt.date, before: dt.date) -> None:
    assert add(DAY, period) == after
    assert subtract(DAY, period) == before


def test_a_leap_day_comes_round_on_the_last_of_february() -> None:
    assert add(dt.date(2024, 2, 29), "1 year") == dt.date(2025, 2, 28)


@pytest.mark.parametrize("text", ["", "soon", "12", "12 moons", "-1 day", "1.5 days", "² days"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        add(DAY, text)
    with pytest.raises(ValueError, match="not a period"):
        subtract(DAY, text)
