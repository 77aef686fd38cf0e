"""pyannote.audio with its real network on a real voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voice_regen.demo import recorded_caller
from voice_regen.engines.pyannote_segmentation import PyannoteSegmentation
from voice_regen.errors import EngineError, ModelError
from voice_regen.runtime.models import ModelStore
from voice_regen.types import STREAM_RATE_HZ, FloatArray

pytestmark = [
    pytest.mark.torch,
    pytest.mark.real_models,
    # torch, lightning and pyannote warn on import about each other's futures.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def engine() -> PyannoteSegmentation:
    return PyannoteSegmentation(ModelStore().path("pyannote:segmentation-3.0"))


@pytest.fixture(scope="module")
def caller() -> FloatArray:
    samples, _ = soundfile.read(recorded_caller(), dtype="float32")
    return np.asarray(samples[: 10 * STREAM_RATE_HZ], np.float32)


def share(activity: FloatArray, start_s: float, end_s: float, duration_s: float) -> float:
    """How much of a stretch somebody speaks."""
    rate = len(activity) / duration_s
    stretch = activity[round(start_s * rate) : round(end_s * rate)]
    return float(stretch.max(axis=1).mean())


def test_speech_and_silence_of_a_real_caller(
    engine: PyannoteSegmentation, caller: FloatArray
) -> None:
    activity = engine.activity(caller)
    assert activity.shape[1] == engine.speakers == 3
    assert share(activity, 1.2, 2.4, 10) > 0.9
    assert share(activity, 5.5, 6.5, 10) > 0.9
    assert share(activity, 3.2, 4.9, 10) < 0.1
    assert (activity.sum(axis=1) > 1).mean() < 0.05  # one caller does not overlap herself


def test_silence_has_no_speaker_and_short_audio_is_taken(engine: PyannoteSegmentation) -> None:
    activity = engine.activity(np.zeros(2 * STREAM_RATE_HZ, np.float32))
    assert not activity.any()
    assert len(activity) == pytest.approx(118, abs=2)


def test_bad_input_is_named(engine: PyannoteSegmentation, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="at most 10 s"):
        engine.activity(np.zeros(11 * STREAM_RATE_HZ, np.float32))
    with pytest.raises(EngineError, match="not numbers"):
        engine.activity(np.full(1600, np.nan, np.float32))
    with pytest.raises(ModelError, match="no segmentation model"):
        PyannoteSegmentation(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="damaged"):
        PyannoteSegmentation(tmp_path)
