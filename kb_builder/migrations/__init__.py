"""Migrations: records of an older format, made into today's. `MIGRATIONS` lists them, the oldest first.

While reading they work on plain data, in memory; `kb_builder.migrate` has them rewrite files. A release is never
rewritten: it is migrated each time that it is read.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Protocol, cast

from kb_builder.migrations import to_2

WITHIN: Mapping[str, Mapping[str, str]] = {"client": {"locations": "location"}}
"""Fields in which records of another kind are written: by kind and field, their kind."""


class Migration(Protocol):
    """What a module in this folder holds. Its docstring is its page in the manual: what changes, and why.

    `RENAMED` says what a field of today was called before: by kind and field. Messages then point to the old one.
    """

    __name__: str
    FORMAT: int
    RENAMED: Mapping[tuple[str, str], str]

    def migrate(self, kind: str, record: MutableMapping[str, Any]) -> bool:
        """Bring one record from the format before to `FORMAT`, in place; whether anything changed.

        `record` is plain data as read, or the same with comments as written. What already is of this format,
        and what never was right in the one before, is left as it is.
        """


MIGRATIONS: tuple[Migration, ...] = cast(tuple[Migration, ...], (to_2,))


def migrate(kind: str, value: object, written: int) -> bool:
    """Bring what a file of a kind holds, one record or a list, from format `written` to today's, in place.

    Gives back whether anything changed.
    """
    changed = False
    for record in value if isinstance(value, list) else [value]:
        if not isinstance(record, MutableMapping):
            continue
        for migration in _after(written):
            changed |= migration.migrate(kind, record)
        for field, inner in WITHIN.get(kind, {}).items():
            changed |= migrate(inner, record.get(field), written)
    return changed


def format_of(client: object, otherwise: int) -> int:
    """The format that a client's records are written in, by what `client.yaml` holds.

    It says so in `format`. If it does not, what it still holds of an older format tells; else it is `otherwise`.
    """
    if not isinstance(client, Mapping):
        return otherwise
    said = client.get("format")
    if isinstance(said, str) and re.fullmatch("0*[1-9][0-9]{0,5}", said):
        return int(said)
    for migration in MIGRATIONS:
        if migration.migrate("client", copy.deepcopy(dict(client))):
            return migration.FORMAT - 1
    return otherwise


def older_names(kind: str, written: int) -> Mapping[str, str]:
    """What fields of today are called in records of format `written`: the name today, and the one there."""
    names: dict[str, str] = {}
    for migration in _after(written):
        for (where, new), old in migration.RENAMED.items():
            if where == kind:
                names[new] = names.pop(old, old)
    return names


def _after(written: int) -> Iterator[Migration]:
    return (migration for migration in MIGRATIONS if written < migration.FORMAT)
