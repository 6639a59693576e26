"""What a place does wrong, and what is said: hiccups are tried again, refusals are not, and what was altered is mended."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.little_sites import site
from support.places import BUCKETS, SORTS, There
from support.proxy import Answer, Asked, Wire
from support.servers import AZURE_KEY, SSHD, azure_environment, sftp

from kb_builder.errors import KbError
from kb_builder.patience import Patience
from kb_builder.place import MANIFEST
from kb_builder.publish import How, publish, remove
from kb_builder.targets import open_place

pytestmark = pytest.mark.xdist_group("servers")
SITE = {"1.0": ["a"], "1.1": ["a"]}
DENIED = {
    "s3": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    "gs": b'{"error": {"code": 403, "message": "ada does not have storage access"}}',
    "az": b"<?xml version='1.0'?><Error><Code>AuthorizationPermissionMismatch</Code>"
    b"<Message>This request is not authorized\nRequestId:1\nTime:2</Message></Error>",
}
RIGHTS = {
    ("s3", "write"): "s3:PutObject",
    ("s3", "remove"): "s3:DeleteObject",
    ("s3", "list"): "s3:ListBucket",
    ("gs", "write"): "storage.objects.create",
    ("gs", "remove"): "storage.objects.delete",
    ("gs", "list"): "storage.objects.list",
    ("az", "write"): "write blobs",
    ("az", "remove"): "delete blobs",
    ("az", "list"): "list blobs",
}
BUSY = {
    "s3": b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>",
    "gs": b'{"error": {"code": 503, "message": "Backend Error"}}',
    "az": b"<?xml version='1.0'?><Error><Code>ServerBusy</Code><Message>The server is busy</Message></Error>",
}


def held(there: There) -> dict[str, bytes]:
    return {name: data for name, data in there.look().items() if name not in (MANIFEST, ".nojekyll")}


def content(files: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}


def is_plain(error: KbError) -> bool:
    """Whether what is said is for people: no markup, no traceback, no more than a few lines."""
    text = f"{error.message} {error.hint}"
    return not any(each in text for each in ("<", "Traceback", "RequestId", "\r")) and len(text) < 700


@pytest.mark.parametrize("sort", BUCKETS)
def test_a_server_that_is_busy_for_a_moment_is_tried_again(
    sort: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    there, files, turn = place(sort), site(tmp_path / "1", SITE), iter(range(10000))
    said: list[str] = []

    def sometimes(asked: Asked) -> Answer | None:
        number = next(turn)
        return ((503, BUSY[sort]), (0, b""))[number % 2] if number % 13 in (2, 3) else None

    there.proxy.rule = sometimes
    there.publish(files, How(patience=Patience(60, said.append)))
    there.proxy.rule = lambda _: None
    assert held(there) == content(files)
    assert said
    assert all(there.to in words and "s left" in words for words in said)


@pytest.mark.parametrize("sort", BUCKETS)
def test_a_server_that_goes_away_is_given_up_at_one_deadline(
    sort: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    """The library's own tries are not multiplied with ours: so few requests can only be ours."""
    there, files, said = place(sort), site(tmp_path / "1", SITE), []
    there.publish(files)
    gone: list[Asked] = []

    def away(asked: Asked) -> Answer | None:
        if gone or asked.writes("a.html"):
            gone.append(asked)
            return 0, b""
        return None

    there.proxy.rule = away
    with pytest.raises(KbError, match="does not answer") as refused:
        there.publish(site(tmp_path / "2", SITE, "other"), How(patience=Patience(1, said.append)))
    assert is_plain(refused.value)
    assert "run it again" in (refused.value.hint or "")
    assert len(gone) <= 8 * 8
    assert said


