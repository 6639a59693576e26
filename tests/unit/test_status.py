"""The status table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from kb_builder import status
from kb_builder.catalog import Catalog
from kb_builder.errors import KbError
from kb_builder.problem import Location, Problem, Severity
from kb_builder.read import read
from kb_builder.status import Row
from kb_builder.workspace import Workspace

TODAY = dt.date(2026, 3, 31)
FILES = {
    "client.yaml": "title: Acme\n",
    "discovery/systems.yaml": "- {id: a, title: A}\n- {id: b, title: B, support_until: 2026-06-30}\n",
    "discovery/subscriptions/domain.yaml": "title: acme.example\nrenews: 2026-02-01\n",
    "analysis/gaps/g.yaml": "title: G\n",
    "testing/tests/t.yaml": "title: T\n",
}


@dataclass(frozen=True)
class Found:
    catalog: Catalog
    problems: tuple[Problem, ...]


def workspace(tmp_path: Path, files: dict[str, str]) -> Workspace:
    for name, text in files.items():
        path = tmp_path / "engagements" / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Workspace(tmp_path)


def row(tmp_path: Path, files: dict[str, str], problems: tuple[Problem, ...] = ()) -> Row:
    return status.row("acme", read(workspace(tmp_path, files), "acme").catalog(), problems, TODAY)


def test_records_are_counted_by_stage(tmp_path: Path) -> None:
    assert row(tmp_path, FILES).records == (3, 1, 0, 0, 1, 0, 0)


def test_problems_are_counted_by_severity(tmp_path: Path) -> None:
    place = Location("engagements/acme/client.yaml")
    problems = tuple(
        Problem("KB1", each, place, "x") for each in (Severity.ERROR, Severity.WARNING, Severity.WARNING)
    )
    found = row(tmp_path, FILES, problems)
    assert (found.errors, found.warnings) == (1, 2)


def test_the_next_thing_due_is_ahead_and_what_is_late_is_counted(tmp_path: Path) -> None:
    found = row(tmp_path, FILES)
    assert found.next_due == (dt.date(2026, 6, 30), "maker's support ends: B")
    assert found.overdue == 1


def test_completeness_grows_with_what_is_filled_in(tmp_path: Path) -> None:
    before = row(tmp_path / "a", FILES).complete
    after = row(
        tmp_path / "b", {**FILES, "analysis/gaps/g.yaml": "title: G\nsummary: S\nnow: N\nwanted: W\n"}
    ).complete
    assert before is not None and after is not None
    assert before < after


def test_a_client_without_a_readable_client_file_shows_as_such(tmp_path: Path) -> None:
    found = row(tmp_path, {**FILES, "client.yaml": "title: [\n"})
    assert found.complete is None
    assert "client.yaml cannot be read" in status.table([found])
    assert found.records[0] == 3


@pytest.mark.parametrize(
    ("trouble", "shown"),
    [
        (
            PermissionError(13, "Permission denied", "engagements/bad"),
            "cannot be read: Permission denied: engagements/bad",
        ),
        (KbError("no such folder"), "cannot be read: no such folder"),
    ],
)
def test_one_client_that_cannot_be_read_does_not_hide_the_others(
    tmp_path: Path, trouble: Exception, shown: str
) -> None:
    space = workspace(tmp_path, FILES)

    def check(client: str) -> Found:
        if client == "bad":
            raise trouble
        return Found(read(space, client).catalog(), ())

    text = status.table(status.rows(["acme", "bad"], check, TODAY))
    lines = text.splitlines()
    assert lines[1].startswith("acme")
    assert lines[2].startswith("bad")
    assert shown in lines[2]
    assert "2026-06-30" in lines[1]


def sample(number: int, name: str = "client") -> Row:
    day = TODAY + dt.timedelta(days=number)
    return Row(
        f"{name}-{number}",
        (number, 1, 0, 0, 0, 300, 9),
        number % 3,
        number,
        40,
        2,
        (day, "Restore drill: test"),
    )


def test_columns_line_up() -> None:
    lines = status.table([sample(1), sample(250)]).splitlines()
    head = lines[0]
    for word in ("err", "warn", "full", "late"):
        end = head.index(word) + len(word)
        assert all(line[end - 1] != " " and line[end] == " " for line in (*lines[1:3], lines[4]))
    assert lines[1].index("2026-04-01") == head.index("next due")


def test_totals_stand_below_more_than_one_client() -> None:
    lines = status.table([sample(1), sample(2), Row("bad", trouble="gone")]).splitlines()
    total = next(line for line in lines if line.startswith("3 clients")).split()
    assert total[2:] == ["3", "2", "·", "·", "·", "600", "18", "3", "3", "40%", "4", "2026-04-01", "client-1"]
    assert not any("clients" in line for line in status.table([sample(1)]).splitlines())


@pytest.mark.parametrize("count", [1, 500])
@pytest.mark.parametrize("words", ["Restore drill", "漢字" * 40, "x" * 300, "two\nlines", "\x1b[31mred"])
def test_no_line_is_wider_than_the_terminal_or_broken(count: int, words: str) -> None:
    listed = [
        Row(f"{'a-long-name' * 4}-{n}", (n,) * 7, n, n, 50, n, (TODAY, words)) for n in range(1, count + 1)
    ]
    lines = status.table(listed).splitlines()
    body = lines[: lines.index("")]
    assert len(body) == (2 if count == 1 else count + 3)
    assert all(len(line) + sum(char in "漢字" for char in line) <= status.WIDTH for line in lines)
    assert all(char.isprintable() for line in lines for char in line)


def test_a_name_that_fits_is_not_cut() -> None:
    assert "harbour-dental-group-london" in status.table([sample(1, "harbour-dental-group-london")])


def test_no_clients() -> None:
    assert status.table([]) == "no clients yet; kb new CLIENT makes one"
