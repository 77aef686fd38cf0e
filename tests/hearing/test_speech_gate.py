"""The two-step voice activity, with scripted and with real detectors."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from signals import silence, talk

from voice_regen.engines.base import VoiceActivityEngine
from voice_regen.engines.fakes import WINDOW_SAMPLES, EnergyVoiceActivity
from voice_regen.engines.silero_vad import SileroVoiceActivity
from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity
from voice_regen.errors import EngineError, ModelError
from voice_regen.hearing.speech_gate import HOLD_WINDOWS, WARM_UP_WINDOWS, SpeechGate
from voice_regen.types import FloatArray


@dataclass
class CountingJudge:
    """Remembers what it was shown."""

    window_samples: int = WINDOW_SAMPLES
    shown: list[float] = field(default_factory=list)
    resets: int = 0

    def open_stream(self) -> CountingJudge:
        return self

    def judge(self, window: FloatArray) -> float:
        self.shown.append(float(window[0]))
        return 0.9

    def reset(self) -> None:
        self.resets += 1


def windows(samples: FloatArray) -> list[FloatArray]:
    whole = len(samples) // WINDOW_SAMPLES * WINDOW_SAMPLES
    return list(samples[:whole].reshape(-1, WINDOW_SAMPLES))


def test_the_judge_sleeps_in_silence() -> None:
    judge = CountingJudge()
    gate = SpeechGate(EnergyVoiceActivity(), judge)
    assert all(gate.judge(w) == 0.0 for w in windows(silence(5.0)))
    assert judge.shown == []


def test_the_judge_wakes_with_the_recent_past_and_stays_awake_a_while() -> None:
    judge = CountingJudge()
    gate = SpeechGate(EnergyVoiceActivity(), judge)
    marks = [np.full(WINDOW_SAMPLES, 0.001 * i, np.float32) for i in range(1, 9)]
    for mark in marks:
        gate.judge(mark)
    loud = np.full(WINDOW_SAMPLES, 0.5, np.float32)
    assert gate.judge(loud) == 0.9
    expected = [0.001 * i for i in range(9 - WARM_UP_WINDOWS, 9)]
    assert judge.shown == pytest.approx([*expected, 0.5])
    answers = [gate.judge(w) for w in windows(silence(2.0))]
    assert sum(a > 0 for a in answers) == HOLD_WINDOWS - 1
    assert judge.resets == 1


def test_gate_and_judge_must_fit() -> None:
    with pytest.raises(ValueError, match="same size"):
        SpeechGate(EnergyVoiceActivity(window_samples=160), CountingJudge())


@pytest.mark.parametrize("engine", [WebRtcVoiceActivity, SileroVoiceActivity])
def test_real_detectors_hear_nothing_in_silence_and_do_not_fail_on_extremes(
    engine: type[VoiceActivityEngine],
) -> None:
    stream = engine().open_stream()
    assert all(stream.judge(w) < 0.5 for w in windows(silence(1.0)))
    for window in windows(talk(0.2, 0.5) * 40.0):
        assert 0.0 <= stream.judge(window) <= 1.0


def test_silero_streams_do_not_share_their_memory() -> None:
    engine = SileroVoiceActivity()
    rng = np.random.default_rng(1)
    noise = windows(rng.normal(0, 0.1, 16_000).astype(np.float32))
    alone = engine.open_stream()
    expected = [alone.judge(w) for w in noise]
    one, other = engine.open_stream(), engine.open_stream()
    mixed = []
    for w in noise:
        mixed.append(one.judge(w))
        other.judge(-w)
    assert mixed == expected


def test_silero_refuses_another_window() -> None:
    with pytest.raises(EngineError, match="512"):
        SileroVoiceActivity().open_stream().judge(np.zeros(480, np.float32))


def test_a_damaged_silero_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    broken = tmp_path / "silero.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"silero\.onnx"):
        SileroVoiceActivity(broken)
