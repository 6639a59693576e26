"""A change was made and no test verifies it, so nobody can say that it does what it should.

A test of the systems that were changed is not enough: it was there before, and does not ask what the change asks.

Bad:
    # implementation/changes/mfa-on.yaml; no test verifies it
    title: Second factor switched on
    status: done

Good:
    # implementation/changes/mfa-on.yaml
    title: Second factor switched on
    status: done

    # testing/tests/mfa-asked.yaml
    title: A new sign-in asks for the second factor
    verifies: [mfa-on]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.implementation import Change
from kb_builder.records.testing import Test

CODE = "KB402"
SEVERITY = Severity.WARNING
TITLE = "A change that nobody tests"
NEEDS: tuple[str, ...] = ("test",)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Changes that were made and that no test names."""
    for change in catalog.all(Change):
        if change.status == "done" and not catalog.sources(change, Test, "verifies"):
            hint = "name it in `verifies` of a test"
            yield Problem(
                CODE, SEVERITY, catalog.locate(change), "done, but no test verifies it", hint, change.key
            )
