"""Every code has a folder of examples: `bad` gives the problems of its expected.txt, `good` gives none of that code.

A folder is one client's. A line of expected.txt is `path:line:column: severity CODE message`.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from kb_builder import checks, pipeline
from kb_builder.codes import CODES
from kb_builder.problem import Problem, Severity
from kb_builder.workspace import Workspace

EXAMPLES = Path(__file__).parent.parent / "examples"
TODAY = dt.date(2026, 11, 23)
MADE_IN_TESTS = frozenset({"KB002", "KB003", "KB004", "KB005", "KB011", "KB015", "KB205", "KB312", "KB313"})
"""Codes whose files git or an editor would not keep; test_reading_hostile.py and test_gate.py make them."""
DOCUMENTED = {each.code: each.severity for each in CODES} | {
    each.CODE: each.SEVERITY for each in checks.CHECKS
}
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def problems_in(folder: Path, tmp_path: Path) -> list[Problem]:
    """What reading and checking say of the client in `folder`."""
    shutil.copytree(folder, tmp_path / "engagements" / "acme")
    return list(pipeline.check(Workspace(tmp_path), "acme", TODAY).problems)


def line(problem: Problem) -> str:
    place = problem.location
    path = place.path.removeprefix("engagements/acme/")
    return f"{path}:{place.line}:{place.column}: {problem.severity} {problem.code} {problem.message}"


@pytest.mark.parametrize("code", FOLDERS)
def test_bad_gives_the_expected_problems(code: str, tmp_path: Path) -> None:
    found = [problem for problem in problems_in(EXAMPLES / code / "bad", tmp_path) if problem.code == code]
    expected = (EXAMPLES / code / "bad" / "expected.txt").read_text().splitlines()
    assert [line(problem) for problem in found] == expected
    assert expected
    assert all(problem.severity is DOCUMENTED[code] for problem in found)


@pytest.mark.parametrize("code", FOLDERS)
def test_bad_says_how_to_mend_it(code: str, tmp_path: Path) -> None:
    for problem in problems_in(EXAMPLES / code / "bad", tmp_path):
        if problem.code == code and code in {each.CODE for each in checks.CHECKS}:
            assert problem.hint, line(problem)
            assert problem.record is not None, line(problem)


@pytest.mark.parametrize("code", FOLDERS)
def test_good_gives_none_of_them_and_no_error(code: str, tmp_path: Path) -> None:
    found = problems_in(EXAMPLES / code / "good", tmp_path)
    bad = [problem for problem in found if problem.code == code or problem.severity is Severity.ERROR]
    assert [line(problem) for problem in bad] == []


def test_every_code_has_examples() -> None:
    assert set(FOLDERS) == set(DOCUMENTED) - MADE_IN_TESTS
