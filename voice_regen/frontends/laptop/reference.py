"""What went to the loudspeaker, kept for echo cancellation, in step with the microphone."""

from __future__ import annotations

import threading

import numpy as np

from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray

KEEP_S = 6.0
"""More than may wait in the microphone's queue."""
SURPLUS_S = 0.04
"""A reference that is late by more than this is moved; moving it makes the canceller relearn."""
WATCH_S = 4.0
"""The surplus must have been there at every block for this long."""


class ReferenceTrack:
    """The reply's samples, given out again beside the microphone's blocks.

    The two sides are kept in step by counts of samples, not by a queue's length: a canceller
    can find an echo that comes after its reference, never one that comes before. So the start
    of the loudspeaker's stream, which is asked for in a burst, is left out; and a reference
    that has become late (the two devices' clocks differ) is moved forward.
    """

    def __init__(self) -> None:
        """Nothing played yet."""
        self._lock = threading.Lock()
        self._kept = np.zeros(0, np.float32)
        self._kept_from = 0
        self._next: int | None = None
        self._least_surplus: int | None = None
        self._watched = 0
        self.pushed = 0
        """Samples that have gone to the loudspeaker."""
        self.moves = 0
        """Times that the reference was moved after the start."""

    def push(self, samples: FloatArray) -> None:
        """Samples at PLAYOUT_RATE_HZ on their way to the loudspeaker."""
        with self._lock:
            kept = np.concatenate((self._kept, samples))
            excess = max(0, len(kept) - round(KEEP_S * PLAYOUT_RATE_HZ))
            self._kept = kept[excess:]
            self._kept_from += excess
            self.pushed += len(samples)

    def take(self, n: int, pushed_then: int) -> FloatArray:
        """Exactly ``n`` samples for a microphone block of the same length in time.

        ``pushed_then`` is what :attr:`pushed` was when the block came. What has not been
        played yet is silence.
        """
        with self._lock:
            self._keep_in_step(n, pushed_then)
            if self._next is None:
                return np.zeros(n, np.float32)
            start = max(self._next, self._kept_from)
            end = min(start + n, self.pushed)
            found = self._kept[start - self._kept_from : max(start, end) - self._kept_from]
            self._next = start + len(found)
        return np.concatenate((found, np.zeros(n - len(found), np.float32)))

    def _keep_in_step(self, n: int, pushed_then: int) -> None:
        if self._next is None:
            if pushed_then:
                self._next = max(0, pushed_then - n)
            return
        surplus = pushed_then - self._next - n
        if self._least_surplus is None or surplus < self._least_surplus:
            self._least_surplus = surplus
        self._watched += n
        if self._watched < WATCH_S * PLAYOUT_RATE_HZ:
            return
        if self._least_surplus > SURPLUS_S * PLAYOUT_RATE_HZ:
            self._next += self._least_surplus
            self.moves += 1
        self._watched = 0
        self._least_surplus = None
