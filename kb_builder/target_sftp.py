"""A folder on a server, by SFTP.

Sign in by a key, as with `ssh`: `~/.ssh/config` and `~/.ssh/id_*` are read, and the agent is asked (`SSH_AUTH_SOCK`). The
server's key must be in `~/.ssh/known_hosts`: sign in there with `ssh` once, and check it. No shell is needed there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import fsspec
from fsspec.asyn import sync

from kb_builder.place import Print

TITLE = "A server, by SFTP"
ADDRESSES = ("sftp://user@host/srv/www/acme",)
SCHEME, PACKAGE, EXTRA = "sftp", "sshfs", "publish-sftp"
SIGN_IN = "see that ssh signs in there without asking for anything: the user's name, the key, the agent"
_RIGHT = "the right to read, write and remove in the folder, and to make it where it is not there"
RIGHTS: Mapping[str, str] = {
    "list": "the right to read the folder and those in it",
    "read": "the right to read the files in the folder",
    "write": _RIGHT,
    "remove": _RIGHT,
}
SAFE = True
CONDITIONS_MAY_BE_IGNORED = False


class Server:
    """A server that is connected. The library waits for ever for some answers once the connection is lost; this does not."""

    def __init__(self, system: Any) -> None:
        self.system = system

    def __getattr__(self, name: str) -> Any:
        """What the library can do, until the connection is lost: that raises ConnectionError."""
        work = getattr(self.system, f"_{name}")
        return lambda *arguments, **options: self._until_lost(work(*arguments, **options))

    def invalidate_cache(self) -> None:
        """Nothing is kept."""

    def write(self, path: str, data: bytes, *, new: bool = False) -> None:
        """Write a file whose folder is there. With `new` it must not be: raises what the library raises if it is.

        The library's own way looks at every folder on the way first, which takes longer than to write.
        """

        async def write() -> None:
            async with (
                self.system._pool.get() as channel,
                channel.open(path, "xb" if new else "wb") as stream,
            ):
                await stream.write(data)

        self._until_lost(write())

    def _until_lost(self, work: Coroutine[Any, Any, Any]) -> Any:
        async def race() -> Any:
            doing = asyncio.ensure_future(work)
            lost = asyncio.ensure_future(self.system.client.wait_closed())
            try:
                await asyncio.wait({doing, lost}, return_when=asyncio.FIRST_COMPLETED)
                if doing.done():
                    return doing.result()
                raise ConnectionError("the connection is lost")
            finally:
                lost.cancel()
                doing.cancel()

        return sync(self.system.loop, race)


def connect(to: str, seconds: int) -> tuple[Any, str]:
    """The server, and the path on it. A connection that is dead is noticed after three times ten seconds."""
    options = {"known_hosts": (), "connect_timeout": 10, "login_timeout": seconds}
    found = fsspec.url_to_fs(
        to, skip_instance_cache=True, keepalive_interval=10, keepalive_count_max=3, **options
    )
    return Server(found[0]), str(found[1])


def reach(system: Any, root: str) -> None:
    """Nothing is to be looked for: who is connected has reached it, and a folder that is not there is made."""


def headers(kind: str, cache: str, md5: bytes) -> dict[str, Any]:
    """A file system is told nothing of a file."""
    return {}


def tag(info: Mapping[str, Any]) -> str:
    """A file system has no tags."""
    raise NotImplementedError


def print_of(info: Mapping[str, Any]) -> Print:
    """What the server's list tells of a file; a link is never one of ours."""
    return Print(sha256="a link") if info.get("type") == "link" else Print(size=info.get("size"))


def swap(system: Any, path: str, data: bytes, told: dict[str, Any], tag_: str | None) -> str:
    """A file system cannot compare and write in one step: a door is needed."""
    raise NotImplementedError
