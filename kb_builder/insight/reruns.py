"""What came out when tests were run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kb_builder.catalog import Catalog
from kb_builder.insight.coverage import EVIDENCE, latest_run
from kb_builder.records.testing import Test, TestRun

Outcome = Literal["new", "fixed", "regressed", "still open", "still passes", "blocked"]


@dataclass(frozen=True)
class Rerun:
    """A test of which there is a newer result: the run that gave it, and how it stands to the one before.

    `new` is a first result; `blocked` a run that did not come to an end, and so changed nothing.
    """

    test: Test
    run: TestRun
    outcome: Outcome


def reruns(pairs: Iterator[tuple[Test | None, Test]], before: Catalog, after: Catalog) -> Iterator[Rerun]:
    """The tests that have a newer result, or another one. `pairs` gives each test as it was, if it was, and as it is.

    Nothing is said to readers who see no runs, nor of a test that is retired.
    """
    if not (before.knows(*EVIDENCE) and after.knows(*EVIDENCE)):
        return
    for old, new in pairs:
        if new.status == "retired":
            continue
        run = latest_run(new, after)
        last = latest_run(old, before) if old else None
        if run is None or (last is not None and (last.id, last.result) == (run.id, run.result)):
            continue
        ended = latest_run(old, before, to_the_end=True) if old else None
        outcome = _outcome(ended, run)
        newer = last is None or (run.date, run.id) > (last.date, last.id)
        if newer or outcome in ("fixed", "regressed"):
            yield Rerun(new, run, outcome)


def _outcome(before: TestRun | None, now: TestRun) -> Outcome:
    if now.result == "blocked":
        return "blocked"
    if before is None:
        return "new"
    if now.result == "pass":
        return "fixed" if before.result == "fail" else "still passes"
    return "still open" if before.result == "fail" else "regressed"
