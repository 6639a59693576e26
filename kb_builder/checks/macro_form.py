"""A macro is called in a form that is none, or its name is nearly that of one.

A call has one form: the macro, an id in quotes, and perhaps a field. Braces that call none of the macros are text.

Bad:
    body: |
      Call {{ contact(service-desk) }}.

Good:
    body: |
      Call {{ contact("service-desk").phone }}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.macro_use import FORM, bad_macros
from kb_builder.problem import Problem, Severity

CODE = "KB611"
SEVERITY = Severity.ERROR
TITLE = "Not a macro"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Macro calls of this fault."""
    for bad in bad_macros(catalog, FORM):
        yield Problem(
            CODE,
            SEVERITY,
            catalog.locate(bad.record, bad.pointer, text=bad.written),
            bad.message,
            bad.hint,
            bad.record.key,
        )
