"""Two targets are one place, or one lies inside the other: what is published to the one would be taken away by the
other, and a site meant for few would be served below one that is meant for many. A target may also not lie where the
records or the built sites are, nor around them.

Places are compared as they are: links, `..`, the ending `.git` and upper case in a host's name make no difference.

Bad:
    title: Rivermill Bakery
    targets:
      - {id: everybody, to: published/rivermill, audience: staff}
      - {id: owners, to: published/rivermill/owners, audience: management}

Good:
    title: Rivermill Bakery
    targets:
      - {id: everybody, to: published/rivermill/staff, audience: staff}
      - {id: owners, to: published/rivermill/management, audience: management}
"""

from __future__ import annotations

import datetime as dt
import os
import posixpath
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.history import remote
from kb_builder.problem import Problem, Severity

CODE = "KB732"
SEVERITY = Severity.ERROR
TITLE = "Targets that overlap"
Place = tuple[str, ...]
"""A place as the parts of its path, the widest first: one that begins like another lies in it."""
_PORTS = {"sftp": 22, "ssh": 22, "https": 443, "http": 80}


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Targets that are one place, or of which one lies inside the other."""
    origin = catalog.origins.get(catalog.client.key)
    if origin is None or not catalog.client.targets:
        return
    root = origin.folder.parent.parent
    targets = [(number, each, place_of(each.to, root)) for number, each in enumerate(catalog.client.targets)]
    ours = {name: place_of(name, root) for name in ("engagements", "site")}
    for (_, one, first), (number, other, second) in combinations(targets, 2):
        if relation := _relation(second, first):
            place = catalog.locate(catalog.client, ("targets", number, "to"))
            message = (
                f'targets.{number}.to: "{short(other.to)}" {relation} "{short(one.to)}", the target {one.id}'
            )
            hint = "give each target a place of its own, beside the other"
            yield Problem(CODE, SEVERITY, place, message, hint, catalog.client.key)
    for number, each, where in targets:
        for name, own in ours.items():
            if relation := _relation(where, own):
                place = catalog.locate(catalog.client, ("targets", number, "to"))
                message = f'targets.{number}.to: "{short(each.to)}" {relation} {name}/ of this workspace'
                yield Problem(
                    CODE,
                    SEVERITY,
                    place,
                    message,
                    "name a folder beside it, such as published/",
                    catalog.client.key,
                )


def _relation(one: Place, other: Place) -> str:
    """How one place lies to another: nothing where they are apart."""
    if one == other:
        return "is the same place as"
    if one[: len(other)] == other:
        return "lies inside"
    return "holds" if other[: len(one)] == one else ""


def place_of(to: str, root: Path) -> Place:
    """Where a target is; `root` is the workspace, from which folders start."""
    if to.startswith(("git+", "git:")):
        return _branch(to, root)
    scheme, colon, rest = to.partition("://")
    if colon and scheme != "file":
        parts = urlsplit(to)
        port = _port(to) or _PORTS.get(scheme)
        host = (parts.hostname or "") + (f":{port}" if port else "")
        return (scheme, host, *_path(unquote(parts.path) if scheme == "sftp" else parts.path))
    path = os.path.realpath(root / (unquote(rest) if colon else to))
    return ("folder", *Path(path).parts)


def _branch(to: str, root: Path) -> Place:
    """A branch of a repository, however one signs in to it; branches are never inside one another."""
    address, _, branch = to.partition("#")
    url = address.removeprefix("git+")
    if address.startswith("git:"):
        url = remote(root, address.removeprefix("git:")) or address
    if "://" not in url and ":" in url.partition("/")[0] and not url.startswith("git:"):
        url = f"ssh://{url.replace(':', '/', 1)}"
    parts = urlsplit(url)
    path = "/".join(_path(parts.path)).removesuffix(".git")
    if parts.scheme in ("", "file"):
        path = os.path.realpath(root / unquote(parts.path)).removesuffix(".git")
    return ("git", f"{parts.hostname or ''}/{path}#{branch}")


def _path(path: str) -> Place:
    return tuple(part for part in posixpath.normpath(f"/{path}").split("/") if part)


def _port(to: str) -> int | None:
    try:
        return urlsplit(to).port
    except ValueError:
        return None
