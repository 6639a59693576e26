"""Writing files so that nobody ever meets half of one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kb_builder.errors import KbError


def replace_all(writes: Mapping[Path, bytes], inside: Path) -> None:
    """Write every file whole, or none: all are staged beside `inside` first, then swapped in.

    Raises KbError for a path that is not inside `inside`, or when the disk refuses.
    """
    root = inside.resolve()
    for path in writes:
        if not path.parent.resolve().is_relative_to(root):
            raise KbError(f"{path} is outside {inside}", "take the link away that leads there")
    try:
        with tempfile.TemporaryDirectory(prefix=".kb-", dir=inside) as folder:
            staged: list[tuple[Path, Path]] = []
            for number, (path, content) in enumerate(sorted(writes.items())):
                temporary = Path(folder) / str(number)
                temporary.write_bytes(content)
                staged.append((temporary, path))
            for temporary, path in staged:
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(temporary, path)
    except OSError as error:
        raise KbError(f"cannot write in {inside}: {error.strerror or error}") from error


def replace_folder(new: Path, old: Path) -> None:
    """Put the folder `new` where `old` is. Both are on one file system.

    A reader sees the old one or the new one, but for the moment between two renames; if we are
    killed in that moment, `recover` puts the old one back.
    """
    aside = old.with_name(f".{old.name}.old")
    if aside.exists():
        recover(old)
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        os.rename(old, aside)
    os.rename(new, old)
    shutil.rmtree(aside, ignore_errors=True)


def recover(folder: Path) -> None:
    """Mend what a killed `replace_folder` left: the old folder comes back if the new one never came."""
    aside = folder.with_name(f".{folder.name}.old")
    if aside.exists():
        if folder.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.rename(aside, folder)
