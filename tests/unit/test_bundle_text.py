"""Markdown for readers: the same to see, and nothing else to find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_builder.exporters.bundle_text import for_readers
from kb_builder.text import parse

MOVED = {"../a.md": "../guides/a.md", "../hidden.yaml": None, "a b.png": "../a%20b.png"}
SEEN = (
    "x",
    "**b**",
    "`code`",
    "[w](../a.md)",
    "![p](a b.png)",
    "[r]",
    "[r]: ../a.md",
    "| a |\n|--|\n| 1 | 2 |",
)
UNSEEN = (
    "<!-- canary -->",
    "[//]: # (canary)",
    "<script>canary</script>",
    "[h](../hidden.yaml)",
    "<b data-x='canary'>",
)


def moved(address: str) -> str | None:
    return MOVED.get(address, address)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain, 2 < 3", "plain, 2 < 3"),
        ("a  \nb <!-- note --> c", "a  \nb  c"),
        ("one\n\n[//]: # (note)\n", "one\n\n\n"),
        ("see [the **risk**](../hidden.yaml 'why').", "see the **risk**."),
        ("![words](../hidden.yaml)", "words"),
        ("[a](../a.md#top 'Title')", "[a](../a.md#top 'Title')"),
        ("[a](../a.md 'Title') `[a](../a.md)`", "[a](../guides/a.md 'Title') `[a](../a.md)`"),
        ("[a][r]\n\n[r]: ../a.md", "[a][r]\n\n[r]: ../guides/a.md"),
        ("[a][r]\n\n[r]: ../hidden.yaml", "[a][r]\n\n[r]: #"),
        ('<a href="../a.md">a</a>', '<a href="../guides/a.md">a</a>'),
        ("[![p](<a b.png>)](../hidden.yaml)", "![p](../a%20b.png)"),
        ("``` yaml\n<!-- shown -->\n```\n", "``` yaml\n<!-- shown -->\n```\n"),
        ('```python title="shown"\nx = 1\n```\n', '```python title="shown"\nx = 1\n```\n'),
        ("1. one\n2. two\n\n!!! note\n    three\n", "1. one\n2. two\n\n!!! note\n    three\n"),
    ],
)
def test_what_a_text_becomes(text: str, wanted: str) -> None:
    assert for_readers(text, moved) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "| a |\n|--|\n| 1 | canary |",
        "<script>canary</script> words",
        "<b data-note='canary' onclick=canary()>words</b>",
        "[words](javascript:canary)",
        "<!<!-- x -->-- canary -->",
        "<!-- canary",
        "words\n\n[used]: https://example.com\n[canary]: https://example.com 'canary'\n",
        "words [see](../hidden.yaml)\n\n<!-- canary -->\n\n`<!-- shown -->`",
    ],
)
def test_no_word_that_is_not_shown_is_left(text: str) -> None:
    made = for_readers(text, moved)
    assert ("canary" in made) == ("canary" in parse(text).html)
    assert "hidden.yaml" not in made


def test_macros_stay_and_those_in_comments_go() -> None:
    text = '{{ system("erp").version }} <!-- {{ system("secret").title }} --> [w](../hidden.yaml)'
    assert for_readers(text, moved, macros=True) == '{{ system("erp").version }}  w'


@given(
    st.lists(st.sampled_from([*SEEN, *UNSEEN, "\n", "\n\n", " ", "- ", "> ", "```\n", "    "]), max_size=12)
)
def test_readers_see_the_same_and_a_second_time_changes_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    made = for_readers(text, moved)
    seen = parse(made).html
    assert ("canary" in made) <= ("canary" in parse(text).html)
    assert "hidden.yaml" not in seen.replace("<code>", "") or "hidden.yaml" in parse(text).html
    assert for_readers(made, lambda address: address) == made
