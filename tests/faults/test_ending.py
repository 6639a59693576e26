"""How a command ends that is told to end, or whose words nobody can take: no traceback, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.sites import new_workspace

KB = [sys.executable, "-c", "from kb_builder.cli import main; main()"]
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
SECONDS = 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with one client, and beside it a folder for what is temporary."""
    (tmp_path / "temporary").mkdir()
    return new_workspace(tmp_path / "work").root


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*KB, "-C", str(root), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(root.parent / "temporary")},
    )


def until(seen: object, running: subprocess.Popen[str]) -> None:
    """Wait until something is seen."""
    while not seen():  # type: ignore[operator]
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_build_that_is_told_to_end_cleans_up(root: Path, number: signal.Signals) -> None:
    running = start(root, "build", "demo", "--audience", "staff")
    until(lambda: list((root / "site").glob(".kb-stage-*/project/mkdocs.yml")), running)
    running.send_signal(number)
    out, err = running.communicate(timeout=SECONDS)
    assert running.returncode == SIGNALS[number], err
    assert "interrupted" in err
    assert "Traceback" not in out + err
    assert not list((root / "site").iterdir())
    assert not list((root.parent / "temporary").iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_preview_that_is_told_to_end_leaves_no_site_behind(root: Path, number: signal.Signals) -> None:
    running = start(root, "serve", "demo", "--audience", "staff")
    assert running.stdout is not None
    assert running.stdout.readline().startswith("http://127.0.0.1:")
    assert list((root.parent / "temporary").iterdir())
    running.send_signal(number)
    out, err = running.communicate(timeout=SECONDS)
    assert running.returncode == SIGNALS[number], err
    assert "Traceback" not in out + err
    assert not list((root.parent / "temporary").iterdir())


def test_a_signal_that_was_to_be_ignored_is(root: Path) -> None:
    """As `nohup` starts it."""
    running = subprocess.Popen(
        [
            "sh",
            "-c",
            'trap "" HUP; exec "$@"',
            "sh",
            *KB,
            "-C",
            str(root),
            "build",
            "demo",
            "--audience",
            "staff",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: list((root / "site").glob(".kb-stage-*/project/mkdocs.yml")), running)
    running.send_signal(signal.SIGHUP)
    _, err = running.communicate(timeout=SECONDS)
    assert running.returncode == 0, err


COMMANDS = (["--help"], ["check", "--format", "json"])


def shell(root: Path, line: str, buffered: bool) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "" if buffered else "1"}
    return subprocess.run(
        ["bash", "-c", line, "bash", *KB, "-C", str(root)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_said(root: Path, command: list[str], buffered: bool) -> None:
    done = shell(root, f'"$@" {" ".join(command)} > /dev/full', buffered)
    assert done.returncode == 4, done
    assert done.stderr.splitlines()[-2:] == [
        "kb: standard output: No space left on device",
        "  hint: make room on that disk, then run it again",
    ]


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_reader_who_has_gone_ends_it_quietly(root: Path, command: list[str], buffered: bool) -> None:
    done = shell(root, f'"$@" {" ".join(command)} | (exec <&-; sleep 0.1); exit ${{PIPESTATUS[0]}}', buffered)
    assert done.returncode == 141, done
    assert "Traceback" not in done.stderr
    assert "kb:" not in done.stderr


def test_nothing_to_write_to_is_no_fault(root: Path) -> None:
    for line in ('"$@" check >&- 2>&-', '"$@" check 2>/dev/full'):
        done = shell(root, line, True)
        assert done.returncode == 0, done
        assert "Traceback" not in done.stderr


def test_any_title_can_be_printed_anywhere(root: Path) -> None:
    (root / "engagements/demo/client.yaml").write_text("title: Größe 🙂\nähm: x\n", encoding="utf-8")
    done = subprocess.run(
        [*KB, "-C", str(root), "check"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert b"\\xe4hm: no field of a client" in done.stdout
