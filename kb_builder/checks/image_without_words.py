"""A picture in a guide has no words that say what it shows. Somebody who cannot see it misses the step.

Bad:
    title: Sign in
    steps:
      - do: Write your name.
        image: images/sign-in.png

Good:
    title: Sign in
    steps:
      - do: Write your name.
        image: images/sign-in.png
        alt: The sign-in page, with the field for your name at the top
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.documentation import Guide

CODE = "KB606"
SEVERITY = Severity.WARNING
TITLE = "A picture without words"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Steps with an image and without `alt`."""
    for guide in catalog.all(Guide):
        for number, step in enumerate(guide.steps):
            if step.image and not (step.alt or "").strip():
                place = catalog.locate(guide, ("steps", number, "image"))
                message = f"steps.{number}.image: nothing says what it shows"
                yield Problem(CODE, SEVERITY, place, message, "say it in `alt`", guide.key)
