"""Zips that are no bundles, or that would do harm: each is refused in words, and nothing is left of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb_builder.bundle_import import read_bundle
from kb_builder.errors import KbError
from kb_builder.exporters.bundle_zip import BUNDLE, Cover, cover_text, pack
from kb_builder.records.base import Audience
from kb_builder.records.client import FORMAT
from kb_builder.workspace import Workspace

TODAY = dt.date(2026, 11, 23)
FILES = {"records/client.yaml": b"title: Acme\n", "README.md": b"Read me.\n"}
Entry = tuple[zipfile.ZipInfo | str, bytes]


def sums(files: dict[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def cover(listed: bytes, **changes: object) -> bytes:
    given = Cover(
        bundle=BUNDLE,
        made_with="1",
        format=FORMAT,
        client="acme",
        title="Acme",
        audience=Audience.MANAGEMENT,
        date=TODAY,
        versions=["draft"],
        sums=hashlib.sha256(listed).hexdigest(),
    )
    return cover_text(given.model_copy(update=changes)).encode()


def entries(files: dict[str, bytes], **changes: object) -> list[Entry]:
    """What a bundle of these files holds; `changes` are made to its cover."""
    listed = sums(files)
    return [*files.items(), ("SHA256SUMS", listed), ("bundle.yaml", cover(listed, **changes))]


def write(path: Path, parts: list[Entry], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as file:
        for name, content in parts:
            file.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def refused(path: Path, workspace: Workspace) -> str:
    """What is said of a bundle that is refused; nothing of it is in the workspace afterwards."""
    before = sorted(workspace.root.rglob("*"))
    with pytest.raises(KbError) as caught:
        read_bundle(path, workspace, TODAY)
    assert sorted(workspace.root.rglob("*")) == before
    return str(caught.value)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the zip of a test is, outside the workspace."""
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder / "bundle.zip"


@pytest.fixture
def empty(tmp_path: Path) -> Workspace:
    """A workspace without a client."""
    (tmp_path / "in" / "engagements").mkdir(parents=True)
    (tmp_path / "in" / "mkdocs.yml").write_text("theme: material\n")
    return Workspace(tmp_path / "in")


def test_a_bundle_made_by_hand_is_read(place: Path, empty: Workspace) -> None:
    summary = read_bundle(write(place, entries(FILES)), empty, TODAY)
    assert (empty.engagements / "acme" / "client.yaml").read_bytes() == b"title: Acme\n"
    assert sorted(path.name for path in empty.engagements.rglob("*")) == ["acme", "client.yaml"]
    assert summary.client == "acme"
    assert summary.records == 1
    assert "mkdocs.yml" in summary.notes[0]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../evil.yaml",
        "records/../../evil.yaml",
        "records/./evil.yaml",
        "records//evil.yaml",
        "records\\evil.yaml",
        "C:/evil.yaml",
        "c:evil.yaml",
        "records/folder/",
        "records/.imports/netbox.json",
        "records/.git/hooks/post-checkout",
        "records/line\nbreak.yaml",
        "records/\x1b[2J.yaml",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str, place: Path, empty: Workspace) -> None:
    said = refused(write(place, entries({**FILES, name: b"evil"})), empty)
    assert "refused" in said
    assert "\x1b" not in said
    assert not (place.parent / "evil.yaml").exists()


def test_a_name_that_is_cut_at_a_null_byte_is_refused(place: Path, empty: Workspace) -> None:
    write(place, entries({**FILES, "records/a.yaml_b.yaml": b"evil"}))
    place.write_bytes(place.read_bytes().replace(b"a.yaml_b.yaml", b"a.yaml\0b.yaml"))
    assert "not a path" in refused(place, empty) or "altered" in refused(place, empty)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("records/a.yaml", "records/A.yaml"), "only in case"),
        (("records/stra\u00dfe.yaml", "records/STRASSE.yaml"), "only in case"),
        (("records/\u00e9.yaml", "records/e\u0301.yaml"), "only in case"),
    ],
)
def test_names_that_some_computers_take_for_one_are_refused(
    names: tuple[str, str], said: str, place: Path, empty: Workspace
) -> None:
    assert said in refused(write(place, entries({**FILES, **dict.fromkeys(names, b"title: A\n")})), empty)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(place: Path, empty: Workspace) -> None:
    parts = [*entries(FILES), ("records/client.yaml", b"title: Evil\n")]
    assert "twice" in refused(write(place, parts), empty)


def test_a_link_is_refused(place: Path, empty: Workspace) -> None:
    files = {**FILES, "records/discovery": b"/etc"}
    parts: list[Entry] = [
        (link(name) if name == "records/discovery" else name, content) for name, content in entries(files)
    ]
    assert "is a link" in refused(write(place, parts), empty)


def test_a_file_below_another_file_is_refused(place: Path, empty: Workspace) -> None:
    refused(write(place, entries({**FILES, "records/client.yaml/x.yaml": b"title: A\n"})), empty)


