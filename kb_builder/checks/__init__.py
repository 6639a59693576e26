"""The checks. `CHECKS` lists them in the order of their codes; each is one module."""

from __future__ import annotations

import datetime as dt
from types import ModuleType

from kb_builder.catalog import Catalog
from kb_builder.checks import image_elsewhere, image_missing, link_nowhere, macro_audience, macro_form, macro_name
from kb_builder.problem import Problem, in_order

CHECKS: tuple[ModuleType, ...] = (macro_form, macro_name, macro_audience, link_nowhere, image_missing, image_elsewhere)


def run(catalog: Catalog, today: dt.date) -> list[Problem]:
    """All problems that the checks find, in the order of where they are."""
    return in_order([problem for check in CHECKS for problem in check.check(catalog, today)])
