"""A subscription has lapsed, or must be renewed or cancelled within thirty days.

One that renews by itself is asked after only before the last day to cancel it, and once its date has passed.

Bad:
    # read on 23 November 2026
    title: harbour.example
    type: domain
    renews: 2026-12-04

Good:
    title: harbour.example
    type: domain
    renews: 2027-12-04
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.dates import subtract
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Subscription

CODE = "KB505"
SEVERITY = Severity.WARNING
TITLE = "To be renewed"
SOON_DAYS = 30


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Active subscriptions whose day has come or is near."""
    for each in catalog.all(Subscription):
        if (
            each.status == "active"
            and each.renews is not None
            and (found := _words(each, each.renews, today))
        ):
            place = catalog.locate(each, ("renews",))
            yield Problem(CODE, SEVERITY, place, f"renews: {found[0]}", found[1], each.key)


def _words(each: Subscription, renews: dt.date, today: dt.date) -> tuple[str, str] | None:
    if renews < today and each.auto_renews:
        return f"renewed by itself on {renews}", "write when it renews next"
    if renews < today:
        return f"lapsed on {renews}", "renew it and write the new date, or write `status: expired`"
    last = subtract(renews, each.notice) if each.notice else None
    if last is not None and 0 <= (last - today).days <= SOON_DAYS:
        return (
            f"on {renews}; {last} is the last day to cancel",
            "decide, and write the new date or the new status",
        )
    if not each.auto_renews and (renews - today).days <= SOON_DAYS:
        return f"on {renews}, in {(renews - today).days} days", "renew it and write the new date"
    return None
