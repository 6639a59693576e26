"""Record text in a page: it shows as written and changes nothing around it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import markdown
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb_builder.text import NAMED, NAMED_END, escape, inline, one_line, parse, place

PAGE = ["tables", "admonition", "def_list", "sane_lists", "pymdownx.superfences", "pymdownx.details", "toc"]
NASTY = st.lists(
    st.one_of(
        st.sampled_from(list("<>&\"'`*_{}[]()#+-.!|~^=:$@\\/\n\t 0123456789")),
        st.sampled_from(
            [
                "<script>",
                "</div>",
                "<p",
                "{{",
                "{%",
                "```",
                "~~~",
                "---",
                "javascript:",
                "<!--",
                "-->",
                "\u202e",
                "🦷",
            ]
        ),
        st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=5),
    ),
    max_size=40,
).map("".join)


class Words(HTMLParser):
    """Collects tags and words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def seen(text: str) -> Words:
    parser = Words()
    parser.feed(text)
    parser.close()
    return parser


def rendered(page: str) -> str:
    return markdown.markdown(page, extensions=PAGE)


def written(text: str) -> str:
    return " ".join(one_line(text).split())


@settings(max_examples=300)
@given(NASTY)
def test_plain_text_shows_as_written(text: str) -> None:
    found = seen(rendered(f"Before\n\nx {escape(text)} y\n\nAfter"))
    assert found.tags == ["p", "p", "p"]
    assert " ".join("".join(found.words).split()) == " ".join(f"Before x {written(text)} y After".split())


@settings(max_examples=300)
@given(NASTY)
def test_plain_text_at_the_start_of_a_line_is_no_markup(text: str) -> None:
    found = seen(rendered(f"Before\n\n{escape(text)}\n\nAfter"))
    assert set(found.tags) <= {"p"}
    assert " ".join("".join(found.words).split()) == " ".join(f"Before {written(text)} After".split())


@settings(max_examples=200)
@given(NASTY)
def test_plain_text_stays_in_its_cell_attribute_and_block(text: str) -> None:
    page = f'| a | b |\n|---|---|\n| {escape(text)} | end |\n\n<div title="{escape(text)}">\n<p>{escape(text)}</p>\n</div>\n\nAfter'
    found = seen(rendered(page))
    assert found.tags.count("td") == 2
    assert found.tags.count("div") == 1
    assert found.words[-1].strip() == "After" or "After" in found.words


@settings(max_examples=400)
@given(NASTY)
def test_markdown_changes_nothing_around_it(text: str) -> None:
    field = place(parse(text), lambda address: None)
    alone = rendered("Before\n\n## Between\n\nAfter")
    page = rendered(f"Before\n\n{field}\n\n## Between\n\nAfter [x] `code`")
    assert page.startswith("<p>Before</p>")
    assert page.endswith("<p>After [x] <code>code</code></p>")
    assert re.search(r'<h2 id="between(_\d+)?">Between</h2>', page)
    assert "Between" in alone


@settings(max_examples=400)
@given(NASTY)
def test_markdown_gives_no_unsafe_tag_or_attribute(text: str) -> None:
    class Strict(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in (
                "script",
                "style",
                "iframe",
                "object",
                "embed",
                "form",
                "input",
                "svg",
                "math",
                "link",
                "meta",
                "base",
            )
            for name, value in attrs:
                assert not name.startswith("on")
                assert name not in ("style", "srcdoc", "formaction")
                assert name != "id" or re.fullmatch("h[1-6]", tag), "only our own headings have ids"
                if name in ("href", "src"):
                    assert not re.match(r"\s*(javascript|data|vbscript):", value or "", re.IGNORECASE)

    Strict().feed(rendered(place(parse(text, True), lambda address: address)))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "<a href='java&#10;script:alert(1)'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<details ontoggle=alert(1) open>x</details>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "{: onclick=alert(1)}",
    ],
)
def test_known_attacks_are_harmless(text: str) -> None:
    made = rendered(place(parse(text), lambda address: address))
    assert "<script" not in made
    assert not re.search(r"<[^>]+\son\w+=", made)
    assert "javascript:" not in re.sub(r">[^<]*<", "><", made)


def unnamed(placed: str) -> str:
    """A text as it is placed, without the slugs behind its headings."""
    return re.sub(f" {NAMED}[^{NAMED_END}]*{NAMED_END}", "", placed)


def test_good_markdown_stays_what_it_is() -> None:
    text = '## Top\n\n- one\n- two\n\n| a |\n|---|\n| 1 |\n\n!!! note "Hi"\n    Text\n\n```python\nx = {1: 2}\n\n```'
    made = rendered(unnamed(place(parse(text), lambda address: address)))
    assert '<h2 id="top">Top</h2>' in made
    assert "<li>one</li>" in made
    assert "<td>1</td>" in made
    assert '<div class="admonition note">' in made
    assert "x" in html.unescape(made)


def test_headings_begin_where_the_page_wants_them() -> None:
    assert unnamed(place(parse("# A\n\n## B"), lambda a: a, level=3)) == "### A\n\n#### B"
    assert unnamed(place(parse("## A"), lambda a: a, level=2)) == "## A"


def test_a_heading_brings_its_slug() -> None:
    text = '## Öffnungszeiten\n\n## ![](a.png)\n\n## {{ system("erp") }}\n\n<h3>C#</h3>\n\n## F#'
    fragment = parse(text, macros=True)
    assert fragment.headings == ("Öffnungszeiten", "", "erp", "C#", "F#")
    made = place(fragment, lambda a: a, ("x",))
    assert re.findall(f"{NAMED}(.*?){NAMED_END}", made) == ["öffnungszeiten", "section", "erp", "c", "f"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("## C#", "C#"),
        ("## C# ##", "C#"),
        ("## A ##  ", "A"),
        ("##A", "A"),
        ("## A \\#", "A #"),
        ("# C##", "C##"),
    ],
)
def test_a_sharp_at_the_end_of_a_word_is_part_of_it(written: str, words: str) -> None:
    assert parse(written).headings == (words,)


def test_braces_call_macros_outside_code_only() -> None:
    fragment = parse(
        'Call {{ contact("x") }}, not `{{ code }}` or \\{{ this }}.\n\n```\n{{ fenced }}\n```', macros=True
    )
    assert fragment.macros == ('{{ contact("x") }}',)
    page = place(fragment, lambda a: a, ("{{ MACRO }}",))
    assert page.count("{{") == 1
    assert "{{ MACRO }}" in page


def test_braces_mean_nothing_where_macros_do_not_run() -> None:
    assert "{{" not in place(parse("{{ 7*7 }} {% raw %}"), lambda a: a)


def test_links_and_images_go_through_the_resolver() -> None:
    fragment = parse("[a](b.md) ![c](d.png) ![e](https://example.com/f.png)")
    assert fragment.links == ("b.md",)
    assert fragment.images == ("d.png", "https://example.com/f.png")
    page = place(
        fragment,
        {"b.md": "../b.html", "d.png": None, "https://example.com/f.png": "https://example.com/f.png"}.get,
    )
    assert 'href="../b.html"' in page
    assert "<img" not in page
    assert '<a href="https://example.com/f.png" rel="noopener">e</a>' in page


def test_inline_is_one_line_without_headings() -> None:
    made = inline(parse("# A\n\ntext\n\n- x"), lambda a: a)
    assert "\n" not in made
    assert "<h" not in made


def test_right_to_left_text_is_kept_apart() -> None:
    assert one_line("שלום") == "\u2068שלום\u2069"
    assert one_line("a\u202eb") == "\u2068ab\u2069"
    assert one_line("plain") == "plain"
