"""What of a JPEG, PNG, GIF or WebP shows, part by part as it is written; all else is left out.

JPEG is ITU-T T.81, PNG is ISO/IEC 15948, GIF is GIF89a, WebP is RFC 9649. A part that is not known to be needed is
not kept, so that what somebody invents next is left out, too. Nothing is decoded or encoded.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from kb_builder.picture_facts import EXIF, IPTC, TEXT, XMP, Piece, exif_for, orientation_of


@dataclass
class Cut:
    """What is kept of a picture, what was cut out of it, and whether it could be read to its end.

    What is kept shows the same as the picture and is whole by itself; of a picture that is damaged, as far as it was
    understood, which may be nothing.
    """

    kept: list[bytes] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    whole: bool = False

    @property
    def content(self) -> bytes:
        """The picture without what was cut."""
        return b"".join(self.kept)

    @property
    def orientation(self) -> int:
        """How the picture is to be turned, as the EXIF that was cut says."""
        return next((orientation_of(content) for sort, content in self.pieces if sort == EXIF), 1)


_NOT_STUFFED = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""The next marker in coded data: neither a stuffed byte nor a restart."""
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
_SHOWS = frozenset((*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF))
_SOS, _EOI, _APP0, _APP1, _APP2, _APP13, _APP14 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xED, 0xEE


def jpeg(content: bytes) -> Cut:
    """Of a JPEG the coded data, its tables, colour profile and the headers that say how to show them."""
    cut, shows = Cut(), False
    at = 2
    while (at := content.find(b"\xff", at)) >= 0:
        while content[at + 1 : at + 2] == b"\xff":
            at += 1
        marker = content[at + 1] if at + 1 < len(content) else 0
        if marker == _EOI:
            cut.whole = shows
            break
        if marker == 0 or marker in _BARE:
            at += 2
            continue
        size = int.from_bytes(content[at + 2 : at + 4])
        end = at + 2 + size
        if size < 2 or end > len(content):
            break
        if marker == _SOS:
            shows = True
            found = _NOT_STUFFED.search(content, end)
            end = found.start() if found else len(content)
        _segment(cut, marker, content[at:end])
        at = end
    turned = cut.orientation
    exif = b"Exif\0\0" + exif_for(turned)
    first = [b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif] if turned > 1 else []
    cut.kept = [b"\xff\xd8", *cut.kept[: _leading(cut)], *first, *cut.kept[_leading(cut) :], b"\xff\xd9"]
    return cut


def _leading(cut: Cut) -> int:
    """How many segments stand before EXIF: JFIF has to be the first."""
    return int(bool(cut.kept) and cut.kept[0].startswith(b"\xff\xe0"))


def _segment(cut: Cut, marker: int, whole: bytes) -> None:
    """Keep a segment of a JPEG, or what is needed of it, or note it among the pieces."""
    data = whole[4:]
    if marker in _SHOWS or (marker == _APP2 and data.startswith(b"ICC_PROFILE\0")):
        cut.kept.append(whole)
    elif marker == _APP0 and data.startswith(b"JFIF\0") and len(data) >= 14:
        cut.kept.append(b"\xff\xe0\0\x10" + data[:12] + b"\0\0")
        if len(data) > 14:
            cut.pieces.append(("thumbnail", data[14:]))
    elif marker == _APP14 and data.startswith(b"Adobe") and len(data) >= 12:
        cut.kept.append(b"\xff\xee\0\x0e" + data[:12])
    else:
        exif = marker == _APP1 and data.startswith(b"Exif\0")
        sort = EXIF if exif else {_APP1: XMP, _APP13: IPTC}.get(marker, f"segment {marker:02X}")
        cut.pieces.append((sort, data))


_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)