def test_an_encrypted_file_is_refused(place: Path, empty: Workspace) -> None:
    write(place, entries(FILES))
    raw = bytearray(place.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    place.write_bytes(raw)
    assert "encrypted" in refused(place, empty)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing_is_refused(how: int, place: Path, empty: Workspace) -> None:
    assert "packed in a way" in refused(write(place, entries(FILES), how), empty)


def test_a_bomb_is_refused(place: Path, empty: Workspace) -> None:
    said = refused(write(place, entries({**FILES, "records/zeros.txt": bytes(60_000_000)})), empty)
    assert "-fold" in said


def test_too_many_files_are_refused(place: Path, empty: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb_builder.exporters.bundle_zip.MAX_FILES", 3)
    assert "holds 4 files" in refused(write(place, entries(FILES)), empty)


def test_too_many_bytes_are_refused(place: Path, empty: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb_builder.exporters.bundle_zip.MAX_BYTES", 100)
    assert "GB" in refused(write(place, entries(FILES)), empty)


def without(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda parts: [each for each in parts if each[0] != name]


def with_(name: str, content: bytes) -> Callable[[list[Entry]], list[Entry]]:
    return lambda parts: [*without(name)(parts), (name, content)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("README.md"), "README.md is missing"),
        (without("records/client.yaml"), "records/client.yaml is missing"),
        (without("bundle.yaml"), "no bundle.yaml"),
        (without("SHA256SUMS"), "no SHA256SUMS"),
        (with_("records/extra.yaml", b"title: X\n"), "records/extra.yaml is not part of it"),
        (with_("records/client.yaml", b"title: Evil\n"), "records/client.yaml is not as it was packed"),
        (with_("README.md", b"Evil"), "README.md is not as it was packed"),
        (with_("SHA256SUMS", sums({})), "SHA256SUMS is not the one"),
        (with_("SHA256SUMS", b"evil\n"), "SHA256SUMS is not the one"),
        (with_("bundle.yaml", cover(b"evil\n")), "SHA256SUMS is not the one"),
        (with_("bundle.yaml", b""), "bundle.yaml cannot be read"),
        (with_("bundle.yaml", b"- a\n"), "bundle.yaml cannot be read"),
        (with_("bundle.yaml", b"\xff\xfe"), "is not a bundle"),
        (with_("bundle.yaml", b"a: &a [*a]\n"), "bundle.yaml cannot be read"),
        (with_("bundle.yaml", b"x" * 200_000), "too large"),
    ],
)
def test_what_is_not_as_listed_is_named(
    change: Callable[[list[Entry]], list[Entry]], said: str, place: Path, empty: Workspace
) -> None:
    assert said in refused(write(place, change(entries(FILES))), empty)


@pytest.mark.parametrize("client", ["", "..", "../evil", "Acme", "a/b", ".hidden", "x" * 80])
def test_a_client_that_no_folder_can_have_is_refused(client: str, place: Path, empty: Workspace) -> None:
    refused(write(place, entries(FILES, client=client)), empty)


@pytest.mark.parametrize("changes", [{"format": FORMAT + 1}, {"bundle": BUNDLE + 1}])
def test_a_newer_bundle_is_refused(changes: dict[str, int], place: Path, empty: Workspace) -> None:
    assert "newer than this kb" in refused(write(place, entries(FILES, **changes)), empty)


def test_records_with_errors_are_read_and_said(place: Path, empty: Workspace) -> None:
    files = {**FILES, "records/discovery/systems/erp.yaml": b"title: ERP\nowner: nobody\n"}
    assert "1 error" in read_bundle(write(place, entries(files)), empty, TODAY).notes[0]


def test_a_client_that_is_there_is_left_alone(place: Path, empty: Workspace) -> None:
    (empty.engagements / "acme").mkdir()
    assert "already" in refused(write(place, entries(FILES)), empty)


def test_an_altered_release_is_refused(place: Path, empty: Workspace) -> None:
    files = {**FILES, "records/releases/1.0/release.yaml": b"version: '1.0'\n"}
    assert "releases/1.0/release.yaml" in refused(write(place, entries(files)), empty)


def test_a_file_that_is_no_zip_is_refused(place: Path, empty: Workspace) -> None:
    place.write_bytes(b"PK\x03\x04 not a zip")
    assert "not a bundle" in refused(place, empty)
    place.unlink()
    assert "not there" in refused(place, empty)
    place.mkdir()
    refused(place, empty)


def test_every_byte_that_is_cut_off_is_noticed(place: Path, empty: Workspace) -> None:
    whole = write(place, entries(FILES)).read_bytes()
    for length in range(0, len(whole), 7):
        place.write_bytes(whole[:length])
        refused(place, empty)


def test_a_changed_byte_never_changes_what_is_read(place: Path, empty: Workspace, tmp_path: Path) -> None:
    whole = write(place, entries(FILES)).read_bytes()
    for at in range(len(whole)):
        place.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        workspace = Workspace(tmp_path / "each" / str(at))
        workspace.engagements.mkdir(parents=True)
        (workspace.root / "mkdocs.yml").touch()
        try:
            read_bundle(place, workspace, TODAY)
        except KbError:
            assert workspace.clients() == []
        else:
            assert (workspace.engagements / "acme" / "client.yaml").read_bytes() == FILES[
                "records/client.yaml"
            ]


def test_a_name_that_no_zip_should_hold_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "a\\b.txt").touch()
    with pytest.raises(KbError, match="not every computer"):
        pack(tmp_path / "from", tmp_path / "to.zip")


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number, names in enumerate((("b/x", "a"), ("a", "b/x"))):
        folder = tmp_path / str(number)
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name * 100)
            (folder / name).chmod(0o600 + number * 0o44)
        pack(folder, tmp_path / f"{number}.zip")
        made.append((tmp_path / f"{number}.zip").read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as file:
        assert [(each.filename, each.date_time, each.extra) for each in file.infolist()] == [
            ("a", (1980, 1, 1, 0, 0, 0), b""),
            ("b/x", (1980, 1, 1, 0, 0, 0), b""),
        ]
