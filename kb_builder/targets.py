"""Where sites are published to: a folder, a bucket, a server by SFTP (all through fsspec), or a branch of a git repository.

Signing in is each library's own business: environment, configuration files, keys. Nothing of it is in a record.
"""

from __future__ import annotations

import mimetypes
import posixpath
import re
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from kb_builder.errors import KbError, UsageError
from kb_builder.publish import Place
from kb_builder.target_git import GitBranch

SCHEMES: Mapping[str, tuple[str, str]] = {
    "s3": ("s3fs", "publish-s3"),
    "gs": ("gcsfs", "publish-gs"),
    "az": ("adlfs", "publish-az"),
    "sftp": ("sshfs", "publish-sftp"),
}
"""The schemes of fsspec that are used, with the package that each needs and the extra that installs it."""
AT_ONCE = 8
TRIES = 4
_HASHED = re.compile(r"\.[0-9a-f]{8}\.min\.(js|css)$")
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".webp": "image/webp"}
_TEXT = ("text/", "application/json", "application/xml", "image/svg+xml")


def open_place(to: str, root: Path) -> Place:
    """Open a target. `to` is what client.yaml says, `root` the workspace, from which a folder's path starts.

    Raises UsageError for an address that is none, KbError if a package is missing or the place cannot be reached.
    """
    if to.startswith(("git+", "git:")):
        return GitBranch(to, root)
    scheme, colon, _ = to.partition("://")
    if not colon or scheme == "file":
        path = Path(to.removeprefix("file://"))
        return Files(
            fsspec.filesystem("file", auto_mkdir=True), (root / path).as_posix(), str(path), safe=True
        )
    if scheme not in SCHEMES:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise UsageError(
            f"{without_secrets(to)} cannot be published to", f"a folder, {known} or git+ssh://…#branch"
        )
    package, extra = SCHEMES[scheme]
    options: dict[str, Any] = {"skip_instance_cache": True}
    if scheme == "sftp":
        options["known_hosts"] = ()
    try:
        system, path_there = fsspec.url_to_fs(to, **options)
    except ImportError as error:
        raise KbError(
            f"{scheme}:// needs the package {package}", f"pip install 'kb-builder[{extra}]'"
        ) from error
    except Exception as error:
        raise _unreachable(to, error) from error
    return Files(system, path_there, without_secrets(to), safe=scheme == "sftp", kind=scheme)


def without_secrets(address: str) -> str:
    """An address without a user's name and password, to be shown."""
    parts = urlsplit(address)
    return address.replace(f"{parts.netloc.rpartition('@')[0]}@", "") if "@" in parts.netloc else address


def _unreachable(to: str, error: Exception) -> KbError:
    words = str(error) or type(error).__name__
    hint = "look at the address, the network and how you sign in there; then run it again"
    if "host key" in words.lower():
        hint = "sign in there with ssh once, and check its key; then it is known"
    return KbError(f"{without_secrets(to)} cannot be reached: {words}", hint)


class Files:
    """A folder that fsspec can write to. With `safe` a file is written beside its place and moved there."""

    def __init__(self, system: Any, root: str, shown: str, *, safe: bool, kind: str = "file") -> None:
        self.system = system
        self.root = root.rstrip("/") or "/"
        self.shown = shown
        self.safe = safe
        self.kind = kind

    def read(self, name: str) -> bytes | None:
        """What a file holds; None if it is not there."""

        def get() -> bytes | None:
            self.system.invalidate_cache()
            try:
                content: bytes = self.system.cat_file(self._at(name))
            except FileNotFoundError:
                return None
            return content

        found: bytes | None = self._tried(get, name)
        return found

    def is_empty(self) -> bool:
        """Whether nothing is there at all."""

        def look() -> bool:
            self.system.invalidate_cache()
            try:
                return not [
                    each for each in self.system.ls(self.root, detail=False) if each.rstrip("/") != self.root
                ]
            except FileNotFoundError:
                return True

        return bool(self._tried(look, ""))

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole, several at once."""
        if self.safe:
            for folder in sorted({posixpath.dirname(self._at(name)) for name in files}):
                self._tried(partial(self.system.makedirs, folder, exist_ok=True), folder)
        self._each(files, lambda name: self._put(name, files[name]), done)

    def _put(self, name: str, content: Path | bytes) -> None:
        target = self._at(name)
        beside = posixpath.join(posixpath.dirname(target), f".kb-new-{posixpath.basename(target)}")
        data = content if isinstance(content, bytes) else content.read_bytes()

        def write() -> None:
            if self.safe:
                self.system.pipe_file(beside, data)
                self.system.mv(beside, target)
            else:
                self.system.pipe_file(target, data, **self._headers(name))

        self._tried(write, name)

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Remove files, one step after the other for pages and what they show."""

        def take(name: str) -> None:
            def rm() -> None:
                try:
                    self.system.rm_file(self._at(name))
                except FileNotFoundError:
                    return

            self._tried(rm, name)

        for pages in (True, False):
            self._each([name for name in names if name.endswith(".html") is pages], take, done)
        if self.safe:
            folders = {posixpath.dirname(name) for name in names}
            parents = {
                "/".join(folder.split("/")[:depth])
                for folder in folders
                for depth in range(1, folder.count("/") + 2)
            }
            for folder in sorted(parents - {""}, key=lambda each: -each.count("/")):
                try:
                    self.system.rmdir(self._at(folder))
                except Exception:  # noqa: S112 a folder that still holds something stays
                    continue

    def close(self, *, finished: bool) -> None:
        """Nothing is kept back here."""

    def _at(self, name: str) -> str:
        return posixpath.join(self.root, name)

    def _headers(self, name: str) -> dict[str, Any]:
        """What a bucket tells browsers of a file, in the words of its library."""
        kind, _ = mimetypes.guess_type(name)
        kind = _TYPES.get(posixpath.splitext(name)[1], kind or "application/octet-stream")
        if kind.startswith(_TEXT):
            kind += "; charset=utf-8"
        cache = "public, max-age=31536000, immutable" if _HASHED.search(name) else "no-cache"
        if self.kind == "s3":
            return {"ContentType": kind, "CacheControl": cache}
        if self.kind == "gs":
            return {"content_type": kind, "fixed_key_metadata": {"cache_control": cache}}
        return {"content_settings": {"content_type": kind, "cache_control": cache}}

    def _each(self, names: Iterable[str], work: Callable[[str], None], done: Callable[[str], None]) -> None:
        with ThreadPoolExecutor(AT_ONCE if self.kind != "file" else 1) as pool:
            futures = [(name, pool.submit(work, name)) for name in names]
            try:
                for name, future in futures:
                    future.result()
                    done(name)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _tried(self, work: Callable[[], Any], name: str) -> Any:
        """Do something, again after a pause where it may help."""
        for number in range(1, TRIES + 1):
            try:
                return work()
            except (PermissionError, NotADirectoryError, IsADirectoryError) as error:
                raise self._failed(name, error) from error
            except Exception as error:
                if number == TRIES or self.kind == "file":
                    raise self._failed(name, error) from error
                time.sleep(0.2 * 3**number)
        raise AssertionError

    def _failed(self, name: str, error: Exception) -> KbError:
        where = f"{name} in {self.shown}" if name else self.shown
        words = str(error) or type(error).__name__
        return KbError(f"{where}: {words}", "run it again: what has arrived is not sent twice")
