"""An image in Markdown lies on another host. No request leaves a client's site, so it becomes a link.

Bad:
    body: |
      ![Our logo](https://example.com/logo.png)

Good:
    body: |
      ![Our logo](images/logo.png)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.addresses import Outside
from kb_builder.catalog import Catalog
from kb_builder.insight.texts import targets
from kb_builder.problem import Problem, Severity

CODE = "KB623"
SEVERITY = Severity.WARNING
TITLE = "An image on another host"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Images in Markdown that would be fetched from elsewhere."""
    for text, address, target in targets(catalog, "images"):
        if isinstance(target, Outside):
            place = catalog.locate(text.record, text.pointer, text=address)
            yield Problem(
                CODE,
                SEVERITY,
                place,
                f'the image "{address[:80]}" lies on another host',
                "save it beside the record and write its path",
                text.record.key,
            )
