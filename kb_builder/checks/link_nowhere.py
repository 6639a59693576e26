"""A link in Markdown leads nowhere: the file is not there, lies outside the client's folder, or is of a kind
that a site does not carry. The site shows its words without a link.

Bad:
    description: "See [the guide](../guides/restor.md)."

Good:
    description: "See [the guide](../../documentation/guides/restore.md)."
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.addresses import Nowhere
from kb_builder.catalog import Catalog
from kb_builder.checks.base import HIDDEN
from kb_builder.insight.texts import targets
from kb_builder.problem import Problem, Severity

CODE = "KB621"
SEVERITY = Severity.ERROR
TITLE = "A link that leads nowhere"
NEEDS = ("client",)
WHY = {
    Nowhere.UNSAFE: (
        "is not an address that is safe to follow",
        "write http, https, mailto or tel, or a path to a file here",
    ),
    Nowhere.ABSOLUTE: (
        "begins at the top of a site, which a record does not know",
        "write the path from this file to the other",
    ),
    Nowhere.OUTSIDE: ("leads out of the client's folder", "copy the file into the client's folder"),
    Nowhere.MISSING: (
        "is not there",
        "write the path from this file to the other, such as ../guides/restore.md",
    ),
    Nowhere.NOT_PUBLISHED: (
        "is a kind of file that sites do not carry",
        "make it a PDF, an image, a text or an office document",
    ),
    Nowhere.RECORD: (
        "is a link to a file of records",
        "name a file of its own, or link to the record itself",
    ),
    Nowhere.NOT_KEPT: HIDDEN,
    Nowhere.NOT_NAMED: ("is a file of several records", "add # and the id of the one you mean"),
}
_RECORDS = (Nowhere.NOT_PUBLISHED, Nowhere.NOT_NAMED)
"""What a link to a record's file comes to where that file could not be read."""


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Links in Markdown that lead nowhere."""
    for text, address, target in targets(catalog, "links"):
        if isinstance(target, Nowhere) and not (catalog.unread and target in _RECORDS):
            why, hint = WHY[target]
            place = catalog.locate(text.record, text.pointer, text=address)
            yield Problem(CODE, SEVERITY, place, f'the link "{address[:80]}" {why}', hint, text.record.key)
