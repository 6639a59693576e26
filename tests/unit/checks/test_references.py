"""What references are said to have meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kb_builder import checks
from kb_builder.problem import Problem
from kb_builder.read import read
from kb_builder.workspace import Workspace

TODAY = dt.date(2026, 11, 23)


def check(tmp_path: Path, files: dict[str, str], code: str) -> list[Problem]:
    """The problems of one code in a client with these files."""
    folder = tmp_path / "engagements" / "acme"
    for name, text in {"client.yaml": "title: Acme\n", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    reading = read(Workspace(tmp_path), "acme")
    return [problem for problem in checks.run(reading.catalog(), TODAY) if problem.code == code]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("safe-acess", 'did you mean "safe-access"?'),
        ("Safe Access", 'did you mean "safe-access"?'),
        ("objective/safe-acces", 'did you mean "safe-access"?'),
        ("login", 'it was renamed: write "safe-access"'),
        ("zzz", "there are: safe-access"),
    ],
)
def test_hints(tmp_path: Path, written: str, hint: str) -> None:
    files = {
        "discovery/objectives/safe-access.yaml": "title: Safe access\nformerly: [login]\n",
        "analysis/gaps/gap.yaml": f"title: Gap\nobjectives: [{written}]\n",
    }
    (problem,) = check(tmp_path, files, "KB201")
    assert problem.hint == hint
    assert problem.record == ("gap", "gap")


def test_a_kind_without_records(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, {"analysis/gaps/gap.yaml": "title: Gap\nobjectives: [a]\n"}, "KB201")
    assert problem.hint == "there is no objective yet; kb add makes one"


def test_many_records_are_not_all_listed(tmp_path: Path) -> None:
    systems = "".join(f"- {{id: s{number}, title: S}}\n" for number in range(50))
    files = {
        "discovery/systems.yaml": systems,
        "analysis/gaps/gap.yaml": "title: Gap\nsystems: [something-else]\n",
    }
    (problem,) = check(tmp_path, files, "KB201")
    assert problem.hint == "kb add makes a system, if it is missing"


def test_an_import_of_broken_references_is_told_of_all_of_them(tmp_path: Path) -> None:
    systems = "".join(
        f"- {{id: system-number-{number}, title: S, depends_on: [sistem-numbr-{number}]}}\n"
        for number in range(1000)
    )
    assert len(check(tmp_path, {"discovery/systems.yaml": systems}, "KB201")) == 1000


def test_a_reference_in_a_list_file_is_found_at_its_place(tmp_path: Path) -> None:
    files = {"discovery/systems.yaml": "- id: a\n  title: A\n- id: b\n  title: B\n  depends_on:\n    - c\n"}
    (problem,) = check(tmp_path, files, "KB201")
    assert (problem.location.line, problem.location.column) == (6, 7)
    assert problem.message == 'depends_on: no system "c"'


def test_problems_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = {
        "discovery/systems/b.yaml": "title: B\nowner: x\n",
        "discovery/systems/a.yaml": "title: A\nowner: x\nvendor: y\n",
    }
    folder = tmp_path / "engagements" / "acme"
    check(tmp_path, files, "KB201")
    found = checks.run(read(Workspace(folder.parent.parent), "acme").catalog(), TODAY)
    assert [problem.location for problem in found] == sorted(problem.location for problem in found)
