"""NetBox: a dump of its database as JSON, or its REST API.

Both are brought into one shape, tables of plain rows (`netbox_source.py`, `netbox_api.py`), and then into records
(`netbox_records.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from kb_builder.importers.base import Import, Skipped
from kb_builder.importers.netbox_api import from_api
from kb_builder.importers.netbox_records import records
from kb_builder.importers.netbox_source import Tables, from_file
from kb_builder.importers.netbox_words import IN_PART, why_left_out

NAME = "netbox"


def read(
    source: str, token: str | None = None, progress: Callable[[int, int], None] = lambda done, all: None
) -> Import:
    """The records that a NetBox holds. `source` is a file or the address of an API, for which `token` lets us in.

    Raises KbError if it cannot be read; nothing of it is then imported.
    """
    tables = from_api(source, token, progress) if "://" in source else from_file(source)
    made, skipped = records(tables, progress)
    return Import(NAME, tuple(made), (*skipped, *_left_out(tables)))


def _left_out(tables: Tables) -> list[Skipped]:
    """What is not imported, table by table."""
    if tables.base:
        return [Skipped("all else in NetBox", "only what becomes a record is asked for")]
    part = [
        Skipped(f"{count:,} of {model}", why)
        for why, models in IN_PART.items()
        for model in models.split()
        if (count := len(tables.rows.get(model, {})))
    ]
    return [
        *part,
        *(
            Skipped(f"{count:,} of {model}", why_left_out(model))
            for model, count in sorted(tables.unused.items())
        ),
    ]
