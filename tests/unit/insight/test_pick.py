"""Values of a certain sort, found without looking at every field."""

from __future__ import annotations

import pytest

from kb_builder.insight.pick import pick
from kb_builder.records.documentation import Training
from kb_builder.records.fields import FieldSpec, walk

TRAINING = Training.model_validate(
    {
        "id": "t",
        "title": "T",
        "description": "**x**",
        "tags": ["a", "b"],
        "links": [{"title": "L", "url": "https://example.com"}],
        "lessons": [{"id": "one", "title": "One", "body": "Text", "systems": ["erp"]}],
        "quiz": [{"ask": "Q?", "answers": [{"text": "A"}, {"text": "B", "correct": "true"}]}],
    }
)


def is_markdown(spec: FieldSpec) -> bool:
    return spec.text in ("markdown", "body")


def is_reference(spec: FieldSpec) -> bool:
    return bool(spec.refs)


def is_anything(spec: FieldSpec) -> bool:
    return spec.part is None


@pytest.mark.parametrize("wanted", [is_markdown, is_reference, is_anything])
def test_it_finds_what_walking_finds(wanted: object) -> None:
    assert callable(wanted)
    assert list(pick(TRAINING, wanted)) == [found for found in walk(TRAINING) if wanted(found[1])]


def test_places() -> None:
    assert [pointer for pointer, _, _ in pick(TRAINING, is_markdown)] == [
        ("description",),
        ("lessons", 0, "body"),
    ]
