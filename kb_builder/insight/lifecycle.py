"""Where a system is in its life: whether its maker still supports it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kb_builder.records.discovery import System

SOON_DAYS = 180
Support = Literal["ended", "soon", "supported", "unknown"]


def state_of(system: System, today: dt.date) -> Support:
    """Whether support ended, ends within half a year, goes on, or is not known; a retired system's is not."""
    if system.support_until is None or system.status == "retired":
        return "unknown"
    if system.support_until < today:
        return "ended"
    return "soon" if (system.support_until - today).days <= SOON_DAYS else "supported"
