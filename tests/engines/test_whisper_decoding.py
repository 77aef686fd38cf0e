"""Windows, and telling a wrong decode from a right one, without a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.engines.whisper_decoding import (
    FULL_WINDOW_S,
    LONGEST_TOKENS,
    Decode,
    TrustLimits,
    WindowRule,
    compression_ratio,
    last_sound_s,
    nothing_was_said,
    ran_away,
    reason_to_redo,
    repeats,
    token_limit,
)
from voice_regen.types import STREAM_RATE_HZ

LIMITS = TrustLimits()
SPEECH_S = st.floats(0.0, FULL_WINDOW_S)
TALK = "I do not know what to do, my mother is in hospital again."


def decode(
    text: str = TALK,
    tokens: int = 16,
    log_probability: float = -0.3,
    no_speech: float = 0.02,
    last_timestamp_s: float | None = 4.0,
) -> Decode:
    return Decode(text, tokens, log_probability, no_speech, last_timestamp_s)


def why(wrong: Decode, speech_s: float = 4.0, sound_until_s: float = 4.0) -> str | None:
    return reason_to_redo(wrong, speech_s, sound_until_s, LIMITS)


@given(SPEECH_S, st.floats(0, 10), st.floats(0, 30))
def test_a_window_holds_the_speech_and_is_even(
    speech_s: float, slack_s: float, floor_s: float
) -> None:
    rule = WindowRule(slack_s, floor_s)
    frames = rule.mel_frames(speech_s)
    assert frames % 2 == 0
    assert frames <= 3000
    assert frames / 100 >= min(FULL_WINDOW_S, max(speech_s + slack_s, floor_s)) - 1e-6
    assert frames / 100 <= rule.window_s(speech_s) + 0.02 + 1e-6


@given(SPEECH_S, SPEECH_S)
def test_more_speech_never_gets_a_smaller_window_or_fewer_tokens(a: float, b: float) -> None:
    shorter, longer = sorted((a, b))
    rule = WindowRule(3.0, 10.0)
    assert rule.mel_frames(shorter) <= rule.mel_frames(longer)
    assert token_limit(shorter) <= token_limit(longer) <= LONGEST_TOKENS


def test_the_window_of_a_short_utterance_is_a_third_of_the_full_one() -> None:
    assert WindowRule(3.0, 10.0).mel_frames(3.0) == 1000
    assert WindowRule(3.0, 10.0).mel_frames(12.0) == 1500


def test_a_plain_answer_is_believed() -> None:
    assert why(decode()) is None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (decode("and so I went and so I went and so I went and so I went"), "repetition"),
        (decode("A" * 80), "repetition"),
        (decode(tokens=token_limit(4.0)), "too many tokens for the time"),
        (decode(log_probability=-0.71), "low log-probability"),
        (decode("", no_speech=0.05), "no words for clear speech"),
        (decode(last_timestamp_s=6.5), "timestamp past the end"),
        (decode(last_timestamp_s=1.5), "stopped before the end"),
    ],
)
def test_each_sign_of_a_wrong_decode_is_seen(wrong: Decode, reason: str) -> None:
    assert why(wrong) == reason


def test_a_single_word_may_be_less_sure_than_a_phrase() -> None:
    assert why(decode("Ten.", 3, -0.87, last_timestamp_s=2.0), 0.7, 0.7) is None
    assert why(decode("Ten.", 3, -1.01, last_timestamp_s=2.0), 0.7, 0.7) == "low log-probability"
    assert why(decode(log_probability=-0.69)) is None


def test_a_second_of_overrun_and_a_silent_tail_are_no_signs() -> None:
    assert why(decode("Yes.", 3, -0.7, last_timestamp_s=2.0), 0.7, 0.7) is None
    assert why(decode(last_timestamp_s=4.0), 9.0, 4.2) is None
    assert why(decode(last_timestamp_s=None)) is None
    assert why(decode("", no_speech=0.9)) is None


@given(st.text(max_size=200))
def test_any_text_can_be_judged(text: str) -> None:
    assert compression_ratio(text) >= 0.0
    assert repeats(text) in (True, False)


@given(
    st.lists(st.sampled_from("help me please now wait".split()), min_size=1, max_size=4),
    st.integers(4, 9),
)
def test_four_times_the_same_is_a_repetition(words: list[str], times: int) -> None:
    assert repeats(" ".join(words * times))


def test_three_times_is_how_people_speak() -> None:
    assert not repeats("No, no, no, I never said that.")


@given(st.floats(0, 1), st.floats(-3, 0), st.floats(0, 1), st.floats(0, 3))
def test_less_sure_is_never_more_believed(
    no_speech: float, log_probability: float, more: float, less: float
) -> None:
    if nothing_was_said(decode(no_speech=no_speech, log_probability=log_probability)):
        worse = decode(no_speech=min(1.0, no_speech + more), log_probability=log_probability - less)
        assert nothing_was_said(worse)


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "nothing"),
    [
        (0.89, -0.73, True),  # digital silence: "You"
        (0.94, -0.93, True),  # white noise: "Thank you."
        (0.55, -1.09, True),  # a cough: "Oh"
        (0.54, -1.22, True),  # lips: "Thank you very much."
        (0.00, -0.60, False),  # "Thank you." on the telephone, really said
        (0.13, -0.87, False),  # "ten", said alone
        (0.27, -0.75, False),  # mumbled
        (0.05, -1.00, False),
    ],
)
def test_noise_is_told_from_short_speech(
    no_speech: float, log_probability: float, nothing: bool
) -> None:
    measured = decode(no_speech=no_speech, log_probability=log_probability)
    assert nothing_was_said(measured) is nothing


def test_a_loop_that_never_ended_holds_no_words_but_one_that_ended_does() -> None:
    laugh = "Ha " * 60
    assert ran_away(decode(laugh, tokens=token_limit(4.0)), 4.0, LIMITS)
    assert not ran_away(decode("No, no, no, no, no!", tokens=12), 4.0, LIMITS)
    assert not ran_away(decode(tokens=LONGEST_TOKENS), 30.0, LIMITS)


@given(st.floats(0.1, 5.0), st.floats(0.0, 5.0), st.floats(1e-3, 1.0))
def test_the_last_sound_is_where_silence_begins(
    sound_s: float, silence_s: float, level: float
) -> None:
    noise = np.random.default_rng(1).normal(0, level / 4, round(sound_s * STREAM_RATE_HZ))
    silence = np.zeros(round(silence_s * STREAM_RATE_HZ))
    samples = np.concatenate([noise, silence]).astype(np.float32)
    assert abs(last_sound_s(samples) - sound_s) <= 0.021


def test_silence_and_nothing_have_no_last_sound() -> None:
    assert last_sound_s(np.zeros(16_000, np.float32)) == 0.0
    assert last_sound_s(np.zeros(0, np.float32)) == 0.0
