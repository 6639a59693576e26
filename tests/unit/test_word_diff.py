"""Word diffs lose no word and take no time that grows with the square."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.steps import calls

from kb_builder.word_diff import Piece, shortened, word_diff

texts = st.text(alphabet="ab \n", max_size=60)


def words(pieces: tuple[Piece, ...], *kinds: str) -> list[str]:
    return [word for piece in pieces if piece.kind in kinds for word in piece.text.split()]


@given(texts, texts)
def test_no_word_is_lost(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    assert words(pieces, "same", "gone") == before.split()
    assert words(pieces, "same", "new") == after.split()
    assert all(piece.text for piece in pieces)


@given(texts)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert {piece.kind for piece in word_diff(text, text)} <= {"same"}


@given(texts)
def test_wrapping_is_no_change(text: str) -> None:
    assert {piece.kind for piece in word_diff(text, "\n".join(text.split()))} <= {"same"}


def test_only_the_words_that_changed_are_marked() -> None:
    assert word_diff("Call the desk at noon.", "Call the new desk at ten.") == (
        Piece("same", "Call the"),
        Piece("new", "new"),
        Piece("same", "desk at"),
        Piece("gone", "noon."),
        Piece("new", "ten."),
    )


def test_what_stayed_is_shortened_and_what_changed_is_not() -> None:
    pieces = word_diff("a " * 40 + "old " + "b " * 40, "a " * 40 + "new " + "b " * 40)
    assert shortened(pieces, around=2) == (
        Piece("cut", "…"),
        Piece("same", "a a"),
        Piece("gone", "old"),
        Piece("new", "new"),
        Piece("same", "b b"),
        Piece("cut", "…"),
    )


def test_a_very_long_addition_is_cut() -> None:
    shown = shortened(word_diff("", "word " * 5_000), most=50)
    assert [piece.kind for piece in shown] == ["new", "cut", "new"]
    assert len(words(shown, "new")) == 50


def _prose(seed: int) -> list[str]:
    choice = random.Random(seed)
    return [f"w{choice.randrange(900)}" for _ in range(9_000)]


PROSE = _prose(1)
EDITED = [word if number % 50 else "edited" for number, word in enumerate(PROSE)]
LONG = {
    "one word over and over": ("a " * 25_000, "a " * 20_000 + "b"),
    "one line over and over": ("a\n" * 25_000, "b\n" + "a\n" * 20_000 + "c"),
    "two texts with nothing in common": (" ".join(PROSE), " ".join(_prose(2))),
    "the same words in another order": (" ".join(PROSE), " ".join(reversed(PROSE))),
    "one word without end": ("x" * 50_000, "y" * 50_000),
}


@pytest.mark.parametrize("name", LONG)
def test_long_texts_take_no_long_time(name: str) -> None:
    before, after = LONG[name]
    pieces = word_diff(before, after)
    assert calls(lambda: word_diff(before, after)) < 60 * (len(before) + len(after))
    assert words(pieces, "same", "gone") == before.split()
    assert words(pieces, "same", "new") == after.split()


def test_a_long_text_on_one_line_is_still_compared_word_by_word() -> None:
    pieces = word_diff(" ".join(PROSE), " ".join(EDITED))
    assert words(pieces, "new") == ["edited"] * 180
