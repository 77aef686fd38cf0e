"""Change of sampling rate for a stream, by soxr."""

from __future__ import annotations

import numpy as np
import soxr

from voice_regen.types import FloatArray


class Resampler:
    """Stateful, so that the blocks' edges cannot be heard; mono.

    The same samples give the same output whatever the size of the blocks.
    """

    def __init__(self, in_hz: int, out_hz: int) -> None:
        """From ``in_hz`` to ``out_hz``; equal rates pass through."""
        self._stream = (
            None
            if in_hz == out_hz
            else soxr.ResampleStream(in_hz, out_hz, 1, dtype="float32", quality="HQ")
        )

    def feed(self, samples: FloatArray) -> FloatArray:
        """What is ready after these samples, shape (n,); some is held back."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(samples), np.float32)

    def finish(self) -> FloatArray:
        """What was held back."""
        if self._stream is None:
            return np.zeros(0, np.float32)
        rest = self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        return np.asarray(rest, np.float32)


def resample(samples: FloatArray, in_hz: int, out_hz: int) -> FloatArray:
    """A whole signal at once; shape (n,) to about (n * out_hz / in_hz,)."""
    if in_hz == out_hz or not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, in_hz, out_hz, quality="HQ"), np.float32)
