"""What is due."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kb_builder.catalog import index
from kb_builder.insight.due import due
from kb_builder.records import KINDS

TODAY = dt.date(2026, 11, 23)
CLASSES = {kind.kind: kind for kind in KINDS}
Given = dict[str, Any]


def found(*records: Given) -> list[tuple[str, str, str, bool]]:
    """Date, id, words and overdue of what is due; each record is its fields and its `kind`."""
    made = [
        CLASSES[fields["kind"]].model_validate(
            {"id": f"r{number}", "title": f"R{number}", **{k: v for k, v in fields.items() if k != "kind"}}
        )
        for number, fields in enumerate(records)
    ]
    return [
        (each.date.isoformat(), each.record.id, each.what, each.overdue)
        for each in due(index("acme", made, {}), TODAY)
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "schedule", "rule": "FREQ=MONTHLY;BYDAY=1MO", "start": "2026-12-01"}, ("2026-12-07", "scheduled check")),
        ({"kind": "subscription", "renews": "2027-01-10"}, ("2027-01-10", "to be renewed")),
        ({"kind": "subscription", "renews": "2027-01-10", "auto_renews": "true"}, ("2027-01-10", "renews by itself")),
        ({"kind": "system", "support_until": "2027-01-12"}, ("2027-01-12", "maker's support ends")),
        ({"kind": "system", "warranty_until": "2027-01-12"}, ("2027-01-12", "warranty ends")),
        ({"kind": "asset", "warranty_until": "2027-01-12"}, ("2027-01-12", "warranty ends")),
        ({"kind": "guide", "reviewed": "2026-01-12", "review_every": "12 months"}, ("2027-01-12", "guide to be reviewed")),
        ({"kind": "test", "created": "2026-08-12", "every": "6 months"}, ("2027-02-12", "test to be run")),
        (
            {"kind": "recommendation", "decision": {"outcome": "deferred", "until": "2027-02-01"}},
            ("2027-02-01", "deferred decision to be looked at again"),
        ),
        ({"kind": "advisory", "act_by": "2027-02-01"}, ("2027-02-01", "act by this day")),
        ({"kind": "project", "end": "2027-02-01"}, ("2027-02-01", "project to be finished")),
        (
            {"kind": "project", "tasks": [{"id": "t", "title": "Move", "end": "2027-02-01"}]},
            ("2027-02-01", "task to be finished: Move"),
        ),
        ({"kind": "change", "date": "2027-02-01", "status": "planned"}, ("2027-02-01", "change to be made")),
        ({"kind": "objective", "by": "2027-02-01"}, ("2027-02-01", "objective to be reached")),
    ],
)  # fmt: skip
def test_what_can_be_due(fields: Given, expected: tuple[str, str]) -> None:
    assert found(fields) == [(expected[0], "r0", expected[1], False)]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "schedule", "rule": "FREQ=DAILY", "status": "paused"},
        {"kind": "schedule", "rule": "no rule"},
        {"kind": "subscription", "renews": "2027-01-10", "status": "cancelled"},
        {"kind": "subscription", "renews": "2026-01-10", "status": "expired"},
        {"kind": "system", "support_until": "2027-01-12", "status": "retired"},
        {"kind": "system", "warranty_until": "2020-01-12"},
        {"kind": "asset", "warranty_until": "2027-01-12", "status": "disposed"},
        {"kind": "guide", "reviewed": "2026-01-12", "review_every": "12 months", "status": "retired"},
        {"kind": "guide", "review_every": "12 months"},
        {"kind": "test", "created": "2026-08-12", "every": "6 months", "status": "retired"},
        {"kind": "recommendation", "decision": {"outcome": "accepted", "until": "2027-02-01"}},
        {"kind": "recommendation", "status": "withdrawn", "decision": {"outcome": "deferred", "until": "2027-02-01"}},
        {"kind": "advisory", "act_by": "2027-02-01", "status": "done"},
        {"kind": "project", "end": "2027-02-01", "status": "done"},
        {"kind": "project", "status": "on-hold", "tasks": [{"id": "t", "title": "Move", "end": "2027-02-01"}]},
        {"kind": "project", "tasks": [{"id": "t", "title": "Move", "end": "2027-02-01", "status": "done"}]},
        {"kind": "change", "date": "2026-02-01"},
        {"kind": "objective", "by": "2027-02-01", "status": "met"},
        {"kind": "system", "support_until": "2030-01-12"},
    ],
)  # fmt: skip
def test_what_is_not_due(fields: Given) -> None:
    assert found(fields) == []


def test_what_is_past_is_overdue_and_comes_first() -> None:
    assert found(
        {"kind": "objective", "by": "2026-11-24"},
        {"kind": "subscription", "renews": "2026-11-22"},
        {"kind": "objective", "by": "2026-11-23"},
    ) == [
        ("2026-11-22", "r1", "to be renewed", True),
        ("2026-11-23", "r2", "objective to be reached", False),
        ("2026-11-24", "r0", "objective to be reached", False),
    ]


def test_the_last_day_to_cancel() -> None:
    line = {"kind": "subscription", "renews": "2027-03-31", "notice": "1 month"}
    assert ("2027-02-28", "r0", "last day to cancel", False) in found(line)
    assert len(found({**line, "renews": "2026-12-01"})) == 1


def test_a_test_that_is_scheduled_is_listed_once() -> None:
    days = found(
        {"kind": "test", "created": "2026-08-12", "every": "6 months"},
        {"kind": "schedule", "rule": "FREQ=MONTHLY;BYDAY=1MO", "start": "2026-12-01", "test": "r0"},
    )
    assert [(day, name) for day, name, _, _ in days] == [("2026-12-07", "r1")]


def test_training_to_be_taken_again() -> None:
    people = [
        {"kind": "person", "id": "ann", "title": "Ann Lee"},
        {"kind": "person", "id": "bob", "title": "Bob Ray", "status": "left"},
    ]
    taken = [
        ("ann", "2025-11-01", "true"),
        ("ann", "2026-01-01", "true"),
        ("ann", "2026-06-01", "false"),
        ("bob", "2026-01-01", "true"),
    ]
    records = [
        {"kind": "training_record", "person": who, "training": "safe", "date": day, "passed": passed}
        for who, day, passed in taken
    ]
    module = {"kind": "training", "id": "safe", "repeat_every": "1 year"}
    assert found(module, *people, *records) == [("2027-01-01", "safe", "Ann Lee to take it again", False)]
