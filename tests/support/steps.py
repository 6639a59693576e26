"""How much work something is, counted and not timed: the same on any machine, however busy."""

from __future__ import annotations

import sys
from collections.abc import Callable


def calls(work: Callable[[], object]) -> int:
    """How many functions are called while `work()` runs, Python's own included."""
    count = 0

    def tick(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def growth(work: Callable[[int], Callable[[], object]], small: int, times: int = 4) -> float:
    """By how much the calls of `work(size)` grow when the size grows so many times; `times` is in proportion."""
    return calls(work(small * times)) / calls(work(small))


def steps(work: Callable[[], object]) -> int:
    """How many lines run while `work()` runs, each turn of a loop or comprehension anew, and every function called."""
    count = 0

    def tick(frame: object, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return tick

    before = sys.gettrace()
    sys.settrace(tick)  # type: ignore[arg-type]
    try:
        called = calls(work)
    finally:
        sys.settrace(before)
    return count + called
