"""Whisper base on the bundled recording: words, times, what is shared, what is refused."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile
from spoken import plain_words, recogniser

import voice_regen
from voice_regen.engines.whisper import FULL_WINDOW, WhisperRecogniser
from voice_regen.errors import EngineError, UsageError
from voice_regen.runtime.models import ModelStore
from voice_regen.types import STREAM_RATE_HZ, FloatArray

pytestmark = pytest.mark.real_models
SAID = "i think i have a doctor's appointment"


@pytest.fixture(scope="module")
def recording() -> FloatArray:
    path = Path(voice_regen.__file__).parent / "demo" / "recorded_caller.flac"
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == STREAM_RATE_HZ
    return samples


@pytest.fixture(scope="module")
def clip(recording: FloatArray) -> FloatArray:
    """The first turn, with some of the room around it."""
    return recording[round(0.7 * STREAM_RATE_HZ) : round(3.7 * STREAM_RATE_HZ)]


def noise(level: float, duration_s: float) -> FloatArray:
    size = round(duration_s * STREAM_RATE_HZ)
    return np.random.default_rng(7).normal(0, level, size).astype(np.float32)


def test_the_words_are_heard_with_a_third_of_the_window(clip: FloatArray) -> None:
    heard = recogniser().recognise(clip)
    assert plain_words(heard.transcript.text) == SAID
    assert heard.transcript.language == "en"
    assert heard.report is not None
    assert heard.report.window_s == 10.0
    assert not heard.report.redone


def test_word_times_follow_each_other_within_the_speech(clip: FloatArray) -> None:
    words = recogniser().recognise(clip).transcript.words
    assert " ".join(word.text for word in words).lower().rstrip(".") == SAID
    for word in words:
        assert 0.0 <= word.start_s <= word.end_s <= len(clip) / STREAM_RATE_HZ
        assert 0.0 <= word.probability <= 1.0
    for earlier, later in itertools.pairwise(words):
        assert earlier.end_s <= later.start_s
    assert words[-1].end_s - words[0].start_s > 1.0


def test_word_times_move_with_the_words(clip: FloatArray) -> None:
    shift_s = 1.5
    later = np.concatenate([np.zeros(round(shift_s * STREAM_RATE_HZ), np.float32), clip])
    first = recogniser().recognise(clip).transcript.words[-1]
    second = recogniser().recognise(later).transcript.words[-1]
    assert second.start_s - first.start_s == pytest.approx(shift_s, abs=0.15)


def test_the_short_and_the_full_window_agree(clip: FloatArray) -> None:
    full = WhisperRecogniser(ModelStore().path("whisper:base"), window=FULL_WINDOW)
    heard = full.recognise(clip)
    assert plain_words(heard.transcript.text) == SAID
    assert heard.report is not None
    assert heard.report.window_s == 30.0


def test_recognition_and_encoding_give_the_same_output_over_the_speech_alone(
    clip: FloatArray,
) -> None:
    shared = recogniser().recognise(clip).encoded
    alone = recogniser().encode(clip)
    assert shared is not None
    assert shared.frames.shape == (150, 512)
    assert shared.frames.dtype == np.float32
    assert np.isfinite(shared.frames).all()
    assert shared.frame_rate_hz == 50.0
    assert shared.source == "whisper-base"
    np.testing.assert_array_equal(shared.frames, alone.frames)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(3 * STREAM_RATE_HZ, np.float32),
        noise(0.1, 3.0),
        noise(0.003, 3.0),
        noise(0.01, 0.5),
        np.ones(2 * STREAM_RATE_HZ, np.float32),
    ],
    ids=["silence", "loud noise", "soft noise", "short noise", "stuck converter"],
)
def test_where_nothing_is_said_nothing_is_written_nor_done_twice(samples: FloatArray) -> None:
    heard = recogniser().recognise(samples)
    assert heard.transcript.text == ""
    assert heard.transcript.words == ()
    assert heard.report is not None
    assert not heard.report.redone


@pytest.mark.parametrize("size", [0, 1, 1599])
def test_less_than_a_tenth_of_a_second_is_no_utterance(size: int) -> None:
    heard = recogniser().recognise(np.full(size, 0.1, np.float32))
    assert heard.transcript.text == ""
    assert heard.encoded is None


@pytest.mark.parametrize("duration_s", [0.1, 0.13, 0.3])
def test_a_scrap_of_speech_is_no_error(clip: FloatArray, duration_s: float) -> None:
    size = round(duration_s * STREAM_RATE_HZ)
    heard = recogniser().recognise(clip[STREAM_RATE_HZ : STREAM_RATE_HZ + size])
    assert heard.encoded is not None
    assert len(heard.encoded.frames) == round(duration_s * 50)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(clip: FloatArray, bad: float) -> None:
    broken = clip.copy()
    broken[100] = bad
    with pytest.raises(EngineError, match="not numbers"):
        recogniser().recognise(broken)
    with pytest.raises(EngineError, match="not numbers"):
        recogniser().encode(broken)


def test_too_long_and_not_mono_are_refused() -> None:
    with pytest.raises(EngineError, match="longer than"):
        recogniser().recognise(np.zeros(30 * STREAM_RATE_HZ + 1, np.float32))
    with pytest.raises(EngineError, match="mono"):
        recogniser().recognise(np.zeros((2, STREAM_RATE_HZ), np.float32))


def test_thirty_seconds_are_not_cut_short(clip: FloatArray) -> None:
    """Ten times the clip: the bound on tokens must leave room for all of it."""
    heard = recogniser().recognise(np.tile(clip, 10))
    assert plain_words(heard.transcript.text).count("doctor") >= 8


def test_a_decode_done_again_still_gives_the_short_windows_output(clip: FloatArray) -> None:
    """The same sentence five times looks like a loop; the tone head knows short windows only."""
    often = np.tile(clip, 5)
    heard = recogniser().recognise(often)
    assert heard.report is not None
    assert heard.report.redo_reason == "repetition"
    assert heard.report.window_s == 30.0
    assert plain_words(heard.transcript.text).count("doctor") == 5
    assert heard.encoded is not None
    np.testing.assert_array_equal(heard.encoded.frames, recogniser().encode(often).frames)


def test_the_same_audio_gives_the_same_answer_also_from_several_threads(clip: FloatArray) -> None:
    alone = recogniser().recognise(clip)
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(recogniser().recognise, [clip] * 3))
    for each in together:
        assert each.transcript == alone.transcript
        assert each.report == alone.report
        assert each.encoded is not None
        assert alone.encoded is not None
        np.testing.assert_array_equal(each.encoded.frames, alone.encoded.frames)


def test_what_was_said_before_may_be_long(clip: FloatArray) -> None:
    heard = recogniser().recognise(clip, "I went to see him yesterday. " * 100)
    assert "appointment" in plain_words(heard.transcript.text)


def test_the_language_is_told_from_the_audio_or_refused(clip: FloatArray) -> None:
    folder = ModelStore().path("whisper:base")
    heard = WhisperRecogniser(folder, language=None).recognise(clip)
    assert heard.transcript.language == "en"
    assert plain_words(heard.transcript.text) == SAID
    with pytest.raises(UsageError, match="klingon"):
        WhisperRecogniser(folder, language="klingon")
