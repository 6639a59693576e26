"""Objective → gap, risk → recommendation → project, change → test → guide, training → maintenance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kb_builder.catalog import Catalog, Key
from kb_builder.insight import coverage
from kb_builder.records.base import Record
from kb_builder.records.discovery import Objective
from kb_builder.records.testing import Test

STATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Objective", ("objective",)),
    ("Gap or risk", ("assessment", "gap", "risk")),
    ("Recommendation", ("recommendation",)),
    ("Project and change", ("project", "change")),
    ("Test", ("test",)),
    ("Guide and training", ("guide", "manual", "training")),
    ("Maintenance", ("schedule", "log_entry")),
)
"""The stations of the thread, each with its kinds."""

_STATION = {kind: number for number, (_, kinds) in enumerate(STATIONS) for kind in kinds}
_RANK = {kind: number for number, kind in enumerate(kind for _, kinds in STATIONS for kind in kinds)}
_WORK = frozenset({"project", "change"})
_SHOWN_LOG = 3


@dataclass(frozen=True)
class Station:
    """One station of the thread: its name, its records, and whether the record we look from is there."""

    title: str
    records: tuple[Record, ...]
    here: bool = False


@dataclass(frozen=True)
class Row:
    """One row of the matrix: an objective, or a record that hangs from none, and what follows from it."""

    start: Record
    stations: tuple[Station, ...]
    states: Mapping[str, str]


def thread_of(catalog: Catalog, record: Record) -> tuple[Station, ...]:
    """The whole thread that a record is on: what leads to it and what follows; nothing if it is on none.

    Stations without records are there for those who see everything; of an edition they would say that there is none.

    A test, a guide or a check comes from a project or a change; what else comes from that one belongs too.
    """
    if record.kind not in _STATION:
        return ()
    back = _follow(catalog, [record.key], forward=False)
    found = {record.key, *back, *_follow(catalog, [record.key], forward=True)}
    if _STATION[record.kind] > _STATION["change"]:
        work = [key for key in back if key[0] in _WORK]
        found |= _follow(catalog, work, forward=True, without=_WORK)
    if len(found) == 1:
        return ()
    stations = _stations(catalog, found, record)
    return stations if catalog.whole else tuple(each for each in stations if each.records)


def rows(catalog: Catalog, today: dt.date) -> list[Row]:
    """The traceability matrix: a row per objective, then one per record that no objective leads to.

    Of an edition, stations at which nothing stands are left out.
    """
    found: list[Row] = []
    reached: set[Key] = set()
    for objective in catalog.all(Objective):
        keys = {objective.key, *_follow(catalog, [objective.key], forward=True)}
        reached |= keys
        found.append(_row(catalog, objective, keys, today))
    for _, kinds in STATIONS[1:4]:
        for kind in kinds:
            for key in sorted(key for key in catalog.records if key[0] == kind and key not in reached):
                keys = {key, *_follow(catalog, [key], forward=True)}
                reached |= keys
                found.append(_row(catalog, catalog.records[key], keys, today))
    return found if catalog.whole else _without_empty(found)


def _without_empty(rows: list[Row]) -> list[Row]:
    kept = [number for number in range(len(STATIONS)) if any(row.stations[number].records for row in rows)]
    return [replace(row, stations=tuple(row.stations[number] for number in kept)) for row in rows]


def _row(catalog: Catalog, start: Record, keys: set[Key], today: dt.date) -> Row:
    states = {
        record.id: coverage.test_state(record, catalog, today)
        for key in keys
        if isinstance(record := catalog.records[key], Test)
    }
    return Row(start, _stations(catalog, keys, start), states)


def _stations(catalog: Catalog, keys: Iterable[Key], here: Record) -> tuple[Station, ...]:
    by_station: dict[int, list[Record]] = {}
    for key in keys:
        by_station.setdefault(_STATION[key[0]], []).append(catalog.records[key])
    stations = []
    for number, (title, _) in enumerate(STATIONS):
        records = sorted(
            by_station.get(number, []), key=lambda each: (_RANK[each.kind], each.title.casefold(), each.id)
        )
        log = [each for each in records if each.kind == "log_entry"]
        log.sort(key=lambda each: str(getattr(each, "date", "")), reverse=True)
        kept = [each for each in records if each.kind != "log_entry"] + log[:_SHOWN_LOG]
        stations.append(Station(title, tuple(kept), _STATION[here.kind] == number))
    return tuple(stations)


def _follow(
    catalog: Catalog, start: Iterable[Key], *, forward: bool, without: frozenset[str] = frozenset()
) -> set[Key]:
    """All records along the thread in one direction: each step leads on, never back to where we came from."""
    seen: set[Key] = set()
    todo = list(start)
    while todo:
        key = todo.pop()
        for other in _neighbours(catalog, key) - seen:
            leads_on = _RANK[other[0]] > _RANK[key[0]] if forward else _RANK[other[0]] < _RANK[key[0]]
            if leads_on and other[0] not in without:
                seen.add(other)
                todo.append(other)
    return seen


def _neighbours(catalog: Catalog, key: Key) -> set[Key]:
    linked = {link.target for link in catalog.outgoing.get(key, ())} | {
        link.source for link in catalog.incoming.get(key, ())
    }
    return {other for other in linked if other[0] in _STATION}
