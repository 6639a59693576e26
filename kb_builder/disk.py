"""What is written stays written, also when the power goes: files first, then the folders that name them."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "darwin":
    import fcntl

_AT_ONCE = 16
_NO_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})
"""What a file system says that has nothing to sync of a folder."""


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, new or over old ones, and wait until their bytes are on the disk. Their folders are not synced."""
    for path, content in contents.items():
        with _naming(path):
            path.write_bytes(content)
    _each(sync_file, contents)


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with path.open("rb" if sys.platform != "win32" else "rb+") as file, _naming(path):
        _sync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. Where a folder cannot be synced, nothing is done."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Wait until all that lies in a folder is on the disk: every file, then every folder."""
    found = list(os.walk(folder))
    files = [Path(base) / name for base, _, names in found for name in names]
    _each(sync_file, [path for path in files if not path.is_symlink()])
    sync_folders(Path(base) for base, _, _ in found)


def sync_folders(folders: Iterable[Path]) -> None:
    """Sync several folders, each once."""
    _each(sync_folder, {*folders})


def make_folder(folder: Path) -> None:
    """Make a folder and those above it where they are missing; their names are on the disk afterwards."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    sync_folders(each.parent for each in missing)


def _each(sync: Callable[[Path], None], paths: Collection[Path]) -> None:
    """Sync many at once: the disk then makes one turn of what would be hundreds. Raises the first OSError."""
    if len(paths) < 3:
        for path in paths:
            sync(path)
        return
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(sync, sorted(paths)))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Let an OSError say which file it is about: of a write, the system does not."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    os.fsync(descriptor)
