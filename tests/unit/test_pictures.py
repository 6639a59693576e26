"""What a picture shows stays, what it tells beside that goes; and nothing that a picture holds stops us."""

from __future__ import annotations

import hashlib
import random
import struct
import zlib
from pathlib import Path

import pytest
from support.pictures import CANARY, PIXEL, TURNED, XMP, frames, telling, turned
from support.sites import TODAY
from support.story import put

from kb_builder import pipeline
from kb_builder.bundle import write_bundle
from kb_builder.picture_facts import Facts, exif_for, facts_of
from kb_builder.pictures import copy, cut
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

FORMS = ("jpeg", "png", "gif", "webp", "avif")


@pytest.mark.parametrize("form", FORMS)
def test_what_is_shown_stays_and_what_is_told_goes(form: str) -> None:
    picture = telling(form)
    assert CANARY.encode() in picture
    found = cut(picture)
    assert found.whole
    assert frames(found.content) == frames(picture)
    assert turned(found.content) == turned(picture) == (1 if form == "gif" else TURNED)
    for word in (CANARY.encode(), b"GPS", b"xmpmeta", struct.pack(">H", 0x8825)):
        assert word not in found.content
    assert facts_of(found.pieces) == Facts(place=form != "gif", name=form != "gif")


@pytest.mark.parametrize("form", FORMS)
def test_what_was_cut_is_not_changed_by_being_cut_again(form: str) -> None:
    once = cut(telling(form)).content
    again = cut(once)
    assert again.content == once
    assert facts_of(again.pieces) == Facts(place=False, name=False)


@pytest.mark.parametrize("form", FORMS)
def test_what_follows_the_picture_goes(form: str) -> None:
    picture = telling(form)
    hidden = (
        picture + (struct.pack(">L4s", 8 + len(CANARY), b"free") if form == "avif" else b"") + CANARY.encode()
    )
    found = cut(hidden)
    assert CANARY.encode() not in found.content
    assert found.whole
    assert frames(found.content) == frames(picture)


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


@pytest.mark.parametrize(
    "data",
    [
        *(segment(marker, b"anything " + CANARY.encode()) for marker in (*range(0xE0, 0xF0), 0xFE, 0xF7)),
        segment(0xE0, b"JFXX\0\x10" + CANARY.encode()),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + CANARY.encode()),
        segment(0xE2, b"MPF\0" + CANARY.encode()),
        segment(0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x11\x1c\x02\x50\0\x0d" + CANARY.encode()),
    ],
)
@pytest.mark.parametrize("where", ["before", "between"])
def test_no_segment_of_a_jpeg_that_does_not_show_is_kept(data: bytes, where: str) -> None:
    picture = telling("jpeg")
    at = 2 if where == "before" else picture.index(b"\xff\xdb")
    found = cut(picture[:at] + data + picture[at:])
    assert CANARY.encode() not in found.content
    assert frames(found.content) == frames(picture)


def test_a_thumbnail_goes_and_a_colour_profile_stays() -> None:
    picture = telling("jpeg")
    jfif = picture.index(b"JFIF\0")
    assert picture[jfif + 12 : jfif + 14] == b"\0\0"
    profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01the profile")
    head = segment(0xE0, picture[jfif : jfif + 12] + b"\x01\x01RGB")
    found = cut(picture[:2] + head + profile + picture[2 + 18 :])
    assert b"RGB" not in found.content
    assert profile in found.content
    assert ("thumbnail", b"RGB") in found.pieces


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def with_chunk(extra: bytes) -> bytes:
    picture = telling("png")
    at = picture.index(b"IDAT") - 4
    return picture[:at] + extra + picture[at:]


RAW = b"\nexif\n      10\n" + (b"Exif\0\0" + exif_for(3)).hex().encode()


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"tIME", b"\x07\xea\x0b\x19\x0c\0\0" + CANARY.encode()),
        chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(RAW) + CANARY.encode()),
        chunk(b"caBX", CANARY.encode()),
        chunk(b"prVt", CANARY.encode()),
        chunk(b"dSIG", CANARY.encode()),
    ],
)
def test_no_chunk_of_a_png_that_does_not_show_is_kept(extra: bytes) -> None:
    found = cut(with_chunk(extra))
    assert CANARY.encode() not in found.content
    assert found.whole
    assert frames(found.content) == frames(telling("png"))


@pytest.mark.parametrize(
    ("pieces", "facts"),
    [
        ([("XMP", XMP)], Facts(place=True, name=True)),
        ([("IPTC", b"\x1c\x02\x5a\0\x03Ely")], Facts(place=True, name=False)),
        ([("IPTC", b"\x1c\x02\x50\0\x03Ann")], Facts(place=False, name=True)),
        ([("text", b"Author\0Ann")], Facts(place=False, name=True)),
        ([("text", b"Comment\0Ann")], Facts(place=False, name=False)),
        ([("text", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(XMP))], Facts(place=True, name=True)),
        ([("text", b"Raw profile type xmp\0\0" + zlib.compress(b"\nxmp\n1\n" + XMP.hex().encode()))], Facts(True, True)),
        ([("EXIF", exif_for(6))], Facts(place=False, name=False)),
        ([("comment", b"Ann")], Facts(place=False, name=False)),
    ],
)  # fmt: skip
def test_a_place_and_a_name_are_found(pieces: list[tuple[str, bytes]], facts: Facts) -> None:
    assert facts_of(pieces) == facts


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_picture_stops_nothing(form: str) -> None:
    """Cut off at every length, and with bytes changed: nothing is raised, and nothing is told that was not shown."""
    picture, chance = telling(form), random.Random(form)
    for size in range(0, len(picture), 5):
        found = cut(picture[:size])
        assert CANARY.encode() not in found.content
        assert not found.whole or form in ("gif", "jpeg")
    for _ in range(300):
        changed = bytearray(picture)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice((0, 255, chance.randrange(256)))
        found = cut(bytes(changed))
        facts_of(found.pieces)
        assert cut(found.content).content == found.content


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L4s", 8 + len(data), name) + data


