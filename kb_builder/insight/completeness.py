"""How much of what complete records hold is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb_builder.catalog import Catalog
from kb_builder.records.base import Record

INSTEAD: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("system", "backup"): ("no_backup",),
    ("schedule", "method"): ("guide", "test"),
}
"""Fields that say as much as an expected one, so that it may be left out."""


def missing(record: Record, catalog: Catalog) -> tuple[str, ...]:
    """The expected fields that nobody has filled in; what a kind fills in by itself does not count."""
    return tuple(
        name
        for name in record.expected
        if not any(_filled(record, each, catalog) for each in (name, *INSTEAD.get((record.kind, name), ())))
    )


def _filled(record: Record, name: str, catalog: Catalog) -> bool:
    if record.kind == "client" and name == "locations":
        return bool(catalog.by_kind.get("location"))
    return name in record.model_fields_set and getattr(record, name) not in (None, [], "")


def share(record: Record, catalog: Catalog) -> int:
    """How much of a record's expected fields is filled in, in per cent."""
    return share_of([record], catalog)


def share_of(records: Iterable[Record], catalog: Catalog) -> int:
    """How much of all expected fields of some records is filled in, in per cent; 100 for no records."""
    wanted = lacking = 0
    for record in records:
        wanted += len(record.expected)
        lacking += len(missing(record, catalog))
    return 100 * (wanted - lacking) // wanted if wanted else 100


def overall(catalog: Catalog) -> int:
    """How much of all expected fields of all records is filled in, in per cent; 100 for no records."""
    return share_of(catalog.records.values(), catalog)


def by_kind(catalog: Catalog) -> dict[str, int]:
    """How much of the expected fields of each kind's records is filled in, in per cent."""
    return {kind: share_of(records.values(), catalog) for kind, records in catalog.by_kind.items()}
