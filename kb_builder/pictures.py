"""Pictures without what they tell beside what they show: where they were taken, with what, by whom, and when.

Metadata is cut out as a picture leaves the records, for a site, a project or an edition. Nothing is encoded again: the
coded picture stays as it is, to the byte, and so what comes out is the same on every machine. A picture that was cut is
not changed by being cut again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from kb_builder.picture_boxes import boxes
from kb_builder.picture_parts import Cut, gif, jpeg, png, webp

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
"""The endings of pictures that sites carry."""
_HEAD = 12


def cut(content: bytes) -> Cut:
    """A picture without its metadata. What is no picture, or one of a sort that is not known here, gives nothing."""
    make = _maker(content)
    return make(content) if make else Cut()


def copy(source: Path, target: Path, *, as_it_is: bool = False) -> None:
    """Copy a file; of a picture, what it shows. Of one that is damaged only what was understood is copied.

    With `as_it_is` all of it is copied: somebody relies on its bytes.

    What a file is decides, not what it is called: a picture may have the ending of another sort.
    """
    with source.open("rb") as file:
        head = file.read(_HEAD)
    if not as_it_is and (source.suffix.lower() in SUFFIXES or _maker(head)):
        target.write_bytes(cut(source.read_bytes()).content)
    else:
        shutil.copyfile(source, target)


def _maker(head: bytes) -> Callable[[bytes], Cut] | None:
    """What cuts a picture that begins so."""
    if head.startswith(b"\xff\xd8\xff"):
        return jpeg
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return png
    if head.startswith((b"GIF87a", b"GIF89a")):
        return gif
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return webp
    # An MP4 begins with this box, too, so that its brand has to say that it is a picture.
    brands = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1")
    return boxes if head[4:8] == b"ftyp" and head[8:12] in brands else None
