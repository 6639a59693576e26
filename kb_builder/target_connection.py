"""A connection to a bucket or a server, and the tries on it: what is a hiccup is done again, what is a refusal is said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import Print
from kb_builder.target_faults import Manual, in_words, is_hiccup, status_of
from kb_builder.target_words import without_secrets

AT_ONCE = 8
_SECONDS = 30
"""How long a server may take for a sign of life."""


class Sort(Manual, Protocol):
    """What a module of a sort of target has; `target_s3` says what each is for."""

    SCHEME: str
    PACKAGE: str
    EXTRA: str
    SAFE: bool
    CONDITIONS_MAY_BE_IGNORED: bool

    def connect(self, to: str, seconds: int) -> tuple[Any, str]: ...
    def reach(self, system: Any, root: str) -> None: ...
    def headers(self, kind: str, cache: str, md5: bytes) -> dict[str, Any]: ...
    def tag(self, info: Mapping[str, Any]) -> str: ...
    def print_of(self, info: Mapping[str, Any]) -> Print: ...
    def swap(self, system: Any, path: str, data: bytes, told: dict[str, Any], tag_: str | None) -> str: ...


class Connection:
    """Connects when it is first needed, and anew when that may help. `root` is the path that the address names."""

    def __init__(self, to: str, sort: Sort, patience: Patience) -> None:
        self.to = to
        self.shown = without_secrets(to)
        self.sort = sort
        self.patience = patience
        self.system: Any = None
        self.root = ""
        self.reached = False
        self._lock = threading.Lock()

    def tried(self, work: Callable[[Any], Any], name: str, doing: str, *, sure: bool = False) -> Any:
        """Do something, again after a pause where it may help: not before the place has answered at all.

        With `sure` only as long as it is our turn. Raises KbError with what to do.
        """
        while True:
            system = None
            try:
                if sure:
                    self.patience.check()
                    self.patience.sure()
                system = self._connected()
                found = work(system)
                self.reached = True
                self.patience.went_well()
                return found
            except KbError:
                raise
            except Exception as error:
                self.reached = self.reached or status_of(error) is not None
                words = in_words(error, f"{name} in {self.shown}" if name else self.shown, doing, self.sort)
                if not (self.reached and is_hiccup(error)):
                    raise words from error
                self._forget(system)
                self.patience.wait(words)

    def each(self, names: Iterable[str], work: Callable[[str], None], done: Callable[[str], None]) -> None:
        """Do something for each name, several at once; the first that fails stops the others."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [(name, pool.submit(work, name)) for name in names]
            try:
                for name, future in futures:
                    future.result()
                    done(name)
            except BaseException as error:
                why = error if isinstance(error, KbError) else KbError("stopped", "run it again")
                self.patience.stop(why)
                pool.shutdown(cancel_futures=True)
                raise

    def _connected(self) -> Any:
        with self._lock:
            if self.system is None:
                try:
                    self.system, root = self.sort.connect(self.to, _SECONDS)
                except ImportError as error:
                    raise KbError(
                        f"{self.sort.SCHEME}:// needs the package {self.sort.PACKAGE}",
                        f"pip install 'kb-builder[{self.sort.EXTRA}]'",
                    ) from error
                self.root = root.rstrip("/") or "/"
            return self.system

    def _forget(self, system: Any) -> None:
        """Connect anew before the next try, where a connection is one that can be lost."""
        with self._lock:
            if self.sort.SAFE and self.system is system:
                self.system = None