@pytest.mark.parametrize(("sort", "doing"), RIGHTS)
def test_a_refusal_is_said_at_once_with_the_right_that_is_missing(
    sort: str, doing: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    there, files = place(sort), site(tmp_path / "1", SITE)
    there.publish(files)
    refused_: list[Asked] = []

    def no(asked: Asked) -> Answer | None:
        listing = asked.method == "GET" and ("list" in asked.path or "maxResults" in asked.path)
        meant = {
            "list": listing,
            "write": asked.writes("a.html"),
            "remove": asked.method == "DELETE" or asked.path.endswith("?delete") or "/batch/" in asked.path,
        }
        if meant[doing]:
            refused_.append(asked)
            return 403, DENIED[sort]
        return None

    there.proxy.rule = no
    less = site(tmp_path / "2", {"1.1": ["b"]}, "x")
    more = site(tmp_path / "3", SITE, "other")
    with pytest.raises(KbError) as refused:
        there.publish(less if doing == "remove" else more, How(patience=Patience(3600)))
    assert "is refused" in refused.value.message
    assert RIGHTS[sort, doing] in (refused.value.hint or "")
    assert is_plain(refused.value)
    assert len(refused_) <= 8


@pytest.mark.parametrize("sort", BUCKETS)
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_bucket_that_is_not_there_is_said(
    sort: str, dry_run: bool, place: Callable[[str], There], tmp_path: Path
) -> None:
    there = place(sort)
    to = there.to.replace("docs", "nowhere", 1)
    with pytest.raises(KbError, match="is not there") as refused:
        publish(open_place(to, tmp_path), "acme/staff", site(tmp_path / "1", SITE), How(dry_run=dry_run))
    assert "make it first" in (refused.value.hint or "")
    assert is_plain(refused.value)


def test_a_wrong_key_is_said_with_how_one_signs_in(
    place: Callable[[str], There], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = place("az")
    wrong = azure_environment(there.proxy.port, AZURE_KEY[::-1].lstrip("=") + "==")
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(KbError, match=r"is refused|was refused") as refused:
        there.publish(site(tmp_path / "1", SITE), How(patience=Patience(3600)))
    assert "az login" in (refused.value.hint or "")
    assert is_plain(refused.value)


@pytest.mark.parametrize("sort", [each for each in SORTS if each != "git"])
def test_what_somebody_altered_there_is_mended(
    sort: str, place: Callable[[str], There], tmp_path: Path
) -> None:
    """Of the same length: what links depend on by any publish, the rest where the place tells it or by --verify."""
    there, files = place(sort), site(tmp_path / "1", SITE)
    there.publish(files)
    for name in ("versions.json", "latest/a.html", "1.0/a.html"):
        right = files[name].read_bytes()
        there.poke(name, right[:-1] + b"~")
        how = How(verify=sort == "sftp" and name.startswith("1.0"))
        dry = there.publish(files, How(verify=how.verify, dry_run=True))
        assert dry.changed == there.publish(files, how).changed == (name,)
    assert held(there) == content(files)
    assert there.publish(files, How(verify=True)).idle


def test_a_site_is_taken_down_with_its_list(there: There, tmp_path: Path) -> None:
    files = site(tmp_path / "1", SITE)
    there.publish(files)
    for dry_run in (True, False):
        how = How(dry_run=dry_run, patience=Patience(60))
        owner, gone = remove(open_place(there.to, there.root), ["acme/staff"], how)
        assert (owner, gone[0], sorted(gone)) == ("acme/staff", "versions.json", sorted(files))
        assert bool(held(there)) is dry_run
    assert there.look() == {}
    there.publish(files)
    assert held(there) == content(files)


@pytest.mark.parametrize("after", [6_000, 20_000, 40_000])
def test_a_connection_to_a_server_that_is_cut_is_made_anew(
    after: int, place: Callable[[str], There], tmp_path: Path
) -> None:
    there, files = place("sftp"), site(tmp_path / "1", SITE)
    port = int(there.to.split(":")[2].split("/")[0])
    wire = Wire(port)
    try:
        _trust(there, port, wire.port)
        there.to = there.to.replace(f":{port}/", f":{wire.port}/")
        wire.cut_after, said = after, []
        there.publish(files, How(patience=Patience(60, said.append, silence=1.5, beat=0.4)))
        assert wire.cut_after is None
        assert said
    finally:
        wire.close()
    assert held(there) == content(files)


def _trust(there: There, port: int, other: int) -> None:
    known = Path(there.stand.environment["HOME"]) / ".ssh" / "known_hosts"
    key = known.read_text().splitlines()[0]
    known.write_text(f"{key}\n{key.replace(f':{port} ', f':{other} ')}\n")


def test_a_server_that_lets_nobody_write_says_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path(SSHD).is_file():
        pytest.skip("OpenSSH's server is not here: apt-get install openssh-server")
    (tmp_path / "ssh").mkdir()
    with sftp(tmp_path / "ssh", read_only=True) as (address, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        to, how = f"{address}{tmp_path}/there", How(patience=Patience(3600))
        with pytest.raises(KbError, match="is refused") as refused:
            publish(open_place(to, tmp_path, how.patience), "acme/staff", site(tmp_path / "1", SITE), how)
    assert "the right to read, write and remove" in (refused.value.hint or "")


def test_the_words_of_gits_hooks_and_of_ssh_are_kept(
    place: Callable[[str], There], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, files = place("git"), site(tmp_path / "1", SITE)
    hook = tmp_path / "site.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'Only Ada may push here <ada@example.com>' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(KbError, match="Only Ada may push here") as refused:
        there.publish(files, How(patience=Patience(3600)))
    assert "the server's own rules refuse it" in (refused.value.hint or "")
    nobody = "git+ssh://nobody@127.0.0.1:9/site.git#pages"
    with pytest.raises(KbError, match="Connection refused"):
        publish(open_place(nobody, tmp_path), "acme/staff", files, How(patience=Patience(3600)))
    with pytest.raises(KbError, match=r"does not appear to be|not found|does not exist"):
        publish(open_place(f"git+file://{tmp_path}/none.git#pages", tmp_path), "acme/staff", files)


def test_git_over_ssh_is_pushed_to_and_refusals_are_sshs_own(
    place: Callable[[str], There], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, files = place("sftp"), site(tmp_path / "1", SITE)
    home = Path(there.stand.environment["HOME"])
    ssh = f"ssh -F none -i {home}/.ssh/id_ed25519 -o UserKnownHostsFile={home}/.ssh/known_hosts"
    repository = tmp_path / "site.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    to = f"git+ssh://{there.stand.address.removeprefix('sftp://')}{repository}#pages"
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh)
    publish(open_place(to, tmp_path), "acme/staff", files)
    assert publish(open_place(to, tmp_path), "acme/staff", files).idle
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh.replace("id_ed25519", "no_key") + " -o BatchMode=yes")
    with pytest.raises(KbError, match="Permission denied") as refused:
        publish(open_place(to, tmp_path), "acme/staff", files)
    assert "the key" in (refused.value.hint or "")
    monkeypatch.setenv(
        "GIT_SSH_COMMAND", f"ssh -F none -o BatchMode=yes -o UserKnownHostsFile={tmp_path}/none"
    )
    with pytest.raises(KbError, match="Host key verification failed") as refused:
        publish(open_place(to, tmp_path), "acme/staff", files)
    assert "sign in there with ssh once" in (refused.value.hint or "")
