"""A gap or a risk is open and no recommendation answers it: it was found, and then left.

A risk is answered, too, if a recommendation addresses a gap that it comes from, or if somebody accepted it.

Bad:
    # analysis/gaps/no-mfa.yaml; no recommendation addresses it
    title: Mail opens with a password alone

Good:
    # analysis/gaps/no-mfa.yaml
    title: Mail opens with a password alone

    # recommendations/recommendations/mfa.yaml
    title: Ask for a second factor
    addresses: [no-mfa]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.analysis import Gap, Risk
from kb_builder.records.base import Record
from kb_builder.records.recommendations import Recommendation

CODE = "KB403"
SEVERITY = Severity.WARNING
TITLE = "Found, but nothing advised"
NEEDS: tuple[str, ...] = ("recommendation",)
HINT = "name it in `addresses` of a recommendation, or close it"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Open gaps and risks that nothing answers."""
    for gap in catalog.all(Gap):
        related = (gap, *catalog.sources(gap, Risk, "gaps")) if gap.status == "open" else ()
        if related and not any(_answered(catalog, each) for each in related):
            message = "open, but no recommendation addresses it"
            yield Problem(CODE, SEVERITY, catalog.locate(gap), message, HINT, gap.key)
    for risk in catalog.all(Risk):
        if (
            risk.status != "open"
            or _answered(catalog, risk)
            or (risk.treatment == "accept" and risk.accepted_by)
        ):
            continue
        if risk.treatment == "accept":
            place = catalog.locate(risk, ("treatment",))
            hint = "write who accepted it in `accepted_by`"
            yield Problem(
                CODE, SEVERITY, place, "treatment: accept, but nobody is named who did", hint, risk.key
            )
        elif not any(
            gap and _answered(catalog, gap) for gap in (catalog.get(Gap, name) for name in risk.gaps)
        ):
            message = "open, but no recommendation addresses it"
            yield Problem(CODE, SEVERITY, catalog.locate(risk), message, HINT, risk.key)


def _answered(catalog: Catalog, record: Record) -> bool:
    return any(
        advice.status != "withdrawn" for advice in catalog.sources(record, Recommendation, "addresses")
    )
