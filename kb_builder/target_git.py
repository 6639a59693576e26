"""A branch of a git repository: one commit holds it all, and one push makes it seen.

Write the repository and the branch: `git+ssh://git@host/acme/site.git#gh-pages`, or `git:REMOTE#gh-pages` for a remote of the
workspace's own repository. The layout is that of mike and of hosts of pages: the versions and `versions.json` at the top, and
`.nojekyll`. Sign in as git does: by ssh a key (a deploy key with the right to write is enough), by https a credential helper
or what `git config` of the workspace says; nothing is asked for. The branch must let itself be pushed to; nothing is forced.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

from kb_builder.errors import KbError, UsageError
from kb_builder.patience import Patience
from kb_builder.place import Content, Overtaken, Print
from kb_builder.staging import staging
from kb_builder.target_git_words import Said
from kb_builder.target_words import without_secrets

TITLE = "A branch of a git repository"
ADDRESSES = ("git+ssh://git@host/acme/site.git#gh-pages", "git:origin#gh-pages")
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
_SSH = "ssh -o ConnectTimeout=10 -o ServerAliveInterval=10 -o ServerAliveCountMax=3"
_PATIENT = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "30"}
"""What makes git itself give up on a server that is silent."""
_WHO = {"NAME": "kb", "EMAIL": "kb@localhost"}
_NAME = {f"GIT_{role}_{what}": word for role in ("AUTHOR", "COMMITTER") for what, word in _WHO.items()}


class GitBranch:
    """A branch, named `git+URL#branch`, or `git:REMOTE#branch` for a remote of the workspace's own repository."""

    def __init__(self, to: str, root: Path, patience: Patience) -> None:
        address, _, branch = to.partition("#")
        if not branch or branch.startswith("-") or not _is_branch(branch):
            raise UsageError(
                f"{without_secrets(to)} names no branch",
                "write it after a #, as in git+ssh://git@host/site.git#gh-pages",
            )
        self.branch = branch
        self.root = root
        self.patience = patience
        self.options: list[str] = []
        self.url = self._url(address)
        self.shown = f"{without_secrets(self.url)}#{branch}"
        self.held = ExitStack()
        self.name: Mapping[str, str] = {}
        self.ssh: Mapping[str, str] = {}
        self.parent: str | None = None
        """The commit at the tip of the branch, empty where there is none; None as long as nobody has answered."""

    def begin(self, *, writing: bool) -> bool:
        """Fetch the tip of the branch into a repository of our own. Nobody else sees what we do before it is pushed."""
        self.home = self.held.enter_context(staging(Path(tempfile.gettempdir())))
        self.index = self.home / "index"
        try:
            self._git("init", "--quiet", "--bare", str(self.home / "repository"), inside=False)
            self.name = {} if self._is_named() else _NAME
            self.ssh = {} if self._has_ssh() else {"GIT_SSH_COMMAND": _SSH}
            self.parent = self._fetch()
            if self.parent:
                self._git("read-tree", self.parent)
        except BaseException:
            self.held.close()
            raise
        return True

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

    def _has_ssh(self) -> bool:
        """Whether somebody said how git is to call ssh: then it is called so."""
        asked = _run([*self.options, "config", "core.sshCommand"], self.home)
        return asked.returncode == 0 or bool({"GIT_SSH", "GIT_SSH_COMMAND"} & os.environ.keys())

    def _fetch(self) -> str:
        """The commit at the tip of the branch; nothing where there is none yet."""
        listed = self._far("ls-remote", "--", self.url, f"refs/heads/{self.branch}").split()
        if not listed:
            return ""
        self._far("fetch", "--quiet", "--depth=1", "--", self.url, f"refs/heads/{self.branch}")
        return self._git("rev-parse", "FETCH_HEAD").strip()

    def read(self, name: str) -> Content | None:
        """What a file holds, in the commit that is being made; None if it is not there."""
        entry = self._entries().get(name)
        return Content(self._bytes("cat-file", "blob", entry), entry) if entry else None

    def swap(self, name: str, data: bytes, tag: str | None) -> str:
        """Stage a file. Whether somebody else was quicker is seen when the commit is pushed."""
        self.put({name: data}, lambda _: None)
        return self._entries()[name]

    def holds(self, known: Collection[str]) -> Mapping[str, Print]:
        """Every file and link; of those in `known` the SHA-256."""
        entries = self._entries()
        wanted = sorted({entries[name] for name in known if name in entries})
        stream = io.BytesIO(self._bytes("cat-file", "--batch", stdin="\n".join(wanted).encode()))
        digests: dict[str, str] = {}
        for blob in wanted:
            size = int(stream.readline().split()[2])
            digests[blob] = hashlib.sha256(stream.read(size)).hexdigest()
            stream.read(1)
        return {
            name: Print(digests[blob]) if name in known else Print()
            for name, blob in entries.items()
            if name != NO_JEKYLL or name in known
        }

    def digests(self, names: Collection[str]) -> Mapping[str, str]:
        """The SHA-256 of what files hold: it is always told."""
        return {}

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
                self._far("push", "--quiet", "--no-verify", "--", self.url, f"{self._commit()}:{self._ref}")
        finally:
            self.held.close()

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def _commit(self) -> str:
        """The commit, on the tip that was fetched: a push of it that is not refused has overwritten nothing."""
        entries = self._entries()
        if not entries.keys() - {NO_JEKYLL}:
            self.remove([NO_JEKYLL], lambda _: None)
        elif NO_JEKYLL not in entries:
            self.put({NO_JEKYLL: b""}, lambda _: None)
        tree = self._git("write-tree").strip()
        parents = ["-p", self.parent] if self.parent else []
        return self._git("commit-tree", tree, *parents, "-m", "Publish the documentation").strip()

    def _far(self, *arguments: str) -> str:
        """Something that needs the other side, again after a pause where that may help."""
        while True:
            done = self._done(*arguments)
            if done.returncode == 0:
                self.patience.went_well()
                return done.stdout.decode("utf-8", "replace")
            said = Said(done.stderr.decode("utf-8", "replace"))
            if said.is_overtaken:
                raise Overtaken(f"somebody else published to {self.shown} meanwhile", "run it again")
            if not (said.is_hiccup and self.parent is not None):
                raise said.in_words(arguments[0], self.shown)
            self.patience.wait(said.in_words(arguments[0], self.shown))

    def _git(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> str:
        return self._bytes(*arguments, stdin=stdin, inside=inside).decode("utf-8", "replace")

    def _bytes(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> bytes:
        done = self._done(*arguments, stdin=stdin, inside=inside)
        if done.returncode != 0:
            said = Said(done.stderr.decode("utf-8", "replace"))
            raise said.in_words(arguments[0], self.shown)
        return done.stdout

    def _done(
        self, *arguments: str, stdin: bytes = b"", inside: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        where = (
            {"GIT_DIR": str(self.home / "repository"), "GIT_INDEX_FILE": str(self.index)} if inside else {}
        )
        named = {name: word for name, word in self.name.items() if name not in os.environ} if inside else {}
        try:
            return _run([*self.options, *arguments], self.home, stdin, {**named, **self.ssh, **where})
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KbError(f"git cannot be run: {error}", "install git, or publish to a folder") from error


def _run(
    arguments: list[str], folder: Path, stdin: bytes = b"", more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git. What it was told of another repository, as in a hook, is no business of ours."""
    environment = {name: word for name, word in os.environ.items() if name not in _NOT_OURS}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **_PATIENT, **(more or {})}
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
