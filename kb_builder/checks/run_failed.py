"""The latest run of a test failed. Until a later run passes, what it verifies is not as it should be.

Bad:
    # testing/test_runs.yaml
    - id: restore-2
      title: Second restore
      test: restore
      date: 2026-11-02
      result: fail

Good:
    # testing/test_runs.yaml
    - id: restore-2
      title: Second restore
      test: restore
      date: 2026-11-02
      result: fail
    - id: restore-3
      title: Third restore, with the right key
      test: restore
      date: 2026-11-09
      result: pass
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.coverage import latest_run
from kb_builder.problem import Problem, Severity
from kb_builder.records.testing import Test

CODE = "KB408"
SEVERITY = Severity.WARNING
TITLE = "A test that failed"
NEEDS: tuple[str, ...] = ("test_run",)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Latest runs that failed, of tests that are still run."""
    for test in catalog.all(Test):
        run = latest_run(test, catalog, to_the_end=True) if test.status == "active" else None
        if run is not None and run.result == "fail":
            message = f"result: the latest run, on {run.date}, failed"
            hint = "mend what it found, run the test again and write that run down"
            yield Problem(CODE, SEVERITY, catalog.locate(run, ("result",)), message, hint, run.key)
