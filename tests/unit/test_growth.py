"""Checking takes work in proportion to what there is to check, whatever is wrong with it, and however often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.sites import TODAY, new_workspace
from support.steps import steps

from kb_builder import checks
from kb_builder.checks import unknown_reference
from kb_builder.problem import Words, nearest
from kb_builder.read import read

FEW, TIMES = 80, 4
MOST = 1.4
"""How much more work than so many times as much is let pass."""


def listed(item: str) -> Callable[[int], Mapping[str, str]]:
    return lambda n: {
        "discovery/systems.yaml": "".join(
            f"- id: s{i}\n  title: S\n  {item.replace('#', str(i))}\n" for i in range(n)
        )
    }


MANY: Mapping[str, Callable[[int], Mapping[str, str]]] = {
    "unknown references": listed("depends_on: [srv-#]"),
    "unknown fields": listed("field#: 1"),
    "unknown choices": listed("status: aliv#"),
    "bad dates": listed("support_until: 2026-02-3#"),
    "dead links": listed('description: "[x](nowhere-#.md)"'),
    "former ids": listed("formerly: [old-#]"),
    "one long chain": listed("depends_on: [s#]"),
    "the same id": lambda n: {"discovery/systems.yaml": "- id: s\n  title: S\n" * n},
    "files of no kind": lambda n: {f"discovery/sytems{i}/s.yaml": "title: S\n" for i in range(n)},
    "files that are no YAML": lambda n: {f"discovery/systems/s{i}.yaml": "title: [\n" for i in range(n)},
    "macros that name nothing": lambda n: {
        **listed("status: live")(n),
        "documentation/guides/g.md": "---\ntitle: G\n---\n"
        + "".join(f'{{{{ system("x{i}") }}}}\n\n' for i in range(n)),
    },
    "missing pictures": lambda n: {
        "documentation/guides/g.md": "---\ntitle: G\n---\n"
        + "".join(f"![a](no-{i}.png)\n\n" for i in range(n))
    },
    "tasks after nothing": lambda n: {
        "implementation/projects/p.yaml": "title: P\ntasks:\n"
        + "".join(f"  - id: t{i}\n    title: T\n    depends_on: [none-{i}]\n" for i in range(n))
    },
}


@pytest.mark.parametrize("what", MANY)
def test_many_take_in_proportion_as_long(what: str, tmp_path: Path) -> None:
    reading, checking = [], []
    for number in (FEW, FEW * TIMES):
        workspace = new_workspace(tmp_path / str(number))
        for name, text in MANY[what](number).items():
            path = workspace.folder("demo") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        reading.append(steps(lambda workspace=workspace: read(workspace, "demo")))
        catalog = read(workspace, "demo").catalog()
        checking.append(steps(lambda catalog=catalog: checks.run(catalog, TODAY)))
    for counted in (reading, checking):
        assert counted[1] < counted[0] * TIMES * MOST, counted


def test_unknown_references_take_in_proportion_as_long(tmp_path: Path) -> None:
    """By itself: beside what else is done for a record, it would not show among so few."""
    counted = []
    for number in (200, 200 * TIMES):
        workspace = new_workspace(tmp_path / str(number))
        (workspace.folder("demo") / "discovery").mkdir()
        for name, text in MANY["unknown references"](number).items():
            (workspace.folder("demo") / name).write_text(text)
        catalog = read(workspace, "demo").catalog()
        counted.append(steps(lambda catalog=catalog: list(unknown_reference.check(catalog, TODAY))))
    assert counted[1] < counted[0] * TIMES * MOST, counted


def test_a_question_costs_the_same_among_few_words_and_among_many() -> None:
    few, many = (Words(f"server-{number:05}" for number in range(size)) for size in (1_000, 20_000))
    asked = [f"servr-{number:05}" for number in range(0, 900, 90)]
    counted = [steps(lambda words=words: [words.nearest(each) for each in asked]) for words in (few, many)]
    assert counted[1] < counted[0] * MOST, counted


@pytest.mark.parametrize(
    "typo", ["harbor-imaging-0123", "harbour-imagin-0123", "Harbour-Imaging-0123", "harbour-imaging-123"]
)
def test_among_many_words_the_one_that_was_meant_is_found(typo: str) -> None:
    known = [
        f"{place}-{what}-{number:04}"
        for place in ("harbour", "quayside")
        for what in ("imaging", "mail")
        for number in range(500)
    ]
    assert nearest(typo, known) == "harbour-imaging-0123"


def test_what_is_like_nothing_has_no_nearest() -> None:
    assert nearest("zzz", [f"server-{number}" for number in range(500)]) is None
    assert nearest("", [f"server-{number}" for number in range(500)]) is None
    assert nearest("x" * 1_000_000, ["a"]) is None
