"""Where sites are published to: a folder, a bucket or a server by SFTP through fsspec, or a branch of a git repository.

Signing in is each library's own business: environment, configuration files, keys. Nothing of it is in a record. The
module of each sort of target says how, and the manual repeats it.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

from kb_builder import target_az, target_folder, target_git, target_gs, target_s3, target_sftp
from kb_builder.errors import UsageError
from kb_builder.patience import Patience
from kb_builder.place import Place
from kb_builder.target_connection import Sort
from kb_builder.target_files import Files
from kb_builder.target_folder import Folder
from kb_builder.target_git import GitBranch
from kb_builder.target_words import without_secrets

TARGETS: tuple[ModuleType, ...] = (target_folder, target_s3, target_gs, target_az, target_sftp, target_git)
"""Every sort of target, as the manual lists them."""
_SORTS: tuple[Sort, ...] = (target_s3, target_gs, target_az, target_sftp)
_TALKATIVE = ("aiobotocore", "botocore", "s3fs", "gcsfs", "google", "adlfs", "azure", "asyncssh", "asyncio")
"""Libraries that log what they raise; we say it."""


def open_place(to: str, root: Path, patience: Patience | None = None) -> Place:
    """Open a target. `to` is what client.yaml says, `root` the workspace, from which a folder's path starts.

    Nothing is asked of the place yet. Raises UsageError for an address that is none.
    """
    patience = patience or Patience()
    scheme, colon, rest = to.partition("://")
    _refuse_secrets(to)
    if to.startswith(("git+", "git:")):
        return GitBranch(to, root, patience)
    if colon and scheme == "file":
        return Folder(Path(unquote(rest)), unquote(rest), patience)
    if not colon:
        if re.match(r"[^/\\]+@[^/\\]+:", to):
            raise UsageError(
                f"{to} is not a folder", "write sftp://user@host/path, or ./ before a folder's name"
            )
        if to.startswith("~"):
            raise UsageError(
                f"{to} is another folder for everybody who publishes",
                f"write the whole path, such as {Path(to).expanduser() if to[1:2] in ('', '/') else '/srv/www/acme'}",
            )
        return Folder(root / to, to, patience)
    sort = next((each for each in _SORTS if scheme == each.SCHEME), None)
    if sort is None:
        known = ", ".join(f"{each.SCHEME}://" for each in _SORTS)
        raise UsageError(
            f"{without_secrets(to)} cannot be published to", f"a folder, {known} or git+ssh://…#branch"
        )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return Files(to, sort, patience)


def _refuse_secrets(to: str) -> None:
    """Raise UsageError for an address with a password: client.yaml is read by many, and kept in git for ever."""
    user, at, _ = urlsplit(to.partition("+")[2] if to.startswith("git+") else to).netloc.rpartition("@")
    if at and (":" in user or to.startswith(("git+https:", "git+http:"))):
        raise UsageError(
            f"the address of {without_secrets(to)} holds a password or a token",
            "take it out, and sign in by a key, or by what git or the library has for it; then change it",
        )
