"""On a machine that refuses, `kb` says so in words, ends with 4, and leaves what stood before.

Every command meets every kind of call that fails, at points spread over all that it makes. A record's file or folder that
is not given out is a problem among the others, with 1. What a fault does not touch must come out as without it.
"""

from __future__ import annotations

import errno
import itertools
import shutil
from pathlib import Path

import pytest
from support import faults, story
from support.faults import WRITE, Fault
from support.sites import new_workspace

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.ENAMETOOLONG)
STORY = (
    (("check",), 18),
    (("diff", "demo"), 18),
    (("add", "demo", "system", "printer"), 30),
    (("release", "demo", "2026.12", "--date", "2026-12-01"), 30),
)
SMALL = (
    (("export", "hosting", "demo", "--server", "caddy", "--host", "d.example", "--output", "out"), 24),
    (("export", "mkdocs", "demo", "--audience", "staff", "--output", "out"), 10),
    (("build", "demo"), 5),
    (("export", "bundle", "demo", "--audience", "staff", "--output", "out.zip"), 3),
)
"""The commands, and at how many points each is made to fail, at least one a kind but where that takes seconds."""
SIZES = (0, 1500)
"""How large a file may grow where the disk refuses to write more."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with three releases."""
    return story.told(tmp_path_factory.mktemp("told")).root


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client with one system and one site."""
    workspace = new_workspace(tmp_path_factory.mktemp("small"))
    story.put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff}]\n")
    story.put(workspace, "discovery/systems/mail.yaml", "title: Mail\n")
    return workspace.root


@pytest.mark.parametrize(
    ("command", "points"), STORY, ids=lambda each: str(each[0]) if isinstance(each, tuple) else ""
)
def test_a_story(command: tuple[str, ...], points: int, told: Path, tmp_path: Path) -> None:
    hold(command, points, told, tmp_path / "work")


@pytest.mark.parametrize(
    ("command", "points"), SMALL, ids=lambda each: "-".join(each[:2]) if isinstance(each, tuple) else ""
)
def test_a_small_client(command: tuple[str, ...], points: int, small: Path, tmp_path: Path) -> None:
    hold(command, points, small, tmp_path / "work")


def hold(command: tuple[str, ...], points: int, source: Path, work: Path) -> None:
    """Run the command with each fault, and see what it says and leaves."""
    arguments = ["-C", str(work), *command]
    old = fresh(source, work)
    whole, counts = faults.counted(arguments, work)
    new = tree(work)
    refused = 0
    for fault in chosen(counts, points):
        fresh(source, work)
        done = faults.run(arguments, work, fault)
        said = f"{' '.join(command)}: {fault}: {done}"
        assert done.code in (0, 1, 4), said
        assert "Traceback" not in done.err + done.out, said
        assert "a bug of ours" not in done.err, said
        if done.code == 4:
            refused += 1
            (message,) = [line for line in done.err.splitlines() if line.startswith("kb: ")]
            assert str(work) in message, said
            assert "\n  hint: " in done.err, said
        elif done.code == 1:
            assert "engagements/demo" in done.out + done.err, said
        elif command[0] in ("check", "diff"):
            assert done.out == whole.out, said
        if (work / ".kb-write-").parent.glob(".kb-write-*"):
            faults.run(["-C", str(work), "check"], work)
        assert tree(work) in ([new] if done.code == 0 else [old, new]), said
    assert refused or command[0] in ("check", "diff"), "no fault stopped it"


def fresh(source: Path, work: Path) -> dict[str, bytes]:
    """Put the old state in place; what it is."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(source, work)
    return tree(work)


def tree(folder: Path) -> dict[str, bytes]:
    """All files, but for what an interrupted write keeps until the next command finishes it in its own folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".kb-write-") for part in path.relative_to(folder).parts)
    }


def chosen(counts: dict[str, int], points: int) -> list[Fault]:
    """So many faults, shared out among the kinds and spread over each kind's calls, the first and the last among them."""
    share = max(1, points // (len(counts) + 1))
    found = [
        (kind, 1 + round(step * (total - 1) / max(1, share - 1)) if share > 1 else (total + 1) // 2)
        for kind, total in sorted(counts.items(), reverse=True)
        for step in range(share)
    ]
    numbered = list(dict.fromkeys([*((WRITE, size) for size in SIZES), *found]))[: max(points, len(SIZES))]
    return [Fault(*each, number) for each, number in zip(numbered, itertools.cycle(ERRORS), strict=False)]
