"""What is changed in a text is changed there alone, and no comment goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kb_builder.yaml_edit import as_parts, edit_text, rename
from kb_builder.yaml_source import Value, writer


def setting(name: str, value: object) -> Callable[[Any], None]:
    def edit(record: Any) -> None:
        record[name] = value

    return edit


def test_a_field_is_renamed_where_it_stands() -> None:
    plain: dict[str, Any] = {"a": "1", "b": "2", "c": "3"}
    written = writer().load("a: 1\nb: 2 # two\nc: 3\n")
    for record in (plain, written):
        rename(record, "b", "new")
        assert list(record) == ["a", "new", "c"]
    assert plain["new"] == "2"


def test_items_become_parts() -> None:
    items = ["a", "b"]
    assert as_parts(items, "id") == [{"id": "a"}, {"id": "b"}]
    assert items == ["a", "b"]
    assert as_parts(writer().load("- a\n- b # two\n"), "id") == [{"id": "a"}, {"id": "b"}]


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a:   one\nb: two\n", "a:   one\nb: new\n"),
        ("a:   one\nb: two # why\nc:   'x'", "a:   one\nb: new # why\nc:   'x'\n"),
        ("\n# top\na:   [x,y]\n\n# about b\nb: two\n\n\n", "\n# top\na:   [x,y]\n\n# about b\nb: new\n\n\n"),
        ("a:   one", "a:   one\nb: new\n"),
        ("a:   one\n...\n", "a: one\nb: new\n"),
    ],
)
def test_only_the_field_that_differs_is_written_anew(text: str, new: str) -> None:
    wanted = {"a": ["x", "y"] if "[x" in text else "one", "b": "new", **({"c": "x"} if "c:" in text else {})}
    assert edit_text(text, setting("b", "new"), wanted) == new


def test_a_record_in_a_list_is_changed_alone() -> None:
    def edit(records: Any) -> None:
        records[1]["b"] = "new"

    wanted: Value = [{"a": "one", "b": "x"}, {"a": "two", "b": "new"}]
    for dash in ("-   ", "  - ", "- "):
        text = f"# all\n{dash}a:  one\n{' ' * len(dash)}b:  x\n{dash}a:  two # 2\n{' ' * len(dash)}b:  y\n"
        assert edit_text(text, edit, wanted) == text.replace("b:  y", "b: new")


def test_a_comment_that_would_be_lost_comes_to_the_top() -> None:
    def edit(record: Any) -> None:
        del record["b"]

    assert edit_text("a: one\nb: two # why – not\n", edit, {"a": "one"}) == "# why – not\na: one\n"


def test_the_text_below_front_matter_stays() -> None:
    text = "---\na:  one\nb: two\n--- \n\n# No comment\n---\nb: two\n"
    assert edit_text(text, setting("b", "new"), {"a": "one", "b": "new"}, markdown=True) == (
        "---\na:  one\nb: new\n---\n\n# No comment\n---\nb: two\n"
    )


@pytest.mark.parametrize(
    ("text", "markdown"), [("a: [", False), ("a: one\na: two\n", False), ("no front matter", True)]
)
def test_a_text_that_cannot_be_changed_is_refused(text: str, markdown: bool) -> None:
    with pytest.raises(ValueError, match=r"YAML|front matter"):
        edit_text(text, setting("b", "new"), {"a": "one", "b": "new"}, markdown=markdown)


def test_what_would_come_out_otherwise_than_wanted_is_refused() -> None:
    with pytest.raises(ValueError, match="without losing"):
        edit_text("a: one\n", setting("b", "new"), {"a": "one", "b": "other"})
