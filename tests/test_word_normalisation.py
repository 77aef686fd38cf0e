"""How the recognition bench writes a text before it counts wrong words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parent.parent / "scripts" / "bench"))

from word_normalisation import normalised, word_errors


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("It's eleven o'clock.", "it is 11 o'clock"),
        ("I think I've seen this before.", "I think I have seen this before"),
        ("We’ll stop in a couple of minutes", "we will stop in a couple of minutes!"),
        ("extension one zero five", "Extension 105."),
        ("forty two", "42"),
        ("seventy", "70"),
        ("zero seven", "07"),
        ("Don't", "do not"),
        ("You cannot", "you can't"),
        ("pound key", "# key"),
        ("voicemail", "Voice mail"),
    ],
)
def test_what_sounds_the_same_is_written_the_same(said: str, heard: str) -> None:
    assert normalised(said) == normalised(heard)
    assert word_errors(normalised(said), normalised(heard)) == 0


def test_other_words_stay_other_words() -> None:
    assert normalised("the doctor's appointment") == "the doctor's appointment"
    assert word_errors(normalised("I'm on my way"), normalised("I'm on the way home")) == 2


@given(st.text(max_size=100))
def test_any_text_becomes_plain_words_and_stays_so(text: str) -> None:
    once = normalised(text)
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz' ")
    assert once == " ".join(once.split())


@given(st.integers(0, 99))
def test_numbers_to_ninety_nine_are_one_or_two_words(number: int) -> None:
    assert 1 <= len(normalised(str(number)).split()) <= 2
