"""What changed, to words."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import markdown
import pytest

from kb_builder.catalog import Catalog, index
from kb_builder.diff_report import FORMATS, Compared, as_html, as_json, as_markdown, as_text, summary
from kb_builder.insight.changes import Changes, compare
from kb_builder.records import KINDS
from kb_builder.records.base import Record

BY_NAME = {kind.kind: kind for kind in KINDS}
NAMES = Compared("Acme", "2026.11", "the draft")
BAD = "<script>alert(1)</script> \"'&` **x** [y](z) | \x1b[31m\u202e\nend"


def make(kind: str, name: str, **fields: Any) -> Record:
    return BY_NAME[kind].model_validate({"id": name, "title": name.capitalize(), **fields})


def of(*records: Record) -> Catalog:
    return index("acme", records, {})


def story() -> Changes:
    text = "Press the {} button for as long as it takes the lamp above the door to go out by itself."
    before = of(
        make("system", "fax"),
        make("system", "old", title="Mail", version="1", owner="jo"),
        make("system", "nas"),
        make("guide", "lamp", trouble=text.format("red"), reviewed="2026-01-01"),
        make("guide", "sure", reviewed="2026-01-01"),
        make("person", "jo"),
    )
    after = of(
        make("system", "mail", version="2", formerly=["old"], owner="jo", tags=["x"]),
        make("system", "nas", status="retired"),
        make("system", "vpn"),
        make("guide", "lamp", trouble=text.format("green"), reviewed="2026-02-01"),
        make("guide", "sure", reviewed="2026-02-01"),
        make("person", "jo"),
    )
    return compare(before, after)


def test_text_is_by_stage_and_kind_with_fields_below() -> None:
    assert as_text(story(), NAMES) == (
        "Acme: from 2026.11 to the draft\n"
        "\n"
        "DISCOVERY\n"
        "  Systems\n"
        "    added             Vpn (vpn)\n"
        "    renamed, was old  Mail (mail)\n"
        "      Tags: + x\n"
        "      Version: 1 → 2\n"
        "    retired           Nas (nas)\n"
        "      Status: live → retired\n"
        "    gone              Fax (fax)\n"
        "\n"
        "DOCUMENTATION\n"
        "  Guides\n"
        "    changed    Lamp (lamp)\n"
        "      Reviewed: 1 Jan 2026 → 1 Feb 2026\n"
        "      Trouble: Press the [-red-] {+green+} button for as long as it takes the … \n"
        "    confirmed  Sure (sure)\n"
        "\n"
        "1 added, 1 changed, 1 retired, 1 renamed, 1 gone, 1 confirmed"
    ).replace("the … \n", "the …\n")


def test_nothing_is_told_of_nothing() -> None:
    assert summary(Changes()) == "nothing changed"
    assert as_text(Changes(), NAMES).endswith("\nnothing changed")
    assert json.loads(as_json(Changes(), NAMES))["changes"] == []
    assert "Nothing changed." in as_html(Changes(), NAMES)


def test_json_holds_every_change() -> None:
    found = json.loads(as_json(story(), NAMES))
    assert (found["client"], found["from"], found["to"]) == ("Acme", "2026.11", "the draft")
    rows = {row["id"]: row for row in found["changes"]}
    assert {name: row["change"] for name, row in rows.items()} == {
        "vpn": "added",
        "mail": "renamed",
        "nas": "retired",
        "fax": "gone",
        "lamp": "changed",
        "sure": "confirmed",
    }
    assert rows["mail"]["former"] == "system/old"
    assert rows["vpn"]["former"] is None
    assert {field["label"]: field for field in rows["mail"]["fields"]}["Version"] == {
        "pointer": ["version"],
        "label": "Version",
        "before": "1",
        "after": "2",
        "removed": [],
        "added": [],
        "reordered": False,
    }


def test_markdown_and_html_mark_what_went_and_came() -> None:
    for make_report in (as_markdown, as_html):
        assert "Press the <del>red</del> <ins>green</ins> button" in make_report(story(), NAMES)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def hostile() -> Changes:
    return compare(
        of(make("system", "a", summary="x", tags=["t"])),
        of(make("system", "a", summary=BAD, title=BAD, tags=[BAD]), make("system", "b", title=BAD)),
    )


def test_html_escapes_what_records_say() -> None:
    page = _Tags()
    page.feed(as_html(hostile(), Compared(BAD, BAD, BAD)))
    assert page.tags <= set("html head meta title style body h1 h2 h3 p ul li strong code ins del".split())
    assert "<script>alert(1)</script>" in page.text


def test_markdown_escapes_what_records_say() -> None:
    page = _Tags()
    page.feed(markdown.markdown(as_markdown(hostile(), Compared(BAD, BAD, BAD))))
    assert page.tags <= {"h1", "h2", "h3", "p", "ul", "li", "strong", "ins", "del"}
    assert "**x** [y](z)" in page.text


def test_text_keeps_a_record_from_disturbing_the_terminal() -> None:
    text = as_text(hostile(), Compared(BAD, BAD, BAD))
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\nend" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_reports_are_the_same_each_time(name: str) -> None:
    assert FORMATS[name](story(), NAMES) == FORMATS[name](story(), NAMES)
