"""An image in Markdown is not there, or is not an image file of the client's.

Bad:
    body: |
      ![The sign-in page](images/singin.png)

Good:
    body: |
      ![The sign-in page](images/sign-in.png)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.addresses import Nowhere, Outside, ToFile
from kb_builder.catalog import Catalog
from kb_builder.checks.base import HIDDEN
from kb_builder.insight.texts import targets
from kb_builder.problem import Problem, Severity

CODE = "KB622"
SEVERITY = Severity.ERROR
TITLE = "A missing image"
NEEDS = ("client",)


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Images in Markdown that cannot be shown."""
    for text, address, target in targets(catalog, "images"):
        if not isinstance(target, ToFile | Outside):
            place = catalog.locate(text.record, text.pointer, text=address)
            why, hint = "is not there", "put the file beside the record and write its path"
            if target in (Nowhere.OUTSIDE, Nowhere.ABSOLUTE):
                why, hint = "leads out of the client's folder", "copy the file into the client's folder"
            elif target is Nowhere.NOT_KEPT:
                why, hint = HIDDEN
            elif target is Nowhere.NOT_PUBLISHED:
                why, hint = "is a kind of file that sites do not carry", "make it a PNG, JPEG or WebP"
            elif target is Nowhere.RECORD:
                why, hint = "is a link to what no site carries", "put the picture itself there"
            yield Problem(CODE, SEVERITY, place, f'the image "{address[:80]}" {why}', hint, text.record.key)
