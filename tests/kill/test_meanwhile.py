"""Somebody else saves, signs or builds while a command runs: nobody loses anything, and nothing is used unread."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image
from support.commands import DAY, WRITING, run, trial
from support.processes import started
from support.quick import quick
from support.sites import new_workspace
from support.story import put
from support.trees import tree

from kb_builder import assembly, cli_release, files, pipeline, releases
from kb_builder.errors import KbError
from kb_builder.releases import SIGNATURES
from kb_builder.workspace import Workspace

BY_HAND = b"saved by hand"
OURS = ("init", "reference", "export bundle", "export hosting", "import bundle")
"""These write where nobody has written: a new folder, a file that is named for it."""


def edited(path: Path) -> bytes:
    """A file as somebody leaves it who edits it, so that it is still what it was."""
    if not path.exists():
        return b"title: " + BY_HAND + b"\n"
    content = path.read_bytes()
    if path.name == SIGNATURES:
        return content + content.replace(b"person: bob", b"person: cat").replace(b"Bob Low", BY_HAND)
    if path.name == "published.yaml":
        return content + BY_HAND + b":\n  '1.0': 2026-11-20\n"
    if path.suffix == ".json":
        return json.dumps({**json.loads(content), BY_HAND.decode(): {"id": "x", "fields": {}}}).encode()
    return content + (b"\n" if path.suffix == ".md" else b"# ") + BY_HAND + b"\n"


def is_made(path: str) -> bool:
    """Whether a file is made anew whenever it is asked for: nobody edits it."""
    return "/schemas/" in f"/{path}" or path.endswith(".schema.json")


@pytest.mark.parametrize("name", [name for name in WRITING if name not in OURS and name != "release"])
def test_what_is_saved_while_a_command_decides_stays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file that it is about to write, old or new, is saved by somebody in that moment."""
    monkeypatch.setattr(assembly, "build_html", quick)
    workspace, arguments = trial(name, tmp_path)
    saved: set[Path] = set()
    stage = files._stage

    def meanwhile(inside: Path, moves: Mapping[str, bytes], *more: object) -> Path:
        if not saved:
            for each in (inside / move for move in moves if not is_made(move)):
                content = edited(each)
                each.parent.mkdir(parents=True, exist_ok=True)
                each.write_bytes(content)
                saved.add(each)
        return stage(inside, moves, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_stage", meanwhile)
    result = run(workspace, *arguments)
    assert result.exception is None or isinstance(result.exception, KbError | SystemExit), result.exception
    assert saved
    assert [path for path in saved if BY_HAND not in path.read_bytes()] == []
    assert not list(workspace.root.rglob(".kb-write-*"))


@pytest.mark.parametrize("after", ["decided", "killed"])
def test_what_is_saved_once_it_is_decided_stays(
    after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is as if it were saved right after; also if the command was killed, and is finished by the next."""
    for name in "ab":
        (tmp_path / name).write_text(f"old {name}")
    complete = files._complete

    def meanwhile(stage: Path, inside: Path) -> None:
        (tmp_path / "b").write_bytes(BY_HAND)
        if after == "decided":
            complete(stage, inside)

    with monkeypatch.context() as patch:
        patch.setattr(files, "_complete", meanwhile)
        files.overwrite({tmp_path / name: b"new" for name in "ab"}, tmp_path)
    files.finish_writes(tmp_path)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "b").read_bytes() == BY_HAND
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_who_saves_without_end_stops_the_command_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, arguments = trial("migrate", tmp_path)
    path, stage = workspace.folder("demo") / "discovery/systems/erp.yaml", files._stage

    def meanwhile(*given: object) -> Path:
        path.write_text(path.read_text() + "# more\n")
        return stage(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_stage", meanwhile)
    result = run(workspace, *arguments)
    assert isinstance(result.exception, KbError)
    assert str(path) in result.exception.message
    assert "nothing was written" in (result.exception.hint or "")
    assert "audiences:" in (workspace.folder("demo") / "client.yaml").read_text()


def test_a_path_that_nobody_looked_at_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nobody said what is there"):
        files.replace_all({tmp_path / "a": b"new"}, tmp_path, {})


def test_an_editor_that_saves_all_the_time_keeps_its_last_word(tmp_path: Path) -> None:
    """A guide is saved again and again, as editors do, while its source is imported again and again."""
    workspace, arguments = trial("import markdown", tmp_path)
    guide = workspace.folder("demo") / "documentation/guides/mail.md"

    def edit() -> None:
        for number in range(400):
            spare = guide.with_name(".mail.md.swp")
            spare.write_text(f"{guide.read_text()}\nsave {number}\n")
            os.replace(spare, guide)

    child = started(edit)
    for number in range(6):
        (tmp_path / "handbook/mail.md").write_text(f"# Mail\n\nVersion {number}.\n")
        run(workspace, *arguments)
    assert os.waitpid(child, 0)[1] == 0
    assert "save 399\n" in guide.read_text()


def test_all_who_sign_at_once_have_signed(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    people = [f"p{number}" for number in range(6)]
    put(workspace, "discovery/people.yaml", "".join(f"- id: {each}\n  title: {each}\n" for each in people))
    made = releases.seal(workspace, "demo", "1.0", DAY, sign_off=6)

    def sign(person: str) -> None:
        releases.sign(made, workspace.root, person, person, DAY)

    children = [started(lambda person=person: sign(person)) for person in people]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 6
    (release,) = releases.load(workspace, "demo").all
    assert sorted(release.signed_by) == people


def every_file(workspace: Workspace) -> list[Path]:
    return sorted(path for path in workspace.folder("demo").rglob("*") if path.is_file())


def paint(workspace: Workspace, name: str, grey: int) -> None:
    """Put a picture among the client's files."""
    Image.new("L", (2, 2), grey).save(workspace.folder("demo") / name)


def with_files(workspace: Workspace) -> None:
    """A client with a record of each sort of file: a list, fields, front matter, pictures."""
    put(workspace, "client.yaml", "title: Demo\nsites: [{audience: staff}]\nbranding: {logo: logo.png}\n")
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\nattachments: [{file: rack.png, title: Rack}]\n")
    put(workspace, "discovery/people.yaml", "- id: ann\n  title: Ann Berg\n")
    put(workspace, "documentation/guides/mail.md", "---\ntitle: Mail\nstatus: published\n---\nText.\n")
    for name in ("logo.png", "discovery/systems/rack.png"):
        paint(workspace, name, 0)
    (workspace.folder("demo") / "discovery/rack.png").symlink_to("systems/rack.png")


@pytest.mark.parametrize("half", [b"", b"title: Half\n"], ids=["cut off", "half saved"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_sealed_is_what_was_checked(
    half: bytes, when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file of the client is half saved just before its copy is checked, or just after."""
    workspace = new_workspace(tmp_path)
    with_files(workspace)
    before = tree(workspace.folder("demo"))
    check, found = pipeline.check, []

    def save() -> None:
        for path in every_file(workspace):
            if not {*path.parts} & {"releases"} and ".kb-" not in str(path):
                path.write_bytes(half)

    def meanwhile(*given: object, **named: object) -> pipeline.Checked:
        if when == "before":
            save()
        found.append(check(*given, **named))  # type: ignore[arg-type]
        if when == "after":
            save()
        return found[-1]

    monkeypatch.setattr(cli_release.pipeline, "check", meanwhile)
    result = run(workspace, "release", "demo", "1.0", "--date", "2026-11-20")
    assert result.exception is None, result.exception
    (release,) = releases.load(workspace, "demo").all
    assert releases.verify(release, workspace.root) == []
    assert release.seal.files == found[-1].files
    sealed = {name: (release.folder / name).read_bytes() for name in release.seal.files}
    assert sealed == {name: content for name, content in before.items() if content is not None}
    assert not [path for path in release.folder.rglob("*") if path.is_symlink()]
    assert not list(workspace.folder("demo").glob(".kb-*"))


def test_a_half_saved_record_is_not_sealed(tmp_path: Path) -> None:
    """What is wrong in the copy is told with its place in the client's folder, and nothing is left."""
    workspace = new_workspace(tmp_path)
    with_files(workspace)
    put(workspace, "discovery/systems/erp.yaml", "")
    result = run(workspace, "release", "demo", "1.0")
    assert isinstance(result.exception, KbError)
    assert "engagements/demo/discovery/systems/erp.yaml:1:1" in result.output + result.stderr
    assert not list(workspace.folder("demo").glob(".kb-*"))
    assert not (workspace.folder("demo") / "releases").exists()


CHANGES: dict[str, Callable[[Workspace], object]] = {
    "a record": lambda ws: put(ws, "discovery/systems/erp.yaml", "title: New ERP\n"),
    "a list": lambda ws: put(ws, "discovery/people.yaml", "- id: ann\n  title: New Ann\n"),
    "the client": lambda ws: put(ws, "client.yaml", "title: New\nsites: [{audience: staff}]\n"),
    "a new record": lambda ws: put(ws, "discovery/systems/vpn.yaml", "title: VPN\n"),
    "a picture": lambda ws: paint(ws, "discovery/systems/rack.png", 255),
    "the logo": lambda ws: paint(ws, "logo.png", 255),
    "the settings": lambda ws: (ws.root / "mkdocs.yml").write_text(
        (ws.root / "mkdocs.yml").read_text() + "copyright: New\n"
    ),
}


@pytest.mark.parametrize("after", ["it stays so", "it is taken back"])
@pytest.mark.parametrize("when", ["checked", "stamped"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_site_that_counts_as_up_to_date_is_of_what_stands_there(
    change: str, when: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something changes between the check and the pages: whatever is built, the next build gives what is right."""
    monkeypatch.setattr(assembly, "build_html", quick)
    workspace = new_workspace(tmp_path / "ws")
    with_files(workspace)
    shutil.copytree(workspace.root, tmp_path / "before", symlinks=True)
    check, prepare, changed = pipeline.check, pipeline.prepare, []

    def save() -> None:
        if not changed:
            changed.append(CHANGES[change](workspace))

    def checked(*given: object, **named: object) -> pipeline.Checked:
        found = check(*given, **named)  # type: ignore[arg-type]
        if when == "checked":
            save()
        return found

    def prepared(*given: object, **named: object) -> pipeline.Prepared:
        save()
        return prepare(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "check", checked)
        patch.setattr(pipeline, "prepare", prepared)
        assert run(workspace, "build", "demo", "--output", str(tmp_path / "one")).exception is None
    assert changed
    if after == "it is taken back":
        shutil.rmtree(workspace.root)
        shutil.copytree(tmp_path / "before", workspace.root, symlinks=True)
    for folder in ("one", "two"):
        assert run(workspace, "build", "demo", "--output", str(tmp_path / folder)).exception is None
    assert tree(tmp_path / "one/demo/staff") == tree(tmp_path / "two/demo/staff")


def test_two_builds_of_one_share_leave_each_other_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One stops in the middle of its pages while another begins and ends; then it goes on. A killed one is swept."""
    workspace = new_workspace(tmp_path / "ws")
    with_files(workspace)
    output, stopped, go_on = tmp_path / "out", os.pipe(), os.pipe()

    def slowly(project: Path, site: Path, today: object, **_: object) -> None:
        os.write(stopped[1], b"x")
        os.read(go_on[0], 1)
        quick(project, site, today)  # type: ignore[arg-type]

    def build() -> None:
        assert run(workspace, "build", "demo", "--output", str(output)).exception is None

    monkeypatch.setattr(assembly, "build_html", slowly)
    one = started(build)
    os.read(stopped[0], 1)
    try:
        killed = started(build)
        os.read(stopped[0], 1)
        os.kill(killed, signal.SIGKILL)
        os.waitpid(killed, 0)
        monkeypatch.setattr(assembly, "build_html", quick)
        build()
        held = list(output.glob(".kb-stage-*"))
    finally:
        os.write(go_on[1], b"xx")
        ended = os.waitpid(one, 0)[1]
    assert len(held) == 1
    assert ended == 0
    assert [path.name for path in output.iterdir()] == ["demo"]
