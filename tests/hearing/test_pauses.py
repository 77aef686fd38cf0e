"""Pause measures and syllables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.hearing.pauses import count_syllables, measure_pauses
from voice_regen.types import STREAM_RATE_HZ, Span, Transcript, Utterance


def utterance(*spans: tuple[float, float], latency_s: float | None = None) -> Utterance:
    speech = tuple(Span(round(a * STREAM_RATE_HZ), round(b * STREAM_RATE_HZ)) for a, b in spans)
    end = speech[-1].end_sample
    return Utterance(np.zeros(end, np.float32), 0, end, speech, 1, 0, latency_s)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("make", 1),
        ("takes", 1),
        ("little", 2),
        ("happened", 2),
        ("wanted", 2),
        ("wishes", 2),
        ("appointment", 3),
        ("I", 1),
        ("the", 1),
        ("", 0),
        ("1984", 0),
    ],
)
def test_syllables(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


def test_only_silences_of_a_fifth_of_a_second_count() -> None:
    pauses = measure_pauses(
        utterance((0, 1), (1.1, 2), (2.5, 3), (4.5, 5), latency_s=1.5), Transcript("one two three")
    )
    assert pauses.count == 2
    assert pauses.longest_s == pytest.approx(1.5)
    assert pauses.total_s == pytest.approx(2.0)
    assert pauses.speech_s == pytest.approx(2.9)
    assert pauses.response_latency_s == 1.5
    assert pauses.speech_rate_syll_s == pytest.approx(3 / 2.9)


def test_without_words_there_is_no_rate() -> None:
    assert measure_pauses(utterance((0, 1)), Transcript("")).speech_rate_syll_s is None


@given(st.text())
def test_any_text_has_a_number_of_syllables(text: str) -> None:
    assert count_syllables(text) >= 0
