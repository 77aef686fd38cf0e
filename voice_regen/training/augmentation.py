"""Other conditions of the same recording: telephone band, noise, babble, pace, room.

Every copy is made by name and seed, so the same command makes the same copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voice_regen.audio.resampling import resample
from voice_regen.types import STREAM_RATE_HZ, FloatArray

TELEPHONE_HZ = 8_000
MU = 255.0
TRAINING_VARIANTS = ("telephone", "noise", "babble", "slower", "faster", "room")


def vary(
    samples: FloatArray, variant: str, seed: int, others: Sequence[FloatArray] = ()
) -> FloatArray:
    """A copy of a recording, mono at STREAM_RATE_HZ.

    "plain", "telephone" (8 kHz, mu-law), "noise" (coloured, 5 to 20 dB), "babble" (of
    ``others``, 5 to 20 dB), "babble10" (10 dB), "slower", "faster" (10 %, pitch moves too, as
    in speed perturbation, Ko et al. 2015), "room" (exponentially decaying noise, RT60 of 0.2 to
    0.6 s).
    """
    chance = np.random.default_rng(seed)
    if variant == "plain":
        return samples
    if variant == "telephone":
        return telephone_band(samples)
    if variant == "noise":
        return _mixed(samples, _coloured_noise(len(samples), chance), chance.uniform(5, 20))
    if variant.startswith("babble"):
        ratio_db = float(variant[6:]) if variant[6:] else chance.uniform(5, 20)
        return _mixed(samples, _babble(len(samples), others), ratio_db)
    if variant == "slower":
        return resample(samples, 9 * STREAM_RATE_HZ // 10, STREAM_RATE_HZ)
    if variant == "faster":
        return resample(samples, 11 * STREAM_RATE_HZ // 10, STREAM_RATE_HZ)
    if variant == "room":
        return _room(samples, chance)
    raise ValueError(f"no such variant: {variant!r}")


def telephone_band(samples: FloatArray) -> FloatArray:
    """Through 8 kHz and 8-bit mu-law (the companding curve of G.711) and back."""
    low = np.clip(resample(samples, STREAM_RATE_HZ, TELEPHONE_HZ), -1.0, 1.0)
    curve = np.sign(low) * np.log1p(MU * np.abs(low)) / np.log1p(MU)
    coded = np.round(curve * 127.0) / 127.0
    back = np.sign(coded) * (np.power(1.0 + MU, np.abs(coded)) - 1.0) / MU
    return resample(back.astype(np.float32), TELEPHONE_HZ, STREAM_RATE_HZ)


def _coloured_noise(n: int, chance: np.random.Generator) -> FloatArray:
    """Noise whose power falls with frequency to a power between 0 (white) and 2 (brown)."""
    spectrum = np.fft.rfft(chance.standard_normal(n))
    frequency = np.arange(len(spectrum)) + 1.0
    shaped = np.fft.irfft(spectrum * frequency ** (-chance.uniform(0.0, 1.0)), n)
    return shaped.astype(np.float32)


def _babble(n: int, others: Sequence[FloatArray]) -> FloatArray:
    """The voices of others at equal level, repeated to length."""
    if not others:
        raise ValueError("babble is made of other recordings")
    total = np.zeros(n, np.float32)
    for voice in others:
        level = float(np.sqrt(np.mean(np.square(voice)))) or 1.0
        total += np.resize(voice, n) / level
    return total


def _mixed(samples: FloatArray, noise: FloatArray, ratio_db: float) -> FloatArray:
    """``noise`` added so that the signal is ``ratio_db`` above it; scaled down if it would clip."""
    signal_power = float(np.mean(np.square(samples)))
    noise_power = float(np.mean(np.square(noise)))
    if noise_power <= 0.0 or signal_power <= 0.0:
        return samples
    gain = np.sqrt(signal_power / noise_power * 10.0 ** (-ratio_db / 10.0))
    mixed = samples + np.float32(gain) * noise
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max())), np.float32)


def _room(samples: FloatArray, chance: np.random.Generator) -> FloatArray:
    rt60_s = chance.uniform(0.2, 0.6)
    n = int(rt60_s * STREAM_RATE_HZ)
    decay = np.power(10.0, -3.0 * np.arange(n) / n)
    response = chance.standard_normal(n) * decay * 0.03
    response[0] = 1.0
    size = 1 << (len(samples) + n).bit_length()
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(response, size), size)
    wet = wet[: len(samples)]
    return np.asarray(wet / max(1.0, float(np.abs(wet).max())), np.float32)
