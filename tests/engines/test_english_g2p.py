"""English to Kokoro's phonemes."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from voice_regen.engines.english_g2p import EnglishPhonemes
from voice_regen.engines.kokoro import _load_vocabulary


@cache
def g2p() -> EnglishPhonemes:
    return EnglishPhonemes()


def sounds(text: str) -> str:
    return g2p().phonemes(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It’s fine.", "It's fine."),
        ("I am on the 21st.", "I am on the twenty first."),
        ("It costs $45.", "It costs forty five dollars."),
        ("It costs $1.", "It costs one dollar."),
        ("50% of it", "fifty percent of it"),
        ("1,000 days", "one thousand days"),
        ("You  and\tme", "You and me"),
    ],
)
def test_written_otherwise_said_the_same(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("the apple", "ði "),
        ("the pear", "ðə "),
        ("I hear you.", "I hˈɪɹ ju."),
        ("don't", "dˈOnt"),
        ("what?", "?"),
    ],
)
def test_sound_by_context(text: str, part: str) -> None:
    assert part in sounds(text)


def test_i_is_never_swallowed() -> None:
    for text in ("I hear you.", "So I think I'm fine.", "I'd say I've seen it."):
        assert sounds(text).count("I") >= 1


def test_names_come_from_espeak() -> None:
    assert len(sounds("Siobhan Krzyzewski")) > 8
    assert sounds("Siobhan's") == sounds("Siobhan") + "z"


@hypothesis_settings(max_examples=60)
@given(st.text(max_size=40))
def test_any_text_gives_only_what_the_voice_knows(text: str) -> None:
    vocabulary = _load_vocabulary()
    unknown = {each for each in sounds(text) if each not in vocabulary}
    assert not unknown


@given(st.lists(st.sampled_from("I you the a hear, feel. sad? apple it's don't 21".split())))
def test_punctuation_is_kept(words: list[str]) -> None:
    text = " ".join(words)
    for mark in ",.?":
        assert sounds(text).count(mark) == text.count(mark)
