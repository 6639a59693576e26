"""A picture cannot be read to its end, or is none: it is damaged, was not copied whole, or has the ending of another
sort of file. What it tells beside what it shows is cut out of every picture that a site carries; of one that is not
understood only what was understood would be copied, which may be nothing.

Bad:
    # images/sign-in.png was cut off while it was copied
    title: Sign in
    steps:
      - do: Write your name.
        image: images/sign-in.png
        alt: The sign-in page

Good:
    # images/sign-in.png, saved anew as PNG, JPEG, GIF, WebP or AVIF
    title: Sign in
    steps:
      - do: Write your name.
        image: images/sign-in.png
        alt: The sign-in page
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from kb_builder.catalog import Catalog
from kb_builder.checks.base import field, short
from kb_builder.insight.named import named
from kb_builder.pictures import SUFFIXES, cut
from kb_builder.problem import Problem, Severity
from kb_builder.stated import stated_files

CODE = "KB731"
SEVERITY = Severity.ERROR
TITLE = "A damaged picture"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Pictures that a site would carry, and that could not be copied whole."""
    as_they_are = stated_files(catalog)
    damaged: dict[Path, bool] = {}
    for each in named(catalog):
        if each.path.suffix.lower() not in SUFFIXES or each.path in as_they_are:
            continue
        if each.path not in damaged:
            damaged[each.path] = _is_damaged(each.path)
        if damaged[each.path]:
            message = f"{field(each.pointer)}: {short(each.path.name)} is damaged, or not a picture"
            hint = "save it anew as PNG, JPEG or WebP"
            yield Problem(CODE, SEVERITY, each.place, message, hint, each.record.key)


def _is_damaged(path: Path) -> bool:
    try:
        return not cut(path.read_bytes()).whole
    except OSError:
        return False
