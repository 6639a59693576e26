"""A branch of a git repository as a place to publish to: one commit holds it all, and one push makes it seen.

The layout is that of mike and of hosts of pages: the versions and `versions.json` at the top, and `.nojekyll`. The
work tree, the index and the branches of the workspace are not touched: the commit is made in a repository of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from kb_builder.errors import KbError, UsageError

NO_JEKYLL = ".nojekyll"
_SECONDS = 600
_WHO = {"NAME": "kb", "EMAIL": "kb@localhost"}
_NAME = {f"GIT_{role}_{what}": word for role in ("AUTHOR", "COMMITTER") for what, word in _WHO.items()}


class GitBranch:
    """A branch, named `git+URL#branch`, or `git:REMOTE#branch` for a remote of the workspace's own repository."""

    def __init__(self, to: str, root: Path) -> None:
        address, _, branch = to.partition("#")
        if not branch or branch.startswith("-") or not _is_branch(branch):
            raise UsageError(
                f"{to} names no branch", "write it after a #, as in git+ssh://git@host/site.git#gh-pages"
            )
        self.branch = branch
        self.root = root
        self.url = self._url(address)
        self.shown = f"{_shown(self.url)}#{branch}"
        self.home = Path(tempfile.mkdtemp(prefix="kb-git-"))
        self.index = self.home / "index"
        try:
            self._git("init", "--quiet", "--bare", str(self.home / "repository"), inside=False)
            self.parent = self._fetch()
            if self.parent:
                self._git("read-tree", self.parent)
        except BaseException:
            shutil.rmtree(self.home, ignore_errors=True)
            raise

    def _url(self, address: str) -> str:
        if address.startswith("git+"):
            url = address.removeprefix("git+")
            if url.partition("://")[0] not in ("ssh", "https", "http", "file"):
                raise UsageError(
                    f"{_shown(url)} is not an address of git", "git+ssh://, git+https:// or git+file://"
                )
            return url
        remote = address.removeprefix("git:")
        done = subprocess.run(
            ["git", "remote", "get-url", "--", remote],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise UsageError(f'the workspace has no git remote "{remote}"', "git remote -v lists them")
        return done.stdout.strip()

    def _fetch(self) -> str:
        """The commit at the tip of the branch; nothing where there is none yet."""
        listed = self._git("ls-remote", "--", self.url, f"refs/heads/{self.branch}").split()
        if not listed:
            return ""
        self._git("fetch", "--quiet", "--depth=1", "--", self.url, f"refs/heads/{self.branch}")
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def read(self, name: str) -> bytes | None:
        """What a file holds at the tip of the branch; None if it is not there."""
        if not self.parent or not self._git("ls-tree", "--name-only", self.parent, "--", name).strip():
            return None
        return self._bytes("cat-file", "blob", f"{self.parent}:{name}")

    def is_empty(self) -> bool:
        """Whether the branch holds nothing."""
        return not self.parent or not self._git("ls-tree", "--name-only", self.parent).strip()

    def put(self, files: Mapping[str, Path | bytes], done: Callable[[str], None]) -> None:
        """Stage files for the commit."""
        lines = []
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            blob = self._git("hash-object", "-w", "--stdin", stdin=data).strip()
            lines.append(f"100644 {blob}\t{name}\0")
            done(name)
        self._git("update-index", "-z", "--index-info", stdin="".join(lines).encode())

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
                self.put({NO_JEKYLL: b""}, lambda _: None)
                tree = self._git("write-tree").strip()
                parents = ["-p", self.parent] if self.parent else []
                commit = self._git("commit-tree", tree, *parents, "-m", "Publish the documentation").strip()
                lease = f"--force-with-lease=refs/heads/{self.branch}:{self.parent}"
                self._git("push", "--quiet", lease, "--", self.url, f"{commit}:refs/heads/{self.branch}")
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def _git(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> str:
        return self._bytes(*arguments, stdin=stdin, inside=inside).decode("utf-8", "replace")

    def _bytes(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> bytes:
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        environment.pop("GIT_WORK_TREE", None)
        environment.pop("GIT_DIR", None)
        if inside:
            environment |= {"GIT_DIR": str(self.home / "repository"), "GIT_INDEX_FILE": str(self.index)}
            environment = {**_NAME, **environment}
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.home,
                env=environment,
                input=stdin,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KbError(f"git {arguments[0]} cannot be run: {error}", "is git installed?") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            words = _shown(" ".join(said[-3:]))
            hint = (
                "somebody pushed meanwhile, or you may not push there; run it again"
                if arguments[0] == "push"
                else None
            )
            raise KbError(
                f"git {arguments[0]} failed: {words}", hint or "look at the address and how you sign in there"
            )
        return done.stdout


def _is_branch(name: str) -> bool:
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], capture_output=True, check=False)
    return done.returncode == 0


def _shown(text: str) -> str:
    """A text without a name and password in an address."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text)
