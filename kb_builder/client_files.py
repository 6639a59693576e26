"""The files of a client's folder that belong to its records: what a release seals and a site is made from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from kb_builder.errors import Changed, KbError
from kb_builder.folders import sort_of, walk
from kb_builder.seen import digest, digest_of

RELEASES = "releases"


def files_of(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a client's folder that belongs to its records: its path from there, and the file.

    The releases are left out, and all that begins with a dot. A link is followed if it leads to a file of this
    folder. Raises KbError for any other.
    """
    for name, path in _entries(folder):
        if path.is_symlink() and not (path.is_file() and path.resolve().is_relative_to(folder.resolve())):
            raise KbError(
                f"{path} is a link that leads out of the client's folder, or to a folder",
                "put the files themselves there",
            )
        _refuse_odd(path)
        yield name, path


def _refuse_odd(path: Path) -> None:
    if odd := sort_of(path):
        raise KbError(f"{path} is {odd}, not a file", "take it away")


def digests_of(folder: Path, known: Mapping[Path, str | None]) -> dict[str, str]:
    """The SHA-256 of every file that belongs to a client's records, by its path from there.

    Of those in `known` it is the given one, so that it is of the bytes that were read. A link that leads to no file
    counts by where it leads; what cannot be read has none.
    """
    found: dict[str, str] = {}
    for name, path in _entries(folder, lambda _: None):
        found[name] = known.get(path) or _digest(path)
    return found


def _digest(path: Path) -> str:
    try:
        return digest(os.fsencode(path.readlink())) if _leads_nowhere(path) else digest_of(path) or ""
    except OSError:
        return ""


def _leads_nowhere(path: Path) -> bool:
    return path.is_symlink() and not path.is_file()


def refuse_links(folder: Path) -> None:
    """Raise KbError for a link that `files_of` refuses."""
    for _ in files_of(folder):
        continue


def _entries(folder: Path, unreadable: Callable[[OSError], None] | None = None) -> Iterator[tuple[str, Path]]:
    """Every file and link of a client's folder that belongs to its records, wherever the link leads."""
    for here, names, found in walk(folder, unreadable) if unreadable else walk(folder):
        names[:] = [name for name in names if not name.startswith(".") and (here, name) != (folder, RELEASES)]
        for name in sorted([*found, *(name for name in names if (here / name).is_symlink())]):
            if not name.startswith("."):
                yield (here / name).relative_to(folder).as_posix(), here / name


def copy_files(folder: Path, target: Path) -> None:
    """Copy the files of a client's folder into the new folder `target`, each read once. Links stay links.

    Raises Changed for a file that goes away meanwhile.
    """
    target.mkdir(parents=True)
    for name, path in _entries(folder):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            if path.is_symlink():
                (target / name).symlink_to(_led(path, folder, target / name, target))
            else:
                _refuse_odd(path)
                (target / name).write_bytes(path.read_bytes())
        except FileNotFoundError as error:
            raise Changed(path) from error


def _led(link: Path, folder: Path, copy: Path, target: Path) -> Path:
    """Where the copy of a link leads: to the copy of what it leads to, if that is in the folder."""
    leads, root = Path(os.path.realpath(link)), Path(os.path.realpath(folder))
    if not leads.is_relative_to(root):
        return leads
    return Path(os.path.relpath(target / leads.relative_to(root), copy.parent))


def settle_links(folder: Path) -> None:
    """Put, where a link stands in a copy, what it leads to. Raises KbError for one that leads out of it."""
    for _, path in list(files_of(folder)):
        if path.is_symlink():
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
