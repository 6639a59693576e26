"""Notes of releases that were taken back, or sealed anew without something: `releases/withdrawn.yaml`.

A note stays for ever, so that a version that was seen is never given to something else, and whoever kept the old seal
can see what became of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from kb_builder.records.base import Date, Part, Plain
from kb_builder.records.testing import Sha256
from kb_builder.yaml_source import read_file, write_text

WITHDRAWN = "withdrawn.yaml"


class Note(Part):
    """That a release was taken back, or sealed anew without something that was in it."""

    version: Plain = Field(description="The version.")
    what: Literal["withdrawn", "redacted"] = Field(description="Whether it is gone, or sealed anew.")
    date: Date = Field(description="The day it was done.")
    by: Plain = Field(description="Who did it.")
    why: Plain = Field(description="Why it was done.")
    seal: Sha256 = Field(description="The SHA-256 of the release.yaml that was.")
    now: Sha256 | None = Field(None, description="The SHA-256 of the release.yaml that took its place.")
    taken_out: list[Plain] = Field([], description="The records that were taken out, as `kind/id`.")
    signed_by: list[Plain] = Field([], description="Who had signed what was.")


def read_notes(home: Path) -> tuple[Note, ...] | None:
    """The notes in a client's folder of releases, in the order in which they were written; None for a damaged file."""
    path = home / WITHDRAWN
    if not path.is_file():
        return ()
    value = read_file(path, WITHDRAWN).value
    try:
        return tuple(Note.model_validate(item) for item in (value if isinstance(value, list) else ["?"]))
    except ValidationError:
        return None


def notes_text(notes: Iterable[Note]) -> str:
    """What the file holds."""
    lines = [
        write_text({name: value for name, value in each.model_dump(mode="json").items() if value})
        .rstrip("\n")
        .split("\n")
        for each in notes
    ]
    return "".join("- " + "\n  ".join(each) + "\n" for each in lines)
