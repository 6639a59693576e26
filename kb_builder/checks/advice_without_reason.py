"""A recommendation addresses no gap and no risk, so nobody who reads it learns what it is for.

Bad:
    title: Ask for a second factor

Good:
    # there is analysis/gaps/no-mfa.yaml
    title: Ask for a second factor
    addresses: [no-mfa]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.recommendations import Recommendation

CODE = "KB410"
SEVERITY = Severity.WARNING
TITLE = "A recommendation without a reason"
NEEDS: tuple[str, ...] = ("gap", "risk")


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Recommendations that answer nothing; a draft may still be looking for its reason."""
    for advice in catalog.all(Recommendation):
        if not advice.addresses and advice.status not in ("draft", "withdrawn"):
            message = "addresses: it answers no gap and no risk"
            hint = "name the gaps or risks that it answers in `addresses`"
            yield Problem(CODE, SEVERITY, catalog.locate(advice), message, hint, advice.key)
