"""What a field's value reads like: as plain text, and as HTML with links."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from html import escape as html_escape
from typing import Any

from kb_builder import present
from kb_builder.catalog import Catalog
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec
from kb_builder.text import escape

LONG = 60


def plain_value(value: Any, spec: FieldSpec, catalog: Catalog) -> str:
    """A field's value as one line of plain text; references by title."""
    if isinstance(value, list):
        return ", ".join(plain_value(item, spec, catalog) for item in value)
    if spec.refs:
        target = catalog.resolve(value, spec.refs)
        return target.title if target else str(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return present.date(value)
    if isinstance(value, Decimal):
        return present.money(value, catalog.client.currency)
    if spec.choices:
        return present.words(str(value))
    return str(value)


def badge(value: str) -> str:
    """A state as HTML: its word, and its tone for the theme to colour."""
    return f'<span class="kb-badge kb-badge--{present.tone(value)}">{escape(present.words(value))}</span>'


def link(record: Record, to: str) -> str:
    """A link to a record's page as HTML; `to` is its address from where the link stands."""
    return f'<a href="{html_escape(to)}">{escape(record.title)}</a>'
