"""The tone engine: a tiny generated head, bad input, damaged weights, and the shipped one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from voice_regen.engines.base import EncodedSpeech
from voice_regen.engines.emotion import ToneEmotion
from voice_regen.engines.emotion_limits import clipped_share, level_db
from voice_regen.engines.emotion_pooling import POOLED, pool
from voice_regen.engines.emotion_space import PLACES, placed
from voice_regen.engines.emotion_weights import (
    FILE_NAME,
    FORMAT,
    HEADER_KEY,
    HeadSettings,
    HeadWeights,
    load_head,
    logits,
    probabilities,
    save_head,
    standardised,
    unusualness,
)
from voice_regen.engines.prosody import WIDTH as PROSODY_WIDTH
from voice_regen.errors import EngineError, ModelError
from voice_regen.types import EmotionLabel, Pauses

WIDTH = 4
INPUTS = POOLED * WIDTH + PROSODY_WIDTH
LABELS = (EmotionLabel.NEUTRAL, EmotionLabel.HAPPY, EmotionLabel.SAD)
SPOKEN = Pauses(None, 0.0, 0.0, 0, 2.0)
SHIPPED = Path(__file__).resolve().parents[2] / "models" / "emotion" / "crema-d"


def tiny_head(**settings: object) -> HeadWeights:
    """Two layers over pooled values and prosody: the first mean says happy, the second sad."""
    hidden = np.zeros((2, INPUTS), np.float32)
    hidden[0, 0] = hidden[1, 1] = 1.0
    out = np.array([[0, 0], [3, 0], [0, 3]], np.float32)
    usual = {
        "format": FORMAT,
        "encoder": "whisper-tiny",
        "labels": LABELS,
        "temperature": 1.0,
        "least_confidence": 0.4,
        "most_unusual": 10.0,
    }
    return HeadWeights(
        HeadSettings(**{**usual, **settings}),  # type: ignore[arg-type]
        mean=np.zeros(INPUTS, np.float32),
        scale=np.ones(INPUTS, np.float32),
        layers=((hidden, np.zeros(2, np.float32)), (out, np.zeros(3, np.float32))),
        components=np.eye(2, INPUTS, dtype=np.float32),
        component_scale=np.ones(2, np.float32),
    )


def engine_with(folder: Path, **settings: object) -> ToneEmotion:
    save_head(tiny_head(**settings), folder)
    return ToneEmotion(folder)


@pytest.fixture
def engine(tmp_path: Path) -> ToneEmotion:
    return engine_with(tmp_path)


def voice(level: float = 0.1, seconds: float = 2.0) -> np.ndarray:
    t = np.arange(int(seconds * 16_000)) / 16_000
    return (level * np.sin(2 * np.pi * 200 * t)).astype(np.float32)


def encoded(first: float, second: float, source: str = "whisper-tiny") -> EncodedSpeech:
    frames = np.tile(np.array([first, second, 0, 0], np.float32), (100, 1))
    return EncodedSpeech(frames, 50.0, source)


def test_it_says_what_its_weights_say(engine: ToneEmotion) -> None:
    happy = engine.feel(voice(), encoded(1.0, 0.0), SPOKEN)
    sad = engine.feel(voice(), encoded(0.0, 1.0), SPOKEN)
    assert happy.label is EmotionLabel.HAPPY
    assert sad.label is EmotionLabel.SAD
    assert happy.valence > 0.0 > sad.valence
    assert sum(happy.probabilities.values()) == pytest.approx(1.0)
    # softmax of (0, 3, 0)
    assert happy.confidence == pytest.approx(math.exp(3) / (math.exp(3) + 2))
    assert not happy.cannot_tell


def test_a_higher_temperature_is_less_sure(tmp_path: Path) -> None:
    warm = engine_with(tmp_path, temperature=3.0).feel(voice(), encoded(1.0, 0.0), SPOKEN)
    assert warm.confidence == pytest.approx(math.e / (math.e + 2))


def test_when_nothing_stands_out_it_cannot_tell(engine: ToneEmotion) -> None:
    found = engine.feel(voice(), encoded(0.0, 0.0), SPOKEN)
    assert found.reason == "no feeling stands out (33 % at most)"


def test_what_sounds_like_no_speech_is_not_judged(engine: ToneEmotion) -> None:
    assert not engine.feel(voice(), encoded(2.0, 0.0), SPOKEN).cannot_tell
    found = engine.feel(voice(), encoded(40.0, 0.0), SPOKEN)
    assert found.reason is not None
    assert "does not sound like" in found.reason


@pytest.mark.parametrize(
    ("samples", "pauses", "reason"),
    [
        (voice(), Pauses(None, 0.0, 0.0, 0, 0.5), "too little speech (0.5 s)"),
        (voice(0.0), SPOKEN, "near silence"),
        (voice(0.0005), SPOKEN, "near silence"),
        (np.zeros(0, np.float32), SPOKEN, "near silence"),
        (np.clip(voice(3.0), -1, 1), SPOKEN, "clipped"),
        (voice(), Pauses(None, 0.0, 0.0, 0, math.nan), "not numbers"),
    ],
)
def test_a_signal_that_cannot_be_judged(
    engine: ToneEmotion, samples: np.ndarray, pauses: Pauses, reason: str
) -> None:
    found = engine.feel(samples, encoded(5.0, 0.0), pauses)
    assert found.reason is not None
    assert reason in found.reason
    assert found.confidence == 0.0
    assert (found.valence, found.arousal) == (0.0, 0.0)
    assert set(found.probabilities.values()) == {1 / 3}


def test_without_an_encoder_it_cannot_tell(engine: ToneEmotion) -> None:
    assert engine.feel(voice(), None, SPOKEN).cannot_tell
    empty = EncodedSpeech(np.zeros((0, WIDTH), np.float32), 50.0, "whisper-tiny")
    assert engine.feel(voice(), empty, SPOKEN).cannot_tell


def test_frames_of_another_encoder_are_refused(engine: ToneEmotion) -> None:
    with pytest.raises(ModelError, match="whisper-small") as caught:
        engine.feel(voice(), encoded(1.0, 0.0, "whisper-small"), SPOKEN)
    assert "--recogniser whisper:tiny" in str(caught.value)
    wide = EncodedSpeech(np.zeros((10, WIDTH + 1), np.float32), 50.0, "whisper-tiny")
    with pytest.raises(ModelError):
        engine.feel(voice(), wide, SPOKEN)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_an_error_not_an_answer(
    engine: ToneEmotion, bad: float
) -> None:
    broken = encoded(1.0, 0.0)
    broken.frames[3, 2] = bad
    with pytest.raises(EngineError, match="not numbers"):
        engine.feel(voice(), broken, SPOKEN)
    samples = voice()
    samples[7] = bad
    with pytest.raises(EngineError, match="not numbers"):
        engine.feel(samples, encoded(1.0, 0.0), SPOKEN)


@given(
    frames=arrays(np.float32, (6, WIDTH), elements=st.floats(-1e4, 1e4, width=32)),
    speech_s=st.floats(0.0, 30.0),
)
def test_any_finite_frames_give_a_distribution(
    tmp_path_factory: pytest.TempPathFactory, frames: np.ndarray, speech_s: float
) -> None:
    engine = engine_with(tmp_path_factory.getbasetemp() / "any")
    speech = EncodedSpeech(frames, 50.0, "whisper-tiny")
    found = engine.feel(voice(seconds=0.2), speech, Pauses(None, 0.0, 0.0, 0, speech_s))
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert all(0.0 <= p <= 1.0 for p in found.probabilities.values())
    assert 0.0 <= found.confidence <= 1.0
    assert -1.0 <= found.valence <= 1.0
    assert -1.0 <= found.arousal <= 1.0


def test_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    head = tiny_head()
    save_head(head, tmp_path)
    again = load_head(tmp_path)
    assert again.settings == head.settings
    for (weight, bias), (weight_again, bias_again) in zip(head.layers, again.layers, strict=True):
        np.testing.assert_array_equal(weight, weight_again)
        np.testing.assert_array_equal(bias, bias_again)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is missing") as caught:
        ToneEmotion(tmp_path)
    assert "--emotion none" in str(caught.value)


@pytest.mark.parametrize("damage", ["cut off", "other bytes", "empty"])
def test_damaged_files_are_refused(tmp_path: Path, damage: str) -> None:
    save_head(tiny_head(), tmp_path)
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes({"cut off": whole[:-40], "other bytes": b"\0" * 500, "empty": b""}[damage])
    with pytest.raises(ModelError, match="cannot be used"):
        ToneEmotion(tmp_path)


def test_foreign_safetensors_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    tensors = {"weight": np.zeros((2, 2), np.float32)}
    save_file(tensors, str(tmp_path / FILE_NAME))
    with pytest.raises(ModelError, match="not a tone head"):
        ToneEmotion(tmp_path)
    header = {HEADER_KEY: msgspec.json.encode(tiny_head().settings).decode()}
    save_file(tensors, str(tmp_path / FILE_NAME), metadata=header)
    with pytest.raises(ModelError, match="is missing"):
        ToneEmotion(tmp_path)
    save_file(tensors, str(tmp_path / FILE_NAME), metadata={HEADER_KEY: '{"format": 1}'})
    with pytest.raises(ModelError, match="header does not fit"):
        ToneEmotion(tmp_path)


def altered(name: str) -> HeadWeights:
    head = tiny_head()
    (hidden, bias), out = head.layers
    nan = np.full_like(hidden, np.nan)
    return {
        "not numbers": replace(head, layers=((nan, bias), out)),
        "do not fit": replace(head, layers=((hidden[:, :5], bias), out)),
        "not positive": replace(head, scale=np.zeros(INPUTS, np.float32)),
        "too few or repeated": tiny_head(labels=(EmotionLabel.SAD,) * 3),
        "of format": tiny_head(format=9),
        "settings are not numbers": tiny_head(temperature=0.0),
    }[name]


@pytest.mark.parametrize(
    "problem",
    [
        "not numbers",
        "do not fit",
        "not positive",
        "too few or repeated",
        "of format",
        "settings are not numbers",
    ],
)
def test_weights_that_make_no_sense_are_refused(tmp_path: Path, problem: str) -> None:
    save_head(altered(problem), tmp_path)
    with pytest.raises(ModelError, match=problem):
        ToneEmotion(tmp_path)


def test_pooling_is_mean_spread_maximum_and_how_it_begins_and_ends() -> None:
    frames = np.array([[0.0, 2.0], [2.0, 2.0], [4.0, 2.0]], np.float32)
    spread = np.sqrt(8 / 3)
    expected = [2.0, 2.0, spread, 0.0, 4.0, 2.0, 0.0, 2.0, 4.0, 2.0]
    np.testing.assert_allclose(pool(frames), expected, rtol=1e-6)


def test_usual_speech_is_about_two_and_the_strange_far_more() -> None:
    chance = np.random.default_rng(0)
    rows = chance.standard_normal((400, INPUTS)).astype(np.float32)
    head = tiny_head()
    assert float(unusualness(head, rows).mean()) == pytest.approx(2.0, abs=0.2)
    assert float(unusualness(head, 10 * rows).mean()) > 100.0


def test_level_and_clipping() -> None:
    assert level_db(np.ones(1600, np.float32)) == pytest.approx(0.0)
    assert level_db(voice(0.1)) == pytest.approx(-23.0, abs=0.1)
    assert level_db(np.zeros(5, np.float32)) <= -140.0
    half = np.concatenate((np.ones(100), np.zeros(100))).astype(np.float32)
    assert clipped_share(half) == 0.5


def test_every_label_has_its_place() -> None:
    assert set(PLACES) == set(EmotionLabel)
    assert placed({EmotionLabel.SAD: 0.5, EmotionLabel.NEUTRAL: 0.5}) == (-0.35, -0.25)


# -- the weights that are shipped ---------------------------------------------------------


def test_the_shipped_weights_load_and_are_calibrated_over_six_classes() -> None:
    head = load_head(SHIPPED)
    assert head.settings.encoder == "whisper-base"
    assert set(head.settings.labels) == set(EmotionLabel) - {EmotionLabel.SURPRISED}
    assert (SHIPPED / FILE_NAME).stat().st_size < 5_000_000
    assert "CREMA-D" in (SHIPPED / "card.md").read_text("utf-8")


def test_the_shipped_weights_give_sane_answers_to_speech_like_that_of_training() -> None:
    """Rows drawn around the training mean: usual, a distribution, and not always one class."""
    head = load_head(SHIPPED)
    chance = np.random.default_rng(3)
    scores = chance.standard_normal((300, len(head.components))) * head.component_scale
    rows = head.mean + head.scale * (scores @ head.components)
    features = standardised(head, rows.astype(np.float32))
    found = probabilities(head, logits(head, features))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, atol=1e-6)
    assert (unusualness(head, features) < head.settings.most_unusual).mean() > 0.9
    assert len(set(found.argmax(axis=1))) == len(head.settings.labels)
    assert 0.25 < float(found.max(axis=1).mean()) < 0.98


def test_the_shipped_weights_find_nonsense_unusual() -> None:
    engine = ToneEmotion(SHIPPED)
    width = load_head(SHIPPED).encoder_width
    noise = np.random.default_rng(0).standard_normal((100, width)).astype(np.float32)
    found = engine.feel(voice(), EncodedSpeech(20 * noise, 50.0, "whisper-base"), SPOKEN)
    assert found.cannot_tell
