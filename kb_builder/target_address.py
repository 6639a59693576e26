"""Addresses that a site can be published to, told from those that are none before anybody goes there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from kb_builder.errors import UsageError
from kb_builder.target_words import without_secrets

SCHEMES = ("s3", "gs", "az", "sftp")
"""How the address of a bucket or a server begins; a folder's is its path, a branch's begins with `git+`."""


def refuse_address(to: str) -> None:
    """Raise UsageError for what is no address of a target, with what to write."""
    _refuse_secrets(to)
    scheme, colon, _ = to.partition("://")
    if to.startswith(("git+", "git:")) or (colon and scheme in ("file", *SCHEMES)):
        return
    if colon:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise UsageError(
            f"{without_secrets(to)} cannot be published to", f"a folder, {known} or git+ssh://…#branch"
        )
    if re.match(r"[^/\\]+@[^/\\]+:", to):
        raise UsageError(f"{to} is not a folder", "write sftp://user@host/path, or ./ before a folder's name")
    if to.startswith("~"):
        whole = Path(to).expanduser() if to[1:2] in ("", "/") else "/srv/www/acme"
        raise UsageError(
            f"{to} is another folder for everybody who publishes", f"write the whole path, such as {whole}"
        )


def _refuse_secrets(to: str) -> None:
    """Raise UsageError for an address with a password: client.yaml is read by many, and kept in git for ever."""
    try:
        user, at, _ = urlsplit(to.partition("+")[2] if to.startswith("git+") else to).netloc.rpartition("@")
    except ValueError as error:
        raise UsageError(f"{without_secrets(to)} is no address: {error}", "mend `to:`") from error
    if at and (":" in user or to.startswith(("git+https:", "git+http:"))):
        raise UsageError(
            f"the address of {without_secrets(to)} holds a password or a token",
            "take it out, and sign in by a key, or by what git or the library has for it; then change it",
        )
