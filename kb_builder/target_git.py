"""A branch of a git repository as a place to publish to: one commit holds it all, and one push makes it seen.

The layout is that of mike and of hosts of pages: the versions and `versions.json` at the top, and `.nojekyll`. The
work tree, the index and the branches of the workspace are not touched: the commit is made in a repository of its own.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

from kb_builder.errors import KbError, UsageError
from kb_builder.staging import staging

NO_JEKYLL = ".nojekyll"
_SECONDS = 600
_NOT_OURS = frozenset(
    f"GIT_{name}"
    for name in (
        "DIR",
        "WORK_TREE",
        "INDEX_FILE",
        "OBJECT_DIRECTORY",
        "ALTERNATE_OBJECT_DIRECTORIES",
        "PREFIX",
    )
)
_WHO = {"NAME": "kb", "EMAIL": "kb@localhost"}
_NAME = {f"GIT_{role}_{what}": word for role in ("AUTHOR", "COMMITTER") for what, word in _WHO.items()}


class GitBranch:
    """A branch, named `git+URL#branch`, or `git:REMOTE#branch` for a remote of the workspace's own repository."""

    def __init__(self, to: str, root: Path) -> None:
        address, _, branch = to.partition("#")
        if not branch or branch.startswith("-") or not _is_branch(branch):
            raise UsageError(
                f"{without_secrets(to)} names no branch",
                "write it after a #, as in git+ssh://git@host/site.git#gh-pages",
            )
        self.branch = branch
        self.root = root
        self.options: list[str] = []
        self.url = self._url(address)
        self.shown = f"{without_secrets(self.url)}#{branch}"
        self.held = ExitStack()
        self.home = self.held.enter_context(staging(Path(tempfile.gettempdir())))
        self.index = self.home / "index"
        try:
            self._git("init", "--quiet", "--bare", str(self.home / "repository"), inside=False)
            self.name: Mapping[str, str] = {} if self._is_named() else _NAME
            self.parent = self._fetch()
            if self.parent:
                self._git("read-tree", self.parent)
        except BaseException:
            self.held.close()
            raise

    def _url(self, address: str) -> str:
        if address.startswith("git+"):
            url = address.removeprefix("git+")
            if url.partition("://")[0] not in ("ssh", "https", "http", "file"):
                raise UsageError(
                    f"{without_secrets(url)} is not an address of git",
                    "git+ssh://, git+https:// or git+file://",
                )
            return url
        remote = address.removeprefix("git:")
        done = _run(["remote", "get-url", "--push", "--", remote], self.root)
        if done.returncode != 0:
            raise UsageError(f'the workspace has no git remote "{remote}"', "git remote -v lists them")
        url = done.stdout.decode().strip()
        top = Path(_run(["rev-parse", "--show-toplevel"], self.root).stdout.decode().strip())
        config = top / _run(["rev-parse", "--git-path", "config"], top).stdout.decode().strip()
        # How one signs in to this remote may be written for this repository only.
        self.options = ["-c", f"include.path={config}"]
        return str(top / url) if url.startswith(".") else url

    def _is_named(self) -> bool:
        """Whether git knows who commits."""
        asked = [_run([*self.options, "config", f"user.{each}"], self.home) for each in ("name", "email")]
        return all(each.returncode == 0 for each in asked)

    def _fetch(self) -> str:
        """The commit at the tip of the branch; nothing where there is none yet."""
        listed = self._git("ls-remote", "--", self.url, f"refs/heads/{self.branch}").split()
        if not listed:
            return ""
        self._git("fetch", "--quiet", "--depth=1", "--", self.url, f"refs/heads/{self.branch}")
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def read(self, name: str) -> bytes | None:
        """What a file holds, in the commit that is being made; None if it is not there."""
        entry = self._entries().get(name)
        return self._bytes("cat-file", "blob", entry) if entry else None

    def holds(self, known: Collection[str]) -> Mapping[str, str | None]:
        """Every file and link; of those in `known` the SHA-256."""
        entries = self._entries()
        wanted = sorted({entries[name] for name in known if name in entries})
        stream = io.BytesIO(self._bytes("cat-file", "--batch", stdin="\n".join(wanted).encode()))
        digests: dict[str, str] = {}
        for blob in wanted:
            size = int(stream.readline().split()[2])
            digests[blob] = hashlib.sha256(stream.read(size)).hexdigest()
            stream.read(1)
        return {name: digests[blob] if name in known else None for name, blob in entries.items()}

    def _entries(self) -> dict[str, str]:
        """The files in the index, which begins as the tip of the branch, with their blobs."""
        lines = self._bytes("ls-files", "--stage", "-z").decode("utf-8", "surrogateescape").split("\0")
        parts = (line.partition("\t") for line in lines if line)
        return {name: head.split()[1] for head, _, name in parts if not head.startswith("160000")}

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Stage files for the commit."""
        on_disk = {name: str(path.absolute()) for name, path in files.items() if isinstance(path, Path)}
        paths = "".join(f"{path}\n" for path in on_disk.values()).encode()
        listed = self._git("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=paths).split()
        blobs = dict(zip(on_disk, listed, strict=True))
        for name, content in files.items():
            if isinstance(content, bytes):
                blobs[name] = self._git("hash-object", "-w", "--stdin", stdin=content).strip()
        lines = "".join(f"100644 {blob}\t{name}\0" for name, blob in blobs.items())
        self._git("update-index", "-z", "--index-info", stdin=lines.encode())
        for name in files:
            done(name)

    def remove(self, names: list[str], done: Callable[[str], None]) -> None:
        """Take files out of the commit."""
        text = "".join(f"0 {'0' * 40}\t{name}\0" for name in names)
        self._git("update-index", "-z", "--index-info", stdin=text.encode())
        for name in names:
            done(name)

    def close(self, *, finished: bool) -> None:
        """Commit and push, if the work is finished; then forget the repository."""
        try:
            if finished:
                if NO_JEKYLL not in self._entries():
                    self.put({NO_JEKYLL: b""}, lambda _: None)
                tree = self._git("write-tree").strip()
                parents = ["-p", self.parent] if self.parent else []
                commit = self._git("commit-tree", tree, *parents, "-m", "Publish the documentation").strip()
                lease = f"--force-with-lease=refs/heads/{self.branch}:{self.parent}"
                self._git(
                    "push",
                    "--quiet",
                    "--no-verify",
                    lease,
                    "--",
                    self.url,
                    f"{commit}:refs/heads/{self.branch}",
                )
        finally:
            self.held.close()

    def _git(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> str:
        return self._bytes(*arguments, stdin=stdin, inside=inside).decode("utf-8", "replace")

    def _bytes(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> bytes:
        where = (
            {"GIT_DIR": str(self.home / "repository"), "GIT_INDEX_FILE": str(self.index)} if inside else {}
        )
        named = {name: word for name, word in self.name.items() if name not in os.environ} if inside else {}
        try:
            done = _run([*self.options, *arguments], self.home, stdin, {**named, **where})
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KbError(f"git cannot be run: {error}", "install git, or publish to a folder") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            words = without_secrets(" ".join(said[-3:]))
            hint = (
                "somebody pushed meanwhile, or you may not push there; run it again"
                if arguments[0] == "push"
                else None
            )
            raise KbError(
                f"git {arguments[0]} failed: {words}", hint or "look at the address and how you sign in there"
            )
        return done.stdout


def _run(
    arguments: list[str], folder: Path, stdin: bytes = b"", more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git. What it was told of another repository, as in a hook, is no business of ours."""
    environment = {name: word for name, word in os.environ.items() if name not in _NOT_OURS}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **(more or {})}
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )


def _is_branch(name: str) -> bool:
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], capture_output=True, check=False)
    return done.returncode == 0


def without_secrets(text: str) -> str:
    """A text to be shown: without names, passwords and tokens in addresses."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text)
