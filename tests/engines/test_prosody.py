"""Prosody: what is measured on sounds of which the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import find_peaks

from voice_regen.engines.prosody import NAMES, WIDTH, prominent_peaks, prosody
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Pauses

SPOKEN = Pauses(None, 0.4, 0.6, 2, 2.0)


def sung(from_hz: float, to_hz: float, seconds: float = 2.0) -> FloatArray:
    """Harmonics that glide evenly in semitones, in four syllables a second."""
    t = np.arange(round(seconds * STREAM_RATE_HZ)) / STREAM_RATE_HZ
    hz = from_hz * (to_hz / from_hz) ** (t / seconds)
    phase = 2 * np.pi * np.cumsum(hz) / STREAM_RATE_HZ
    tone = sum(np.sin(k * phase) / k for k in range(1, 15))
    syllables = 0.05 + 0.95 * np.square(np.sin(4 * np.pi * t))
    return (0.1 * tone * syllables).astype(np.float32)


def measured(samples: FloatArray, pauses: Pauses = SPOKEN) -> dict[str, float]:
    return dict(zip(NAMES, prosody(samples, pauses).tolist(), strict=True))


def test_pitch_is_in_semitones_above_100_hz() -> None:
    found = measured(sung(200, 200))
    assert found["pitch_median_st"] == pytest.approx(12.0, abs=0.1)
    assert found["pitch_spread_st"] < 0.3
    assert found["voiced_share"] > 0.8
    assert found["jitter"] < 0.01


def test_a_rising_voice_rises_and_a_falling_one_falls() -> None:
    up, down = measured(sung(150, 300)), measured(sung(300, 150))
    assert up["pitch_slope_st_s"] == pytest.approx(6.0, abs=0.5)
    assert down["pitch_slope_st_s"] == pytest.approx(-6.0, abs=0.5)
    assert up["pitch_end_st"] > 2.0
    assert up["pitch_rises_st"] > 4.0
    assert down["pitch_falls_st"] < -4.0


def test_syllables_are_counted() -> None:
    assert measured(sung(120, 120))["nuclei_per_s"] == pytest.approx(4.0, abs=0.6)


def test_a_rough_voice_is_less_regular() -> None:
    chance = np.random.default_rng(0)
    plain = sung(150, 150)
    rough = plain + 0.05 * chance.standard_normal(len(plain)).astype(np.float32)
    assert measured(rough)["periodicity"] < measured(plain)["periodicity"]
    assert measured(rough)["shimmer"] > measured(plain)["shimmer"]


@pytest.mark.parametrize("gain", [0.01, 0.3, 4.0])
def test_the_level_of_the_microphone_changes_nothing(gain: float) -> None:
    plain = sung(150, 200)
    np.testing.assert_allclose(
        prosody(gain * plain, SPOKEN), prosody(plain, SPOKEN), rtol=0.02, atol=0.05
    )


def test_pauses_are_part_of_it() -> None:
    found = measured(sung(150, 150), Pauses(None, 0.5, 1.0, 3, 3.0))
    assert found["pause_share"] == pytest.approx(0.25)
    assert found["pauses_per_s"] == pytest.approx(0.75)
    assert found["longest_pause_s"] == 0.5


@pytest.mark.parametrize("seconds", [0.0, 0.1, 3.0, 30.0])
def test_silence_and_scraps_are_nothing(seconds: float) -> None:
    found = prosody(np.zeros(int(seconds * STREAM_RATE_HZ), np.float32), SPOKEN)
    assert found.shape == (WIDTH,)
    assert not found.any()


@settings(max_examples=30, deadline=None)
@given(
    samples=arrays(np.float32, st.integers(0, 20_000), elements=st.floats(-1, 1, width=32)),
    longest_s=st.floats(0, 100),
)
def test_whatever_it_hears_the_answer_is_finite(samples: FloatArray, longest_s: float) -> None:
    found = prosody(samples, Pauses(None, longest_s, longest_s, 1, 0.0))
    assert found.shape == (WIDTH,)
    assert np.isfinite(found).all()


def test_noise_alone_has_no_melody() -> None:
    chance = np.random.default_rng(1)
    noise = 0.1 * chance.standard_normal(2 * STREAM_RATE_HZ).astype(np.float32)
    assert measured(noise)["voiced_share"] < 0.2


@given(arrays(np.float64, st.integers(3, 60), elements=st.floats(-50, 50), unique=True))
def test_peaks_are_those_of_scipy(values: np.ndarray) -> None:
    expected, _ = find_peaks(values, height=-10.0, prominence=2.0)
    assert prominent_peaks(values, -10.0, 2.0).tolist() == expected.tolist()
