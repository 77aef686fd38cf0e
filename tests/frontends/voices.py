"""Signals with the shape of speech: gliding harmonics in syllables and phrases, with breath."""

from __future__ import annotations

import numpy as np

from voice_regen.types import FloatArray


def voice(seconds: float, rate_hz: int, pitch_hz: float = 120.0, seed: int = 0) -> FloatArray:
    """Shape (seconds * rate_hz,), RMS 0.1; another seed says something else."""
    dice = np.random.default_rng(seed)
    n = round(seconds * rate_hz)
    t = np.arange(n) / rate_hz
    knots = np.arange(0, seconds + 0.25, 0.12)
    f0 = pitch_hz * np.interp(t, knots, 1 + 0.25 * dice.standard_normal(len(knots)).clip(-1, 1))
    phase = 2 * np.pi * np.cumsum(f0) / rate_hz
    colour = [np.interp(t, knots, dice.uniform(0.1, 1.0, len(knots))) for _ in range(24)]
    tone = sum(
        shade * np.sin((k + 1) * phase) / (k + 1) ** 0.6
        for k, shade in enumerate(colour)
        if (k + 1) * pitch_hz * 1.3 < rate_hz / 2
    )
    breath = 0.3 * dice.standard_normal(n)
    syllables = np.interp(t, knots, dice.uniform(0.0, 1.0, len(knots)) ** 1.5)
    phrases = np.interp(t, np.arange(0, seconds + 1, 0.4), _on_off(dice, seconds))
    said = (tone + breath) * syllables * phrases
    return (0.1 * said / np.sqrt(np.mean(np.square(said)))).clip(-0.9, 0.9).astype(np.float32)


def _on_off(dice: np.random.Generator, seconds: float) -> FloatArray:
    count = len(np.arange(0, seconds + 1, 0.4))
    return (dice.uniform(size=count) > 0.2).astype(np.float32)


def level_db(samples: FloatArray) -> float:
    """RMS in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))


def envelope(samples: FloatArray, rate_hz: int, step_s: float = 0.02) -> FloatArray:
    """RMS of each step: what survives a canceller's phase shifts."""
    step = round(step_s * rate_hz)
    whole = samples[: len(samples) // step * step].reshape(-1, step)
    return np.sqrt(np.mean(np.square(whole), axis=1))
