"""Somebody took a training module before it was raised to a new version, and has not taken it since.

Bad:
    # documentation/training/phishing.yaml has `version: "2"`
    # documentation/training_records/ann-phishing.yaml
    title: Ann Lee, phishing
    person: ann-lee
    training: phishing
    version: "1"
    date: 2026-03-02

Good:
    # documentation/training_records/ann-phishing.yaml
    title: Ann Lee, phishing
    person: ann-lee
    training: phishing
    version: "2"
    date: 2026-10-05
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from kb_builder.catalog import Catalog
from kb_builder.checks.base import short
from kb_builder.problem import Problem, Severity
from kb_builder.records.discovery import Person
from kb_builder.records.documentation import Training, TrainingRecord

CODE = "KB508"
SEVERITY = Severity.WARNING
TITLE = "Trained in an older version"


def check(catalog: Catalog, today: dt.date) -> Iterator[Problem]:
    """The latest records of people who are still here, where they name another version than the module's."""
    for training in catalog.all(Training):
        latest: dict[str, TrainingRecord] = {}
        for each in catalog.sources(training, TrainingRecord, "training"):
            if each.passed and (each.person not in latest or each.date >= latest[each.person].date):
                latest[each.person] = each
        for each in latest.values() if training.status == "published" else ():
            person = catalog.resolve(each.person, ("person",))
            if (
                isinstance(person, Person)
                and person.status == "active"
                and each.version not in (None, training.version)
            ):
                message = (
                    f'version: "{short(each.version)}", and the module is at "{short(training.version)}"'
                )
                hint = "have it taken again and write a new record"
                yield Problem(CODE, SEVERITY, catalog.locate(each, ("version",)), message, hint, each.key)
