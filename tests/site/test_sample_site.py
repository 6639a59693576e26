"""The built sample: links, search, versions, and nothing from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.links import loads_from_elsewhere

from kb_builder.links import dead_links
from kb_builder.records.base import Audience

pytestmark = pytest.mark.xdist_group("sample")


@pytest.mark.parametrize("audience", list(Audience))
def test_no_link_is_dead(sample_sites: dict[Audience, Path], audience: Audience) -> None:
    assert dead_links(sample_sites[audience], sample_sites[audience].parent) == []


@pytest.mark.parametrize("audience", list(Audience))
def test_nothing_is_loaded_from_elsewhere(sample_sites: dict[Audience, Path], audience: Audience) -> None:
    assert loads_from_elsewhere(sample_sites[audience]) == []


def test_the_version_is_listed_as_mike_lists_it(sample_sites: dict[Audience, Path]) -> None:
    listed = json.loads((sample_sites[Audience.STAFF].parent / "versions.json").read_text())
    assert listed == [
        {"version": "draft", "title": "Draft", "aliases": []},
        {"version": "2026.09", "title": "2026.09", "aliases": ["latest"]},
        {"version": "2026.06", "title": "2026.06", "aliases": []},
        {"version": "2026.03", "title": "2026.03", "aliases": []},
    ]


def test_search_finds_a_system_by_its_title(sample_sites: dict[Audience, Path]) -> None:
    index = json.loads((sample_sites[Audience.STAFF] / "search" / "search_index.json").read_text())
    titles = {entry["title"] for entry in index["docs"] if entry["location"].startswith("systems/")}
    assert len(titles) > 20


def test_a_higher_audience_sees_more(sample_sites: dict[Audience, Path]) -> None:
    counts = [len(list(sample_sites[audience].rglob("*.html"))) for audience in Audience]
    assert counts[0] < counts[1] < counts[2]
