"""Copying a site to where it is read: what changed, in an order in which no reader ever meets a missing file.

A target holds `.kb-published.json` beside the versions, which says whose site it is and gives the SHA-256 of every file.
Before a step begins, what it is about to change is struck out of it, so that a publish that was cut off and is run
again, with whatever content, never takes a file for one that it is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kb_builder.errors import KbError
from kb_builder.names import unseen
from kb_builder.place import MANIFEST, STAGED, Place
from kb_builder.versions import LATEST

UNKNOWN = ""
"""Stands in the manifest for the SHA-256 of a file of which it is not known what it holds."""
UNLINKED = "new"
"""Stands there for a file that may not have arrived yet; no page that a reader comes to leads to it."""


@dataclass(frozen=True)
class Plan:
    """What has to be done at a target: files that are new to put, step by step, then changed ones, then removals."""

    first: tuple[tuple[str, ...], ...]
    then: tuple[tuple[str, ...], ...]
    removals: tuple[str, ...]
    unchanged: int

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """The files to put, in the order of the steps."""
        return self.first + self.then

    @property
    def new(self) -> tuple[str, ...]:
        """The files that are not there, or that nothing leads to yet."""
        return tuple(sorted(name for step in self.first for name in step))

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that hold something else, or nobody knows what."""
        return tuple(sorted(name for step in self.then for name in step))

    @property
    def idle(self) -> bool:
        """Whether the target holds all of it already."""
        return not (self.removals or self.first or self.then)


def digests(files: Mapping[str, Path]) -> dict[str, str]:
    """The SHA-256 of every file."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def plan(
    wanted: Mapping[str, str], there: Mapping[str, str | None], unlinked: Collection[str] = frozenset()
) -> Plan:
    """What turns a target that holds `there` into one that holds `wanted`; both SHA-256 by path, None if not known.

    All new files come before all changed ones: until the last of them has arrived, no page that a reader comes to leads
    to one, and from then on the links of old pages and of new ones are good. In both, the versions come before
    `latest`, then what stands beside the versions; what a page shows comes before the page, a version's first page last.
    Files in `unlinked` are new even if they are there. Pages are removed before what they show.
    """
    same = {name for name, digest in wanted.items() if there.get(name) == digest}
    new = {name for name in wanted if name not in same and (name not in there or name in unlinked)}
    gone = sorted((name for name in there if name not in wanted), key=lambda name: (-_sort(name), name))
    return Plan(_steps(new), _steps(wanted.keys() - new - same), tuple(gone), len(same))


def _steps(names: Collection[str]) -> tuple[tuple[str, ...], ...]:
    steps: dict[tuple[int, int], list[str]] = {}
    for name in sorted(names):
        steps.setdefault((_part(name), _sort(name)), []).append(name)
    return tuple(tuple(steps[key]) for key in sorted(steps))


_VERSIONS, _LATEST, _FRONT = range(3)
_SHOWN, _PAGE, _FIRST_PAGE = range(3)


def _part(name: str) -> int:
    if "/" not in name:
        return _FRONT
    return _LATEST if name.startswith(f"{LATEST}/") else _VERSIONS


def _sort(name: str) -> int:
    if not name.endswith(".html"):
        return _SHOWN
    return _FIRST_PAGE if name.count("/") == 1 and name.endswith("/index.html") else _PAGE


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
    of it, where somebody else publishes at the same time, and when it cannot be written; it can then be run again.
    """
    finished = False
    try:
        for name in files:
            if not _is_inside(name):
                raise KbError(f"{name} is not a path that can be published", "give the file another name")
        wanted = digests(files)
        written, there, unlinked = _there(place, owner, wanted, adopt=adopt)
        work = plan(wanted, there, unlinked)
        if not dry_run and not work.idle:
            _carry_out(work, _Manifest(place, owner, written), files, wanted, there, tick)
            finished = True
    finally:
        place.close(finished=finished)
    return work


class _Manifest:
    """The manifest at a place, as we saw or wrote it last."""

    def __init__(self, place: Place, owner: str, written: bytes | None) -> None:
        self.place, self.owner, self.written = place, owner, written

    def write(self, marks: Mapping[str, str]) -> None:
        """Write it, unless somebody else has. Raises KbError then."""
        if self.place.read(MANIFEST) != self.written:
            raise KbError(
                f"somebody else publishes to {self.place.shown} at this moment",
                "wait until that is done, then run it again",
            )
        text = json.dumps({"site": self.owner, "files": dict(sorted(marks.items()))}, indent=0) + "\n"
        self.written = text.encode()
        self.place.put({MANIFEST: self.written}, lambda _: None)


def _carry_out(
    work: Plan,
    manifest: _Manifest,
    files: Mapping[str, Path],
    wanted: Mapping[str, str],
    there: Mapping[str, str | None],
    tick: Callable[[int, int], None],
) -> None:
    total = len(work.new) + len(work.changed) + len(work.removals)
    count = iter(range(1, total + 1))

    def told(_: str) -> None:
        tick(next(count, total), total)

    marks = {name: digest or UNKNOWN for name, digest in there.items()}
    for steps, names, mark in ((work.first, work.new, UNLINKED), (work.then, work.changed, UNKNOWN)):
        if names:
            manifest.write(marks | dict.fromkeys(names, mark))
        for step in steps:
            manifest.place.put({name: files[name] for name in step}, told)
        marks |= {name: wanted[name] for name in names}
    if work.removals:
        manifest.write(marks | dict.fromkeys(work.removals, UNLINKED))
        manifest.place.remove(list(work.removals), told)
    manifest.write(wanted)


def _there(
    place: Place, owner: str, wanted: Collection[str], *, adopt: bool
) -> tuple[bytes | None, dict[str, str | None], set[str]]:
    """The manifest, what of ours a place holds, and what of it no page leads to. Raises KbError if it is not ours."""
    content = place.read(MANIFEST)
    marks = _marks(content, place, owner, adopt=adopt)
    listed = place.holds({*marks, *wanted})
    if content is None and listed and not adopt:
        raise KbError(
            f"{place.shown} holds files, and nothing of kb is among them",
            "look whether it is the right place; --adopt takes it over and leaves those files alone",
        )
    folders = {str(parent) for name in wanted for parent in PurePosixPath(name).parents}
    if clash := sorted(folders & listed.keys()):
        raise KbError(f"{clash[0]} in {place.shown} is a link or a file, not a folder", "take it away first")
    there: dict[str, str | None] = {}
    for name in {*marks, *wanted}:
        mark = marks.get(name)
        if name in listed:
            there[name] = listed[name] or (mark if mark not in (UNKNOWN, UNLINKED) else None)
        elif name not in wanted and not any(str(each) in listed for each in PurePosixPath(name).parents):
            there[name] = None
    return content, there, {name for name, mark in marks.items() if mark == UNLINKED}


def _marks(content: bytes | None, place: Place, owner: str, *, adopt: bool) -> dict[str, str]:
    """The files that a manifest lists. Raises KbError if it is not ours."""
    if content is None:
        return {}
    try:
        found = json.loads(content)
        files = {str(name): str(mark) for name, mark in found["files"].items()}
        whose = str(found["site"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
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
    return {name: mark for name, mark in files.items() if _is_inside(name)}


def _is_inside(name: str) -> bool:
    """Whether a path stays within a place, on whatever system that is, and is not one of our own files."""
    parts = name.split("/")
    return (
        not unseen(name)
        and "\\" not in name
        and ":" not in parts[0]
        and not any(part in ("", ".", "..", MANIFEST) or part.lower() == ".git" for part in parts)
        and not any(part.startswith(STAGED) for part in parts)
    )
