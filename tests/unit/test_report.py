"""Problems to words."""

from __future__ import annotations

import json

import pytest

from kb_builder import report
from kb_builder.problem import Location, Problem, Severity


def problem(
    message: str = "no such thing",
    hint: str | None = None,
    path: str = "engagements/acme/client.yaml",
    severity: Severity = Severity.ERROR,
    code: str = "KB201",
) -> Problem:
    return Problem(code, severity, Location(path, 7, 11), message, hint, ("client", "acme"))


def test_text_has_place_severity_code_message_and_hint_below() -> None:
    text = report.as_text([problem('owner: no person "ana"', "did you mean anna?")])
    assert text == (
        'engagements/acme/client.yaml:7:11: error KB201 owner: no person "ana"\n  hint: did you mean anna?'
    )


def test_text_without_hint_has_no_empty_line() -> None:
    assert "\n" not in report.as_text([problem()])


def test_nothing_is_said_of_nothing_but_in_the_summary() -> None:
    assert report.as_text([]) == report.as_github([]) == ""
    assert report.summary([]) == "no problems"


def test_problems_stand_below_each_other() -> None:
    for make in (report.as_text, report.as_github):
        assert make([problem("a"), problem("b")]).split("\n") == [make([problem("a")]), make([problem("b")])]


@pytest.mark.parametrize(
    ("errors", "warnings", "clients", "expected"),
    [
        (1, 0, 1, "1 error in 1 client"),
        (3, 12, 2, "3 errors, 12 warnings in 2 clients"),
        (0, 1, 1, "1 warning in 1 client"),
        (0, 1200, 3, "1,200 warnings in 3 clients"),
    ],
)
def test_summary_counts_by_severity_and_client(
    errors: int, warnings: int, clients: int, expected: str
) -> None:
    sorts = [Severity.ERROR] * errors + [Severity.WARNING] * warnings
    problems = [
        problem(severity=sort, path=f"engagements/c{number % clients}/x.yaml")
        for number, sort in enumerate(sorts)
    ]
    assert report.summary(problems) == expected


def test_summary_of_a_problem_outside_any_client() -> None:
    assert report.summary([problem(path="mkdocs.yml")]) == "1 error"


@pytest.mark.parametrize("nasty", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u202eb", "a\u2028b", "a\udcffb"])
def test_text_stays_on_its_line_and_leaves_the_terminal_alone(nasty: str) -> None:
    text = report.as_text([problem(nasty, nasty, path=f"engagements/acme/{nasty}.yaml")])
    assert len(text.splitlines()) == 2
    assert all(char.isprintable() for line in text.splitlines() for char in line)
    text.encode("utf-8")


def test_json_has_exactly_the_eight_keys() -> None:
    rows = json.loads(report.as_json([problem("mess\nage 🙂", None)]))
    assert rows == [
        {
            "code": "KB201",
            "severity": "error",
            "path": "engagements/acme/client.yaml",
            "line": 7,
            "column": 11,
            "message": "mess\nage 🙂",
            "hint": None,
            "record": "client/acme",
        }
    ]


def test_json_of_nothing_is_an_empty_list() -> None:
    assert json.loads(report.as_json([])) == []


def test_github_annotation() -> None:
    text = report.as_github([problem("no such thing", severity=Severity.WARNING)])
    assert text == "::warning file=engagements/acme/client.yaml,line=7,col=11,title=KB201::no such thing"


def test_github_escapes_what_ends_a_command_or_a_property() -> None:
    text = report.as_github([problem("100 %: a, b\r\n::error::x", "mend", path="a,b:c%.yaml")])
    assert text == (
        "::error file=a%2Cb%3Ac%25.yaml,line=7,col=11,title=KB201::100 %25: a, b%0D%0A::error::x%0Ahint: mend"
    )


def test_formats_are_those_of_the_command() -> None:
    assert list(report.FORMATS) == ["text", "json", "github"]
    assert all(isinstance(make([problem()]), str) for make in report.FORMATS.values())
