"""The power is cut while a command writes, or soon after it has said that it is done: `make soak`, minutes long.

A file system of its own lies in a file (a loop device). A copy of that file, taken while it is mounted, holds what the
disk would hold if the power went in that moment: whatever the system still has in memory only is not in it. Then the
copy is mounted, and what the next command finds there must be as it was before the command, or as it is after; and
after, once it was said. Where the machine does not allow it, this is skipped, with what it said.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.commands import WRITING, run, trial
from support.processes import started
from support.quick import quick
from support.trees import tree

from kb_builder import assembly
from kb_builder.files import finish_writes
from kb_builder.workspace import find

CUTS = int(os.environ.get("KB_CUTS", "50"))
MEGABYTES = 96
COMMANDS = [name for name, each in WRITING.items() if each.arguments[-1] != "{at}/out.zip"]
NAMES_AFTER = 1.0
"""Seconds after which the file system writes names down by itself; bytes it may keep for half a minute."""


@dataclass(frozen=True)
class Disk:
    """A file system in a file: where it is mounted, and where a copy of it can be."""

    image: Path
    mounted: Path
    copy: Path

    def cut(self) -> None:
        """Copy what the disk holds at one moment: a copy during which something was written is no moment."""
        device = subprocess.run(
            ["findmnt", "--noheadings", "--output", "SOURCE", str(self.mounted)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        written = Path("/sys/block") / Path(device).name / "stat"
        for _ in range(50):
            before = written.read_text()
            shutil.copyfile(self.image, self.copy)
            if written.read_text().split()[4:7] == before.split()[4:7]:
                return
        pytest.fail("the disk is never at rest")


def system(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{' '.join(command[:1])} may not be used here: {(done.stdout + done.stderr).strip()}")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """An ext4 of its own, as most disks have it, but for names that are written down each second."""
    missing = [tool for tool in ("mkfs.ext4", "mount", "umount", "findmnt") if shutil.which(tool) is None]
    if sys.platform != "linux" or missing:
        pytest.skip(f"the power is not cut here: {', '.join(missing) or sys.platform}")
    folder = tmp_path_factory.mktemp("disk")
    image, mounted = folder / "image", folder / "mounted"
    mounted.mkdir()
    with image.open("wb") as file:
        file.truncate(MEGABYTES * 1_000_000)
    system("mkfs.ext4", "-q", "-F", str(image))
    system("mount", "-o", f"loop,commit={int(NAMES_AFTER)}", str(image), str(mounted))
    try:
        yield Disk(image, mounted, folder / "copy")
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def held(root: Path) -> dict[str, bytes]:
    """What must not be lost below a folder: all but staging, sites and what was published."""
    return {
        name: content
        for name, content in tree(root).items()
        if content is not None and ".kb-" not in name and not {"site", "target"} & {*Path(name).parts[:2]}
    }


@pytest.mark.parametrize("number", range(CUTS))
def test_after_a_power_cut_it_is_as_before_or_as_it_was_said(
    number: int, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "build_html", quick)
    chance = random.Random(number)
    name = COMMANDS[number % len(COMMANDS)]
    at = disk.mounted / str(number)
    at.mkdir()
    workspace, arguments = trial(name, at)
    os.sync()
    before = held(at)
    child = started(lambda: _must(run(workspace, *arguments).exception))
    said = number % 3 > 0
    if said:
        assert os.waitpid(child, 0)[1] == 0
        time.sleep(chance.uniform(0, 3 * NAMES_AFTER))
    else:
        time.sleep(chance.uniform(0, 0.5))
    disk.cut()
    if not said:
        assert os.waitpid(child, 0)[1] == 0
    after = held(at)
    assert before != after
    found = _after_the_cut(disk, at, tmp_path)
    wrong = sorted(each for each in {*found, *after} if found.get(each) != after.get(each))
    assert found == after or (found == before and not said), f"{name}, seed {number}: {wrong}"
    shutil.rmtree(at)


def _must(exception: BaseException | None) -> None:
    if exception is not None:
        raise exception


def _after_the_cut(disk: Disk, at: Path, tmp_path: Path) -> dict[str, bytes]:
    """What stands below a folder once the power is back and the next command has looked."""
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    subprocess.run(["mount", "-o", "loop", str(disk.copy), str(mounted)], check=True)
    try:
        again = mounted / at.name
        find(again / "ws")
        for each in again.iterdir():
            finish_writes(each)
        return held(again)
    finally:
        subprocess.run(["umount", str(mounted)], check=True)
