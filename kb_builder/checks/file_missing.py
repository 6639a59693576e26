"""A file that a record names is not there, lies outside the client's folder, or is of a kind that sites do not carry.

Bad:
    title: Sign in
    steps:
      - do: Write your name.
        image: images/singin.png
        alt: The sign-in page

Good:
    title: Sign in
    steps:
      - do: Write your name.
        image: images/sign-in.png
        alt: The sign-in page
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import PurePosixPath

from kb_builder.addresses import Ground, Nowhere, ToFile, file_of, ground
from kb_builder.catalog import Catalog
from kb_builder.checks.base import HIDDEN, field, short
from kb_builder.insight.pick import pick
from kb_builder.problem import Problem, Severity
from kb_builder.records.base import Record
from kb_builder.records.fields import FieldSpec

CODE = "KB603"
SEVERITY = Severity.ERROR
TITLE = "A missing file"
NEEDS = ("client",)
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"})
FAULTS = {
    Nowhere.MISSING: ("is not there", "put the file beside the record and write its path from there"),
    Nowhere.OUTSIDE: ("leads out of the client's folder", "copy the file into the client's folder"),
    Nowhere.ABSOLUTE: (
        "is not a path from this record's folder",
        "write the path from this file to the other",
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
}


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Files that a site could not show."""
    on: Ground | None = None
    for record in catalog.records.values():
        for pointer, spec, value in pick(record, _is_file):
            on = on or ground(catalog)
            fault = _fault(catalog, record, spec, value, on)
            if fault:
                message = f'{field(pointer)}: "{short(value)}" {fault[0]}'
                yield Problem(CODE, SEVERITY, catalog.locate(record, pointer), message, fault[1], record.key)


def _is_file(spec: FieldSpec) -> bool:
    return spec.text == "file"


def _fault(
    catalog: Catalog, record: Record, spec: FieldSpec, written: str, on: Ground
) -> tuple[str, str] | None:
    target = file_of(written, record, catalog, on)
    if isinstance(target, ToFile):
        wanted = spec.name in ("image", "logo")
        if wanted and PurePosixPath(target.name).suffix.lower() not in IMAGES:
            return "is not an image", "make it a PNG, JPEG or WebP"
        return None
    if isinstance(target, Nowhere):
        return FAULTS.get(target, ("is not a path of a file", "write the path from this file to the other"))
    return "is not a file of this client's", "write the path of a file; addresses belong in `links` or `url`"
