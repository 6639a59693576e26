"""A door for one at a time, where a place cannot compare and write in one step: a file that is created only if it is not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import Overtaken


@dataclass(frozen=True)
class Door:
    """How the file is created (False if it is there), read (None if it is not) and taken away, and what it is called."""

    create: Callable[[bytes], bool]
    read: Callable[[], bytes | None]
    take_away: Callable[[], None]
    shown: str

    @contextmanager
    def held(self, who: bytes, patience: Patience) -> Iterator[None]:
        """Go in, alone, for the moment of one write. Somebody who stays in without a sign of life is put out.

        Raises Overtaken if somebody stays in for longer than our patience.
        """
        stands, since = None, time.monotonic()
        while not self.create(who):
            found = self.read()
            if found != stands:
                stands, since = found, time.monotonic()
            elif found is not None and time.monotonic() - since > patience.silence:
                self.take_away()
                continue
            if found is not None:
                patience.wait(self._words(found), since)
        try:
            yield
        finally:
            self.take_away()

    def _words(self, found: bytes) -> KbError:
        text = found.decode("utf-8", "replace").strip()[:120]
        who = "".join(char for char in text if char.isprintable()) or "somebody"
        return Overtaken(
            f"{who} writes the list of files at this moment", f"if nobody does, take {self.shown} away"
        )
