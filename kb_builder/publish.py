"""Copying a site to where it is read: what changed, in an order in which no reader ever meets a missing file.

A target holds `.kb-published.json` beside the versions, which says whose site it is and gives the SHA-256 of every file.
Before anything is changed, what is about to change is struck out of it, so that a publish that was cut off and is run
again, with whatever content, never takes a file for one that it is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from kb_builder.errors import KbError
from kb_builder.versions import LATEST

MANIFEST = ".kb-published.json"
UNKNOWN = ""
"""Stands in the manifest for the SHA-256 of a file of which it is not known what it holds."""


class Place(Protocol):
    """A target that is open: files by their path from its root."""

    shown: str
    """What it is called in words, without anything secret."""

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if it is not there. Raises KbError if the place cannot be read."""

    def is_empty(self) -> bool:
        """Whether nothing is there at all."""

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole; one that is not finished is never seen. Raises KbError."""

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files; one that is not there is no mistake. Raises KbError."""

    def close(self, *, finished: bool) -> None:
        """End the work: what is kept back until the end is done now, if the work is finished."""


@dataclass(frozen=True)
class Plan:
    """What has to be done at a target: files to put, step by step in this order, then files to remove."""

    steps: tuple[tuple[str, ...], ...]
    removals: tuple[str, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int

    @property
    def idle(self) -> bool:
        """Whether the target holds all of it already."""
        return not (self.removals or self.new or self.changed)


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """The SHA-256 of every file."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def plan(wanted: Mapping[str, str], there: Mapping[str, str]) -> Plan:
    """What turns a target that holds `there` into one that holds `wanted`; both SHA-256 by path.

    New files come before changed ones, since changed pages link to new ones; in both, the versions before `latest`, and
    what a page shows before the page; then what stands beside the versions. Pages are removed before what they show.
    """
    new = sorted(name for name in wanted if name not in there)
    changed = sorted(name for name in wanted if name in there and there[name] != wanted[name])
    steps: list[tuple[str, ...]] = []
    for names, part in (
        (new, _VERSIONS),
        (new, _LATEST),
        (changed, _VERSIONS),
        (changed, _LATEST),
        ([*new, *changed], _FRONT),
    ):
        own = [name for name in names if _part(name) == part]
        steps.append(tuple(name for name in own if not _is_page(name)))
        steps.append(tuple(name for name in own if _is_page(name)))
    gone = sorted((name for name in there if name not in wanted), key=lambda name: (not _is_page(name), name))
    return Plan(
        tuple(step for step in steps if step),
        tuple(gone),
        tuple(new),
        tuple(changed),
        len(wanted) - len(new) - len(changed),
    )


_VERSIONS, _LATEST, _FRONT = range(3)


def _part(name: str) -> int:
    if "/" not in name:
        return _FRONT
    return _LATEST if name.startswith(f"{LATEST}/") else _VERSIONS


def _is_page(name: str) -> bool:
    return name.endswith(".html")


def publish(
    place: Place,
    owner: str,
    files: Mapping[str, Path],
    *,
    dry_run: bool = False,
    adopt: bool = False,
    tick: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """Make a place hold exactly `files`, of the site `owner` (such as `acme/staff`); what was done.

    With `adopt` a place that holds somebody's files, or another site, is taken over: files that are not in a manifest
    of ours stay. With `dry_run` nothing is done. Raises KbError for a place that is not ours, for paths that lead out
    of it, and when it cannot be written; it can then be run again.
    """
    for name in files:
        parts = PurePosixPath(name).parts
        if name.startswith("/") or ".." in parts or "\\" in name or PurePosixPath(name).name == MANIFEST:
            raise KbError(f"{name} is not a path that can be published")
    there = _there(place, owner, adopt=adopt)
    wanted = digests(files)
    work = plan(wanted, there)
    if dry_run or work.idle:
        place.close(finished=False)
        return work
    finished = False
    try:
        total = len(work.new) + len(work.changed) + len(work.removals)
        count = iter(range(1, total + 1))

        def told(_: str) -> None:
            tick(next(count, total), total)

        struck = dict.fromkeys((*work.new, *work.changed, *work.removals), UNKNOWN)
        _note(place, owner, {**there, **struck})
        for step in work.steps:
            place.put({name: files[name] for name in step}, told)
        if work.removals:
            place.remove(list(work.removals), told)
        _note(place, owner, wanted)
        finished = True
    finally:
        place.close(finished=finished)
    return work


def _there(place: Place, owner: str, *, adopt: bool) -> dict[str, str]:
    """What the manifest says that a place holds. Raises KbError if the place is not ours."""
    content = place.read(MANIFEST)
    if content is None:
        if not adopt and not place.is_empty():
            raise KbError(
                f"{place.shown} holds files, and nothing of kb is among them",
                "look whether it is the right place; --adopt takes it over and leaves those files alone",
            )
        return {}
    try:
        found = json.loads(content)
        files = {str(name): str(digest) for name, digest in found["files"].items()}
        whose = str(found["site"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if not adopt:
            raise KbError(
                f"{MANIFEST} in {place.shown} cannot be read: {error}",
                "with --adopt everything is copied again, and nothing is removed",
            ) from error
        return {}
    if whose != owner and not adopt:
        raise KbError(
            f"{place.shown} holds the site of {whose}, not of {owner}",
            "look whether it is the right place; --adopt replaces that site",
        )
    return {name: digest for name, digest in files.items() if _is_inside(name)}


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name


def _note(place: Place, owner: str, files: Mapping[str, str]) -> None:
    text = json.dumps({"site": owner, "files": dict(sorted(files.items()))}, indent=0) + "\n"
    place.put({MANIFEST: text.encode()}, lambda _: None)
