"""No state without a way out: what an interrupted command or a broken note leaves is finished, or said with its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import faults, story
from support.faults import Done
from support.kill import kills
from support.sites import TODAY, new_workspace

from kb_builder import migrate, pipeline, releases, resources, scaffold
from kb_builder.assembly import Assembly
from kb_builder.cli_base import write_texts
from kb_builder.errors import KbError
from kb_builder.files import finish_writes
from kb_builder.importers import base
from kb_builder.workspace import Workspace, is_workspace


def kb(folder: Path, *arguments: str) -> Done:
    return faults.run(["-C", str(folder), *arguments], folder)


def test_an_init_that_was_killed_can_be_run_again(tmp_path: Path) -> None:
    root = tmp_path / "work"

    def work() -> None:
        texts = scaffold.init(root, resources.folder("mkdocs.yml").read_text(encoding="utf-8"))
        write_texts(root, texts)

    def prepare() -> None:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()

    for where in kills(10, work, prepare, seed=7):
        finish_writes(root)
        if not is_workspace(root):
            work()
        assert is_workspace(root), where
        assert (root / ".vscode/settings.json").is_file(), where


@pytest.mark.parametrize("left", ["engagements", "mkdocs.yml", ".gitignore", "nothing"])
def test_init_makes_a_workspace_of_half_a_one(tmp_path: Path, left: str) -> None:
    assert kb(tmp_path, "init", "work").code == 0
    for path in (tmp_path / "work").iterdir():
        if path.name != left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert kb(tmp_path, "init", "work").code == 0
    assert kb(tmp_path / "work", "new", "acme").code == 0
    again = kb(tmp_path, "init", "work")
    assert again.code == 2
    assert "kb new CLIENT" in again.err


def test_init_takes_no_mkdocs_project_for_its_own(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: Mine\n")
    done = kb(tmp_path, "init", ".")
    assert done.code == 2
    assert "move that file away" in done.err
    assert (tmp_path / "mkdocs.yml").read_text() == "site_name: Mine\n"


BROKEN = [
    "intranet: 2026.11\n",
    "- a\n",
    "a: [\n",
    "",
    "intranet: {'2026.11': tomorrow}\n",
    "<<<<<<< HEAD\n",
    "\0",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_note_of_what_is_published_is_said_and_kept(workspace: Workspace, text: str) -> None:
    releases.seal(workspace, "demo", "1.0", TODAY)
    path = workspace.folder("demo") / "releases/published.yaml"
    path.write_text(text)
    with pytest.raises(KbError, match=r"engagements/demo/releases/published\.yaml:\d: ") as stopped:
        releases.note_published(workspace, "demo", "intranet", ["1.0"], TODAY)
    assert stopped.value.hint
    assert path.read_text() == text
    (problem,) = [each for each in pipeline.check(workspace, "demo", TODAY).problems if each.code == "KB016"]
    assert problem.location.path == "engagements/demo/releases/published.yaml"
    path.unlink()
    releases.note_published(workspace, "demo", "intranet", ["1.0"], TODAY)
    assert releases.published(workspace, "demo") == {"1.0": {"intranet": TODAY.isoformat()}}


def _of(value: object) -> str:
    return json.dumps({"system:1": value})


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "1", "\0", "[" * 100_000]
    + [_of(each) for each in ({}, [], {"id": 1, "fields": {}}, {"id": "a", "fields": []})]
    + [_of({"id": "a", "fields": {}, "files": each}) for each in ([], {"a": 1}, {"a": ["b"]})],
)
def test_a_broken_note_of_an_import_is_said_and_kept(workspace: Workspace, text: str) -> None:
    path = workspace.folder("demo") / ".imports/netbox.json"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(KbError, match=r"\.imports/netbox\.json is not as an import left it: ") as stopped:
        base.merge(workspace, "demo", base.Import("netbox", ()))
    assert "git" in (stopped.value.hint or "")
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["title: [\n", "\0", None])
def test_migrate_does_not_say_done_of_what_it_cannot_read(workspace: Workspace, text: str | None) -> None:
    path = workspace.folder("demo") / "client.yaml"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(KbError, match=r"client\.yaml"):
        migrate.plan(workspace, "demo")


def built(workspace: Workspace, output: Path) -> None:
    Assembly(workspace, pipeline.check(workspace, "demo", TODAY), output, TODAY).build([])


@pytest.mark.parametrize("there", [True, False])
def test_sites_behind_a_link_are_replaced_where_they_are_served(tmp_path: Path, there: bool) -> None:
    workspace = new_workspace(tmp_path / "work")
    served, output = tmp_path / "srv/acme", tmp_path / "site"
    output.mkdir()
    served.mkdir(parents=True) if there else None
    (output / "demo").symlink_to(served)
    built(workspace, output)
    assert (output / "demo").is_symlink()
    assert (served / ".kb").is_dir()
    assert [path.name for path in served.parent.iterdir()] == ["acme"]


def test_a_link_that_would_be_replaced_is_refused(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "work")
    (tmp_path / "srv").mkdir()
    (tmp_path / "site/demo/.kb").mkdir(parents=True)
    (tmp_path / "site/demo/staff").symlink_to(tmp_path / "srv")
    with pytest.raises(KbError, match=r"site/demo/staff is a link"):
        built(workspace, tmp_path / "site")
    assert (tmp_path / "site/demo/staff").is_symlink()


@pytest.mark.parametrize("day", ["0001-01-01", "0001-12-31", "9999-01-01", "9999-12-31"])
def test_the_calendar_has_an_end_at_both_ends(tmp_path: Path, day: str) -> None:
    workspace = story.told(tmp_path / "work")
    dated = {
        "implementation/projects/p.yaml": f"title: P\nstart: {day}\nend: 9999-12-31\ntasks: "
        f"[{{id: a, title: A, start: {day}, end: 9999-12-31}}]\n",
        "discovery/subscriptions/s.yaml": f"title: S\nrenews: {day}\nnotice: 12 months\n",
        "maintenance/schedules/s.yaml": "title: S\nrule: FREQ=MONTHLY\n",
        "testing/tests/t.yaml": "title: T\nmethod: Look.\nevery: 12 months\n",
        "discovery/systems/vpn.yaml": f"title: V\nreviewed: {day}\nreview_every: 900 years\nsupport_until: {day}\n",
    }
    for name, text in dated.items():
        story.put(workspace, name, text)
    for command in (
        ["check"],
        ["status"],
        ["export", "mkdocs", "demo", "--audience", "staff", "--output", "out"],
    ):
        done = kb(workspace.root, *command, "--as-of", day)
        assert done.code == 0, done
        assert "bug of ours" not in done.err, done
