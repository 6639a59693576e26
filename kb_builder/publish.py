"""Copying a site to where it is read: what changed, in an order in which no reader ever meets a missing file.

A target holds `.kb-published.json` beside the versions, the list of what is there (`turn`). Before a step begins, what
it is about to change is struck out of it, so that a publish that was cut off and is run again, with whatever content,
never takes a file for one that it is not. What is there is looked at each time, as far as the place can tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import MANIFEST, Overtaken, Place, Print, print_of
from kb_builder.publish_plan import Plan, is_inside, links_depend_on, plan, taken_down
from kb_builder.turn import UNKNOWN, UNLINKED, Listing, Turn, Watch, Who, listing

T = TypeVar("T")


@dataclass(frozen=True)
class How:
    """How a place is published to: what is asked for, who asks, and for how long we wait.

    With `adopt` a place that holds somebody's files, or another site, is taken over: files that are not in a list of
    ours stay. With `verify` the content of every file there is made sure of, even if it has to be fetched; without,
    that of those that links depend on, and of the others what the place tells unasked. With `dry_run` nothing is done.
    """

    dry_run: bool = False
    adopt: bool = False
    verify: bool = False
    who: Who = field(default_factory=Who)
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True)
class _Job:
    place: Place
    how: How
    tick: Callable[[int, int], None]


def _nobody_looks(_done: int, _all: int) -> None:
    return


def publish(
    place: Place,
    owner: str,
    files: Mapping[str, Path],
    how: How | None = None,
    tick: Callable[[int, int], None] = _nobody_looks,
) -> Plan:
    """Make a place hold exactly `files`, of the site `owner` (such as `acme/staff`); what was done.

    Whoever publishes there is waited for. Raises KbError for a place that is not ours, for paths that lead out of it,
    where somebody else publishes for longer than our patience, and when it cannot be written; it can be run again.
    """
    for name in files:
        if not is_inside(name):
            raise KbError(f"{name} is not a path that can be published", "give the file another name")
    wanted = {name: print_of(path.read_bytes()) for name, path in files.items()}
    job = _Job(place, how or How(), tick)
    return _in_turn(job, lambda watch: _publish(job, owner, files, wanted, watch))


def remove(
    place: Place,
    owners: Collection[str],
    how: How | None = None,
    tick: Callable[[int, int], None] = _nobody_looks,
) -> tuple[str, list[str]]:
    """Take a site down, list and all, if it is one of `owners`: whose it was, and the files that went.

    The list of versions goes first, then every way in. Files that are not in the list of ours stay. Raises KbError if
    there is no site of theirs, and as `publish` does.
    """
    job = _Job(place, how or How(), tick)
    return _in_turn(job, lambda watch: _take_down(job, owners, watch))


def _in_turn(job: _Job, work: Callable[[Watch], T]) -> T:
    """Do something when it is our turn, from the beginning each time that somebody else was quicker."""
    watch, since = Watch(job.how.patience.silence), time.monotonic()
    while True:
        try:
            return work(watch)
        except Overtaken as other:
            job.how.patience.again()
            job.how.patience.wait(other, since)


def _publish(
    job: _Job, owner: str, files: Mapping[str, Path], wanted: Mapping[str, Print], watch: Watch
) -> Plan:
    finished = False
    try:
        alone = job.place.begin(writing=not job.how.dry_run)
        found = listing(job.place, adopt=job.how.adopt)
        _refuse_other(job.place, found, [owner], adopt=job.how.adopt)
        other = watch.other(found, job.place.shown, alone=alone)
        if other and not job.how.dry_run:
            raise other
        there = _there(job, found, wanted)
        digests = {name: print_.sha256 or "" for name, print_ in wanted.items()}
        unlinked = {name for name, mark in (found.marks or {}).items() if mark == UNLINKED}
        listed = found.marks == digests and found.owner == owner and found.busy is None
        work = replace(plan(digests, there, unlinked), listed=listed, busy=other.message if other else "")
        if not (job.how.dry_run or work.idle):
            with Turn(
                job.place, replace(found, owner=owner), _named(job.how.who, alone), job.how.patience
            ) as turn:
                _carry_out(job, work, turn, files, digests, there)
            finished = True
    finally:
        job.place.close(finished=finished)
    return work


def _named(who: Who, alone: bool | None) -> Who:
    return replace(who, locked=alone is True)


def _carry_out(
    job: _Job,
    work: Plan,
    turn: Turn,
    files: Mapping[str, Path],
    wanted: Mapping[str, str],
    there: Mapping[str, str | None],
) -> None:
    told = _counter(job, len(work.new) + len(work.changed) + len(work.removals))
    marks = {name: digest or UNKNOWN for name, digest in there.items()}
    for steps, names, mark in ((work.first, work.new, UNLINKED), (work.then, work.changed, UNKNOWN)):
        if names:
            turn.write(marks | dict.fromkeys(names, mark))
        for step in steps:
            job.place.put({name: files[name] for name in step}, told)
        marks |= {name: wanted[name] for name in names}
    if work.removals:
        turn.write(marks | dict.fromkeys(work.removals, UNLINKED))
        job.place.remove(list(work.removals), told)
    turn.finish(wanted)


def _counter(job: _Job, total: int) -> Callable[[str], None]:
    count = iter(range(1, total + 1))

    def told(_: str) -> None:
        job.how.patience.check()
        job.tick(next(count, total), total)

    return told


def _take_down(job: _Job, owners: Collection[str], watch: Watch) -> tuple[str, list[str]]:
    place, finished = job.place, False
    try:
        alone = place.begin(writing=not job.how.dry_run)
        found = listing(place, adopt=False)
        if found.owner is None:
            raise KbError(f"there is no site of kb in {place.shown}", "nothing was removed")
        _refuse_other(place, found, owners, adopt=False)
        other = watch.other(found, place.shown, alone=alone)
        if other and not job.how.dry_run:
            raise other
        marks = found.marks or {}
        listed = place.holds(frozenset())
        steps = taken_down([name for name in marks if name in listed])
        if not job.how.dry_run:
            with Turn(place, found, _named(job.how.who, alone), job.how.patience) as turn:
                turn.write(dict.fromkeys(marks, UNLINKED))
                told = _counter(job, sum(len(step) for step in steps))
                for step in steps:
                    place.remove(step, told)
                turn.finish({})
            place.remove([MANIFEST], lambda _: None)
            finished = True
    finally:
        place.close(finished=finished)
    return found.owner, [name for step in steps for name in step]


def _refuse_other(place: Place, found: Listing, owners: Collection[str], *, adopt: bool) -> None:
    if found.owner is not None and found.owner not in owners and not adopt:
        raise KbError(
            f"{place.shown} holds the site of {found.owner}, not of {' or '.join(owners)}",
            "look whether it is the right place; --adopt replaces that site",
        )


def _there(job: _Job, found: Listing, wanted: Mapping[str, Print]) -> dict[str, str | None]:
    """What of ours a place holds: the SHA-256 of each file, None if it is not known or not what it should be.

    Raises KbError for files that are not ours, or that stand where folders have to.
    """
    place, marks = job.place, found.marks or {}
    known = {*marks, *wanted}
    listed = place.holds(known)
    if found.tag is None and listed and not job.how.adopt:
        raise KbError(
            f"{place.shown} holds files, and nothing of kb is among them",
            "look whether it is the right place; --adopt takes it over and leaves those files alone",
        )
    folders = {str(parent) for name in wanted for parent in PurePosixPath(name).parents}
    if clash := sorted(folders & listed.keys()):
        raise KbError(f"{clash[0]} in {place.shown} is a link or a file, not a folder", "take it away first")
    there: dict[str, str | None] = {}
    for name in known:
        if name in listed:
            there[name] = _told(listed[name], wanted.get(name), marks.get(name))
        elif name not in wanted and not any(str(each) in listed for each in PurePosixPath(name).parents):
            there[name] = None
    doubtful = _doubtful(job, listed, wanted, there)
    fetched = place.digests(doubtful) if doubtful else {}
    return {
        name: fetched.get(name) if name in doubtful else digest
        for name, digest in there.items()
        if name not in doubtful or name in fetched
    }


def _told(there: Print, wanted: Print | None, mark: str | None) -> str | None:
    """The SHA-256 of a file there, by what the place tells of it; the list is believed where the place says nothing."""
    if there.sha256 is not None:
        return there.sha256
    if wanted and there.size is not None and there.size != wanted.size:
        return None
    if wanted and there.md5 is not None:
        return wanted.sha256 if there.md5 == wanted.md5 else None
    return None if mark in (UNKNOWN, UNLINKED) else mark


def _doubtful(
    job: _Job, listed: Mapping[str, Print], wanted: Mapping[str, Print], there: Mapping[str, str | None]
) -> set[str]:
    """The files that may be what they should be, of which only their content can tell, and that matter."""
    return {
        name
        for name, print_ in wanted.items()
        if name in listed
        and listed[name].sha256 is None
        and listed[name].md5 is None
        and listed[name].size in (None, print_.size)
        and (job.how.verify or job.how.adopt or (links_depend_on(name) and there[name] == print_.sha256))
    }
