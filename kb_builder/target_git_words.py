"""What git and ssh said when something was refused: their own reason, and what to do about it."""

from __future__ import annotations

import re

from kb_builder.errors import KbError, MachineError
from kb_builder.target_words import without_secrets

_BANAL = re.compile(
    r"^(@+|Please make sure you have the correct access rights|and the repository exists\.|hint: .*|remote:|"
    r"To .*|Everything up-to-date|error: failed to push some refs to .*)?$"
)
"""Lines that say nothing of the reason."""
_LINES = 6
_OVERTAKEN = ("[rejected]", "(fetch first)", "(non-fast-forward)", "cannot lock ref", "incorrect old value")
_HICCUPS = (
    "could not resolve host",
    "connection refused",
    "connection timed out",
    "connection reset",
    "connection closed",
    "operation timed out",
    "operation too slow",
    "failed to connect",
    "no route to host",
    "network is unreachable",
    "temporary failure in name resolution",
    "early eof",
    "timeout, server",
    "broken pipe",
    "returned error: 429",
    "returned error: 50",
)
_HINTS = (
    ("host key", "sign in there with ssh once, and check its key; then it is known"),
    (
        "host identification has changed",
        "ask whoever runs the server whether its key was changed; then sign in with ssh once",
    ),
    ("permission denied", "see that ssh signs in there without asking: the user's name, the key, the agent"),
    (
        "authentication failed",
        "see what `git ls-remote` says there: the credential helper has to know the password",
    ),
    (
        "could not read username",
        "see what `git ls-remote` says there: the credential helper has to know the password",
    ),
    ("not found", "look at the address; a host says so too of a repository that one may not see"),
    ("does not appear to be a git repository", "look at the address, and make the repository first"),
    ("protected branch", "let whoever signs in push to that branch, or name another"),
    ("hook declined", "the server's own rules refuse it: its words above say which"),
    ("returned error: 403", "let whoever signs in push to that repository"),
)


class Said:
    """What git wrote to its standard error."""

    def __init__(self, text: str) -> None:
        lines = (
            " ".join("".join(c if c.isprintable() else " " for c in each).split())
            for each in text.splitlines()
        )
        self.lines = [without_secrets(line) for line in lines if not _BANAL.match(line)]
        self.lower = text.lower()

    @property
    def is_overtaken(self) -> bool:
        """Whether somebody else had pushed before us, or does at this moment."""
        return any(words in self.lower for words in _OVERTAKEN) and "permission denied" not in self.lower

    @property
    def is_hiccup(self) -> bool:
        """Whether a second try may mend it."""
        return any(words in self.lower for words in _HICCUPS) and not any(
            words in self.lower for words, _ in _HINTS
        )

    def in_words(self, command: str, shown: str) -> KbError:
        """What failed, with the reason that git and ssh gave, and what to do."""
        hint = next((hint for words, hint in _HINTS if words in self.lower), None)
        reason = "\n".join(f"  {line}" for line in self.lines[:_LINES]) or "  (it said nothing)"
        return MachineError(
            f"git {command} failed for {shown}:\n{reason}",
            hint or "look at the address and how you sign in there",
        )
