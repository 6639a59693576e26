"""The feed is what RFC 4287 asks for, stays stable and holds what the edition holds."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from kb_builder.catalog import Catalog, index
from kb_builder.edition import edition
from kb_builder.feed import feed
from kb_builder.pages.page import Past, Scene, Standing
from kb_builder.records import KINDS
from kb_builder.records.base import Audience, Record

BY_NAME = {kind.kind: kind for kind in KINDS}
ATOM = "{http://www.w3.org/2005/Atom}"
TODAY = dt.date(2026, 11, 23)
URL = "https://docs.example.com/staff/"


def make(kind: str, name: str, **fields: Any) -> Record:
    return BY_NAME[kind].model_validate({"id": name, "title": name.capitalize(), **fields})


def of(*records: Record) -> Catalog:
    return index("acme", (make("client", "acme"), *records), {})


FIRST = (make("system", "erp"), make("system", "fax"))
SECOND = (
    make("system", "erp", version="2"),
    make(
        "log_entry", "patch", title="Patched <b>", date="2026-11-02", systems=["erp"], description="*Done*."
    ),
)


def scene(
    *, standing: Standing = Standing.LATEST, second: tuple[Record, ...] = SECOND, **changes: Any
) -> Scene:
    past = (
        Past("2026.6", dt.date(2026, 6, 26), "The **first**.", of(*FIRST)),
        Past("2026.11", dt.date(2026, 11, 20), "", of(*second)),
    )
    made = Scene(of(*second), Audience.STAFF, TODAY, (), "2026.11", standing, past)
    return replace(made, **changes)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text.encode())


def entries(root: ET.Element) -> list[ET.Element]:
    return root.findall(f"{ATOM}entry")


def text_of(element: ET.Element, name: str) -> str:
    found = element.find(f"{ATOM}{name}")
    assert found is not None
    return found.text or ""


def links(element: ET.Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall(f"{ATOM}link")}


@pytest.mark.parametrize("url", [URL, None])
def test_everything_that_the_rfc_requires_is_there_once(url: str | None) -> None:
    root = parsed(feed(scene(), url))
    assert root.tag == f"{ATOM}feed"
    for element in (root, *entries(root)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
            assert text_of(element, name)
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text_of(element, "id"))
        assert dt.datetime.fromisoformat(text_of(element, "updated")).tzinfo is not None
        assert "alternate" in links(element)
    assert "self" in links(root)
    author = root.find(f"{ATOM}author")
    assert author is not None and text_of(author, "name") == "Acme"
    ids = [text_of(element, "id") for element in (root, *entries(root))]
    assert len(set(ids)) == len(ids)


def test_releases_and_log_entries_are_there_the_latest_first() -> None:
    root = parsed(feed(scene(), None))
    assert [(text_of(each, "title"), text_of(each, "updated")) for each in entries(root)] == [
        ("Acme: version 2026.11", "2026-11-20T00:00:00Z"),
        ("Patched <b>", "2026-11-02T00:00:00Z"),
        ("Acme: version 2026.6", "2026-06-26T00:00:00Z"),
    ]
    assert text_of(root, "updated") == "2026-11-20T00:00:00Z"


def test_a_release_says_its_notes_and_what_changed() -> None:
    latest, log, first = (text_of(each, "content") for each in entries(parsed(feed(scene(), None))))
    assert "<h3>Systems</h3><ul><li><a" not in log
    assert '<li><a href="systems/erp.html">Erp</a>: changed (Version 2)</li>' in latest
    assert "<li>Fax: no longer listed</li>" in latest
    assert "The <strong>first</strong>." in first
    assert "2 systems" in first
    assert "<em>Done</em>" in log and "Erp" in log


def test_links_are_absolute_where_the_site_is_served() -> None:
    root = parsed(feed(scene(), URL))
    assert links(root) == {
        "self": f"{URL}latest/feed.xml",
        "alternate": f"{URL}latest/what-changed/index.html",
    }
    assert links(entries(root)[1])["alternate"] == f"{URL}latest/log_entries/index.html#patch"
    assert f'href="{URL}latest/systems/erp.html"' in text_of(entries(root)[0], "content")
    draft = parsed(feed(scene(standing=Standing.DRAFT, version="draft"), URL))
    assert links(draft)["self"] == f"{URL}draft/feed.xml"


def test_ids_outlive_changes_of_title_address_and_version() -> None:
    def ids(made: Scene, url: str | None) -> set[str]:
        return {text_of(each, "id") for each in entries(parsed(feed(made, url)))}

    renamed = (SECOND[0], SECOND[1].model_copy(update={"title": "Other", "summary": "More"}))
    assert ids(scene(), None) == ids(scene(second=renamed, standing=Standing.OLDER), URL)
    others = ids(scene(audience=Audience.MANAGEMENT), None)
    assert not others & ids(scene(), None)


def test_the_clock_and_the_draft_are_not_in_it() -> None:
    one = scene(standing=Standing.DRAFT, version="draft")
    assert feed(one, URL) == feed(replace(one, today=dt.date(2030, 1, 1)), URL)
    assert "draft" not in feed(one, None)


def test_a_site_without_releases_and_entries_has_a_feed_still() -> None:
    root = parsed(feed(Scene(of(), Audience.STAFF, TODAY), None))
    assert entries(root) == []
    assert text_of(root, "updated") == "1970-01-01T00:00:00Z"
    assert links(root)["alternate"] == "index.html"


def test_hostile_text_stays_text() -> None:
    bad = "]]></content><script>alert(1)</script>&\x00\x0b\ufffe\ud800"
    entry = make("log_entry", "x", date="2026-11-03").model_copy(
        update={
            "title": bad,
            "summary": bad,
            "description": f"{bad} [a](javascript:alert(1)) ![p](../../../etc/passwd)",
        }
    )
    root = parsed(feed(scene(second=(*SECOND, entry)), URL))
    found = next(each for each in entries(root) if "script" in text_of(each, "title"))
    content = text_of(found, "content")
    assert "<script" not in content
    assert "javascript:" not in content
    assert "passwd" not in content


def test_staff_hear_nothing_of_what_they_may_not_see() -> None:
    def staff(*records: Record) -> Catalog:
        return edition(of(*records), Audience.STAFF)

    def heard(second: Catalog) -> str:
        past = (
            Past("1", dt.date(2026, 6, 26), "", staff(*FIRST)),
            Past("2", dt.date(2026, 11, 20), "", second),
        )
        return feed(Scene(second, Audience.STAFF, TODAY, (), "2", Standing.LATEST, past), URL)

    plain = heard(staff(*FIRST))
    hidden = heard(
        staff(
            make("system", "erp", internal_notes="Weak.", depends_on=["spy"]),
            make("system", "fax"),
            make("system", "spy", audience="consultant"),
            make("log_entry", "spied", date="2026-11-05", audience="consultant"),
            make("risk", "fire"),
        )
    )
    assert hidden == plain
