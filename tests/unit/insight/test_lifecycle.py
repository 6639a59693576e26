"""Where a system is in its life."""

from __future__ import annotations

import datetime as dt

import pytest

from kb_builder.insight.lifecycle import state_of
from kb_builder.records.discovery import System


@pytest.mark.parametrize(
    ("until", "status", "state"),
    [
        (None, "live", "unknown"),
        ("2026-11-22", "live", "ended"),
        ("2026-11-23", "live", "soon"),
        ("2027-05-22", "live", "soon"),
        ("2027-05-23", "live", "supported"),
        ("2020-01-01", "retiring", "ended"),
        ("2020-01-01", "retired", "unknown"),
    ],
)
def test_support(until: str | None, status: str, state: str) -> None:
    system = System.model_validate({"id": "s", "title": "S", "support_until": until, "status": status})
    assert state_of(system, dt.date(2026, 11, 23)) == state
