"""Folders in which something is made before it is put in place: held while they are used, swept when nobody does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kb_builder.errors import naming
from kb_builder.locks import hold

STAGE = ".kb-stage-"


@contextmanager
def staging(beside: Path) -> Iterator[Path]:
    """A new folder in `beside`, on its file system: ours until the end, then removed, also when something fails.

    What was left there by those who were killed is removed first. Raises OSError where it cannot be made.
    """
    beside.mkdir(parents=True, exist_ok=True)
    sweep(beside)
    with ExitStack() as held:
        folder = _new(beside, held)
        try:
            with naming(beside):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    # Where a file in it was held, it could not be removed before.
    shutil.rmtree(folder, ignore_errors=True)


def _new(beside: Path, held: ExitStack) -> Path:
    """A new folder that we hold. Between making it and holding it, another may have swept it away."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=STAGE, dir=beside))
        with suppress(FileNotFoundError):
            held.enter_context(hold(folder, wait=True))
            if folder.is_dir():
                return folder


def sweep(beside: Path) -> None:
    """Remove the staging folders in `beside` that nobody holds any more. Where nothing can be held they stay."""
    for folder in sorted(beside.glob(f"{STAGE}*")):
        if folder.is_dir() and not folder.is_symlink():
            with suppress(OSError):
                _remove_left(folder)


def _remove_left(folder: Path) -> None:
    with hold(folder, wait=False) as ours:
        if ours:
            shutil.rmtree(folder, ignore_errors=True)
    if ours:
        shutil.rmtree(folder, ignore_errors=True)
