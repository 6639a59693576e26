"""What every answer of a server tells the reader's browser: the same for both servers and for every page."""

from __future__ import annotations

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy (Level 3) that every page of a site meets. `data:` is for Material's icons."""

HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), payment=(), usb=()",
    ),
)
"""The headers that do not depend on the page."""

TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")
"""Sent over https only."""

NO_ROBOTS = "noindex, nofollow"
FOREVER = "max-age=31536000, immutable"
CHANGING = "no-cache"
GONE = "no-store"

HASHED = r"\.[0-9a-f]{8}\.min\.(?:css|js)$"
"""Names that carry a hash of the content, as Material's have them: such a file never changes."""
VERSION = "[0-9A-Za-z][0-9A-Za-z.-]*"
"""What may stand for a version in a path; nothing that could end a header."""
HELPERS = r"not-found\.css|home\.htm"
"""The two files that the page for a missing address leads to, wherever the missing address was."""


def sharing(public: bool) -> str:
    """Who may keep a copy of an answer."""
    return "public" if public else "private"
