"""Generated signals: speech is a tone, silence is silence, and the truth is known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from voice_regen.types import STREAM_RATE_HZ, FloatArray


def tone(seconds: float, level: float = 0.1) -> FloatArray:
    """A 200 Hz tone."""
    n = round(seconds * STREAM_RATE_HZ)
    return (level * np.sin(2 * np.pi * 200 * np.arange(n) / STREAM_RATE_HZ)).astype(np.float32)


def silence(seconds: float) -> FloatArray:
    """Nothing."""
    return np.zeros(round(seconds * STREAM_RATE_HZ), np.float32)


def talk(*stretches: float) -> FloatArray:
    """Alternating silence and speech, in seconds, beginning with silence."""
    parts = [tone(s) if i % 2 else silence(s) for i, s in enumerate(stretches)]
    return np.concatenate(parts)


def in_blocks(samples: FloatArray, sizes: list[int]) -> Iterator[FloatArray]:
    """The samples in blocks of the given sizes, round and round."""
    start = turn = 0
    while start < len(samples):
        size = sizes[turn % len(sizes)]
        yield samples[start : start + size]
        start += size
        turn += 1
