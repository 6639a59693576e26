"""Holding a folder, so that others leave it alone. The system takes a hold from whoever is killed.

A process number would not tell who is at work: it comes again, in a container nearly always, and says nothing of a
process in another container or on another machine that shares the disk.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".kb-lock"
"""The file in a folder that is held where a folder itself cannot be: on Windows, and on some network disks."""


@contextmanager
def hold(folder: Path, *, wait: bool) -> Iterator[bool | None]:
    """Hold a folder: True if it is ours until the end, False if another has it, None where nothing can be held.

    Raises OSError if there is no such folder.
    """
    descriptor, ours = _take(folder, wait)
    try:
        yield ours
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _take(folder: Path, wait: bool) -> tuple[int | None, bool | None]:
    descriptor, ours = _lock_folder(folder, wait=wait)
    if ours is not None:
        return descriptor, ours
    try:
        # NFS locks a file only for those who may write it, and Windows opens no folder.
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise
        return None, None
    return descriptor, _lock(descriptor, wait)


def _lock_folder(folder: Path, *, wait: bool) -> tuple[int | None, bool | None]:
    """Lock a folder itself: the descriptor that keeps the lock until it is closed, and whether it is ours.

    Nothing is left in the folder. Both are None where a folder cannot be locked. Raises OSError if there is none.
    """
    if sys.platform == "win32":
        return None, None
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    ours = _lock(descriptor, wait)
    if ours is None:
        os.close(descriptor)
        return None, None
    return descriptor, ours


if sys.platform == "win32":

    def _lock(descriptor: int, wait: bool) -> bool | None:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(0.05)

else:

    def _lock(descriptor: int, wait: bool) -> bool | None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            return False
        except OSError:
            return None
