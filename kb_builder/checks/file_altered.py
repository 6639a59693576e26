"""The SHA-256 of a piece of evidence is not its file's: the file was altered after the run, or the wrong one is named.

Bad:
    # evidence/restore.log was altered
    title: Second restore
    evidence:
      - title: The log
        file: evidence/restore.log
        sha256: 0000000000000000000000000000000000000000000000000000000000000000

Good:
    title: Second restore
    evidence:
      - title: The log
        file: evidence/restore.log
        sha256: b5413d8a65a2ae03a8d05cc561ad3120535f15b4b0f4907ec89741998902ffd5
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

from kb_builder.addresses import ToFile, file_of, ground
from kb_builder.catalog import Catalog
from kb_builder.problem import Problem, Severity
from kb_builder.records.testing import TestRun

CODE = "KB604"
SEVERITY = Severity.ERROR
TITLE = "Altered evidence"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """Evidence whose file is there and does not match its SHA-256."""
    runs = [run for run in catalog.all(TestRun) if any(proof.file and proof.sha256 for proof in run.evidence)]
    on = ground(catalog) if runs else None
    for run in runs:
        for number, proof in enumerate(run.evidence):
            if on is None or proof.file is None or proof.sha256 is None:
                continue
            target = file_of(proof.file, run, catalog, on)
            found = _sha256(target.path) if isinstance(target, ToFile) else None
            if found and found != proof.sha256:
                place = catalog.locate(run, ("evidence", number, "sha256"))
                message = f"evidence.{number}.sha256: it is not the file's, which is {found}"
                hint = "find out which of the two was altered; do not write the new one unseen"
                yield Problem(CODE, SEVERITY, place, message, hint, run.key)


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
