"""The recent past of a stream, addressed by sample index."""

from __future__ import annotations

import numpy as np

from voice_regen.types import FloatArray


class Lookback:
    """Keeps the last samples of a stream, at least ``keep_samples`` of them.

    Appending costs amortised O(n): the store is a linear buffer that is moved to its front
    when full, so that any recent span is one contiguous view.
    """

    def __init__(self, keep_samples: int) -> None:
        """Keep at least ``keep_samples`` of the past."""
        if keep_samples < 1:
            raise ValueError("keep_samples must be at least 1")
        self._keep = keep_samples
        self._store = np.zeros(2 * keep_samples, np.float32)
        self._filled = 0
        self._end_sample = 0

    @property
    def end_sample(self) -> int:
        """Stream index one past the last sample appended."""
        return self._end_sample

    @property
    def first_sample(self) -> int:
        """Stream index of the oldest sample still held."""
        return self._end_sample - self._filled

    def append(self, samples: FloatArray) -> None:
        """Add samples that follow the last ones without a gap; shape (n,)."""
        self._end_sample += len(samples)
        samples = samples[-self._keep :]
        if self._filled + len(samples) > len(self._store):
            kept = self._keep - len(samples)
            self._store[:kept] = self._store[self._filled - kept : self._filled]
            self._filled = kept
        self._store[self._filled : self._filled + len(samples)] = samples
        self._filled += len(samples)

    def span(self, start_sample: int, end_sample: int) -> FloatArray:
        """A copy of the samples in ``[start_sample, end_sample)``; shape (end - start,).

        Raises ValueError for a span that is no longer, or not yet, held.
        """
        first = self.first_sample
        if not first <= start_sample <= end_sample <= self._end_sample:
            raise ValueError(
                f"span [{start_sample}, {end_sample}) is outside [{first}, {self._end_sample})"
            )
        return self._store[start_sample - first : end_sample - first].copy()
