"""What changed, grouped as a client would ask."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kb_builder.catalog import Catalog, index
from kb_builder.edition import edition
from kb_builder.insight.news import News, news
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record

BY_NAME = {kind.kind: kind for kind in KINDS}
SINCE, UNTIL = dt.date(2026, 6, 26), dt.date(2026, 11, 20)


def make(kind: str, name: str, **fields: Any) -> Record:
    return BY_NAME[kind].model_validate({"id": name, "title": name.capitalize(), **fields})


def of(*records: Record) -> Catalog:
    return index("acme", records, {})


def told(before: list[Record], after: list[Record]) -> dict[str, list[tuple[str, str, str, str]]]:
    """The groups, each with its items: title, what became of it, tone, words."""
    return lines(news(of(*before), of(*after), SINCE, UNTIL))


def lines(found: News) -> dict[str, list[tuple[str, str, str, str]]]:
    return {
        group.name: [
            (each.record.title, each.what, each.tone, each.words.replace("\u00a0", " "))
            for each in group.items
        ]
        for group in found.groups
    }


def test_nothing_changed_is_no_news() -> None:
    same = [make("system", "erp"), make("test", "restore"), make("risk", "fire")]
    assert told(same, same) == {}


def test_the_first_release_tells_what_it_holds_and_no_more() -> None:
    found = news(None, of(make("system", "a"), make("system", "b"), make("guide", "g")), None, UNTIL)
    assert found.first
    assert found.groups == ()
    assert [(kind.kind, number) for kind, number in found.holds] == [("system", 2), ("guide", 1)]


def test_systems_come_go_and_end() -> None:
    before = [
        make("system", "fax"),
        make("system", "old"),
        make("system", "vpn", status="planned"),
        make("system", "erp", version="1"),
        make("system", "db", internal_notes="x"),
    ]
    after = [
        make("system", "erp", version="2", tags=["a"]),
        make("system", "old", status="retired", replaced_by="erp"),
        make("system", "vpn"),
        make("system", "web", summary="The shop."),
        make("system", "db", internal_notes="y"),
    ]
    assert told(before, after)["systems"] == [
        ("Vpn", "in use", "good", ""),
        ("Web", "new", "plain", "The shop."),
        ("Fax", "no longer listed", "plain", ""),
        ("Old", "retired", "plain", "Erp in its place"),
        ("Erp", "changed", "plain", "Tags with a, Version 1 to 2"),
    ]


def test_a_system_that_was_equipment_is_new() -> None:
    found = told([make("asset", "till")], [make("system", "till", formerly=["asset/till"])])
    assert found["systems"] == [("Till", "new", "plain", "was listed under equipment")]


def test_risks_are_opened_raised_lowered_and_closed() -> None:
    def risk(name: str, score: int, **fields: Any) -> Record:
        return make("risk", name, likelihood=score, impact=3, **fields)

    before = [
        risk("up", 2),
        risk("down", 4),
        risk("shut", 3),
        risk("back", 1, status="closed"),
        risk("same", 1),
    ]
    after = [
        risk("up", 4),
        risk("down", 1),
        risk("shut", 3, status="closed"),
        risk("back", 1),
        risk("same", 1, description="More is said."),
        risk("fresh", 5),
    ]
    assert told(before, after)["risks"] == [
        ("Fresh", "opened", "bad", "score 15"),
        ("Back", "opened again", "bad", ""),
        ("Up", "raised", "bad", "score 6 to 12"),
        ("Shut", "closed", "good", ""),
        ("Down", "lowered", "good", "score 12 to 3"),
    ]


def test_gaps_are_found_closed_and_weighed_anew() -> None:
    before = [make("gap", "a", severity="low"), make("gap", "b"), make("gap", "c", severity="critical")]
    after = [
        make("gap", "a", severity="high"),
        make("gap", "b", status="closed"),
        make("gap", "c", severity="medium"),
        make("gap", "d", severity="high"),
    ]
    assert [line[:2] for line in told(before, after)["gaps"]] == [
        ("D", "found"),
        ("A", "raised"),
        ("B", "closed"),
        ("C", "lowered"),
    ]


def test_decisions_say_who_decided_and_when() -> None:
    person = make("person", "jo", title="Jo Bell")
    decision = {"outcome": "accepted", "by": "jo", "date": "2026-09-01", "option": "Rent it"}
    before = [
        person,
        make("recommendation", "r"),
        make("recommendation", "s", decision={"outcome": "deferred"}),
    ]
    after = [
        person,
        make("recommendation", "r", decision=decision),
        make("recommendation", "s", decision={"outcome": "deferred", "why": "No money."}),
        make("recommendation", "t"),
    ]
    found = told(before, after)
    assert found["decisions"] == [("R", "accepted", "good", "“Rent it” by Jo Bell on 1 Sep 2026")]
    assert found["advice"] == [("T", "new", "plain", "")]


def test_a_decider_whom_readers_may_not_see_is_not_named() -> None:
    person = make("person", "jo", title="Jo Bell", audience="consultant")
    catalogs = [
        edition(of(person, make("recommendation", "r", decision=decision)), Audience.MANAGEMENT)
        for decision in (None, {"outcome": "accepted", "by": "jo"})
    ]
    assert lines(news(*catalogs, SINCE, UNTIL))["decisions"] == [("R", "accepted", "good", "")]


def test_projects_move() -> None:
    tasks = [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]
    done = [{**tasks[0], "status": "done"}, tasks[1]]
    before = [
        make("project", "late", end="2026-09-01"),
        make("project", "ready", status="in-progress"),
        make("project", "slow", tasks=tasks),
        make("project", "still", summary="x"),
    ]
    after = [
        make("project", "late", end="2026-12-01"),
        make("project", "ready", status="done"),
        make("project", "slow", tasks=done),
        make("project", "still", summary="y"),
    ]
    assert told(before, after)["projects"] == [
        ("Late", "later", "warn", "to end 1 Dec 2026, not 1 Sep 2026"),
        ("Ready", "done", "good", ""),
        ("Slow", "went on", "plain", "1 of 2 tasks done"),
    ]


def run(day: str, result: str, test: str = "t", **fields: Any) -> Record:
    return make("test_run", f"{test}-{day}", test=test, date=day, result=result, **fields)


@pytest.mark.parametrize(
    ("before", "after", "group", "what"),
    [
        ([], [("2026-07-01", "pass")], "passing", "new"),
        ([], [("2026-07-01", "fail")], "failing", "new"),
        ([("2026-01-01", "fail")], [("2026-07-01", "pass")], "passing", "fixed"),
        ([("2026-01-01", "pass")], [("2026-07-01", "fail")], "failing", "regressed"),
        ([("2026-01-01", "fail")], [("2026-07-01", "fail")], "rerun", "still open"),
        ([("2026-01-01", "pass")], [("2026-07-01", "pass")], "rerun", "still passes"),
        ([("2026-01-01", "pass")], [("2026-07-01", "blocked")], "rerun", "not finished"),
        ([("2026-01-01", "fail"), ("2026-02-01", "blocked")], [("2026-07-01", "pass")], "passing", "fixed"),
        ([("2026-01-01", "fail")], [("2026-07-01", "pass"), ("2026-08-01", "fail")], "rerun", "still open"),
    ],
)
def test_reruns(before: list[tuple[str, str]], after: list[tuple[str, str]], group: str, what: str) -> None:
    old = [make("test", "t"), *(run(*each) for each in before)]
    found = told(old, [*old, *(run(*each) for each in after)])
    assert {name: [line[1] for line in lines_] for name, lines_ in found.items()} == {group: [what]}


def test_a_result_that_was_corrected_counts() -> None:
    test = make("test", "t")
    found = told([test, run("2026-01-01", "fail")], [test, run("2026-01-01", "pass")])
    assert [line[1] for line in found["passing"]] == ["fixed"]


def test_a_test_that_was_renamed_keeps_its_results() -> None:
    before = [make("test", "t"), run("2026-01-01", "fail")]
    after = [make("test", "u", formerly=["t"]), run("2026-07-01", "pass", "u")]
    assert [line[1] for line in told(before, after)["passing"]] == ["fixed"]


def test_nothing_is_said_of_a_test_whose_runs_are_hidden() -> None:
    test = make("test", "t", audience="staff")
    hidden = [test, run("2026-07-01", "fail")]
    shown = [*hidden, run("2026-08-01", "pass", audience="staff")]
    for before, after in (([test], hidden), ([test], shown), (hidden, shown), (shown, [test])):
        catalogs = [edition(of(*records), Audience.STAFF) for records in (before, after)]
        found = lines(news(*catalogs, SINCE, UNTIL))
        assert not found.keys() & {"passing", "failing", "rerun", "due"}


def test_guides_are_to_be_read_again_when_their_text_changed() -> None:
    before = [
        make("guide", "text", body="Old."),
        make("guide", "owner", tags=["a"]),
        make("guide", "draft", status="draft"),
        make("guide", "sure", reviewed="2026-01-01"),
        make("training", "safety"),
        make("guide", "gone"),
    ]
    after = [
        make("guide", "text", body="New."),
        make("guide", "owner", tags=["b"]),
        make("guide", "draft"),
        make("guide", "sure", reviewed="2026-10-01"),
        make("training", "safety", version="2"),
        make("manual", "plan"),
    ]
    assert [line[:3] for line in told(before, after)["reading"]] == [
        ("Text", "read again", "warn"),
        ("Safety", "take again", "warn"),
        ("Draft", "new", "good"),
        ("Plan", "new", "good"),
        ("Gone", "no longer listed", "plain"),
    ]


def test_what_was_done_and_what_became_due() -> None:
    due = make("subscription", "line", renews="2026-10-01")
    before = [
        due,
        make("subscription", "long-due", renews="2026-05-01"),
        make("log_entry", "a", date="2026-06-01"),
    ]
    after = [
        *before,
        make("log_entry", "b", date="2026-07-01", type="check", result="ok", summary="All well."),
        make("log_entry", "c", date="2026-08-01"),
        make("subscription", "later", renews="2027-10-01"),
    ]
    found = told(before, after)
    assert found["maintenance"] == [("C", "done", "plain", ""), ("B", "ok", "good", "check: All well.")]
    assert found["due"] == [("Line", "due", "warn", "to be renewed")]


def test_known_issues_come_and_are_fixed() -> None:
    found = told(
        [make("known_issue", "a")],
        [make("known_issue", "a", status="fixed"), make("known_issue", "b", symptom="It beeps.")],
    )
    assert found["issues"] == [("B", "new", "bad", "It beeps."), ("A", "fixed", "good", "")]


def test_a_change_that_staff_may_not_see_is_no_news_for_them() -> None:
    before = [make("system", "erp"), make("system", "spy", audience="consultant"), make("risk", "fire")]
    after = [
        make("system", "erp", internal_notes="Weak.", network=[{"address": "10.0.0.1"}], depends_on=["spy"]),
        make("system", "spy", audience="consultant", status="retired"),
        make("risk", "fire", status="closed"),
        make("log_entry", "x", date="2026-09-01", audience="consultant"),
        make("subscription", "s", renews="2026-10-01", audience="management"),
    ]
    staff = [edition(of(*records), Audience.STAFF) for records in (before, after)]
    assert lines(news(*staff, SINCE, UNTIL)) == {}
    management = [edition(of(*records), Audience.MANAGEMENT) for records in (before, after)]
    assert set(lines(news(*management, SINCE, UNTIL))) == {"systems", "risks", "due"}
