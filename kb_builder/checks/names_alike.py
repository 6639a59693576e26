"""Two files have names that some computers take for one: they differ only in case, or in how Unicode writes a letter.

On Windows and macOS one of them is lost, and in a site each has the other's address.

Bad:
    # documentation/guides/images holds Plan.pdf and plan.pdf
    attachments:
      - file: images/Plan.pdf

Good:
    # documentation/guides/images holds plan-cellar.pdf and plan-roof.pdf
    attachments:
      - file: images/plan-cellar.pdf
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.insight.files import RECORD_FILES, File, files_of, shortened, told
from kb_builder.names import alike
from kb_builder.problem import Problem, Severity

CODE = "KB312"
SEVERITY = Severity.ERROR
TITLE = "Two names that are one on some computers"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Files whose paths are one where case, or the form of Unicode, does not tell names apart; KB205 is about records."""
    yield from told(catalog, _faults(catalog), CODE, SEVERITY, "rename one of the two, and what names it")


def _faults(catalog: Catalog) -> Iterator[tuple[File, str]]:
    first: dict[str, File] = {}
    for file in files_of(catalog):
        other = first.setdefault(alike(file.name), file)
        if other is not file and not file.name.endswith(RECORD_FILES):
            yield file, f'differs only in case or Unicode form from "{shortened(other.shown)}"'
