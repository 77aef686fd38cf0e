"""Blocks of any size in, windows of one size out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from voice_regen.types import FloatArray


class WindowCutter:
    """Cuts a stream into windows; what comes out does not depend on how it came in."""

    def __init__(self, window_samples: int) -> None:
        """Windows of exactly ``window_samples``."""
        self._window_samples = window_samples
        self._rest = np.zeros(0, np.float32)

    def feed(self, samples: FloatArray) -> Iterator[FloatArray]:
        """The windows that ``samples``, shape (n,), completes; the rest is kept."""
        pending = np.concatenate((self._rest, samples))
        whole = len(pending) - len(pending) % self._window_samples
        self._rest = pending[whole:]
        for start in range(0, whole, self._window_samples):
            yield pending[start : start + self._window_samples]

    def finish(self) -> FloatArray | None:
        """The last window, filled up with silence; ``None`` if nothing is left."""
        if not len(self._rest):
            return None
        last = np.zeros(self._window_samples, np.float32)
        last[: len(self._rest)] = self._rest
        self._rest = np.zeros(0, np.float32)
        return last
