"""A folder on this machine, or on a disk that is mounted here.

Write its path: `published/acme` from the workspace, or `/srv/www/acme`. There is nothing to sign in to; whoever publishes
needs the right to write in the folder, and to make it where it is not there yet.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path, PurePosixPath

from kb_builder.door import Door
from kb_builder.errors import MachineError
from kb_builder.locks import LOCK, hold
from kb_builder.patience import Patience
from kb_builder.place import DOOR, STAGED, Content, Overtaken, Print

TITLE = "A folder"
ADDRESSES = ("published/acme", "/srv/www/acme", "file:///srv/www/acme")
_HINT = "see whether you may write there and whether there is room; then run it again"
_LINK = Print(sha256="a link")


class Folder:
    """A folder. What is in it decides what is copied, not what the list of files says of it."""

    def __init__(self, root: Path, shown: str, patience: Patience) -> None:
        self.root = root
        self.shown = shown
        self.patience = patience
        self.left: set[Path] = set()
        self.held = ExitStack()
        self.alone: bool | None = None

    def begin(self, *, writing: bool) -> bool | None:
        """Hold the folder, which the system lets go of when we are killed. Not all disks that are mounted can do that."""
        self.alone = None
        if writing or self.root.is_dir():
            with self._told(""):
                self.root.mkdir(parents=True, exist_ok=True)
                self.alone = self.held.enter_context(hold(self.root, wait=False))
        return self.alone

    def read(self, name: str) -> Content | None:
        """What a file holds; None if it is not there."""
        with self._told(name):
            try:
                data = (self.root / name).read_bytes()
            except FileNotFoundError:
                return None
        return Content(data, hashlib.sha256(data).hexdigest())

    def swap(self, name: str, data: bytes, tag: str | None) -> str:
        """Write a file if it still holds what the tag stands for: while the folder is locked, or through the door."""
        with nullcontext() if self.alone else self._door().held(data, self.patience):
            found = self.read(name)
            if (found.tag if found else None) != tag:
                raise Overtaken(f"somebody else publishes to {self.shown}", "run it again")
            self.put({name: data}, lambda _: None)
        return hashlib.sha256(data).hexdigest()

    def _door(self) -> Door:
        path = self.root / DOOR

        def create(who: bytes) -> bool:
            with self._told(DOOR):
                self.root.mkdir(parents=True, exist_ok=True)
                try:
                    with path.open("xb") as stream:
                        stream.write(who)
                except FileExistsError:
                    return False
            return True

        def read() -> bytes | None:
            found = self.read(DOOR)
            return found.data if found else None

        return Door(create, read, lambda: path.unlink(missing_ok=True), f"{DOOR} in {self.shown}")

    def holds(self, known: Collection[str]) -> Mapping[str, Print]:
        """Every file and link there; of those in `known` the SHA-256."""
        found: dict[str, Print] = {}
        with self._told(""):
            for path in _files(self.root) if self.root.exists() else ():
                name = path.relative_to(self.root).as_posix()
                if path.name.startswith(STAGED):
                    self.left.add(path)
                elif path.is_symlink():
                    found[name] = _LINK
                elif name not in (DOOR, LOCK):
                    found[name] = Print(_digest(path)) if name in known else Print()
        return found

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        """The SHA-256 of what files hold."""
        with self._told(""):
            paths = {name: self.root / name for name in names}
            return {name: _digest(path) for name, path in paths.items() if path.is_file()}

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write each file beside its place, then move it there."""
        for name, content in files.items():
            target = self.root / name
            staged = target.with_name(f"{STAGED}{target.name}")
            with self._told(name):
                target.parent.mkdir(parents=True, exist_ok=True)
                if isinstance(content, bytes):
                    staged.write_bytes(content)
                else:
                    shutil.copyfile(content, staged)
                os.replace(staged, target)
            done(name)

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files, and folders that are empty then."""
        for name in names:
            with self._told(name):
                (self.root / name).unlink(missing_ok=True)
            done(name)
        for parent in folders_of(names):
            try:
                (self.root / parent).rmdir()
            except OSError:
                continue

    def close(self, *, finished: bool) -> None:
        """Take away what a publish that was cut off left half written, and let others in."""
        for path in sorted(self.left) if finished else ():
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self.held.close()

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = f"{name} in {self.shown}" if name else self.shown
            raise MachineError(f"{where}: {error.strerror or error}", _HINT) from error


def folders_of(names: Collection[str]) -> list[str]:
    """The folders that paths lead through, the deepest first."""
    found = {str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."}
    return sorted(found, key=lambda each: (-each.count("/"), each))


def _files(root: Path) -> Iterator[Path]:
    """All files and links; links are not followed."""

    def refuse(error: OSError) -> None:
        raise error

    for home, folders, files in os.walk(root, onerror=refuse):
        links = [name for name in folders if Path(home, name).is_symlink()]
        yield from (Path(home, name) for name in sorted([*files, *links]))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
