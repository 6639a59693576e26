"""What stops us. A mistake in a record is a `Problem`, never one of these.

KbError                 we cannot go on: exit code 1
└── UsageError          the command was given something it cannot use: exit code 2
"""

from __future__ import annotations


class KbError(Exception):
    """We cannot go on. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KbError):
    """The command was given something that it cannot use."""
