"""Names of files, records, clients and versions that every computer can keep, and that every place can publish.

The rules are those of Windows (Naming Files, Paths, and Namespaces), which are the narrowest; macOS adds that names which
differ only in Unicode form are one, and both that case does not tell names apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import MutableMapping
from hashlib import sha256

RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"]
)
"""What Windows takes for a device, whatever ending follows."""
FORBIDDEN = '\\/:*?"<>|'
LONGEST = 200
"""So many bytes leave room for what a copy adds; most file systems take 255."""
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def fault(name: str) -> str | None:
    """Why one part of a path is not a name that every computer can keep; None if it is."""
    if unseen(name):
        return "holds a character that cannot be seen"
    if _DIRECTION.search(name):
        return "holds a character that turns the direction of its letters, so that it reads as another name"
    if wrong := next((char for char in name if char in FORBIDDEN), None):
        return f"holds {wrong}, which Windows cannot keep"
    if name != name.strip():
        return "begins or ends with a space, which Windows cannot keep"
    if name.endswith("."):
        return "ends with a dot, which Windows cannot keep"
    if name.startswith("."):
        return "begins with a dot, so it is hidden, and neither sealed nor published"
    if name.partition(".")[0].rstrip().casefold() in RESERVED:
        return "is the name of a device on Windows, which can keep no file of it"
    if len(name.encode("utf-8", "replace")) > LONGEST:
        return f"is longer than {LONGEST} bytes"
    return None


def unseen(name: str) -> bool:
    """Whether a name holds what is no character that people write: a control character, a line's end, half of a pair."""
    return any(unicodedata.category(char) in _CONTROL for char in name)


def path_fault(path: str) -> str | None:
    """What `fault` says of the first part of a path, with `/` between the parts, that is wrong."""
    return next(
        (found for part in path.split("/") if (found := fault(part) if part else "has an empty part")), None
    )


def alike(path: str) -> str:
    """The same for two paths that some computer takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def portable(path: str) -> str:
    """A path like the given one that every computer can keep; the same if it can be kept, and never that of another."""
    return path if path_fault(path) is None else "/".join(_portable(part) for part in path.split("/"))


def beside(path: str, taken: MutableMapping[str, str]) -> str:
    """Where a file is kept that is called `path`, beside those in `taken`, in which it is noted.

    That is its own path, unless some computer could not keep it, or not beside one of the others.
    """
    name = portable(path)
    if taken.setdefault(alike(name), path) != path:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem}-{_mark(path)}{dot}{ending}"
    return name


def _mark(name: str) -> str:
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _portable(name: str) -> str:
    if fault(name) is None:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = re.sub(r"[^\w-]+", "-", stem or ending, flags=re.ASCII).strip("-")[:60]
    plain = re.sub(r"[^a-z0-9]+", "", ending.lower())[:10] if stem and dot else ""
    return f"{kept or 'file'}-{_mark(name)}" + (f".{plain}" if plain else "")
