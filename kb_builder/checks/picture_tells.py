"""A picture whose SHA-256 a record states tells where it was taken, or names its author or owner. Such a file is
published as it is, since cutting anything out would break its SHA-256; from every other picture, metadata is cut.

Make the picture anew without it (most phones have a setting for places), before its SHA-256 is written down; or leave
it, if its readers may know.

Bad:
    # evidence/rack.jpg holds the place where the photo was taken
    title: Second restore
    evidence:
      - title: The rack
        file: evidence/rack.jpg
        sha256: 3f1dcb2f5d4a5d0a1b0c9a7b0a1e5e2c3c7f0d6f4b8e9a7c6d5e4f3a2b1c0d9e

Good:
    # evidence/rack.jpg holds nothing but the picture
    title: Second restore
    evidence:
      - title: The rack
        file: evidence/rack.jpg
        sha256: 9e0d1c2b3a4f5e6d7c8a9b0e1f2d3c4b5a697887766554433221100ffeeddccb
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field
from kb_builder.picture_facts import Facts, facts_of
from kb_builder.pictures import cut
from kb_builder.problem import Problem, Severity
from kb_builder.stated import stated

CODE = "KB730"
SEVERITY = Severity.WARNING
TITLE = "Evidence that tells a place or a name"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Pictures that are published as they are, and hold more than they show."""
    for each in stated(catalog):
        facts = _facts(each.path)
        told = [word for word, so in (("where it was taken", facts.place), ("whose it is", facts.name)) if so]
        if told:
            place = catalog.locate(each.record, each.pointer)
            message = (
                f"{field(each.pointer)}: the picture tells {' and '.join(told)}, and is published as it is"
            )
            hint = (
                "make it anew without that, and write its new SHA-256; or leave it, if its readers may know"
            )
            yield Problem(CODE, SEVERITY, place, message, hint, each.record.key)


def _facts(path: Path) -> Facts:
    try:
        return facts_of(cut(path.read_bytes()).pieces)
    except OSError:
        return Facts(False, False)
