"""An address is not one that is safe to follow. Only http, https, mailto and tel are made into links.

Bad:
    title: ERP
    url: "javascript:alert(1)"

Good:
    title: ERP
    url: https://erp.example.com
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field, short
from kb_builder.insight.pick import pick
from kb_builder.problem import Problem, Severity
from kb_builder.records.fields import FieldSpec
from kb_builder.text import SAFE_SCHEMES

CODE = "KB602"
SEVERITY = Severity.ERROR
TITLE = "An unsafe address"
FIELDS = frozenset({"url", "website", "video"})


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Addresses of an unsafe scheme, or of none."""
    for record in catalog.records.values():
        for pointer, _, value in pick(record, _is_address):
            if hint := _fault(value):
                message = f'{field(pointer)}: "{short(value)}" is not an address that is safe to follow'
                yield Problem(CODE, SEVERITY, catalog.locate(record, pointer), message, hint, record.key)


def _is_address(spec: FieldSpec) -> bool:
    return spec.name in FIELDS


def _fault(address: str) -> str | None:
    """How to mend an address, or None if it is good."""
    if any(char.isspace() for char in address.strip()):
        return "write it without spaces; %20 stands for one"
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return "write it as a browser shows it"
    if parts.scheme.lower() in SAFE_SCHEMES:
        return None if parts.netloc or parts.path else "write the whole address"
    if "." in address.partition("/")[0] and (not parts.scheme or "." in parts.scheme):
        return f"write it with https:// before it: https://{short(address, 40)}"
    return "write it with https://, http://, mailto: or tel: before it"
