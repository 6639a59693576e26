"""A record holds what looks like a password, a key, a token or a private key. Records are kept in git, sealed in
releases and published: a secret in one is no longer secret. The same goes for the text files that a record names, for
the names of files and folders, for the notes of a release and for mkdocs.yml. What git says of a change is shown without
what looks like a secret.

Keep it in a password manager, write where, and change it, since it has been written down. A false alarm is marked on
its line: with a comment in YAML (`serial: ABC  # pragma: allowlist secret`), on the key's line of a block of text
(`description: |  # pragma: allowlist secret`), in Markdown with a comment that no page shows
(`<!-- pragma: allowlist secret -->`), for a fenced block on a line of its own above it. In a release, which cannot be
edited, name its fingerprint in client.yaml under `not_secret`.

Bad:
    title: ERP
    description: |
      Sign in as admin, password: Herring-42!

Good:
    title: ERP
    credential: {where: "Bitwarden / Harbour Dental / ERP admin"}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field, short
from kb_builder.insight.secrets import Found, find, in_text
from kb_builder.problem import Location, Problem, Severity

CODE = "KB701"
SEVERITY = Severity.ERROR
TITLE = "A secret in a record"
MOST = 20
"""How many are told of one file that a record names: what is wrong with it is clear by then."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """What looks like a secret in the records, or in a text file that one names. No message repeats it."""
    allowed = frozenset(each.strip().lower() for each in catalog.client.not_secret)
    for _, group in groupby(find(catalog, allowed), lambda found: (found.record.key, found.file)):
        for number, found in enumerate(group):
            if found.file is None or number < MOST:
                yield _problem(found)


def beside(text: str, place: Location, what: str, allowed: Iterable[str]) -> Iterator[Problem]:
    """What looks like a secret in a text beside the records that reaches a page: it is written at `place`, or below."""
    known = frozenset(each.strip().lower() for each in allowed)
    for found in in_text(text, known):
        message = f"{what}: looks like {found.kind}{_begins(found.begins)}"
        here = Location(place.path, place.line + found.line - 1, found.column)
        yield Problem(CODE, SEVERITY, here, message, _hint(found.fingerprint))


def _begins(begins: str) -> str:
    return f" that begins with {begins!r}" if begins else ""


def _problem(found: Found) -> Problem:
    begins = _begins(found.begins)
    if found.file is not None:
        message = f"{field(found.pointer)}: line {found.line} of {short(found.file)} holds what looks like {found.kind}{begins}"
    else:
        message = f"{field(found.pointer) or 'a comment'}: looks like {found.kind}{begins}"
    return Problem(CODE, SEVERITY, found.place, message, _hint(found.fingerprint), found.record.key)


def _hint(fingerprint: str) -> str:
    return (
        "keep it in a password manager, write where (`credential: {where: …}`), and change it, since it was written "
        "down; for a false alarm write `pragma: allowlist secret` in a comment on its line, "
        f"or {fingerprint} under `not_secret` in client.yaml"
    )
