"""Notes of a release are read by those whom they are for, and by those above them."""

from __future__ import annotations

import datetime as dt

import pytest
from support.story import put

from kb_builder import notes, releases
from kb_builder.records.base import Audience
from kb_builder.workspace import Workspace

DAY = dt.date(2026, 11, 20)
WRITTEN = "The server is new.\n\n# Management\n\nIt cost more.\n\n# consultants #\n\nTom is cross.\n"
BY_AUDIENCE = {
    Audience.STAFF: "The server is new.",
    Audience.MANAGEMENT: "It cost more.",
    Audience.CONSULTANT: "Tom is cross.",
}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("For all.\n", "For all."),
        ("", None),
        ("# Management\nMoney.", {Audience.MANAGEMENT: "Money."}),
        (WRITTEN, BY_AUDIENCE),
        ("# Staff\nYou.\n## Management\nnot a section", "You.\n## Management\nnot a section"),
        ("```sh\n# management\n```\nFor all.", "```sh\n# management\n```\nFor all."),
        ("# Managements\nFor all.", "# Managements\nFor all."),
    ],
)
def test_a_file_of_notes_has_sections(text: str, read: notes.Notes) -> None:
    assert notes.from_text(text) == read


def test_everybody_reads_what_is_for_them_and_for_those_below() -> None:
    told = notes.from_text(WRITTEN)
    assert notes.told(told, Audience.STAFF) == "The server is new."
    assert notes.told(told, Audience.MANAGEMENT) == "The server is new.\n\nIt cost more."
    assert notes.told(told, Audience.CONSULTANT).endswith("Tom is cross.")
    assert notes.up_to(told, Audience.STAFF) == "The server is new."
    assert notes.told("For all.", Audience.STAFF) == notes.told("For all.", Audience.CONSULTANT) == "For all."


def test_notes_are_sealed_in_sections_and_read_again(workspace: Workspace) -> None:
    put(workspace, "discovery/systems/erp.yaml", "title: ERP\n")
    releases.seal(workspace, "demo", "1.0", DAY, "Old  \nform.\n")
    releases.seal(workspace, "demo", "2.0", DAY, notes.from_text(WRITTEN))
    found = releases.load(workspace, "demo")
    assert found.problems == ()
    assert [each.seal.notes for each in found.all] == ["Old\nform.\n", BY_AUDIENCE]
    assert "\nnotes: |\n  Old\n  form.\n" in (found.all[0].folder / "release.yaml").read_text()
    assert "\n  management: It cost more.\n" in (found.all[1].folder / "release.yaml").read_text()
