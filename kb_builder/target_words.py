"""Addresses of targets as they may be shown, and what a server tells browsers of a file."""

from __future__ import annotations

import mimetypes
import posixpath
import re

_HASHED = re.compile(r"\.[0-9a-f]{8}\.min\.(js|css)$")
_TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".webp": "image/webp"}
_TEXT = ("text/", "application/json", "application/xml", "image/svg+xml")


def without_secrets(text: str) -> str:
    """A text to be shown: without names, passwords and tokens in addresses."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text)


def type_of(name: str) -> str:
    """The media type of a file, by its name."""
    kind, _ = mimetypes.guess_type(name)
    kind = _TYPES.get(posixpath.splitext(name)[1], kind or "application/octet-stream")
    return f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind


def cache_of(name: str) -> str:
    """How long a browser may keep a file: for ever where its name changes with what it holds."""
    return "public, max-age=31536000, immutable" if _HASHED.search(name) else "no-cache"
