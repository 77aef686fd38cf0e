"""From the session to the loudspeaker's callback: always samples, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from voice_regen.audio.resampling import Resampler
from voice_regen.frontends.laptop.reference import ReferenceTrack
from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray

Pull: TypeAlias = Callable[[int], FloatArray]
PULL_SAMPLES = PLAYOUT_RATE_HZ // 100
"""10 ms: as little as can be is taken ahead of time, so that a cut is heard at once."""


class LoudspeakerSource:
    """Gives the driver the samples it asks for, at its rate."""

    def __init__(self, pull: Pull, reference: ReferenceTrack, rate_hz: int) -> None:
        """``pull(n)`` gives n samples at PLAYOUT_RATE_HZ and never waits."""
        self._pull = pull
        self._reference = reference
        self._resampler = Resampler(PLAYOUT_RATE_HZ, rate_hz)
        self._ready = np.zeros(0, np.float32)
        self.ran_dry = 0
        """Times that the driver says it was given samples too late."""
        self.failure: Exception | None = None
        """What ``pull`` raised; from then on there is silence."""

    def give(self, n: int, ran_dry: bool) -> FloatArray:
        """Exactly ``n`` samples. Never raises: a stream whose callback raises is dead."""
        self.ran_dry += ran_dry
        if self.failure is not None:
            return np.zeros(n, np.float32)
        try:
            return self._next(n)
        except Exception as error:
            self.failure = error
            return np.zeros(n, np.float32)

    def _next(self, n: int) -> FloatArray:
        ready = [self._ready]
        have = len(self._ready)
        while have < n:
            samples = self._pull(PULL_SAMPLES)
            self._reference.push(samples)
            ready.append(self._resampler.feed(samples))
            have += len(ready[-1])
        joined = np.concatenate(ready)
        self._ready = joined[n:]
        return joined[:n]
