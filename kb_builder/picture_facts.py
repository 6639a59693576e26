"""What stands in a picture beside the picture: how it is to be turned, where it was taken, and whose it is.

EXIF is CIPA DC-008 (a TIFF 6.0 file within the picture), XMP is ISO 16684, IPTC is IIM 4.2. Nothing here raises for
what a picture holds: what cannot be read is taken for not being there.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

EXIF, XMP, IPTC, TEXT = "EXIF", "XMP", "IPTC", "text"
"""Sorts of metadata; of `text` the keyword, a NUL and the words."""
Piece = tuple[str, bytes]
"""A piece of metadata: its sort, or what else it is called, and what it holds."""
_ORIENTATION, _EXIF_IFD, _GPS_IFD = 0x0112, 0x8769, 0x8825
_NAMES = frozenset({0x013B, 0x8298, 0x9C9D, 0xA430})
"""The EXIF tags Artist, Copyright, XPAuthor and CameraOwnerName."""
_PLACES_IN_XMP = re.compile(
    rb"GPSL(?:at|ong)itude|photoshop:(?:City|State|Country)|:(?:Location(?:Created|Shown)?|Sublocation)\b"
)
_NAMES_IN_XMP = re.compile(
    rb"dc:(?:creator|rights)|xmpRights:Owner|:(?:Camera)?OwnerName|tiff:Artist|photoshop:(?:Credit|CaptionWriter)"
)
_IN_IPTC = re.compile(rb"\x1c\x02(.)", re.DOTALL)
_PLACES_IN_IPTC, _NAMES_IN_IPTC = {b"\x5a", b"\x5c", b"\x5f", b"\x65"}, {b"\x50", b"\x6e", b"\x74", b"\x7a"}
_KEYWORDS = frozenset({b"author", b"artist", b"creator", b"copyright", b"owner"})
_RAW = b"raw profile type "
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
_MOST = 1_000_000
_ENTRIES = 1000


@dataclass(frozen=True)
class Facts:
    """Whether a picture's metadata tells a place, and whether it names an author or owner."""

    place: bool
    name: bool


def facts_of(pieces: Iterable[Piece]) -> Facts:
    """What the metadata of a picture tells."""
    found = [_facts(sort, content) for sort, content in _unwrapped(pieces)]
    return Facts(any(each.place for each in found), any(each.name for each in found))


def _facts(sort: str, content: bytes) -> Facts:
    if sort == EXIF:
        tags, order = _tags(content)
        gps = _ifd(_tiff(content), _number(tags.get(_GPS_IFD), order), order)
        return Facts(bool(gps.keys() & {2, 4}), any(tags.get(each, b"").strip(b"\0 ") for each in _NAMES))
    if sort == XMP:
        return Facts(bool(_PLACES_IN_XMP.search(content)), bool(_NAMES_IN_XMP.search(content)))
    if sort == IPTC:
        sets = set(_IN_IPTC.findall(content))
        return Facts(bool(sets & _PLACES_IN_IPTC), bool(sets & _NAMES_IN_IPTC))
    return Facts(False, sort == TEXT and content.partition(b"\0")[0].lower() in _KEYWORDS)


def _unwrapped(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, and those that stand within a piece of text of a PNG."""
    for sort, content in pieces:
        yield sort, content
        keyword, _, rest = content.partition(b"\0")
        if sort == TEXT and keyword == b"XML:com.adobe.xmp":
            yield XMP, _inflated(rest)
        elif sort == TEXT and keyword.lower().startswith(_RAW):
            name = keyword.lower().removeprefix(_RAW)
            digits = b"".join(_inflated(rest).split()[2:])
            try:
                raw = bytes.fromhex(digits.decode("ascii"))
            except ValueError:
                continue
            yield {b"iptc": IPTC, b"xmp": XMP}.get(name, XMP if b"<x:xmpmeta" in raw else EXIF), raw


def _inflated(content: bytes) -> bytes:
    """What is compressed at the end of a piece of text, as far as it is; the piece itself if nothing is."""
    start = next((at for at in range(min(len(content), 8)) if content[at : at + 1] == b"\x78"), None)
    if start is None:
        return content
    try:
        return zlib.decompressobj().decompress(content[start:], _MOST)
    except zlib.error:
        return content


def orientation_of(exif: bytes) -> int:
    """How a picture is to be turned, from 1 (not at all) to 8, as its EXIF says."""
    tags, order = _tags(exif)
    number = _number(tags.get(_ORIENTATION), order)
    return number if number is not None and 1 <= number <= 8 else 1


def exif_for(orientation: int) -> bytes:
    """EXIF that says how a picture is to be turned, and nothing else."""
    return struct.pack(">2sHLHHHLHHL", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


def _tiff(exif: bytes) -> bytes:
    return exif.removeprefix(b"Exif\0\0")


def _tags(exif: bytes) -> tuple[dict[int, bytes], str]:
    """The tags of the picture itself and of its EXIF folder, with the order of their bytes."""
    data = _tiff(exif)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")
    if not order or len(data) < 8:
        return {}, ">"
    first = _ifd(data, struct.unpack_from(f"{order}L", data, 4)[0], order)
    return {**_ifd(data, _number(first.get(_EXIF_IFD), order), order), **first}, order


def _ifd(data: bytes, at: int | None, order: str) -> Mapping[int, bytes]:
    """The values of the tags in one folder of a TIFF."""
    found: dict[int, bytes] = {}
    if at is None or at + 2 > len(data):
        return found
    for number in range(min(struct.unpack_from(f"{order}H", data, at)[0], _ENTRIES)):
        entry = at + 2 + 12 * number
        if entry + 12 > len(data):
            break
        tag, sort, many = struct.unpack_from(f"{order}HHL", data, entry)
        size = _SIZES.get(sort, 1) * many
        start = entry + 8 if size <= 4 else struct.unpack_from(f"{order}L", data, entry + 8)[0]
        found.setdefault(tag, data[start : start + min(size, _MOST)])
    return found


def _number(value: bytes | None, order: str) -> int | None:
    if value is None or len(value) not in (2, 4):
        return None
    return int(struct.unpack(f"{order}{'H' if len(value) == 2 else 'L'}", value)[0])
