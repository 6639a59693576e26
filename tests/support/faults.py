"""Runs `kb` on a machine that refuses: one call to the system, the so-and-so-manieth of its kind, fails.

    whole, calls = counted(arguments, below)          how often each kind of call is made below a folder
    done = run(arguments, below, Fault("open", 3, errno.EACCES))

`kb` runs whole, from its arguments to its exit code, in a fork of the loaded test process. Calls fail by an audit hook,
as the system would have them fail: with the number and the paths. Writing is no audited call; there the system itself
refuses, by a limit on how large a file may grow.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kb_builder import cli

KINDS = {
    "open": "open",
    "os.mkdir": "mkdir",
    "os.rename": "rename",
    "os.remove": "unlink",
    "os.rmdir": "unlink",
    "os.scandir": "scandir",
    "os.listdir": "scandir",
    "shutil.copyfile": "copy",
    "os.link": "copy",
}
"""The audit events of calls to the system, and the kind that each is of."""
WRITE = "write"
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Fault:
    """Which call fails, and with what: of `write`, the file that would grow beyond so many bytes."""

    kind: str
    number: int
    errno: int

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {os.strerror(self.errno)}"


@dataclass(frozen=True)
class Done:
    """What a run came to."""

    code: int
    out: str
    err: str


def run(arguments: list[str], below: Path, fault: Fault | None = None, user: int | None = None) -> Done:
    """Run `kb` with these arguments, as that user; the call fails if it is for something in the folder `below`."""

    def prepare() -> None:
        if user is not None:
            os.setgroups([])
            os.setegid(user)
            os.seteuid(user)
        if fault is not None:
            _arm(fault, below)

    return _forked(arguments, prepare)


def counted(arguments: list[str], below: Path) -> tuple[Done, dict[str, int]]:
    """What `kb` comes to, and how many calls of each kind it makes for something in the folder `below`."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "counts"
        done = _forked(arguments, lambda: _count(said, below))
        assert done.code == 0, done.err
        return done, dict(json.loads(said.read_text()))


def _forked(arguments: list[str], prepare: Callable[[], None]) -> Done:
    pipes = [os.pipe(), os.pipe()]
    child = os.fork()
    if child == 0:
        _child(arguments, [writing for _, writing in pipes], prepare)
    for _, writing in pipes:
        os.close(writing)
    late = threading.Timer(LIMIT_SECONDS, os.kill, (child, signal.SIGKILL))
    late.start()
    try:
        with ThreadPoolExecutor(2) as pool:
            out, err = pool.map(_all_of, [reading for reading, _ in pipes])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        late.cancel()
    assert code != -signal.SIGKILL, f"kb {' '.join(arguments)} hangs"
    return Done(code, out, err)


def _all_of(reading: int) -> str:
    with open(reading, "rb") as stream:
        return stream.read().decode()


def _child(arguments: list[str], pipes: list[int], prepare: Callable[[], None]) -> None:
    code = 99
    try:
        for number, writing in enumerate(pipes, 1):
            os.dup2(writing, number)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        sys.argv = ["kb", *arguments]
        prepare()
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 98
        finally:
            for hooked in _AT_END:
                hooked()
    finally:
        os._exit(code)


_AT_END: list[Callable[[], None]] = []


def _arm(fault: Fault, below: Path) -> None:
    if fault.kind == WRITE:
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.number, resource.RLIM_INFINITY))
        return
    left = [fault.number]

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        if KINDS.get(event) == fault.kind and (paths := list(_below(arguments, below))):
            left[0] -= 1
            if left[0] == 0:
                raise OSError(fault.errno, os.strerror(fault.errno), paths[0], None, *paths[1:2])

    sys.addaudithook(seen)


def _count(said: Path, below: Path) -> None:
    found: Counter[str] = Counter()

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        if event in KINDS and any(_below(arguments, below)):
            found[KINDS[event]] += 1

    sys.addaudithook(seen)
    _AT_END.append(lambda: said.write_text(json.dumps(found)) and None)


def _below(arguments: tuple[object, ...], below: Path) -> Iterator[str]:
    for each in arguments[:2]:
        if isinstance(each, str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(each))  # noqa: PTH100 links are not followed
            if path.startswith(f"{below}{os.sep}") or path == str(below):
                yield path