@pytest.mark.parametrize("many", [2_001, 60_000])
def test_boxes_that_would_cost_much_are_not_read(many: int) -> None:
    """Places without a length reach to the end of the file, so that few bytes could stand for many times all of it."""
    item = struct.pack(">HHH", 1, 0, many)
    iloc = box(b"iloc", struct.pack(">LBBH", 0, 0, 0, 1) + item)
    iinf = box(
        b"iinf", struct.pack(">LH", 0, 1) + box(b"infe", struct.pack(">LHH4s", 2 << 24, 1, 0, b"Exif"))
    )
    start = box(b"ftyp", b"avif\0\0\0\0mif1")
    assert cut(start + box(b"meta", bytes(4) + iinf + iloc)).content == b""
    assert cut(start + box(b"mdat", b"") * many).content == b""


def test_a_file_with_a_pictures_name_that_is_none_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "key.png").write_text("-----BEGIN")
    copy(tmp_path / "key.png", tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == b""


def test_a_picture_with_another_ending_is_cut_and_another_file_is_not(tmp_path: Path) -> None:
    for name, content in (("a.txt", telling("jpeg")), ("b.png", telling("jpeg")), ("c.txt", CANARY.encode())):
        (tmp_path / name).write_bytes(content)
        copy(tmp_path / name, tmp_path / f"out-{name}")
    assert (
        (tmp_path / "out-a.txt").read_bytes()
        == (tmp_path / "out-b.png").read_bytes()
        == cut(telling("jpeg")).content
    )
    assert (tmp_path / "out-c.txt").read_bytes() == CANARY.encode()


GUIDE = """title: Sign in
attachments:
  - file: files/a.jpeg
  - file: files/b.txt
description: "![Here](files/c.webp) and [there](files/d.avif)."
steps:
  - do: Write your name.
    image: files/e.png
    alt: The page
"""
RUN = "title: Run\naudience: staff\ntest: restore\ndate: 2026-09-01\nresult: pass\nevidence:\n  - {{title: Log, file: f.gif, sha256: {}}}\n"


@pytest.fixture
def client(workspace: Workspace) -> Workspace:
    """A client with a picture wherever one can stand, each of which tells more than it shows."""
    put(workspace, "client.yaml", "title: Demo\nbranding: {logo: logo.png}\nsites: [{audience: staff}]\n")
    put(workspace, "documentation/guides/sign-in.yaml", GUIDE)
    put(workspace, "testing/tests/restore.yaml", "title: Restore\naudience: staff\n")
    put(workspace, "testing/test_runs/run.yaml", RUN.format(hashlib.sha256(telling("gif")).hexdigest()))
    home = workspace.folder("demo")
    (home / "documentation/guides/files").mkdir()
    for name in ("a.jpeg", "c.webp", "d.avif", "e.png"):
        (home / "documentation/guides/files" / name).write_bytes(telling(name.partition(".")[2]))
    (home / "documentation/guides/files/b.txt").write_bytes(telling("jpeg"))
    (home / "testing/test_runs/f.gif").write_bytes(telling("gif"))
    (home / "logo.png").write_bytes(telling("png"))
    return workspace


def holding(folder: Path) -> list[str]:
    return sorted(
        path.name for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
    )


def test_nothing_that_a_picture_tells_reaches_a_project_but_in_evidence(
    client: Workspace, tmp_path: Path
) -> None:
    checked = pipeline.check(client, "demo", TODAY)
    assert checked.sound, checked.problems
    project = tmp_path / "project"
    project.mkdir()
    pipeline.export(pipeline.prepare(checked, Audience.STAFF, TODAY), client, project)
    there = {path.name for path in project.rglob("*") if path.is_file()}
    assert {"a.jpeg", "b.txt", "c.webp", "d.avif", "e.png", "f.gif", "logo.png"} <= there
    assert holding(project) == ["f.gif"]


def test_nothing_that_a_picture_tells_reaches_a_bundles_records(
    client: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[list[str]] = []
    monkeypatch.setattr(
        "kb_builder.bundle.pack", lambda folder, _: kept.append(holding(folder)) or _.write_bytes(b"")
    )
    put(client, "client.yaml", "title: Demo\nbranding: {logo: logo.png}\nsites: []\n")
    write_bundle(client, pipeline.check(client, "demo", TODAY), Audience.STAFF, TODAY, tmp_path / "demo.zip")
    assert kept == [["f.gif"]]


def test_the_pixel_is_a_picture() -> None:
    assert cut(PIXEL).content == PIXEL
