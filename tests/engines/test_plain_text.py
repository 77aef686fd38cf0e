"""What a voice is given of a text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.engines.plain_text import cut_at_words, plain_text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I'm <b>here</b>", "I'm here"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("hi 😀👍🏽 there", "hi there"),
        ("so\u00adrry \u200bnow", "sorry now"),
        ("a\x00b", "a b"),
        ("a\ud800b", "a b"),
        ("cafe\u0301", "café"),
        ("don`t don´t", "don't don't"),
        ("Привет 你好 مرحبا x", "x"),
        ("٣ days", "3 days"),
    ],
)
def test_only_what_can_be_spoken_is_left(text: str, left: str) -> None:
    assert " ".join(plain_text(text, latin_only=True).split()) == left


def test_other_scripts_stay_for_their_own_voices() -> None:
    assert plain_text("Привет, नमस्ते", latin_only=False) == "Привет, नमस्ते"


@given(st.text(), st.booleans())
def test_what_is_left_can_be_encoded_and_holds_no_control_character(text: str, latin: bool) -> None:
    plain = plain_text(text, latin_only=latin)
    plain.encode()
    assert not any(unicodedata.category(char)[0] == "C" for char in plain)


@given(st.lists(st.text("abc", min_size=1, max_size=12)), st.integers(12, 40))
def test_no_word_is_cut_or_lost(words: list[str], longest: int) -> None:
    pieces = cut_at_words(" ".join(words), longest)
    assert [word for piece in pieces for word in piece.split()] == words
    assert all(len(piece) <= longest for piece in pieces)
