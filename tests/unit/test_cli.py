"""The command as people meet it: words, exit codes, and what is left behind when it stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.sites import new_workspace

from kb_builder import cli
from kb_builder.workspace import Workspace

KB = [sys.executable, "-c", "from kb_builder.cli import main; main()"]


def kb(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run kb as a person would, in a process of its own."""
    return subprocess.run([*KB, "-C", str(folder), *arguments], capture_output=True, text=True, check=False)


def commands(
    group: click.Group = cli.kb, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_helps_with_an_example(path: tuple[str, ...]) -> None:
    done = CliRunner().invoke(cli.kb, [*path, "--help"])
    assert done.exit_code == 0
    assert f"kb {' '.join(path)}" in done.output.split("Example", 1)[1]


def test_exit_codes(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    assert kb("check", folder=workspace.root).returncode == 0
    (workspace.engagements / "demo" / "client.yaml").write_text("titel: Demo\n")
    done = kb("check", folder=workspace.root)
    assert done.returncode == 1
    assert "engagements/demo/client.yaml:1:1: error KB102 titel" in done.stdout
    assert "did you mean title?" in done.stdout
    assert kb("check", "nobody", folder=workspace.root).returncode == 2
    assert kb("frobnicate", folder=workspace.root).returncode == 2
    assert kb("check", folder=tmp_path / "engagements").returncode == 1
    assert kb("check", folder=Path("/")).returncode == 2


def test_formats(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    (workspace.engagements / "demo" / "client.yaml").write_text("titel: Demo\n")
    listed = json.loads(kb("check", "--format", "json", folder=workspace.root).stdout)
    assert set(listed[0]) == {
        "code",
        "severity",
        "path",
        "line",
        "column",
        "message",
        "hint",
        "record",
    }
    assert kb("check", "--format", "github", folder=workspace.root).stdout.startswith("::error file=")


def test_from_nothing_to_sites(tmp_path: Path) -> None:
    assert kb("init", "work", folder=tmp_path).returncode == 0
    root = tmp_path / "work"
    assert kb("new", "acme", "--title", "Acme Ltd", folder=root).returncode == 0
    assert kb("add", "acme", "system", "mail", "--title", "Mail", folder=root).returncode == 0
    checked = kb("check", folder=root)
    assert checked.returncode == 0, checked.stdout
    built = kb("build", folder=root)
    assert built.returncode == 0, built.stderr
    assert len(built.stdout.strip().splitlines()) == 3
    for audience in ("staff", "management", "consultant"):
        assert (root / "site" / "acme" / audience / "draft" / "systems" / "mail.html").is_file()
    assert "acme" in kb("status", folder=root).stdout
    assert kb("init", "work", folder=tmp_path).returncode == 2
    assert kb("new", "acme", folder=root).returncode == 2
    assert kb("add", "acme", "system", "mail", folder=root).returncode == 2


def test_errors_leave_the_last_good_site(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    assert kb("build", "--audience", "staff", folder=tmp_path).returncode == 0
    page = tmp_path / "site" / "demo" / "staff" / "draft" / "index.html"
    before = page.read_bytes()
    (workspace.engagements / "demo" / "client.yaml").write_text("title: Demo\nfoo: bar\n")
    done = kb("build", "--audience", "staff", folder=tmp_path)
    assert done.returncode == 1
    assert "KB102" in done.stderr
    assert page.read_bytes() == before


def test_a_killed_build_leaves_the_last_good_site(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    assert kb("build", "--audience", "staff", folder=tmp_path).returncode == 0
    draft = tmp_path / "site" / "demo" / "staff" / "draft"
    before = sorted(path.relative_to(draft) for path in draft.rglob("*"))
    for delay in (0.3, 0.6, 0.9, 1.2, 1.5):
        (workspace.engagements / "demo" / "client.yaml").write_text(f"title: Demo\nsummary: After {delay}\n")
        running = subprocess.Popen(
            [*KB, "-C", str(tmp_path), "build", "--audience", "staff"],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        assert sorted(path.relative_to(draft) for path in draft.rglob("*")) == before
        assert "</html>" in (draft / "index.html").read_text()
    assert kb("build", "--audience", "staff", folder=tmp_path).returncode == 0
    assert "After 1.5" in (draft / "index.html").read_text()
    assert not [path.name for path in draft.parent.iterdir() if path.name.startswith(".kb-")]


def test_export_wants_an_empty_folder(tmp_path: Path) -> None:
    new_workspace(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    arguments = ("export", "mkdocs", "demo", "--audience", "staff", "--output")
    assert kb(*arguments, "full", folder=tmp_path).returncode == 2
    assert kb(*arguments, "new", folder=tmp_path).returncode == 0
    assert (tmp_path / "new" / "mkdocs.yml").is_file()


def test_the_reference_names_everything(tmp_path: Path) -> None:
    assert kb("reference", "manual", folder=tmp_path).returncode == 0
    text = "\n".join(path.read_text() for path in sorted((tmp_path / "manual").rglob("*.md")))
    for path, command in commands():
        assert " ".join(path) in text
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name != "help":
                assert parameter.opts[-1] in text


def test_schemas_are_written(tmp_path: Path) -> None:
    assert kb("schema", "schemas", folder=tmp_path).returncode == 0
    assert json.loads((tmp_path / "schemas" / "system.json").read_text())


def test_our_own_bug_is_told_from_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new_workspace(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr(cli.pipeline, "check", broken)
    monkeypatch.setattr(sys, "argv", ["kb", "-C", str(tmp_path), "check"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 3
    assert "report it" in capsys.readouterr().err


def test_workspace_is_found_from_below(tmp_path: Path) -> None:
    workspace: Workspace = new_workspace(tmp_path)
    assert kb("check", folder=workspace.engagements / "demo").returncode == 0
