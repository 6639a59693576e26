"""How much of what complete records hold is filled in."""

from __future__ import annotations

from kb_builder.catalog import Catalog
from kb_builder.records.base import Record


def missing(record: Record) -> tuple[str, ...]:
    """The expected fields of a record that nobody has filled in; what a kind fills in by itself does not count."""
    return tuple(
        name for name in record.expected
        if name not in record.model_fields_set or getattr(record, name) in (None, [], "")
    )


def share(record: Record) -> int:
    """How much of a record's expected fields is filled in, in per cent."""
    wanted = len(record.expected)
    return 100 if not wanted else round(100 * (wanted - len(missing(record))) / wanted)


def overall(catalog: Catalog) -> int:
    """How much of all expected fields of all records is filled in, in per cent; 100 for no records."""
    wanted = sum(len(record.expected) for record in catalog.records.values())
    lacking = sum(len(missing(record)) for record in catalog.records.values())
    return 100 if not wanted else int(100 * (wanted - lacking) / wanted)
