"""A folder on this machine, or on a disk that is mounted here, as a place to publish to."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kb_builder.errors import KbError
from kb_builder.place import STAGED

_HINT = "see whether you may write there and whether there is room; then run it again"


class Folder:
    """A folder. What is in it decides what is copied, not what the manifest says of it."""

    def __init__(self, root: Path, shown: str) -> None:
        self.root = root
        self.shown = shown
        self.left: set[Path] = set()

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if it is not there."""
        with self._told(name):
            try:
                return (self.root / name).read_bytes()
            except FileNotFoundError:
                return None

    def holds(self, known: Collection[str]) -> Mapping[str, str | None]:
        """Every file and link there; of those in `known` the SHA-256."""
        found: dict[str, str | None] = {}
        with self._told(""):
            for path in _files(self.root) if self.root.exists() else ():
                name = path.relative_to(self.root).as_posix()
                if path.name.startswith(STAGED):
                    self.left.add(path)
                else:
                    found[name] = _digest(path) if name in known and not path.is_symlink() else None
        return found

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
        """Take away what a publish that was cut off left half written."""
        for path in sorted(self.left) if finished else ():
            path.unlink(missing_ok=True)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = f"{name} in {self.shown}" if name else self.shown
            raise KbError(f"{where}: {error.strerror or error}", _HINT) from error


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
