"""A macro names a system, a contact, a guide or a field that there is not; readers would find a hole in the sentence.

Bad:
    body: |
      Ring {{ system("erpp").support }}.

Good:
    body: |
      Ring {{ system("erp").support }}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.macro_use import NAME, bad_macros
from kb_builder.problem import Problem, Severity

CODE = "KB612"
SEVERITY = Severity.ERROR
TITLE = "Unknown name in a macro"
NEEDS = ("client", "guide", "person", "system")


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Macro calls of this fault."""
    for bad in bad_macros(catalog, NAME):
        yield Problem(
            CODE,
            SEVERITY,
            catalog.locate(bad.record, bad.pointer, text=bad.written),
            bad.message,
            bad.hint,
            bad.record.key,
        )
