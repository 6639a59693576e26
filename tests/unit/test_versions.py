"""Versions sort as their numbers say."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_builder.versions import Version

IN_ORDER = [
    ["2025.12", "2026.1", "2026.9", "2026.11", "2026.11.1", "2026.11.2", "2026.11.10", "2027.01"],
    ["0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"],
    ["1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "2.0.0"],
]


@pytest.mark.parametrize("texts", IN_ORDER)
def test_versions_sort_by_their_numbers(texts: list[str]) -> None:
    versions = [Version(text) for text in texts]
    assert [str(each) for each in sorted({*versions})] == texts
    assert all(one < other for one, other in itertools.pairwise(versions))


@pytest.mark.parametrize(("one", "other"), [("2026.09", "2026.9"), ("1.0", "1.0.0"), ("1.0.0", "1")])
def test_one_version_may_be_written_in_two_ways(one: str, other: str) -> None:
    assert Version(one) == Version(other)
    assert hash(Version(one)) == hash(Version(other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "draft",
        "v1",
        "1.",
        ".1",
        "1..2",
        "1.2.3.4.5",
        "1/2",
        "../1",
        "1 2",
        "1.0+x",
        "1.0-",
        "9" * 50,
    ],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a version"):
        Version(text)


PARTS = st.lists(st.integers(0, 3000), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_the_order_is_that_of_the_numbers(one: list[int], other: list[int]) -> None:
    texts = [".".join(map(str, each)) for each in (one, other)]
    padded = [each + [0] * (4 - len(each)) for each in (one, other)]
    assert (Version(texts[0]) < Version(texts[1])) == (padded[0] < padded[1])
    assert (Version(texts[0]) == Version(texts[1])) == (padded[0] == padded[1])
