"""The edition: an engagement as one audience may see it.

In: a catalog and an audience. Out: a catalog in which there is nothing else. What a reader
may not see is not marked or counted; it is not there.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from kb_builder.catalog import Catalog, Key, candidates, former_key, index
from kb_builder.records.base import Audience, Part, Record
from kb_builder.records.client import Client
from kb_builder.records.fields import fields_of


def edition(catalog: Catalog, audience: Audience, held: Container[Key] = ()) -> Catalog:
    """The engagement as `audience` may see it. `held` are the keys that earlier editions for it held.

    A record above the audience is left out, and so is one that cannot stand without it: one whose
    required reference leads to a record that is left out. Fields above the audience are emptied,
    and optional references to what is left out are dropped. Of the ids that a record had before, those are kept under
    which these readers knew it.
    """
    reader = min(audience, catalog.reader, key=list(Audience).index)
    visible = {key for key, record in catalog.records.items() if audience.sees(record.cleared_for)}
    while True:
        orphans = {key for key in visible if _needs_hidden(catalog, key, visible)}
        if not orphans:
            break
        visible -= orphans
    kept = [_clear(catalog.records[key], catalog, audience, visible) for key in sorted(visible)]
    if audience is not Audience.CONSULTANT:
        kept = [_known_as(record, held) for record in kept]
    origins = {key: catalog.origins[key] for key in visible if key in catalog.origins}
    return replace(index(catalog.slug, kept, origins), reader=reader)


def _known_as(record: Record, held: Container[Key]) -> Record:
    known = [name for name in record.formerly if former_key(record, name) in held]
    return record if known == record.formerly else record.model_copy(update={"formerly": known})


def _needs_hidden(catalog: Catalog, key: Key, visible: set[Key]) -> bool:
    record = catalog.records[key]
    for spec in fields_of(type(record)):
        if spec.required and spec.refs:
            found = candidates(catalog.by_kind, getattr(record, spec.name), spec.refs)
            if found and found[0] not in visible:
                return True
    return False


def _clear(record: Any, catalog: Catalog, audience: Audience, visible: set[Key]) -> Any:
    """A copy of a record or part without what `audience` may not see."""
    changes: dict[str, Any] = {}
    model: type[BaseModel] = type(record)
    for spec in fields_of(model):
        value = getattr(record, spec.name)
        if value is None or value == []:
            continue
        if not audience.sees(spec.audience):
            changes[spec.name] = [] if spec.many else None
        elif spec.refs:
            changes[spec.name] = _clear_refs(value, spec.refs, catalog, visible)
        elif spec.part is not None:
            changes[spec.name] = _clear_parts(value, catalog, audience, visible)
    if isinstance(record, Client):
        changes["sites"] = [each for each in record.sites if audience.sees(each.audience)]
    return record.model_copy(update=changes)


def _clear_refs(value: Any, kinds: tuple[str, ...], catalog: Catalog, visible: set[Key]) -> Any:
    def seen(name: str) -> bool:
        found = candidates(catalog.by_kind, name, kinds)
        return len(found) == 1 and found[0] in visible

    if isinstance(value, list):
        return [name for name in value if seen(name)]
    return value if seen(value) else None


def _clear_parts(value: Any, catalog: Catalog, audience: Audience, visible: set[Key]) -> Any:
    if isinstance(value, list):
        return [_clear_parts(item, catalog, audience, visible) for item in value]
    if isinstance(value, Part) or (isinstance(value, BaseModel) and not isinstance(value, Record)):
        return _clear(value, catalog, audience, visible)
    return value
