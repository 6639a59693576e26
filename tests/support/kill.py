"""Kills a piece of work at a random point, as an impatient person or a machine short of memory would.

    for where in kills(200, work, prepare, seed=7):
        ...assert that the old state or the new one stands, whole; say `where` if not...

Each time `prepare()` puts the old state in place, and `work()` runs in a fork of the loaded test process, so that a kill
costs milliseconds, and is killed with SIGKILL. Half of the kills fall at a random moment of the time that the work
takes (measured, and corrected when it is done sooner), half at a random one of the calls by which it changes the disk:
the moments between two renames are too short to be met by chance.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator

CHANGES = frozenset(
    {
        "open",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.mkdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "shutil.move",
    }
)
"""The audit events of calls that change what is on disk, or may."""


def kills(times: int, work: Callable[[], object], prepare: Callable[[], object], seed: int) -> Iterator[str]:
    """Run `prepare()`, then `work()` and kill it, so many times; yields after each, in words, where it was killed.

    Raises AssertionError if the work fails by itself or is done before it could be killed too often.
    """
    chance = random.Random(seed)
    prepare()
    began = time.monotonic()
    assert _run(work) == 0, "the work fails without being killed"
    seconds = time.monotonic() - began
    prepare()
    calls = _count(work)
    assert calls > 0
    killed = 0
    for number in range(times):
        prepare()
        if number % 2:
            at = chance.randint(1, calls)
            code = _run(work, at_call=at)
            where = f"seed {seed}, kill {number}, at call {at} of {calls}"
        else:
            after = chance.uniform(0, seconds)
            code = _run(work, after=after)
            where = f"seed {seed}, kill {number}, after {after:.4f} s of {seconds:.4f}"
            seconds = seconds if code else min(seconds, after)
        assert code in (0, -signal.SIGKILL), f"{where}: ended with {code}"
        killed += code != 0
        yield where
    assert killed >= times * 0.6, f"only {killed} of {times} met it alive"


def _run(work: Callable[[], object], *, at_call: int = 0, after: float | None = None) -> int:
    """Run the work in a fork; its exit code, negative for a signal."""
    child = os.fork()
    if child == 0:
        _child(work, at_call)
    if after is not None:
        time.sleep(after)
        _kill_group(child)
    _, status = os.waitpid(child, 0)
    _kill_group(child)
    return os.waitstatus_to_exitcode(status)


def _kill_group(child: int) -> None:
    """Kill the work and whatever it started."""
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            return


def _child(work: Callable[[], object], at_call: int) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        if at_call:
            _count_down(at_call, lambda: os.kill(os.getpid(), signal.SIGKILL))
        work()
        code = 0
    finally:
        sys.stderr.flush()
        os._exit(code)


def _count_down(at_call: int, then: Callable[[], object]) -> None:
    left = [at_call]

    def seen(event: str, arguments: tuple[object, ...]) -> None:
        if event in CHANGES and not (event == "open" and arguments[1] in ("r", "rb", None)):
            left[0] -= 1
            if left[0] == 0:
                then()

    sys.addaudithook(seen)


def _count(work: Callable[[], object]) -> int:
    """How many calls the work makes that change the disk."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            seen = [0]

            def note(event: str, arguments: tuple[object, ...]) -> None:
                if event in CHANGES and not (event == "open" and arguments[1] in ("r", "rb", None)):
                    seen[0] += 1

            sys.addaudithook(note)
            work()
            os.write(writing, str(seen[0]).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    text = b""
    while part := os.read(reading, 100):
        text += part
    os.close(reading)
    os.waitpid(child, 0)
    return int(text or b"0")
