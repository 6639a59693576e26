"""Watches in which order a piece of work writes, syncs and renames, as a power cut would tell.

    faults = watched(work, durable)

What was written but not synced is gone after a power cut, and a name whose folder was not synced may be, too. So
nothing may come into place, be replaced or be told of before what it needs is on the disk. The work runs in a fork, for
what watches it cannot be taken away again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

WRITES = os.O_WRONLY | os.O_RDWR
JOURNAL = "journal.json"


class Watch:
    """What is written and not on the disk yet, bytes and names apart, and what was done too early."""

    def __init__(self, durable: Callable[[str], bool]) -> None:
        self.durable = durable
        self.files: set[str] = set()
        self.names: set[str] = set()
        self.decided: set[str] = set()
        self.faults: list[str] = []
        self.events = 0

    def seen(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit event of Python's."""
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            if arguments[2] & WRITES:
                self.opened(_path(arguments[0]))
        elif event == "os.rename":
            self.renamed(_path(arguments[0]), _path(arguments[1]))
        elif event == "os.remove" and arguments[1] == -1:
            self.removed(_path(arguments[0]))
        elif (
            event == "os.mkdir"
            and not Path(_path(arguments[0])).exists()
            or event == "os.rmdir"
            and arguments[1] == -1
        ):
            self.names.add(_path(arguments[0]))
        elif event in ("os.link", "os.symlink"):
            self.names.add(_path(arguments[1]))

    def opened(self, path: str) -> None:
        self.events += 1
        self.files.add(path)
        if not Path(path).exists():
            self.names.add(path)

    def renamed(self, source: str, target: str) -> None:
        self.events += 1
        below = [each for each in self.files if each == source or _is_below(each, source)]
        below += [each for each in self.names if _is_below(each, source)]
        if self.durable(target) and below:
            self.faults.append(f"{target} comes into place before {below[0]} is on the disk")
        stage = _folder(target)
        if target.endswith(f"/{JOURNAL}"):
            early = [each for each in self.files | self.names if _is_below(each, stage) or each == stage]
            if early:
                self.faults.append(f"it is decided before {early[0]} is on the disk")
            self.decided.add(stage)
        elif _folder(source) in self.decided:
            self.faults.append(f"{target} is replaced before the journal is on the disk")
        for kind in (self.files, self.names):
            moved = {each for each in kind if each == source or _is_below(each, source)}
            kind -= moved
            kind |= {target + each[len(source) :] for each in moved}
        self.names |= {source, target}

    def removed(self, path: str) -> None:
        if path.endswith(f"/{JOURNAL}") and (left := self.unsafe()):
            self.faults.append(f"the journal goes before {left[0]} is on the disk")
        self.files.discard(path)
        self.names.add(path)

    def synced(self, path: str) -> None:
        self.events += 1
        self.files.discard(path)
        self.names -= {each for each in self.names if _folder(each) == path}
        self.decided.discard(path)

    def unsafe(self) -> list[str]:
        """What a power cut would take, of what must not be lost."""
        return sorted(each for each in self.files | self.names if self.durable(each))

    def told(self, words: object) -> None:
        if left := self.unsafe():
            self.faults.append(f"{words!r} is said before {left[0]} is on the disk")


def _path(name: Any) -> str:
    return str(Path(os.fsdecode(name)).absolute())


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def watched(work: Callable[[], object], durable: Callable[[str], bool]) -> tuple[int, list[str]]:
    """Do the work in a fork: how many calls were seen, and what was done too early. `durable` tells what counts."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            watch = _installed(Watch(durable))
            work()
            watch.told("done")
            os.write(writing, json.dumps([watch.events, sorted(set(watch.faults))]).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read()
    assert os.waitpid(child, 0)[1] == 0, "the work failed"
    events, faults = json.loads(text)
    return events, faults


def _installed(watch: Watch) -> Watch:
    fsync, echo = os.fsync, click.echo

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        watch.synced(str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    def told(message: object = None, *arguments: Any, **named: Any) -> None:
        if not named.get("err"):
            watch.told(message)
        echo(message, *arguments, **named)

    os.fsync = synced
    click.echo = told
    sys.addaudithook(watch.seen)
    return watch
