"""A reference names a record that is not there, so a link on the page would lead nowhere.

Bad:
    # analysis/gaps/no-mfa.yaml; the objective is discovery/objectives/safe-access.yaml
    title: Mail opens with a password alone
    objectives: [safe-acess]

Good:
    # analysis/gaps/no-mfa.yaml
    title: Mail opens with a password alone
    objectives: [safe-access]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import BadLink, Catalog
from kb_builder.checks.base import a, field, one_of, short
from kb_builder.problem import GUESSES, Problem, Severity, Words

CODE = "KB201"
SEVERITY = Severity.ERROR
TITLE = "Unknown reference"
LISTED = 12


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """References that name no record of any kind."""
    renamed: dict[tuple[str, str], str] | None = None
    known: dict[tuple[str, ...], Words] = {}
    guessed: dict[tuple[str, tuple[str, ...]], str | None] = {}
    for bad in catalog.bad_links:
        if bad.candidates or _of_another_kind(bad, catalog):
            continue
        if renamed is None:
            renamed = _renamed(catalog)
        question = (bad.value, bad.kinds)
        if bad.kinds not in known:
            known[bad.kinds] = Words(each for kind in bad.kinds for each in catalog.by_kind.get(kind, {}))
        if question not in guessed:
            guessed[question] = _hint(bad, known[bad.kinds], renamed, len(guessed) < GUESSES)
        record = catalog.records[bad.source]
        message = f'{field(bad.pointer)}: no {one_of(bad.kinds)} "{short(bad.value)}"'
        yield Problem(
            CODE, SEVERITY, catalog.locate(record, bad.pointer), message, guessed[question], bad.source
        )


def _of_another_kind(bad: BadLink, catalog: Catalog) -> bool:
    kind, slash, name = bad.value.partition("/")
    return bool(slash) and kind not in bad.kinds and name in catalog.by_kind.get(kind, {})


def _renamed(catalog: Catalog) -> dict[tuple[str, str], str]:
    return {(record.kind, old): record.id for record in catalog.records.values() for old in record.formerly}


def _hint(bad: BadLink, known: Words, renamed: dict[tuple[str, str], str], guess: bool) -> str | None:
    name = bad.value.rpartition("/")[2]
    for kind in bad.kinds:
        if (kind, name) in renamed:
            return f'it was renamed: write "{renamed[kind, name]}"'
    if not known.all:
        return f"there is no {one_of(bad.kinds)} yet; kb add makes one"
    near = known.nearest("-".join(name.split())) if guess else None
    if near:
        return f'did you mean "{near}"?'
    if len(known.all) > LISTED:
        return f"kb add makes {a(bad.kinds[0])}, if it is missing"
    return f"there are: {', '.join(known.all)}"
