"""Where sites are published to: a folder, a bucket or a server by SFTP through fsspec, or a branch of a git repository.

Signing in is each library's own business: environment, configuration files, keys. Nothing of it is in a record.
"""

from __future__ import annotations

import mimetypes
import posixpath
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import fsspec

from kb_builder.errors import KbError, UsageError
from kb_builder.place import STAGED, Place
from kb_builder.target_folder import Folder, folders_of
from kb_builder.target_git import GitBranch, without_secrets

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
    scheme, colon, rest = to.partition("://")
    _refuse_secrets(to)
    if to.startswith(("git+", "git:")):
        return GitBranch(to, root)
    if colon and scheme == "file":
        return Folder(Path(unquote(rest)), unquote(rest))
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
        return Folder(root / to, to)
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


def _refuse_secrets(to: str) -> None:
    """Raise UsageError for an address with a password: client.yaml is read by many, and kept in git for ever."""
    user, at, _ = urlsplit(to.partition("+")[2] if to.startswith("git+") else to).netloc.rpartition("@")
    if at and (":" in user or to.startswith(("git+https:", "git+http:"))):
        raise UsageError(
            f"the address of {without_secrets(to)} holds a password or a token",
            "take it out, and sign in by a key, or by what git or the library has for it; then change it",
        )


def _unreachable(to: str, error: Exception) -> KbError:
    words = without_secrets(str(error)) or type(error).__name__
    hint = "look at the address, the network and how you sign in there; then run it again"
    if "host key" in words.lower():
        hint = "sign in there with ssh once, and check its key; then it is known"
    return KbError(f"{without_secrets(to)} cannot be reached: {words}", hint)


class Files:
    """A bucket or a server that fsspec can write to. With `safe` a file is written beside its place and moved there."""

    def __init__(self, system: Any, root: str, shown: str, *, safe: bool, kind: str) -> None:
        self.system = system
        self.root = root.rstrip("/") or "/"
        self.shown = shown
        self.safe = safe
        self.kind = kind
        self.reached = False
        self.left: list[str] = []

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

    def holds(self, known: Collection[str]) -> Mapping[str, str | None]:
        """Every file and link there; what they hold would have to be fetched, so the manifest has to be believed."""

        def look() -> list[str]:
            self.system.invalidate_cache()
            try:
                found = self._walk(self.root) if self.safe else self.system.find(self.root)
                return [str(each) for each in found]
            except FileNotFoundError:
                return []

        names = [posixpath.relpath(each, self.root) for each in self._tried(look, "") if each[-1] != "/"]
        self.left = [name for name in names if posixpath.basename(name).startswith(STAGED)]
        return dict.fromkeys(sorted({*names} - {*self.left}))

    def _walk(self, folder: str) -> Iterator[str]:
        """All files and links; fsspec's own way round follows no link either, but says nothing of what it may not read."""
        for each in self.system.ls(folder, detail=True):
            if each["type"] == "directory":
                yield from self._walk(each["name"])
            else:
                yield each["name"]

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Write files whole, several at once."""
        if self.safe:
            for folder in sorted({posixpath.dirname(self._at(name)) for name in files}):
                self._tried(partial(self.system.makedirs, folder, exist_ok=True), folder)
        self._each(files, lambda name: self._put(name, files[name]), done)

    def _put(self, name: str, content: Path | bytes) -> None:
        target = self._at(name)
        beside = posixpath.join(posixpath.dirname(target), f"{STAGED}{posixpath.basename(target)}")
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
        for folder in folders_of(names) if self.safe else ():
            try:
                self.system.rmdir(self._at(folder))
            except Exception:  # noqa: S112 a folder that still holds something stays
                continue

    def close(self, *, finished: bool) -> None:
        """Take away what a publish that was cut off left half written."""
        if finished and self.left:
            self.remove(self.left, lambda _: None)

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
        with ThreadPoolExecutor(AT_ONCE) as pool:
            futures = [(name, pool.submit(work, name)) for name in names]
            try:
                for name, future in futures:
                    future.result()
                    done(name)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _tried(self, work: Callable[[], Any], name: str) -> Any:
        """Do something, again after a pause where it may help: not before the place has answered at all."""
        for number in range(1, TRIES + 1):
            try:
                found = work()
                self.reached = True
                return found
            except (FileNotFoundError, PermissionError, NotADirectoryError, IsADirectoryError) as error:
                raise self._failed(name, error) from error
            except Exception as error:
                if number == TRIES or not self.reached:
                    raise self._failed(name, error) from error
                time.sleep(0.2 * 3**number)
        raise AssertionError

    def _failed(self, name: str, error: Exception) -> KbError:
        where = f"{name} in {self.shown}" if name else self.shown
        words = without_secrets(str(error)) or type(error).__name__
        return KbError(f"{where}: {words}", "run it again: what has arrived is not sent twice")
