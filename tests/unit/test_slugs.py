"""Ids of headings: every script, one rule, none that the theme's scripts look up."""

from __future__ import annotations

import re
from pathlib import Path

import material
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_builder import resources
from kb_builder.slugs import ids, older_ids, slug


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Steps", "steps"),
        ("Don't stop (now)", "dont-stop-now"),
        ("Резервное копирование", "резервное-копирование"),
        ("バックアップ", "バックアップ"),
        ("ﾊﾞｯｸｱｯﾌﾟ", "バックアップ"),
        ("Öffnungszeiten ändern", "öffnungszeiten-ändern"),
        ("O\u0308ffnungszeiten", "öffnungszeiten"),
        ("STRASSE Straße", "strasse-strasse"),
        ("نسخ احتياطي", "نسخ-احتياطي"),
        ("สำรองข้อมูล", "สำรองข้อมูล".replace("\u0e33", "\u0e4d\u0e32")),
        ("हिन्दी पृष्ठ", "हिन्दी-पृष्ठ"),
        ("🟠 Landing 🖥️", "landing"),
        ("1️⃣ First", "1\u20e3-first"),
        ("C++ & C#", "c-c"),
        ("a_b", "a-b"),
        ("__config", "config"),
        ("__tabbed_1_1", "tabbed-1-1"),
        ("x _y_ z", "x-y-z"),
        ("_1", "1"),
        ("kb-moved", "section-kb-moved"),
        ("KB-12", "section-kb-12"),
        ("🟠", "section"),
        ("", "section"),
        ("- – —", "section"),
    ],
)
def test_a_slug(words: str, wanted: str) -> None:
    assert slug(words) == wanted


HEADINGS = st.lists(
    st.one_of(st.text(max_size=12), st.sampled_from(["A", "a", "A 1", "A-1", "a 1 1", "__a", "", "_"]))
)


@given(HEADINGS)
def test_ids_are_each_ones_own_and_none_is_the_themes(headings: list[str]) -> None:
    given_ids = ids([slug(words) for words in headings])
    assert len(set(given_ids)) == len(headings)
    for name in given_ids:
        assert slug(name) == name
        assert not name.startswith(("_", "kb-"))
        assert not re.search(r"[\s{}<>\"'=#%&]", name)


@given(HEADINGS, HEADINGS)
def test_a_heading_that_comes_later_moves_none_that_is_first_of_its_words(
    one: list[str], other: list[str]
) -> None:
    before, after = [slug(words) for words in one], [slug(words) for words in [*one, *other]]
    firsts = {each: after.index(each) for each in before}
    assert all(ids(after)[at] == each for each, at in firsts.items())


@given(HEADINGS, st.permutations(range(4)))
def test_which_ids_there_are_does_not_depend_on_the_order(headings: list[str], order: list[int]) -> None:
    slugs = [slug(words) for words in headings]
    moved = [slugs[at] for at in order if at < len(slugs)] + slugs[4:]
    assert set(ids(slugs)) == set(ids(moved))


def test_ids_that_are_taken_are_passed_over() -> None:
    assert ids(["a", "b", "a"], {"a", "a-1"}) == ["a-2", "b", "a-3"]
    assert ids(["schritte", "schritte-1", "schritte"]) == ["schritte", "schritte-1", "schritte-2"]


def test_older_ids_are_the_renderers_but_never_the_themes() -> None:
    assert older_ids(["Schritte", "Schritte", "Öl", "バ", "ア", "__config", "__search"]) == [
        "schritte",
        "schritte_1",
        "ol",
        "_1",
        "_2",
        "",
        "",
    ]


def test_no_id_that_the_theme_has_or_looks_up_can_be_a_headings() -> None:
    theirs = Path(material.__file__).parent / "templates"
    ours = resources.folder("theme")
    found: set[str] = set()
    for folder in (theirs, ours):
        for path in (*folder.rglob("*.html"), *folder.rglob("*.js")):
            text = path.read_text(encoding="utf-8")
            found.update(re.findall(r'\sid="([^"{\s]+)', text))
            found.update(re.findall(r"""getElementById\(["']([^"']+)["']\)""", text))
            found.update(re.findall(r"""querySelector(?:All)?\(["']#([\w-]+)""", text))
    assert {"__config", "__search", "__drawer", "kb-moved"} <= found
    assert [name for name in found if slug(name) == name] == []
