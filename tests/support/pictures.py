"""Pictures for tests: a small one, and ones that hold more than they show."""

from __future__ import annotations

import base64
import io

from PIL import Image, PngImagePlugin

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""A whole PNG of one pixel."""
CANARY = "Canary Person"
TURNED = 6


def exif() -> Image.Exif:
    """EXIF with a place, a name, a thumbnail's worth of a maker's note, and a picture that lies on its side."""
    found = Image.Exif()
    found[0x0112] = TURNED
    found[0x013B] = CANARY
    found[0x9286] = CANARY.encode()
    found[0x8825] = {1: "N", 2: (51.0, 30.0, 12.0), 3: "W", 4: (0.0, 7.0, 39.0)}
    return found


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{CANARY}</dc:creator><exif:GPSLatitude>51</exif:GPSLatitude></x:xmpmeta>'.encode()


def picture() -> Image.Image:
    """Something to see, with as many colours as a GIF can hold."""
    return Image.effect_mandelbrot((64, 48), (-2, -1, 1, 1), 50).convert("P")


def telling(form: str) -> bytes:
    """A picture with all that its format can tell, and that Pillow can write."""
    out = io.BytesIO()
    shown = picture() if form == "gif" else picture().convert("RGB")
    if form == "png":
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", CANARY)
        words.add_text("Comment", CANARY, zip=True)
        words.add_itxt("XML:com.adobe.xmp", XMP.decode())
        shown.save(out, "PNG", exif=exif(), pnginfo=words)
    elif form == "gif":
        shown.save(
            out,
            "GIF",
            comment=CANARY.encode(),
            save_all=True,
            append_images=[shown.rotate(180)],
            loop=3,
            duration=120,
        )
    elif form == "jpeg":
        shown.save(out, "JPEG", exif=exif(), xmp=XMP, comment=CANARY.encode())
    else:
        shown.save(out, form.upper(), exif=exif(), xmp=XMP)
    return out.getvalue()


def frames(content: bytes) -> list[tuple[bytes, object, object]]:
    """What a reader sees: each frame's pixels and time, and how often the whole is shown."""
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(
                (image.convert("RGBA").tobytes(), image.info.get("duration"), image.info.get("loop"))
            )
        return found


def turned(content: bytes) -> int:
    """How a picture is to be turned."""
    with Image.open(io.BytesIO(content)) as image:
        return int(image.getexif().get(0x0112, 1))
