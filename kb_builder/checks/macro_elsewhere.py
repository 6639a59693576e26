"""A macro is called where none runs: readers see the call as it stands.

Macros run in the `body` of guides, manuals and lessons. Everywhere else, braces are braces; so write the fact
itself, or move the call to the body. In Markdown, `\\{{` shows a call without this problem.

Bad:
    steps:
      - do: Call {{ contact("service-desk") }}.

Good:
    steps:
      - do: Call the service desk.
    body: |
      The service desk is {{ contact("service-desk") }}.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field, short
from kb_builder.insight.pick import pick
from kb_builder.macros import BRACED, MACROS
from kb_builder.problem import Problem, Severity
from kb_builder.records.fields import FieldSpec
from kb_builder.text import parse

CODE = "KB614"
SEVERITY = Severity.ERROR
TITLE = "A macro call where no macros run"
_BRACED = re.compile(BRACED, re.DOTALL)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Calls of our macros in any text but a body."""
    for record in catalog.records.values():
        for pointer, spec, value in pick(record, _without_macros):
            if "{{" not in value:
                continue
            for written in dict.fromkeys(_calls(value, spec)):
                yield Problem(
                    CODE,
                    SEVERITY,
                    catalog.locate(record, pointer, text=written),
                    f"{field(pointer)}: readers see {short(written)} as it stands, for no macros run here",
                    "write the fact itself, or call the macro in a `body`",
                    record.key,
                )


def _without_macros(spec: FieldSpec) -> bool:
    return spec.text in ("plain", "markdown")


def _calls(value: str, spec: FieldSpec) -> list[str]:
    if spec.text == "markdown":
        return list(parse(value, macros=True).macros)
    return [written for written, name in _BRACED.findall(value) if name in MACROS]
