"""What stops us. A mistake in a record is a `Problem`, never one of these.

KbError                 we cannot go on: exit code 1
├── UsageError          the command was given something it cannot use: exit code 2
└── Changed             somebody wrote what we had read, before we wrote; whoever reads again may go on
"""

from __future__ import annotations

from pathlib import Path


class KbError(Exception):
    """We cannot go on. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(KbError):
    """The command was given something that it cannot use."""


class Changed(KbError):
    """A file is not what it was when it was read, so that what was decided from it is not written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} was changed by somebody else in the meantime",
            "nothing was written; see who is at work there, then run it again",
        )
        self.path = path
