"""The client said yes to a recommendation, and no project puts it into practice.

Bad:
    # recommendations/recommendations/mfa.yaml; no project implements it
    title: Ask for a second factor
    decision:
      outcome: accepted

Good:
    # recommendations/recommendations/mfa.yaml
    title: Ask for a second factor
    decision:
      outcome: accepted

    # implementation/projects/sign-in.yaml
    title: Safer sign-in
    implements: [mfa]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.implementation import Project
from kb_builder.records.recommendations import Recommendation

CODE = "KB401"
SEVERITY = Severity.WARNING
TITLE = "Accepted, but no project"
NEEDS: tuple[str, ...] = ("project",)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Accepted recommendations that no project implements; one that is done needed none."""
    for advice in catalog.all(Recommendation):
        if not advice.accepted or advice.status in ("done", "withdrawn"):
            continue
        projects = catalog.sources(advice, Project, "implements")
        if all(project.status == "cancelled" for project in projects):
            place = catalog.locate(advice, ("decision",), key=True)
            hint = "name it in `implements` of a project, or write `status: done`"
            yield Problem(
                CODE, SEVERITY, place, "decision: accepted, but no project implements it", hint, advice.key
            )
