"""Metadata in an AVIF or HEIF picture, written over where it stands.

These are boxes within boxes (ISO/IEC 14496-12 and 23008-12), in which places are counted from the beginning of the
file. To take a part out, all of them would have to be counted anew; so what is to go is written over, and nothing moves.
How such a picture is turned stands in a property of its own (`irot`, `imir`), not in EXIF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from kb_builder.picture_facts import EXIF, XMP, Piece, exif_for
from kb_builder.picture_parts import Cut

Span = tuple[int, int]
_MOST = 2_000
"""So many boxes beside each other, items or places are read: a picture in tiles has some hundred."""
_HOLDERS = (b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl")
_TELLING = (b"udta", b"udes", b"uuid", b"free", b"skip", b"xml ", b"bxml", b"ilst", b"keys")
_TOP = (b"ftyp", b"meta", b"mdat", b"moov", b"moof", b"sidx", b"mfra")
_EMPTY_EXIF = b"\0\0\0\0" + exif_for(1)


@dataclass(frozen=True)
class _Box:
    name: bytes
    start: int
    body: int
    end: int


class _Damaged(Exception):
    """The boxes do not say where something is."""


def boxes(content: bytes) -> Cut:
    """An AVIF or HEIF without what is not shown: EXIF and XMP are empty, notes and what nothing refers to are zeros."""
    try:
        kept, pieces = _emptied(content)
        # Places that overlap are written over twice, and what then stands there is nobody's.
        again, _ = _emptied(kept)
    except (_Damaged, struct.error, IndexError, RecursionError):
        return Cut()
    return Cut([kept], pieces, True) if again == kept else Cut()


def _emptied(content: bytes) -> tuple[bytes, list[Piece]]:
    """A picture with what is not shown written over, and what stood there."""
    blank = bytearray(content)
    found = list(_inside(content, 0, len(content)))
    if not any(each.name in (b"meta", b"moov") for each in found):
        raise _Damaged
    pieces = list(_over(content, blank, found))
    return bytes(blank), pieces


def _over(content: bytes, blank: bytearray, found: list[_Box]) -> Iterator[Piece]:
    """Write over what is not shown; yields what stood there."""
    used: list[Span] = []
    sequence = any(each.name == b"moov" for each in found)
    for box in _all(content, found):
        if box.name == b"meta" and box in found:
            for sort, spans in _items(content, box):
                used += spans
                if not sort:
                    continue
                data = b"".join(content[start:end] for start, end in spans)
                yield sort, data[4 + int.from_bytes(data[:4]) :] if sort == EXIF else data
                _fill(blank, spans, _EMPTY_EXIF if sort == EXIF else b"", b" " if sort == XMP else b"\0")
        elif box.name in _TELLING or (box in found and box.name not in _TOP):
            yield (XMP if box.name == b"uuid" else box.name.decode("latin-1")), content[box.body : box.end]
            _fill(blank, [(box.body, box.end)], b"", b"\0")
    if not sequence:
        for box in found:
            if box.name == b"mdat":
                _fill(blank, _between(box.body, box.end, used), b"", b"\0")


def _fill(blank: bytearray, spans: list[Span], first: bytes, then: bytes) -> None:
    """Write over some places: with `first` if there is room for it, and with `then` to their end."""
    room = sum(end - start for start, end in spans)
    text = (first if len(first) <= room else b"").ljust(room, then)
    for start, end in spans:
        blank[start:end], text = text[: end - start], text[end - start :]


def _between(start: int, end: int, used: list[Span]) -> list[Span]:
    """What of a place is not used."""
    found: list[Span] = []
    for first, last in sorted(used):
        if first > start:
            found.append((start, min(first, end)))
        start = max(start, last)
        if start >= end:
            return [each for each in found if each[0] < each[1]]
    return [each for each in [*found, (start, end)] if each[0] < each[1]]


def _inside(content: bytes, at: int, end: int) -> Iterator[_Box]:
    """The boxes in a place, one after the other."""
    for _ in range(_MOST):
        if at >= end:
            return
        size, name = struct.unpack_from(">L4s", content, at)
        body = at + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", content, at + 8)[0], at + 16
        size = end - at if size == 0 else size
        if at + size > end or body > at + size:
            raise _Damaged
        yield _Box(name, at, body, at + size)
        at += size
    raise _Damaged


def _all(content: bytes, found: list[_Box]) -> Iterator[_Box]:
    """The boxes, and those within them."""
    for box in found:
        yield box
        if box.name in _HOLDERS:
            yield from _all(content, list(_inside(content, box.body + 4 * (box.name == b"meta"), box.end)))


def _items(content: bytes, meta: _Box) -> Iterator[tuple[str, list[Span]]]:
    """Each item of a picture: EXIF, XMP or nothing for one that is shown, and the places where its bytes are."""
    within = {each.name: each for each in _inside(content, meta.body + 4, meta.end)}
    if b"iinf" not in within or b"iloc" not in within:
        raise _Damaged
    sorts, room = dict(_sorts(content, within[b"iinf"])), 2 * len(content)
    for item, spans in _places(content, within[b"iloc"], within.get(b"idat")):
        sort = {b"Exif": EXIF, b"mime": XMP, b"uri ": XMP}.get(sorts.get(item, b""), "")
        room -= sum(end - start for start, end in spans) if sort else 0
        if room < 0 or any(not 0 <= start <= end <= len(content) for start, end in spans):
            raise _Damaged
        yield sort, spans


def _sorts(content: bytes, box: _Box) -> Iterator[tuple[int, bytes]]:
    """The number and the type of each item."""
    at = box.body + (6 if content[box.body] == 0 else 8)
    for entry in _inside(content, at, box.end):
        wide = content[entry.body] >= 3
        number, _, sort = struct.unpack_from(">LH4s" if wide else ">HH4s", content, entry.body + 4)
        yield number, sort


def _places(content: bytes, box: _Box, idat: _Box | None) -> Iterator[tuple[int, list[Span]]]:
    """The number of each item, and where its bytes are."""
    version = content[box.body]
    sizes = struct.unpack_from(">BB", content, box.body + 4)
    of_offset, of_length, of_base, of_index = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15
    at = box.body + 6

    def take(size: int) -> int:
        nonlocal at
        if at + size > box.end:
            raise _Damaged
        value, at = int.from_bytes(content[at : at + size]), at + size
        return value

    wide, left = 4 if version == 2 else 2, _MOST
    for _ in range(min(take(wide), _MOST)):
        item = take(wide)
        method = take(2) & 15 if version else 0
        take(2)
        base = take(of_base)
        if method == 1:
            base += idat.body if idat else len(content)
        spans: list[Span] = []
        many = take(2)
        left -= many
        if left < 0:
            raise _Damaged
        for _ in range(many):
            if version and of_index:
                take(of_index)
            start = base + take(of_offset)
            length = take(of_length)
            spans.append((start, start + length if length else len(content)))
        if method > 1:
            raise _Damaged
        yield item, spans
