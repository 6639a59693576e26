"""What somebody who is not root may not read is a problem among the others; pipes are not waited for."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import faults, story
from support.sites import TODAY

from kb_builder import pipeline
from kb_builder.workspace import Workspace

NOBODY = 65534
CLIENT = "engagements/demo"


@pytest.fixture
def told() -> Iterator[Workspace]:
    """A client with three releases and a mistake in one record, in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        workspace = story.told(folder / "work")
        story.put(workspace, "discovery/systems/till.yaml", "title: Till\nformerly: [asset/till]\nvendr: x\n")
        # What is imported when it is first used must be loaded before we become somebody else.
        pipeline.check(workspace, "demo", TODAY)
        yield workspace
    finally:
        shutil.rmtree(folder)


def check(workspace: Workspace) -> faults.Done:
    return faults.run(["-C", str(workspace.root), "check"], workspace.root, user=NOBODY)


@pytest.mark.parametrize(
    "path",
    [
        "discovery/systems/mail.yaml",
        "discovery/systems",
        "discovery",
        "client.yaml",
        "releases",
        "releases/2026.6",
        "releases/2026.6/release.yaml",
        "releases/2026.6/discovery",
        "releases/2026.6/client.yaml",
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_may_not_be_read_is_a_problem_among_the_others(told: Workspace, path: str) -> None:
    (told.folder("demo") / path).chmod(0)
    done = check(told)
    assert done.code == 1, done
    assert f"{CLIENT}/{path}:1:1: error KB001 cannot be read: Permission denied" in done.out
    if path not in ("discovery/systems", "discovery"):
        assert "no field of a system" in done.out
    for untrue in ("KB010", "KB201", "KB711", "KB712", "KB713"):
        assert untrue not in done.out


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_may_not_be_written_to_is_named(told: Workspace) -> None:
    (told.folder("demo") / "discovery/systems/till.yaml").unlink()
    for command in (["add", "demo", "system", "printer"], ["release", "demo", "2026.12"], ["build", "demo"]):
        done = faults.run(["-C", str(told.root), *command], told.root, user=NOBODY)
        assert done.code == 4, done
        assert f"kb: {told.root}" in done.err or f"kb: nothing may be written in {told.root}" in done.err
        assert "let yourself" in done.err


def odd(path: Path, sort: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if sort == "pipe":
        os.mkfifo(path)
        return
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


@pytest.mark.parametrize("sort", ["pipe", "socket"])
@pytest.mark.parametrize(
    "path",
    [
        "discovery/systems/mail.yaml",
        "discovery/systems/notes.txt",
        "queue",
        "_aside/queue",
        "client.yaml",
        "releases/2026.6/client.yaml",
        "releases/2026.6/queue",
    ],
)
def test_nothing_waits_for_what_is_no_file(told: Workspace, path: str, sort: str) -> None:
    story.put(told, "discovery/systems/till.yaml", "title: Till\nformerly: [asset/till]\n")
    odd(told.folder("demo") / path, sort)
    for command in (
        ["check"],
        ["build", "demo"],
        ["release", "demo", "2026.12"],
        ["export", "bundle", "demo", "--output", "o.zip"],
    ):
        done = faults.run(["-C", str(told.root), *command], told.root)
        assert done.code == 1, done
        assert f"{CLIENT}/{path}" in done.out + done.err


def test_a_pipe_in_a_built_site_is_not_waited_for(told: Workspace, tmp_path: Path) -> None:
    story.put(told, "client.yaml", "title: Demo\nsites: [{audience: staff}]\n")
    story.put(told, "discovery/systems/till.yaml", "title: Till\nformerly: [asset/till]\n")
    shutil.rmtree(told.folder("demo") / "releases")
    arguments = ["-C", str(told.root), "build", "demo"]
    assert faults.run(arguments, told.root).code == 0
    page = told.root / "site/demo/staff/draft/index.html"
    odd(page, "pipe")
    assert faults.run(arguments, told.root).code == 0
    assert "</html>" in page.read_text()
