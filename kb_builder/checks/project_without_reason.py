"""A project implements no recommendation, so nobody can tell who asked for it, and why.

Bad:
    title: Safer sign-in

Good:
    # there is recommendations/recommendations/mfa.yaml
    title: Safer sign-in
    implements: [mfa]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.implementation import Project

CODE = "KB411"
SEVERITY = Severity.WARNING
TITLE = "A project without a reason"
NEEDS: tuple[str, ...] = ("recommendation",)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Projects that implement nothing; a cancelled one need not say any more."""
    for project in catalog.all(Project):
        if not project.implements and project.status != "cancelled":
            message = "implements: it puts no recommendation into practice"
            hint = "name the recommendations in `implements`"
            yield Problem(CODE, SEVERITY, catalog.locate(project), message, hint, project.key)
