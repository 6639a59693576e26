"""Who changed a file of records last, and when: from git, where the workspace is in git.

A release seals what git said on its day in `history.yaml`, so that its pages never change.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kb_builder.yaml_source import read_file, write_text

HISTORY = "history.yaml"
KEPT = 5
"""The commits that are kept of a file: the latest."""
_MARK = "\x01"
_SECONDS = 60


@dataclass(frozen=True)
class Commit:
    """One commit: its number, who made it, the day, and the first line of what they wrote."""

    id: str
    author: str
    date: dt.date
    subject: str


@dataclass(frozen=True)
class History:
    """The latest commits of each file, by its path from the client's folder, the latest first.

    `prefix` is the client's folder as seen from the repository's root, such as `engagements/acme/`.
    """

    prefix: str = ""
    files: Mapping[str, tuple[Commit, ...]] = field(default_factory=dict)


def from_git(folder: Path) -> History:
    """What git knows of the files in a client's folder; nothing where there is no git, or no repository."""
    prefix = _git(folder, "rev-parse", "--show-prefix")
    log = _git(
        folder, "log", "--no-renames", "--relative", "--name-only", "-z",
        f"--format={_MARK}%H%x00%an%x00%as%x00%s", "--", ".",
    ) if prefix is not None else None  # fmt: skip
    if prefix is None or log is None:
        return History()
    files: dict[str, list[Commit]] = {}
    for entry in log.split(_MARK)[1:]:
        number, author, day, subject, *names = [*entry.split("\0"), "", "", ""]
        commit = _commit({"id": number, "author": author, "date": day, "subject": subject.strip()})
        if commit is None:
            continue
        for name in names:
            commits = files.setdefault(name.strip("\n"), [])
            if len(commits) < KEPT:
                commits.append(commit)
    files.pop("", None)
    return History(prefix.strip(), {name: tuple(commits) for name, commits in files.items()})


def remote(folder: Path, name: str) -> str | None:
    """Where a remote of the repository is that a folder lies in; None where there is none of that name."""
    url = _git(folder, "remote", "get-url", "--push", "--", name)
    return url.strip() or None if url else None


def author(folder: Path) -> str | None:
    """Who commits here, as git knows them; None where it does not."""
    name = _git(folder, "config", "user.name")
    return name.strip() or None if name else None


def _git(folder: Path, *arguments: str) -> str | None:
    command = [
        "git",
        "-c",
        "core.quotePath=false",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "log.showSignature=false",
    ]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [*command, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def as_text(history: History) -> str:
    """What a release seals of a history."""
    files = {
        name: [
            {"id": each.id, "author": each.author, "date": each.date, "subject": each.subject}
            for each in commits
        ]
        for name, commits in sorted(history.files.items())
    }
    return write_text({"prefix": history.prefix, "files": files})


def sealed(folder: Path) -> History:
    """The history that a release has sealed; none if it has sealed none."""
    path = folder / HISTORY
    value = read_file(path, HISTORY).value if path.is_file() else None
    files = value.get("files") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(files, dict):
        return History()
    found: dict[str, tuple[Commit, ...]] = {}
    for name, commits in files.items():
        read = [_commit(each) for each in commits] if isinstance(commits, list) else []
        found[name] = tuple(each for each in read if each is not None)
    return History(str(value.get("prefix") or ""), found)


def _commit(value: object) -> Commit | None:
    try:
        assert isinstance(value, dict)
        day = dt.date.fromisoformat(str(value["date"]))
        return Commit(str(value["id"]), str(value["author"]), day, str(value.get("subject") or ""))
    except (AssertionError, KeyError, ValueError):
        return None
