"""Every code is documented, in one form, and none is documented that is not given."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

import kb_builder
from kb_builder import checks
from kb_builder.codes import CODES
from kb_builder.problem import Severity

PACKAGE = Path(kb_builder.__file__).parent
PAGES = {each.code: each.doc for each in CODES} | {each.CODE: each.__doc__ or "" for each in checks.CHECKS}
NOT_YAML = frozenset({"KB001", "KB006", "KB008", "KB104"})
"""Codes whose bad example is no YAML, or is a Markdown file."""


def parts(doc: str) -> tuple[str, str, str]:
    """Why, the bad example and the good one."""
    why, _, rest = doc.partition("\nBad:\n")
    bad, _, good = rest.partition("\nGood:\n")
    return why.strip(), dedent(bad).strip("\n"), dedent(good).strip("\n")


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_says_why_and_shows_bad_and_good(code: str) -> None:
    why, bad, good = parts(PAGES[code])
    assert len(why) > 40
    assert why[-1] == "."
    assert bad
    assert good
    assert all(
        line.startswith("    ") or not line
        for line in PAGES[code].partition("\nBad:\n")[2].splitlines()
        if line != "Good:"
    )
    for example in (bad, good) if code not in NOT_YAML else (good,) if code not in ("KB008", "KB104") else ():
        for document in re.split(r"\n\n(?=#)", example):
            yaml.safe_load(document)


def test_codes_are_in_order_and_written_once() -> None:
    of_reading = [each.code for each in CODES]
    of_checks = [each.CODE for each in checks.CHECKS]
    assert of_reading == sorted(set(of_reading))
    assert of_checks == sorted(set(of_checks))
    assert not set(of_reading) & set(of_checks)


def test_what_reading_gives_is_documented() -> None:
    given: set[str] = set()
    for name in ("problem.py", "read.py", "releases.py", "raised.py", "yaml_source.py"):
        given |= set(re.findall(r'"(KB\d{3})"', (PACKAGE / name).read_text(encoding="utf-8")))
    assert given == {each.code for each in CODES}


def test_no_check_gives_another_code_than_its_own() -> None:
    for path in (PACKAGE / "checks").glob("*.py"):
        codes = set(re.findall(r'"(KB\d{3})"', path.read_text(encoding="utf-8")))
        assert len(codes) == (0 if path.stem in ("__init__", "base") else 1), path.name


def test_what_contradicts_itself_is_an_error_and_what_is_missing_a_warning() -> None:
    severities = {each.CODE: each.SEVERITY for each in checks.CHECKS}
    assert severities["KB201"] is Severity.ERROR
    assert all(
        severity is Severity.WARNING for code, severity in severities.items() if code.startswith("KB4")
    )
