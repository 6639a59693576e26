"""What git knows of a record is told to consultants, and sealed with a release."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path

import pytest
from support.sites import TODAY
from support.story import build, put

from kb_builder import releases
from kb_builder.history import Commit, History, as_text, from_git, sealed
from kb_builder.workspace import Workspace

LINK = "https://git.example.com/acme/commits/main/{path}"
CLIENT = f"title: Demo\nhistory:\n  link: {LINK}\n"


def commit(root: Path, words: str, author: str = "Ann Berg", day: str = "2026-11-02T12:00:00Z") -> None:
    """Commit all there is as one person on one day."""
    who = {"NAME": author, "EMAIL": "a@example.com", "DATE": day}
    environment = {
        f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()
    }
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", "commit", "-qm", words], cwd=root, check=True, env=environment
    )


@pytest.fixture
def tracked(workspace: Workspace) -> Workspace:
    """A client in git whose one system was changed twice."""
    subprocess.run(["git", "init", "-q"], cwd=workspace.root, check=True)
    put(workspace, "client.yaml", CLIENT)
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    commit(workspace.root, "First <b>words</b>")
    put(workspace, "discovery/systems/erp.yaml", "title: The ERP\n")
    commit(workspace.root, "Renamed the ERP", "Bob Ümlaut", "2026-11-09T12:00:00Z")
    return workspace


def test_git_tells_the_latest_commits_of_each_file(tracked: Workspace) -> None:
    found = from_git(tracked.folder("demo"))
    assert found.prefix == "engagements/demo/"
    latest, first = found.files["discovery/systems/erp.yaml"]
    assert (latest.author, latest.date, latest.subject) == (
        "Bob Ümlaut",
        dt.date(2026, 11, 9),
        "Renamed the ERP",
    )
    assert first.subject == "First <b>words</b>"
    assert [each.subject for each in found.files["client.yaml"]] == ["First <b>words</b>"]


def test_without_a_repository_nothing_is_told(workspace: Workspace) -> None:
    assert from_git(workspace.folder("demo")) == History()


def test_what_is_sealed_is_read_as_it_was(tmp_path: Path) -> None:
    history = History("x/", {"a b.yaml": (Commit("1f", "Ann: #1", dt.date(2026, 1, 2), "It's “new”\\n"),)})
    (tmp_path / "history.yaml").write_text(as_text(history))
    assert sealed(tmp_path) == history


def test_a_sealed_history_that_is_none_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "history.yaml").write_text("files: {a.yaml: [{id: 1}, two, {date: never}]}")
    assert sealed(tmp_path).files == {"a.yaml": ()}


def test_consultants_see_who_changed_a_record_and_nobody_else_does(
    tracked: Workspace, tmp_path: Path
) -> None:
    history = from_git(tracked.folder("demo"))
    releases.seal(tracked, "demo", "1.0", TODAY, extra={"history.yaml": as_text(history)})
    put(tracked, "discovery/systems/erp.yaml", "title: ERP again\n")
    commit(tracked.root, "Back again", "Cat", "2026-11-20T12:00:00Z")
    build(tracked, tmp_path / "out")
    page = (tmp_path / "out/demo/consultant/draft/systems/erp.html").read_text()
    assert "Changed last by Cat on" in page
    assert "First &#60;b&#62;words&#60;/b&#62;" in page
    assert (
        'href="https://git.example.com/acme/commits/main/engagements/demo/discovery/systems/erp.yaml"' in page
    )
    older = (tmp_path / "out/demo/consultant/1.0/systems/erp.html").read_text()
    assert "Changed last by Bob Ümlaut on" in older
    assert "Cat" not in older
    for audience in ("staff", "management"):
        for path in (tmp_path / "out/demo" / audience).rglob("*.html"):
            assert "Bob" not in path.read_text(), path
