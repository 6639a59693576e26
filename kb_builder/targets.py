"""Where sites are published to: a folder, a bucket or a server by SFTP through fsspec, or a branch of a git repository.

Signing in is each library's own business: environment, configuration files, keys. Nothing of it is in a record. The
module of each sort of target says how, and the manual repeats it.
"""

from __future__ import annotations

import logging
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

from kb_builder import target_az, target_folder, target_git, target_gs, target_s3, target_sftp
from kb_builder.patience import Patience
from kb_builder.place import Place
from kb_builder.target_address import refuse_address
from kb_builder.target_connection import Sort
from kb_builder.target_files import Files
from kb_builder.target_folder import Folder
from kb_builder.target_git import GitBranch

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
    refuse_address(to)
    scheme, colon, rest = to.partition("://")
    if to.startswith(("git+", "git:")):
        return GitBranch(to, root, patience)
    if scheme == "file":
        return Folder(Path(unquote(rest)), unquote(rest), patience)
    if not colon:
        return Folder(root / to, to, patience)
    sort = next(each for each in _SORTS if scheme == each.SCHEME)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return Files(to, sort, patience)
