"""How long we wait for a place that does not answer, or for somebody who publishes there: one deadline for all of it.

The clock runs while nothing goes well, in whichever thread, and begins anew with everything that does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kb_builder.errors import KbError

SECONDS = 120
"""How long, if nobody says otherwise."""
_PAUSES = (0.2, 10.0)
"""The shortest pause between two tries and the longest."""


class Patience:
    """A deadline that all tries share. `say` is told what is waited for, and for how long still."""

    def __init__(
        self,
        seconds: float = SECONDS,
        say: Callable[[str], None] = lambda _: None,
        *,
        beat: float = 10,
        silence: float = 40,
    ) -> None:
        self.seconds = seconds
        self.beat = beat
        self.silence = silence
        self._say = say
        self._began: float | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._why: KbError | None = None
        self.sure: Callable[[], None] = lambda: None
        """Called before anything is written at a place. Raises KbError if that must not be done any more."""

    def went_well(self) -> None:
        """Something was done: the clock begins anew with the next failure."""
        self._began = None

    def stop(self, why: KbError) -> None:
        """Let no thread begin anything more, or go on waiting."""
        with self._lock:
            self._why = self._why or why
        self._over.set()

    def again(self) -> None:
        """Forget what stopped us: all of it is begun anew."""
        with self._lock:
            self._why, self._began = None, None
        self._over.clear()

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be begun."""
        return self._over.is_set()

    def check(self) -> None:
        """Raise what stopped us, if anything did."""
        if self._why is not None:
            raise self._why

    def wait(self, why: KbError, since: float | None = None) -> None:
        """Pause before the next try. Raises `why`, with how long it was tried, when the deadline is past.

        The clock runs from the first failure, or from `since` (monotonic): a place may answer well and be busy.
        """
        with self._lock:
            now = time.monotonic()
            if since is None and self._began is None:
                self._began = now
            gone = now - (since if since is not None else self._began or now)
        left = self.seconds - gone
        if left <= 0:
            tried = f" (tried for {gone:.0f} s)" if gone >= 1 else ""
            raise type(why)(f"{why.message}{tried}", why.hint) from why
        self._say(f"{why.message}; {left:.0f} s left")
        shortest, longest = _PAUSES
        self._over.wait(min(max(shortest, gone / 2), longest, left))
        self.check()
