"""Pairs of clients that differ in nothing but what some readers may not see, made from the kinds."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from kb_builder import releases
from kb_builder.records.base import Audience, Record
from kb_builder.records.client import Client
from kb_builder.records.discovery import Person
from kb_builder.records.fields import FieldSpec, fields_of
from kb_builder.releases import Release
from support.generate import every_kind, fields, write
from support.sites import new_workspace

CLIENT = "demo"
DAYS = {"1.0": dt.date(2026, 10, 1), "2.0": dt.date(2026, 11, 20)}
LONG_AGO, LATELY = "2026-03-31", "2026-11-20"
"""Open records are old, so that something hidden and newer would change how they stand."""


def above(reader: Audience) -> str:
    """The audience next above."""
    return list(Audience)[list(Audience).index(reader) + 1].value


def name_of(kind: str, *parts: str) -> str:
    """An id made of a kind and what tells it from others."""
    return "-".join([*parts, kind]).replace("_", "-").replace(".", "-")


def statuses(kind: type[Record]) -> tuple[str, ...]:
    """The words that a kind's status may be."""
    return next(spec.choices for spec in fields_of(kind) if spec.name == "status") or ("",)


def open_ids(kind: str) -> list[str]:
    """The ids of a kind's records that everybody sees: one for each status."""
    model = next(each for each in every_kind() if each.kind == kind)
    return [name_of(kind, "open", str(number)) for number, _ in enumerate(statuses(model))]


def ref_fields(model: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldSpec]]:
    """Every field of a kind that names another record, in parts, too."""
    for spec in fields_of(model):
        if spec.refs:
            yield (*path, spec.name), spec
        elif spec.part is not None and not issubclass(spec.part, Record):
            yield from ref_fields(spec.part, (*path, spec.name))


