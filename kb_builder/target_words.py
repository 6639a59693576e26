"""Addresses of targets as they may be shown."""

from __future__ import annotations

import re


def without_secrets(text: str) -> str:
    """A text to be shown: without names, passwords and tokens in addresses."""
    return re.sub(r"(?<=://)[^/@\s]+@", "", text)
