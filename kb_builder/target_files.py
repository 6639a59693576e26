"""A bucket or a server as a place to publish to, through fsspec. What each sort of them does its own way is in a module."""

from __future__ import annotations

import hashlib
import posixpath
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from kb_builder.door import Door
from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import DOOR, STAGED, Content, Overtaken, Print
from kb_builder.target_connection import Connection, Sort
from kb_builder.target_faults import status_of
from kb_builder.target_folder import folders_of
from kb_builder.target_words import cache_of, type_of, without_secrets

_NOT_IMPLEMENTED = 501
_LOOKS = 3
"""How often a file that may only be new is tried where the server refuses it and it is not there."""
_SETTLED = 2.0
"""How long a server that does not compare is given until what two wrote at once has arrived."""


class Files:
    """A bucket or a server that fsspec can write to; nothing is asked of it before `begin`."""

    def __init__(self, to: str, sort: Sort, patience: Patience) -> None:
        self.shown = without_secrets(to)
        self.sort = sort
        self.patience = patience
        self.connection = Connection(to, sort, patience)
        self.left: list[str] = []
        self.compares: bool | None = None
        """Whether the server looks at conditions; None as long as it is not known."""
        self.tells_md5 = True

    def begin(self, *, writing: bool) -> None:
        """Connect, and see whether the bucket is there. No lock of a server's is let go of when we are killed."""
        self.compares = None if self.sort.CONDITIONS_MAY_BE_IGNORED else True
        self.connection.tried(lambda system: self.sort.reach(system, self.connection.root), "", "list")

    def read(self, name: str) -> Content | None:
        """What a file holds; None if it is not there. The tag is read first: one that is too old does no harm."""

        def get(system: Any) -> Content | None:
            system.invalidate_cache()
            try:
                info = {} if self.sort.SAFE else system.info(self._at(name))
                data: bytes = system.cat_file(self._at(name))
            except FileNotFoundError:
                return None
            md5 = self.sort.print_of(info).md5 if info else None
            self.tells_md5 = self.tells_md5 and md5 in (
                None,
                hashlib.md5(data, usedforsecurity=False).hexdigest(),
            )
            return Content(data, self.sort.tag(info) if info else hashlib.sha256(data).hexdigest())

        found: Content | None = self.connection.tried(get, name, "read")
        return found

    def swap(self, name: str, data: bytes, tag: str | None) -> str:
        """Write a file if it still holds what the tag stands for: by the server's own comparison, or through a door."""
        if self.sort.SAFE:
            self.connection.tried(partial(_make_folder, self.connection.root), "", "write")
            with self._door().held(data_of_who(data), self.patience):
                self._refuse_other(name, tag)
                self._put(name, data)
            return hashlib.sha256(data).hexdigest()
        if self.compares is False:
            self._refuse_other(name, tag)
            self._put(name, data)
            return self._own(name, data)
        if self.compares is None:
            return self._swap_and_learn(name, data, tag)
        return self._swap(name, data, tag)

    def _swap_and_learn(self, name: str, data: bytes, tag: str | None) -> str:
        """The first write of a turn: whether the server compares is seen when it has to refuse the same once more."""
        try:
            new = self._swap(name, data, tag)
        except KbError as error:
            if status_of(error) != _NOT_IMPLEMENTED:
                raise
            self._refuse_other(name, tag)
            self._put(name, data)
        else:
            try:
                self._swap(name, data, tag, again=True)
            except Overtaken:
                self.compares = True
                return new
        self.compares = False
        time.sleep(_SETTLED)
        return self._own(name, data)

    def _swap(self, name: str, data: bytes, tag: str | None, *, again: bool = False) -> str:
        told = self._headers(name, data)

        def write(system: Any) -> str:
            try:
                return self.sort.swap(system, self._at(name), data, told, tag)
            except Exception as error:
                if status_of(error) not in ((404, 409, 412) if tag else (409, 412)):
                    raise
                found = None if again else self.read(name)
                if found and found.data == data:  # a try before this one had arrived
                    return found.tag
                raise Overtaken(f"somebody else publishes to {self.shown}", "run it again") from error

        new: str = self.connection.tried(write, name, "write")
        return new

    def _own(self, name: str, data: bytes) -> str:
        """The tag of what we wrote. Raises Overtaken if it is not what we wrote."""
        found = self.read(name)
        if found is None or found.data != data:
            raise Overtaken(f"somebody else publishes to {self.shown}", "run it again")
        return found.tag

    def _refuse_other(self, name: str, tag: str | None) -> None:
        found = self.read(name)
        if (found.tag if found else None) != tag:
            raise Overtaken(f"somebody else publishes to {self.shown}", "run it again")

    def _door(self) -> Door:
        def create(who: bytes) -> bool:
            def exclusively(system: Any) -> bool:
                # A server does not say why it refused: whoever stood there may have left before we looked.
                refused: Exception | None = None
                for _ in range(_LOOKS):
                    try:
                        system.write(self._at(DOOR), who, new=True)
                        return True
                    except Exception as error:
                        refused = error
                    if system.exists(self._at(DOOR)):
                        return False
                assert refused is not None
                raise refused

            made: bool = self.connection.tried(exclusively, DOOR, "write")
            return made

        def read() -> bytes | None:
            found = self.read(DOOR)
            return found.data if found else None

        return Door(create, read, lambda: self._take(DOOR), f"{DOOR} in {self.shown}")

    def holds(self, known: Collection[str]) -> Mapping[str, Print]:
        """Every file and link there, with what the server's list tells of each."""

        def look(system: Any) -> dict[str, Mapping[str, Any]]:
            system.invalidate_cache()
            try:
                if self.sort.SAFE:
                    return dict(self._walk(system, self.connection.root))
                found = system.find(self.connection.root, detail=True)
            except FileNotFoundError:
                return {}
            return {str(name): info for name, info in found.items() if not str(name).endswith("/")}

        infos = self.connection.tried(look, "", "list")
        named = {posixpath.relpath(path, self.connection.root): info for path, info in infos.items()}
        self.left = [name for name in named if posixpath.basename(name).startswith(STAGED)]
        prints = {
            name: self.sort.print_of(info)
            for name, info in sorted(named.items())
            if name not in self.left and name != DOOR
        }
        if self.tells_md5:
            return prints
        return {name: Print(each.sha256, None, each.size) for name, each in prints.items()}

    def _walk(self, system: Any, folder: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """All files and links; fsspec's own way round follows no link either, but says nothing of what it may not read."""
        for each in system.ls(folder, detail=True):
            if each["type"] == "directory":
                yield from self._walk(system, each["name"])
            else:
                yield each["name"], each

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        """The SHA-256 of what files hold, which are fetched, several at once."""
        found: dict[str, str] = {}

        def get(name: str) -> None:
            content = self.read(name)
            if content is not None:
                found[name] = hashlib.sha256(content.data).hexdigest()

        self.connection.each(sorted(names), get, lambda _: None)
        return found

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole, several at once."""
        if self.sort.SAFE:
            for folder in sorted({posixpath.dirname(self._at(name)) for name in files}):
                self.connection.tried(partial(_make_folder, folder), folder, "write")
        self.connection.each(files, lambda name: self._put(name, files[name], sure=True), done)

    def _put(self, name: str, content: Path | bytes, *, sure: bool = False) -> None:
        target = self._at(name)
        beside = posixpath.join(posixpath.dirname(target), f"{STAGED}{posixpath.basename(target)}")
        data = content if isinstance(content, bytes) else content.read_bytes()

        def write(system: Any) -> None:
            if self.sort.SAFE:
                system.write(beside, data)
                system.mv(beside, target)
            else:
                system.pipe_file(target, data, **self._headers(name, data))

        self.connection.tried(write, name, "write", sure=sure)

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files, one step after the other for pages and what they show."""
        for pages in (True, False):
            step = [name for name in names if name.endswith(".html") is pages]
            self.connection.each(step, partial(self._take, sure=True), done)
        for folder in folders_of(names) if self.sort.SAFE else ():
            with suppress(Exception):  # a folder that still holds something stays
                self.connection.system.rmdir(self._at(folder))

    def _take(self, name: str, *, sure: bool = False) -> None:
        def rm(system: Any) -> None:
            try:
                system.rm_file(self._at(name))
            except FileNotFoundError:
                return

        self.connection.tried(rm, name, "remove", sure=sure)

    def close(self, *, finished: bool) -> None:
        """Take away what a publish that was cut off left half written."""
        if finished and self.left:
            for name in self.left:
                self._take(name)

    def _at(self, name: str) -> str:
        return posixpath.join(self.connection.root, name)

    def _headers(self, name: str, data: bytes) -> dict[str, Any]:
        """What a bucket tells browsers of a file, in the words of its library."""
        md5 = hashlib.md5(data, usedforsecurity=False).digest()
        return self.sort.headers(type_of(name), cache_of(name), md5)


def data_of_who(data: bytes) -> bytes:
    """Who writes a list, as a door says it."""
    found = re.search(rb'"by": "([^"]*)",\s*"since": "([^"]*)"', data)
    return b" since ".join(found.groups()) if found else b"somebody"


def _make_folder(folder: str, system: Any) -> None:
    system.makedirs(folder, exist_ok=True)
