"""The ids of a page: written beside its headings, with those that they had before."""

from __future__ import annotations

import re
from html import unescape

import markdown
import pytest

from kb_builder.headings import anchors_of, former, ids_of
from kb_builder.outline import outlined
from kb_builder.records.documentation import Guide
from kb_builder.text import parse, place


def page(text: str, around: str = "") -> str:
    return f"# Title\n\n{place(parse(text), lambda address: address)}\n\n## Steps\n\n{around}"


def html_ids(text: str) -> list[str]:
    html = markdown.markdown(text, extensions=["attr_list", "toc"])
    return re.findall(r'<h[1-6] id="([^"]*)"', html)


def test_every_heading_gets_its_id_records_first() -> None:
    made = outlined(page("## Steps\n\n## Öl\n\n## Öl"), {}, renamed=False)
    assert html_ids(made.text) == ["title", "steps", "öl", "öl-1", "steps-1"]
    assert made.anchors == {"title", "steps", "öl", "öl-1", "steps-1"}
    assert "kb-former" not in made.text


def test_the_ids_of_a_table_are_passed_over() -> None:
    made = outlined(page("## Run 1", '<table><tr id="run-1"></tr></table>'), {}, renamed=False)
    assert "run-1-1" in html_ids(made.text)


@pytest.mark.parametrize(
    "words",
    [
        "x {: #y }",
        "x {#y}",
        "x {: onclick=alert(1) }",
        "{: .a }",
        "x { #y",
        "`{: #y }`",
        "a } {: b",
        "{{ x }}",
        '"{: a="b" }"',
    ],
)
def test_what_a_heading_says_sets_no_attribute(words: str) -> None:
    made = outlined(page(f"## {words}"), {}, renamed=False)
    html = markdown.markdown(made.text, extensions=["attr_list", "toc"])
    shown = [re.sub("<[^>]*>", "", each) for each in re.findall(r"<h2[^>]*>(.*?)</h2>", html)]
    assert len(shown) == 2
    assert not re.search(r"<h2[^>]*\s(?!id=)\w+=", html)
    assert unescape(shown[0]) == words.strip("`")


def test_text_that_looks_like_a_heading_is_none() -> None:
    html = "<details>\n<summary>a</summary>\n</details>\n# loose {: #x }"
    made = outlined(place(parse(html), lambda address: address) + "\n\n## Steps", {}, renamed=False)
    assert made.anchors <= {"steps", "loose-x", "loose"}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("öffnungszeiten", "öffnungszeiten"),
        ("Öffnungszeiten", "öffnungszeiten"),
        ("o\u0308ffnungszeiten", "öffnungszeiten"),
        ("offnungszeiten", "öffnungszeiten"),
        ("_1", "時間"),
        ("steps", "steps"),
        ("sunday", None),
        ("__config", None),
    ],
)
def test_what_a_link_may_call_a_heading(written: str, found: str | None) -> None:
    assert outlined(page("## Öffnungszeiten\n\n## 時間"), {}, renamed=False).find(written) == found


def test_ids_of_before_stay_as_targets_unless_they_are_anothers() -> None:
    made = outlined(page("## Öl\n\n## Gas"), {"gas": ["wasser", "öl"]}, renamed=True)
    assert re.findall(r'<div class="kb-former" id="([^"]*)"></div>\n\n## (\w+)', made.text) == [
        ("ol", "Öl"),
        ("wasser", "Gas"),
    ]
    assert {"ol", "wasser"} <= made.anchors


def test_no_id_of_before_is_the_themes() -> None:
    made = outlined(page("## __config\n\n## __search"), {}, renamed=True)
    assert 'id="__' not in made.text


def guide(body: str, **more: str) -> Guide:
    return Guide.model_validate({"id": "g", "title": "G", "body": body, **more})


@pytest.mark.parametrize(
    ("before", "now", "kept"),
    [
        ("## A\n\n## B", "## A\n\n## B", {}),
        ("## A\n\n## B\n\n## C", "## A\n\n## Bee\n\n## C", {"bee": ["b"]}),
        ("## A\n\n## A", "## A", {}),
        ("## A\n\n## B", "## New\n\n## A\n\n## B", {}),
        ("## B", "", {}),
        ("## A\n\n## A", "## X\n\n## A\n\n## A", {}),
    ],
)
def test_which_heading_was_called_what(before: str, now: str, kept: dict[str, list[str]]) -> None:
    assert former(guide(now), [guide(before)]) == kept


def test_headings_in_every_text_of_a_page_count() -> None:
    record = guide("## A", description="## B", internal_notes="## C")
    assert ids_of(record) == {"a", "b", "c"}
    assert "g" in anchors_of(record)


@pytest.mark.parametrize("words", ["C#", "C++ & C#", "a ##", "#", "F# and C#"])
def test_a_sharp_at_the_end_of_a_heading_shows(words: str) -> None:
    html = markdown.markdown(outlined(f"## {words}", {}, renamed=False).text, extensions=["attr_list"])
    assert unescape(re.sub(r"<[^>]*>", "", html)).strip() == words