class Pair:
    """The same client twice, for one reader: `full` with all that is hidden, `bare` without.

    `kinds` are the kinds of which hidden records are made; all if left out.
    """

    def __init__(self, folder: Path, reader: Audience, kinds: frozenset[str] | None = None) -> None:
        self.reader = reader
        self.kinds = kinds
        self.full, self.bare = (new_workspace(folder / name, CLIENT) for name in ("full", "bare"))
        self.canaries: set[str] = set()

    def canary(self, where: str) -> str:
        """A word that nobody but those above the reader may find."""
        word = f"zanzibar{where}{len(self.canaries)}x".replace("_", "").replace(".", "")
        self.canaries.add(word)
        return word

    def write(self, *, later: bool = False) -> None:
        """Write both; `later` gives all that is hidden other words, and lets some of it come and go."""
        for workspace in (self.full, self.bare):
            home = workspace.folder(CLIENT)
            shutil.rmtree(home / "keep", ignore_errors=True)
            for each in sorted(home.iterdir()):
                if each.is_dir() and each.name != "releases":
                    shutil.rmtree(each)
        self._client()
        for kind in every_kind():
            self._open(kind)
            self._pointing(kind)
            self._hidden(kind, later=later)
            self._renamed(kind, later=later)

    def seal(self, version: str) -> tuple[Release, Release]:
        """Seal both, and let somebody sign whom the reader may not know."""
        made = []
        for workspace in (self.full, self.bare):
            sealed = releases.seal(workspace, CLIENT, version, DAYS[version], f"Notes of {version}.", 2)
            for person in (open_ids("person")[0], "signer"):
                sealed = releases.sign(sealed, workspace.root, person, person.title(), DAYS[version])
            made.append(sealed)
        return made[0], made[1]

    def _values(
        self, kind: type[Record], text: Any, ref: Any, day: str, status: str, only: Any
    ) -> dict[str, Any]:
        values = fields(kind, text, ref, only)
        if status:
            values["status"] = status
        return _dated(values, day)

    def _plain(self, kind: type[Record], status: str) -> dict[str, Any]:
        """An open record: all that the reader may see of it."""
        values = self._values(kind, lambda spec: "plain words", _first_open, LONG_AGO, status, self.reader)
        return {**values, "audience": self.reader.value, "title": f"Open {kind.label[0]} {status}"}

    def _secret_fields(self, kind: Any) -> dict[str, Any]:
        values = fields(kind, lambda spec: self.canary(spec.name), _first_open)
        hidden = {spec.name for spec in fields_of(kind) if not self.reader.sees(spec.audience)}
        return {name: value for name, value in values.items() if name in hidden}

    def _both(self, kind: type[Record], name: str, values: dict[str, Any], more: dict[str, Any]) -> None:
        write(self.full.folder(CLIENT), kind, name, {**values, **more})
        write(self.bare.folder(CLIENT), kind, name, values)

    def _client(self) -> None:
        shared = _dated(fields(Client, lambda spec: "plain words", _first_open, self.reader), LONG_AGO)
        shared |= {"title": "Demo", "currency": "GBP", "sites": [], "release": {"sign_off": 2}}
        shared.pop("edition", None)
        secret = {"internal_notes": self.canary("client"), "history": {"link": self._link()}}
        for workspace, more in ((self.full, secret), (self.bare, {})):
            path = workspace.folder(CLIENT) / "client.yaml"
            path.write_text(yaml.safe_dump({**shared, **more}, sort_keys=False))
        for workspace in (self.full, self.bare):
            hidden = {"title": "Signer", "audience": above(self.reader)}
            write(workspace.folder(CLIENT), Person, "signer", hidden)

    def _link(self) -> str:
        return f"https://git.example.com/{self.canary('link')}/{{path}}"

    def _open(self, kind: type[Record]) -> None:
        for name, status in zip(open_ids(kind.kind), statuses(kind), strict=True):
            self._both(kind, name, self._plain(kind, status), self._secret_fields(kind))

    def _pointing(self, kind: type[Record]) -> None:
        """For each reference of a kind, an open record that names a hidden one there."""
        for path, spec in ref_fields(kind):
            for target in spec.refs:
                name = name_of(kind.kind, "at", *path, target)
                values = self._plain(kind, statuses(kind)[0])
                bare = _set(values, path, spec, None)
                full = _set(values, path, spec, f"{target}/{name_of(target, 'hidden')}")
                needed = spec.required and len(path) == 1
                if self._hides(target):
                    write(self.full.folder(CLIENT), kind, name, full)
                elif not needed:
                    write(self.full.folder(CLIENT), kind, name, bare)
                if not needed:
                    write(self.bare.folder(CLIENT), kind, name, bare)

    def _hides(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds

    def _hidden(self, kind: type[Record], *, later: bool) -> None:
        """A hidden record for each reference of a kind, that names every open record there."""
        if not self._hides(kind.kind):
            return
        names = [name_of(kind.kind, "hidden"), name_of(kind.kind, "hidden", "new" if later else "old")]
        for number, _ in enumerate(statuses(kind)):
            names.append(name_of(kind.kind, "hidden", str(number), "status"))
        for number, name in enumerate(names):
            status = statuses(kind)[max(0, number - 2)]
            day = LATELY if number else LONG_AGO
            values = self._values(kind, lambda spec: self.canary(spec.name), _first_open, day, status, None)
            for path, spec in ref_fields(kind):
                if len(path) == 1 and spec.many:
                    values[path[0]] = [f"{each}/{name}" for each in spec.refs for name in open_ids(each)]
                elif len(path) == 1 and len(spec.refs) > number:
                    values[path[0]] = f"{spec.refs[number]}/{open_ids(spec.refs[number])[0]}"
            values |= {"audience": above(self.reader), "title": self.canary("title")}
            write(self.full.folder(CLIENT), kind, name, values)

    def _renamed(self, kind: type[Record], *, later: bool) -> None:
        """A record that the reader comes to see only under its second name."""
        was, now = name_of(kind.kind, "was"), name_of(kind.kind, "now")
        values = self._plain(kind, statuses(kind)[0])
        if later:
            self._both(kind, now, {**values, "formerly": [was]}, {})
        elif self._hides(kind.kind):
            write(self.full.folder(CLIENT), kind, was, {**values, "audience": above(self.reader)})


def _first_open(spec: FieldSpec) -> str:
    return f"{spec.refs[0]}/{open_ids(spec.refs[0])[0]}"


def _dated(values: Any, day: str) -> Any:
    if isinstance(values, dict):
        return {name: _dated(value, day) for name, value in values.items()}
    if isinstance(values, list):
        return [_dated(value, day) for value in values]
    return day if values == LONG_AGO else values


def _set(values: dict[str, Any], path: tuple[str, ...], spec: FieldSpec, name: str | None) -> dict[str, Any]:
    """The values with one reference at a path, and without it for None."""
    changed = dict(values)
    first, *rest = path
    if rest:
        inner = changed.get(first)
        if isinstance(inner, list):
            changed[first] = [_set(each, tuple(rest), spec, name) for each in inner]
        elif isinstance(inner, dict):
            changed[first] = _set(inner, tuple(rest), spec, name)
    elif name is None:
        changed.pop(first, None)
    else:
        changed[first] = [name] if spec.many else name
    return changed