def png(content: bytes) -> Cut:
    """Of a PNG, or an animated one, the chunks that say how it looks."""
    cut, names = Cut([_PNG]), set()
    for name, data in _chunks(content):
        if name in _CHUNKS:
            if name == b"IEND" and cut.orientation > 1:
                cut.kept.insert(2, _chunk(b"eXIf", exif_for(cut.orientation)))
            names.add(name)
            cut.kept.append(_chunk(name, _unnamed(data) if name == b"iCCP" else data))
        elif name == b"eXIf":
            cut.pieces.append((EXIF, data))
        else:
            cut.pieces.append((TEXT if name in (b"tEXt", b"zTXt", b"iTXt") else name.decode("latin-1"), data))
            if name[:1].isupper():
                break
    cut.whole = {b"IHDR", b"IDAT", b"IEND"} <= names
    if b"IEND" not in names:
        cut.kept.append(_chunk(b"IEND", b""))
    return cut


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG, up to its end or to one that is cut off."""
    at, name = len(_PNG), b""
    while at + 12 <= len(content) and name != b"IEND":
        size, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if at + 12 + size > len(content):
            return
        yield name, content[at + 8 : at + 8 + size]
        at += 12 + size


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def _unnamed(profile: bytes) -> bytes:
    """A colour profile without what somebody called it."""
    return b"ICC" + profile[profile.find(b"\0") :] if b"\0" in profile else profile


_LOOPS = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


def gif(content: bytes) -> Cut:
    """Of a GIF its colours, frames, their times and how often they are shown."""
    cut, frames, control = Cut(), 0, b""
    at = 13 + _colours(content, 10)
    if at > len(content):
        return Cut()
    cut.kept.append(content[:at])
    while at < len(content):
        kind, label = content[at : at + 1], content[at + 1 : at + 2]
        if kind == b";":
            cut.whole = frames > 0
            break
        head = 2 if kind == b"!" else 11 + _colours(content, at + 9)
        end = _blocks_end(content, at + head) if kind in (b"!", b",") else None
        if end is None:
            break
        if kind == b",":
            cut.kept += [control, content[at:end]]
            frames, control = frames + 1, b""
        elif label == b"\xf9" and content[at + 2 : at + 3] == b"\x04":
            control = content[at : at + 7] + b"\0"
        elif (
            label == b"\xff"
            and content[at + 2 : at + 14] in _LOOPS
            and content[at + 14 : at + 16] == b"\x03\x01"
        ):
            cut.kept.append(content[at : at + 18] + b"\0")
        else:
            control = b"" if label == b"\x01" else control
            sort = XMP if content[at + 3 : at + 14] == b"XMP DataXMP" else "comment"
            cut.pieces.append((sort, content[at + 2 : end]))
        at = end
    cut.kept.append(b";")
    return cut


def _colours(content: bytes, at: int) -> int:
    """The size of the table of colours that the byte at `at` speaks of."""
    packed = content[at] if at < len(content) else 0
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _blocks_end(content: bytes, at: int) -> int | None:
    """Where a row of blocks ends; None if it does not."""
    while at < len(content):
        size = content[at]
        at += 1 + size
        if size == 0:
            return at
    return None


_IN_FRAME = (b"VP8 ", b"VP8L", b"ALPH")
_IN_WEBP = (*_IN_FRAME, b"VP8X", b"ANIM", b"ANMF", b"ICCP")
_HAS_EXIF, _HAS_XMP, _FRAME_HEAD = 0x08, 0x04, 16


def webp(content: bytes) -> Cut:
    """Of a WebP its coded data, frames and colour profile."""
    cut = Cut()
    end = min(8 + int.from_bytes(content[4:8], "little"), len(content))
    for name, data in _riff(content[12:end]):
        if name == b"ANMF":
            inside = b"".join(
                _riff_chunk(*each) for each in _riff(data[_FRAME_HEAD:]) if each[0] in _IN_FRAME
            )
            data = data[:_FRAME_HEAD] + inside
        if name in _IN_WEBP:
            cut.kept.append(_riff_chunk(name, data))
        else:
            cut.pieces.append(({b"EXIF": EXIF, b"XMP ": XMP}.get(name, name.decode("latin-1")), data))
    read = 12 + sum(8 + len(data) + len(data) % 2 for _, data in _riff(content[12:end]))
    shows = any(each[:4] in (b"VP8 ", b"VP8L", b"ANMF") for each in cut.kept)
    cut.whole = shows and end == 8 + int.from_bytes(content[4:8], "little") and read >= end
    turned = cut.orientation
    for number, each in enumerate(cut.kept):
        if each.startswith(b"VP8X"):
            flags = each[8] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if turned > 1 else 0)
            cut.kept[number] = each[:8] + bytes([flags]) + each[9:]
            if turned > 1:
                cut.kept.append(_riff_chunk(b"EXIF", exif_for(turned)))
            break
    body = b"WEBP" + b"".join(cut.kept)
    cut.kept = [b"RIFF", struct.pack("<L", len(body)), body]
    return cut


def _riff(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a RIFF file, up to its end or to one that is cut off."""
    at = 0
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + size > len(content):
            return
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _riff_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<L", len(data)) + data + b"\0" * (len(data) % 2)
