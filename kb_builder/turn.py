"""Whose turn it is at a place: the list of files there says whose site it is, what it holds, and who publishes now.

The list is only ever written over the list that was read (`Place.swap`). Who wants to publish writes their name in it,
says again every few seconds that they are still there, and takes it out at the end. Who finds somebody else's name
waits; one that is not heard of any more, as after a kill, is passed over.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Any

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import MANIFEST, Overtaken, Place
from kb_builder.publish_plan import is_inside

UNKNOWN = ""
"""Stands in the list for the SHA-256 of a file of which it is not known what it holds."""
UNLINKED = "new"
"""Stands there for a file that may not have arrived yet; no page that a reader comes to leads to it."""


@dataclass(frozen=True)
class Who:
    """Somebody who publishes: `user@host`, since when (ISO 8601), how often they were heard of since.

    `locked` is whether the system keeps others out for as long as they live, so that a name without a lock is a dead one's.
    """

    by: str = "somebody"
    since: str = ""
    beats: int = 0
    locked: bool = False
    turn: str = ""
    """Tells this turn from any other, also of the same person in the same second."""

    def __str__(self) -> str:
        return f"{self.by}, since {self.since}" if self.since else self.by


@dataclass(frozen=True)
class Listing:
    """The list of files at a place: whose site it is, the SHA-256 of each file, who publishes, and the list's own tag.

    Where there is none, or one that cannot be read and need not be, it belongs to nobody.
    """

    owner: str | None = None
    marks: Mapping[str, str] | None = None
    busy: Who | None = None
    tag: str | None = None

    def text(self) -> bytes:
        """The list as it is written."""
        content: dict[str, object] = {"site": self.owner, "files": dict(sorted((self.marks or {}).items()))}
        if self.busy:
            content["publishing"] = asdict(self.busy)
        return (json.dumps(content, indent=0) + "\n").encode()


def listing(place: Place, *, adopt: bool) -> Listing:
    """The list of files at a place. Raises KbError if it cannot be read, unless the place is to be adopted."""
    content = place.read(MANIFEST)
    if content is None:
        return Listing()
    try:
        found = json.loads(content.data)
        files = {str(name): str(mark) for name, mark in found["files"].items()}
        busy = _who(found.get("publishing"))
        return Listing(
            str(found["site"]),
            {name: mark for name, mark in files.items() if is_inside(name)},
            busy,
            content.tag,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if adopt:
            return Listing(tag=content.tag)
        raise KbError(
            f"{MANIFEST} in {place.shown} cannot be read: {error}",
            "with --adopt everything is looked at again, and nothing is removed",
        ) from error


def _who(found: Any) -> Who | None:
    if not isinstance(found, dict):
        return None
    words = [
        "".join(char for char in str(found.get(key, ""))[:80] if char.isprintable())
        for key in ("by", "since")
    ]
    return Who(words[0] or "somebody", words[1], locked=found.get("locked") is True)


class Watch:
    """Keeps an eye on somebody else's name in the list: how long nothing was heard of them."""

    def __init__(self, silence: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.silence = silence
        self.clock = clock
        self.tag: str | None = None
        self.since = 0.0

    def other(self, found: Listing, shown: str, *, alone: bool | None) -> Overtaken | None:
        """Who else publishes there, in words; None if it is our turn. `alone` is what `Place.begin` said."""
        busy = found.busy
        if alone is False:
            return _words(busy or Who(), shown, "wait until that is done, then run it again")
        if busy is None or (alone and busy.locked):
            return None
        if found.tag != self.tag:
            self.tag, self.since = found.tag, self.clock()
        heard = self.clock() - self.since
        if heard >= self.silence:
            return None
        hint = (
            "wait until that is done, then run it again; somebody who was cut off is passed over "
            f"after {self.silence:.0f} s of silence: give it --patience {2 * self.silence:.0f}"
        )
        return _words(busy, shown, hint)


def _words(who: Who, shown: str, hint: str) -> Overtaken:
    return Overtaken(f"{who.by} publishes to {shown}{f' since {who.since}' if who.since else ''}", hint)


class Turn:
    """Our turn, from the first list that we write to the last. Whoever writes one between two of ours has taken it."""

    def __init__(self, place: Place, found: Listing, who: Who, patience: Patience) -> None:
        self.place = place
        self.now = replace(found, busy=replace(who, turn=secrets.token_hex(8)))
        self.patience = patience
        self.taken = False
        self._heard = time.monotonic()
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def write(self, marks: Mapping[str, str]) -> None:
        """Write the list; the first time, that takes the turn. Raises Overtaken if somebody else has it."""
        self._write(replace(self.now, marks=marks))
        if not self.taken:
            self.taken = True
            self.patience.sure = self._sure
            if self.now.busy and not self.now.busy.locked:
                self._thread.start()

    def finish(self, marks: Mapping[str, str]) -> None:
        """Write the list without our name: the turn is over."""
        self._over.set()
        self._write(replace(self.now, marks=marks, busy=None))
        self.taken = False

    def __enter__(self) -> Turn:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the turn. After a failure the list keeps what it says of the files, and our name goes if it can."""
        self._over.set()
        self.patience.sure = lambda: None
        if self.taken:
            with suppress(KbError):
                self.finish(self.now.marks or {})

    def _write(self, wanted: Listing) -> None:
        with self._lock:
            tag = self.place.swap(MANIFEST, wanted.text(), self.now.tag)
            self.now = replace(wanted, tag=tag)
            self._heard = time.monotonic()

    def _again(self) -> None:
        """Say that we are still there."""
        with self._lock:
            busy = self.now.busy
            if busy and not self._over.is_set():
                self._write(replace(self.now, busy=replace(busy, beats=busy.beats + 1)))

    def _sure(self) -> None:
        """Before anything is written: whether the others still know that we are there. Raises Overtaken if not."""
        late = time.monotonic() - self._heard > self.patience.silence / 2
        if late and self.now.busy and not self.now.busy.locked:
            self._again()

    def _beat(self) -> None:
        while not self._over.wait(self.patience.beat):
            try:
                self._again()
            except Overtaken as error:
                self.patience.stop(error)
                return
            except KbError:
                continue
