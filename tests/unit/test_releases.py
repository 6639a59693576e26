"""A release is sealed whole, never changes unseen, and is signed for what it is."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_builder import releases
from kb_builder.errors import KbError, UsageError
from kb_builder.records.base import Audience
from kb_builder.releases import Release, Seal, load, seal, seal_text, sign, verify
from kb_builder.workspace import Workspace
from kb_builder.yaml_source import parse_text

DAY = dt.date(2026, 11, 20)


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """A client with a record, an image and what is no record at all."""
    folder = workspace.folder("demo")
    (folder / "discovery/systems/files").mkdir(parents=True)
    (folder / "discovery/systems/erp.yaml").write_text("title: ERP\n")
    (folder / "discovery/systems/files/rack.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / ".imports").mkdir()
    (folder / ".imports/netbox.json").write_text("{}")
    return workspace


def problems(workspace: Workspace) -> list[str]:
    found = load(workspace, "demo")
    altered = [problem for release in found.all for problem in verify(release, workspace.root)]
    return [
        f"{each.code} {each.location.path.rpartition('demo/')[2]}" for each in [*found.problems, *altered]
    ]


def test_a_release_holds_every_file_and_its_digest(filled: Workspace) -> None:
    made = seal(filled, "demo", "2026.11", DAY, "Good news.")
    assert sorted(made.seal.files) == [
        "client.yaml",
        "discovery/systems/erp.yaml",
        "discovery/systems/files/rack.png",
    ]
    for name, digest in made.seal.files.items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
        assert (made.folder / name).read_bytes() == (filled.folder("demo") / name).read_bytes()
    (read,) = load(filled, "demo").all
    assert (read.version, read.seal.date, read.seal.notes) == ("2026.11", DAY, "Good news.")
    assert problems(filled) == []


def test_a_release_does_not_hold_the_releases_before_it(filled: Workspace) -> None:
    seal(filled, "demo", "2026.10", DAY)
    assert not any("releases" in name for name in seal(filled, "demo", "2026.11", DAY).seal.files)


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("2026.9", "sorts before 2026.11"),
        ("2026.11", "is a release 2026.11 already"),
        ("2026.11.0", "is a release 2026.11 already"),
        ("latest", "is not a version"),
        ("../x", "is not a version"),
    ],
)
def test_a_version_that_cannot_be_next_is_refused(filled: Workspace, version: str, why: str) -> None:
    seal(filled, "demo", "2026.11", DAY)
    with pytest.raises(UsageError, match=why):
        seal(filled, "demo", version, DAY)
    assert [each.version for each in load(filled, "demo").all] == ["2026.11"]


def test_a_day_before_the_newest_release_is_refused(filled: Workspace) -> None:
    seal(filled, "demo", "2026.11", DAY)
    with pytest.raises(UsageError, match="2026-11-20, the date of 2026"):
        seal(filled, "demo", "2026.12", DAY - dt.timedelta(days=1))


def test_a_link_out_of_the_folder_is_refused_and_nothing_is_left(filled: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s")
    (filled.folder("demo") / "discovery/note.txt").symlink_to(secret)
    with pytest.raises(KbError, match="leads out"):
        seal(filled, "demo", "1.0", DAY)
    assert not (filled.folder("demo") / "releases").exists()
    assert not list(filled.folder("demo").glob(".kb-*"))


def test_a_link_to_a_file_of_the_client_is_sealed_as_that_file(filled: Workspace) -> None:
    folder = filled.folder("demo")
    (folder / "discovery/rack.png").symlink_to(folder / "discovery/systems/files/rack.png")
    made = seal(filled, "demo", "1.0", DAY)
    assert not (made.folder / "discovery/rack.png").is_symlink()
    assert problems(filled) == []


def test_altered_missing_and_extra_files_are_named(filled: Workspace) -> None:
    made = seal(filled, "demo", "1.0", DAY)
    (made.folder / "discovery/systems/erp.yaml").write_text("title: Other\n")
    (made.folder / "discovery/systems/files/rack.png").unlink()
    (made.folder / "discovery/systems/new.yaml").write_text("title: New\n")
    (made.folder / ".hidden").write_text("x")
    assert problems(filled) == [
        "KB713 releases/1.0/.hidden",
        "KB711 releases/1.0/discovery/systems/erp.yaml",
        "KB712 releases/1.0/discovery/systems/files/rack.png",
        "KB713 releases/1.0/discovery/systems/new.yaml",
    ]


def test_a_file_that_became_a_link_is_altered(filled: Workspace, tmp_path: Path) -> None:
    made = seal(filled, "demo", "1.0", DAY)
    path = made.folder / "client.yaml"
    shutil.move(path, tmp_path / "away.yaml")
    path.symlink_to(tmp_path / "away.yaml")
    assert problems(filled) == ["KB711 releases/1.0/client.yaml"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("date: 2026-11-20", "date: 2026-11-21"),
        ("format:", "formatt:"),
        ("version: '1.0'", "version: '1.1'"),
        ("format: 2", "format: two"),
        ("files:", "# a remark\nfiles:"),
    ],
)
def test_an_altered_seal_is_an_error(filled: Workspace, old: str, new: str) -> None:
    made = seal(filled, "demo", "1.0", DAY)
    sign(made, filled.root, "ann", "Ann", DAY)
    path = made.folder / "release.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    assert [each[:5] for each in problems(filled)] in (["KB710"], ["KB714"])


def test_a_folder_that_is_no_release_is_an_error(filled: Workspace) -> None:
    home = filled.folder("demo") / "releases"
    (home / "1.0").mkdir(parents=True)
    (home / "1.0" / "half.yaml").write_text("title: Half\n")
    (home / "stray.txt").write_text("x")
    assert problems(filled) == ["KB710 releases/1.0/release.yaml", "KB710 releases/stray.txt"]


def test_a_candidate_waits_for_its_signatures(filled: Workspace) -> None:
    made = seal(filled, "demo", "1.0", DAY, sign_off=2)
    assert made.candidate
    assert load(filled, "demo").latest is None
    once = sign(made, filled.root, "ann", "Ann", DAY)
    assert once.candidate
    with pytest.raises(UsageError, match="has signed"):
        sign(once, filled.root, "ann", "Ann", DAY)
    assert not sign(once, filled.root, "bob", "Bob: the second", DAY).candidate
    latest = load(filled, "demo").latest
    assert latest is not None
    assert latest.signed_by == ("ann", "bob")
    assert problems(filled) == []


def test_a_signature_of_another_seal_counts_for_nothing(filled: Workspace) -> None:
    one = seal(filled, "demo", "1.0", DAY, sign_off=1)
    sign(one, filled.root, "ann", "Ann", DAY)
    two = seal(filled, "demo", "2.0", DAY, "Other notes", sign_off=1)
    shutil.copy(one.folder / "signatures.yaml", two.folder / "signatures.yaml")
    found = load(filled, "demo").get("2.0")
    assert found is not None
    assert found.candidate
    assert problems(filled) == ["KB714 releases/2.0/signatures.yaml"]


def test_what_was_altered_is_not_signed(filled: Workspace) -> None:
    made = seal(filled, "demo", "1.0", DAY, sign_off=1)
    (made.folder / "client.yaml").write_text("title: Other\n")
    with pytest.raises(KbError, match="was altered"):
        sign(made, filled.root, "ann", "Ann", DAY)
    assert not (made.folder / "signatures.yaml").exists()


def test_a_signature_of_the_whole_stands_for_an_edition_of_it(filled: Workspace) -> None:
    made = seal(filled, "demo", "1.0", DAY, sign_off=1)
    signed = sign(made, filled.root, "ann", "Ann", DAY)
    given = made.seal.model_copy(update={"edition": Audience.STAFF, "original": made.digest})
    part = Release(given, made.folder, "0" * 64, signed.signatures)
    assert part.signed_by == ("ann",)


def test_where_a_release_was_published_is_noted(filled: Workspace) -> None:
    seal(filled, "demo", "1.0", DAY)
    seal(filled, "demo", "2.0", DAY)
    releases.note_published(filled, "demo", "portal", ["1.0", "draft"], DAY)
    releases.note_published(filled, "demo", "archive", ["1.0"], DAY)
    later = DAY + dt.timedelta(days=3)
    releases.note_published(filled, "demo", "portal", ["1.0", "2.0"], later)
    assert releases.published(filled, "demo") == {
        "1.0": {"archive": "2026-11-20", "portal": "2026-11-20"},
        "2.0": {"portal": "2026-11-23"},
    }
    assert problems(filled) == []


NAMES = st.text("abcäß-_. '\"#:{}[]&*!|>%@`,?1~\\", min_size=1, max_size=20).map(lambda name: f"x/{name}")
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.text(max_size=200), st.dictionaries(NAMES, HEX, max_size=5), st.integers(0, 3))
def test_a_seal_is_read_as_it_was_written(notes: str, files: dict[str, str], sign_off: int) -> None:
    given = releases.new_seal("2026.11", DAY, notes, sign_off, files)
    value = parse_text(seal_text(given).decode(), "release.yaml").value
    assert isinstance(value, dict)
    read = Seal.model_validate({name: each for name, each in value.items() if each is not None})
    assert seal_text(read) == seal_text(given)
    assert read.files == given.files
