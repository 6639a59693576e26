"""A file of the client's folder is a link that leads out of it, or to a folder, or is no file at all.

A release is a copy, and could not hold what the link leads to.

Bad:
    # documentation/guides/plan.pdf is a symbolic link to /srv/plans/plan.pdf
    attachments:
      - file: plan.pdf

Good:
    # documentation/guides/plan.pdf is the file itself
    attachments:
      - file: plan.pdf
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.files import RECORD_FILES, files_of, told
from kb_builder.problem import Problem, Severity

CODE = "KB313"
SEVERITY = Severity.ERROR
TITLE = "A file that cannot be sealed"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Files that a release could not hold; reading tells it of the files of records."""
    faults = (
        (file, "is a link that leads out of the client's folder or to nothing, or is no file")
        for file in files_of(catalog)
        if not file.sealable and not (file.path.is_symlink() and file.name.endswith(RECORD_FILES))
    )
    yield from told(catalog, faults, CODE, SEVERITY, "put the file itself there")
