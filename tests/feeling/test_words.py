"""Reading feeling from words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.feeling.cues import LOWEST, Dimension
from voice_regen.feeling.lexicon import EXPRESSIONS, FILLERS, NEGATIONS
from voice_regen.feeling.words import read_words, tokens_of, word_cues, words_valence
from voice_regen.types import Transcript


def valence(text: str) -> float:
    return words_valence(read_words(Transcript(text)))


def cues(text: str) -> dict[Dimension, float]:
    found: dict[Dimension, float] = {}
    for cue in word_cues(read_words(Transcript(text))):
        found[cue.dimension] = max(found.get(cue.dimension, -2.0), cue.value)
    return found


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("I am very sad", "I am sad"),
        ("I am sad", "I am a bit sad"),
        ("I am sad", "I am not sad"),
        ("I am not happy", "I am happy"),
        ("I'm not good", "I'm good at it"),
        ("It is hopeless", "I am a little tired"),
        ("I can't cope", "I can cope"),
        ("I don’t feel well", "I feel well"),
        ("I never enjoy anything", "I enjoy it"),
    ],
)
def test_one_is_worse_than_the_other(worse: str, better: str) -> None:
    assert valence(worse) < valence(better)


def test_not_sad_is_not_happy() -> None:
    assert 0.0 < valence("I am not sad") < 0.3 < valence("I am happy")


def test_two_negations_undo_each_other() -> None:
    assert valence("I am not never happy") == valence("I am happy")


def test_a_negation_reaches_only_so_far() -> None:
    assert valence("No, that is what he said to me, I am sad") < -0.5


def test_plain_words_say_nothing_of_feeling() -> None:
    reading = read_words(Transcript("The bus leaves at nine from the station."))
    assert reading.found == ()
    assert word_cues(reading) == []


def test_whole_words_only() -> None:
    assert read_words(Transcript("Downtown Sadler hatedness goodwill")).found == ()


def test_the_longest_expression_is_taken() -> None:
    assert [f.text for f in read_words(Transcript("I had a panic attack")).found] == [
        "panic attack"
    ]


def test_despair_is_the_strongest_distress() -> None:
    assert cues("I want to die")[Dimension.DISTRESS] == 1.0


def test_anger_at_the_assistant_is_frustration() -> None:
    for said in ("You don't understand", "That is not what I meant", "You're not listening"):
        assert cues(said)[Dimension.FRUSTRATION] > 0.5
        assert valence(said) < 0.0


def test_fillers_count_against_the_usual() -> None:
    assert Dimension.HESITATION not in cues(
        "I went there um to see my old aunt again on the day after her birthday in May"
    )
    assert cues("Um I uh I don't um know er why")[Dimension.HESITATION] > 0.8
    assert read_words(Transcript("Um")).fillers == 1
    assert Dimension.HESITATION not in cues("Um")


def test_opening_up_and_closing_down() -> None:
    assert cues("I've never told anyone about it")[Dimension.OPENNESS] > 0.8
    assert cues("I'd rather not")[Dimension.OPENNESS] < 0.2
    assert cues("Yes")[Dimension.OPENNESS] < 0.5


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    reading = read_words(Transcript(text))
    assert -1.0 <= words_valence(reading) <= 1.0
    for cue in word_cues(reading):
        assert LOWEST[cue.dimension] <= cue.value <= 1.0
        assert 0.0 < cue.weight <= 1.0


def test_the_lexicon_can_be_matched() -> None:
    """Every expression is written as the reading cuts words, and holds no filler."""
    for words in EXPRESSIONS:
        assert tokens_of(" ".join(words)) == list(words)
        assert not set(words) & FILLERS
    assert all(tokens_of(word) == [word] for word in NEGATIONS)
