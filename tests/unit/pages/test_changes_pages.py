"""The pages that tell what changed, each system's history, and the line on the first page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from support.sites import ROOT

from kb_builder.catalog import Catalog, index
from kb_builder.edition import edition
from kb_builder.pages import plan
from kb_builder.pages.page import NavItem, Past, Scene, Standing
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record
from kb_builder.render import render
from kb_builder.versions import DRAFT

BY_NAME = {kind.kind: kind for kind in KINDS}
TODAY = dt.date(2026, 11, 23)
DAYS = {"2026.3": dt.date(2026, 3, 27), "2026.6": dt.date(2026, 6, 26), "2026.11": dt.date(2026, 11, 20)}


def make(kind: str, name: str, **fields: Any) -> Record:
    return BY_NAME[kind].model_validate({"id": name, "title": name.capitalize(), **fields})


def of(*records: Record, audience: Audience = Audience.CONSULTANT) -> Catalog:
    return edition(index("acme", (make("client", "acme"), *records), {}), audience)


STORY: tuple[tuple[Record, ...], ...] = (
    (make("system", "old-erp", title="ERP", version="1"), make("system", "fax"), make("asset", "till")),
    (
        make("system", "erp", title="ERP", version="2", formerly=["old-erp"]),
        make("system", "fax"),
        make("system", "till", formerly=["asset/till"]),
    ),
    (
        make("system", "erp", title="ERP", version="2", formerly=["old-erp"]),
        make("system", "till", formerly=["asset/till"]),
    ),
    (
        make("system", "shop-erp", title="ERP", version="2", formerly=["erp", "old-erp"]),
        make("system", "till", formerly=["asset/till"]),
        make("system", "vpn"),
    ),
)


def scene(
    until: str = DRAFT,
    story: tuple[tuple[Record, ...], ...] = STORY,
    audience: Audience = Audience.CONSULTANT,
    notes: str = "Notes.",
) -> Scene:
    """The scene of a version of a story of three releases and a draft."""
    names = list(DAYS)[: len(DAYS) if until == DRAFT else list(DAYS).index(until) + 1]
    past = tuple(
        Past(name, DAYS[name], notes, of(*records, audience=audience))
        for name, records in zip(names, story, strict=False)
    )
    catalog = of(*story[-1], audience=audience) if until == DRAFT else past[-1].catalog
    standing = Standing.DRAFT if until == DRAFT else Standing.LATEST
    today = TODAY if until == DRAFT else DAYS[until]
    return Scene(catalog, audience, today, (), until, standing, past)


def rendered(made: Scene) -> Mapping[str, str]:
    pages, _ = plan(made)
    return render(pages, made, ROOT / "site_templates").texts


def told(made: Scene) -> list[str]:
    return sorted(path for path in rendered(made) if path.startswith("what-changed/"))


def entry(made: Scene) -> NavItem | None:
    return next((item for item in plan(made)[1] if item.title == "What changed"), None)


def words(markdown: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markdown)).replace("\u00a0", " ")


def test_without_a_release_there_is_no_section_and_no_line_anywhere() -> None:
    made = Scene(of(*STORY[0]), Audience.STAFF, TODAY)
    texts = rendered(made)
    assert entry(made) is None
    assert not any("what-changed" in text for text in texts.values())
    assert "## History" not in texts["systems/fax.md"]


def test_the_draft_tells_of_every_release_and_of_itself() -> None:
    made = scene()
    assert told(made) == [
        "what-changed/2026.11.md",
        "what-changed/2026.3.md",
        "what-changed/2026.6.md",
        "what-changed/draft.md",
        "what-changed/index.md",
    ]
    found = entry(made)
    assert found is not None
    assert [(item.title, item.path) for item in found.items] == [
        ("All versions", "what-changed/index.md"),
        ("Since 2026.11", "what-changed/draft.md"),
        ("2026.11", "what-changed/2026.11.md"),
        ("2026.6", "what-changed/2026.6.md"),
        ("2026.3", "what-changed/2026.3.md"),
    ]


def test_a_release_tells_of_those_up_to_itself() -> None:
    assert told(scene("2026.6")) == [
        "what-changed/2026.3.md",
        "what-changed/2026.6.md",
        "what-changed/index.md",
    ]


def test_the_first_release_says_that_it_is_and_lists_no_additions() -> None:
    text = rendered(scene())["what-changed/2026.3.md"]
    assert "This is the first release." in text
    assert "It holds 2 systems, 1 equipment." in text
    assert "Record by record" not in text


def test_a_release_is_told_with_its_date_and_notes_first() -> None:
    text = words(rendered(scene())["what-changed/2026.6.md"])
    assert re.search(
        r"# What changed in 2026.6 \{: #\S+ \} 26 Jun 2026, against 2026.3 of 27 Mar 2026. Notes. ## Systems \{",
        text,
    )
    assert "changed ERP Version 1 to 2" in text


def test_notes_are_sanitised() -> None:
    text = rendered(scene(notes="<script>alert(1)</script> [x](javascript:alert(1)) {{ 1 }}"))[
        "what-changed/2026.6.md"
    ]
    assert "<script" not in text
    assert "javascript" not in text
    assert "{{" not in text


def test_links_lead_to_where_records_are_in_this_version_or_nowhere() -> None:
    texts = rendered(scene())
    assert '<a href="../systems/shop-erp.html">ERP</a>' in texts["what-changed/2026.6.md"]
    assert "systems/erp.html" not in texts["what-changed/2026.6.md"]
    assert 'href="../systems/fax.html"' not in "".join(texts[path] for path in told(scene()))
    assert '<a href="../systems/erp.html">ERP</a>' in rendered(scene("2026.6"))["what-changed/2026.6.md"]


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and value:
                self.links.append(value)
            if name == "id" and value:
                self.anchors.add(value)


def test_a_system_tells_its_history_under_all_its_names() -> None:
    texts = rendered(scene())
    history = texts["systems/shop-erp.md"].split("## History {: #history }")[1]
    assert words(history).strip() == (
        "23 Nov 2026 Since 2026.11 : has a new address "
        "26 Jun 2026 2026.6 : has a new address, Version 1 to 2 "
        "27 Mar 2026 2026.3 : in the first release"
    ).replace("address, Version", "address; Version")
    for link in _Links(history).links:
        path, _, anchor = link.removeprefix("../").partition("#")
        page = texts[path.replace(".html", ".md")]
        assert not anchor or anchor in _Links(page).anchors


@pytest.mark.parametrize(("name", "expected"), [("vpn", "new"), ("till", "was listed under equipment")])
def test_a_system_tells_where_it_came_from(name: str, expected: str) -> None:
    assert f": {expected}" in words(
        rendered(scene())[f"systems/{name}.md"].split("## History {: #history }")[1]
    )


def test_the_first_page_tells_of_the_version() -> None:
    draft, release = rendered(scene())["index.md"], rendered(scene("2026.6"))["index.md"]
    assert '<a href="what-changed/draft.html">What changed since version 2026.11</a>' in draft
    assert "Version 2026.6 of 26 Jun 2026: what changed" in words(release).replace(" :", ":")
    assert 'href="what-changed/2026.6.html"' in release


def test_a_version_in_which_nothing_changed_says_so() -> None:
    made = scene(story=(STORY[0], STORY[0], STORY[0], STORY[0]))
    texts = rendered(made)
    for name in ("2026.6", "draft"):
        assert "Nothing changed on these pages." in texts[f"what-changed/{name}.md"]
    assert "Nothing changed on these pages." in texts["what-changed/index.md"]


def test_long_lists_are_folded_but_for_systems() -> None:
    many = tuple(make(kind, f"{kind}{number}") for kind in ("system", "role") for number in range(40))
    text = rendered(scene(story=((), many, many, many)))["what-changed/2026.6.md"]
    records = text.split("## Record by record")[1]
    systems, roles = records.split("### Systems")[1].split("### Roles")
    assert "<details" not in systems
    assert "<summary>28 more</summary>" in roles
    assert len(re.findall(r'id="kb-', records)) == 80


def test_what_records_say_stays_text() -> None:
    bad = "<b>&</b> {{ x }} `code` [a](b) *c*"
    before = (make("system", "erp", summary="Plain."),)
    after = (make("system", "erp", title=bad, summary=bad, tags=[bad]), make("system", "new", title=bad))
    made = scene(story=(before, after, after, after))
    text = rendered(made)["what-changed/2026.6.md"]
    assert "<b>&</b>" not in text
    assert "{{" not in text
    assert "`code`" not in text
    assert "[a](b)" not in text


BEFORE = (make("system", "erp"), make("guide", "g", body="Call [it](../x.yaml).<!-- a -->"))
HIDDEN: dict[str, tuple[Record, ...]] = {
    "a field for consultants": (make("system", "erp", internal_notes="Weak."), BEFORE[1]),
    "a field for management": (make("system", "erp", network=[{"address": "10.0.0.1"}]), BEFORE[1]),
    "a record for consultants": (*BEFORE, make("system", "spy", audience="consultant")),
    "a reference to it": (
        make("system", "erp", depends_on=["spy"]),
        BEFORE[1],
        make("system", "spy", audience="consultant"),
    ),
    "records of management": (*BEFORE, make("risk", "fire"), make("project", "p"), make("test", "t")),
    "an entry in the log": (
        *BEFORE,
        make("log_entry", "l", date="2026-05-01", audience="consultant", systems=["erp"]),
    ),
    "a link and a comment": (BEFORE[0], make("guide", "g", body="Call [it](../y.yaml).<!-- b -->")),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_staff_see_the_same_pages_whether_or_not_something_hidden_changed(name: str) -> None:
    def pages(second: tuple[Record, ...]) -> dict[str, str]:
        made = scene(story=(BEFORE, second, second, second), audience=Audience.STAFF)
        texts = rendered(made)
        shown = [*told(made), "index.md", "systems/erp.md"]
        return {path: texts[path] for path in shown}

    assert pages(HIDDEN[name]) == pages(BEFORE)
    other = scene(story=(BEFORE, HIDDEN[name], HIDDEN[name], HIDDEN[name]))
    if name != "a link and a comment":
        assert "Nothing changed" not in rendered(other)["what-changed/2026.6.md"]


def test_a_candidate_is_told_as_a_release_and_not_as_the_draft() -> None:
    made = replace(scene("2026.6"), standing=Standing.CANDIDATE)
    assert told(made) == told(scene("2026.6"))
