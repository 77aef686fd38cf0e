"""How this caller usually speaks: their own pace, so that a slow speaker is not a sad one.

Immutable: noting an utterance gives a new baseline, so a copy for speculation costs nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median

from voice_regen.types import Pauses

SPEECH_NEEDED_S = 20.0
"""Speech after which a caller's own pace is known well enough to compare with."""
LEAST_COUNT = 4
"""Values below which a median and its spread say nothing."""
REMEMBERED = 40
"""Utterances kept: about the last quarter of an hour of a conversation."""
MAD_TO_SD = 1.4826
"""Makes the median absolute deviation comparable to a standard deviation (normal case)."""


@dataclass(frozen=True, slots=True)
class RobustSpread:
    """Median and spread of one measure; an outlier moves neither much."""

    floor: float
    """Least spread: guards against a speaker so even that any change looks huge."""
    values: tuple[float, ...] = ()

    def noted(self, value: float) -> RobustSpread:
        """With one value more, the oldest forgotten; a value that is no number changes nothing."""
        if not math.isfinite(value):
            return self
        return replace(self, values=(*self.values, value)[-REMEMBERED:])

    @property
    def usual(self) -> float:
        """The median; 0 without values."""
        return median(self.values) if self.values else 0.0

    def z(self, value: float) -> float | None:
        """Robust z-score; ``None`` with too few values."""
        if len(self.values) < LEAST_COUNT or not math.isfinite(value):
            return None
        usual = self.usual
        spread = MAD_TO_SD * median(abs(each - usual) for each in self.values)
        return (value - usual) / max(spread, self.floor)


@dataclass(frozen=True, slots=True)
class BaselinePace:
    """The caller's own answering time, inner pauses and speech rate."""

    latency_s: RobustSpread = RobustSpread(floor=0.25)
    longest_s: RobustSpread = RobustSpread(floor=0.15)
    rate_syll_s: RobustSpread = RobustSpread(floor=0.4)
    speech_s: float = 0.0

    @property
    def known(self) -> bool:
        """True once there is enough of the caller's own speech."""
        return self.speech_s >= SPEECH_NEEDED_S

    def noted(self, pauses: Pauses) -> BaselinePace:
        """With one utterance more.

        An answer given over the assistant (negative latency) is no measure of the caller's
        pace and is left out.
        """
        latency = self.latency_s
        if pauses.response_latency_s is not None and pauses.response_latency_s >= 0.0:
            latency = latency.noted(pauses.response_latency_s)
        rate = self.rate_syll_s
        if pauses.speech_rate_syll_s is not None:
            rate = rate.noted(pauses.speech_rate_syll_s)
        speech = pauses.speech_s if math.isfinite(pauses.speech_s) else 0.0
        return BaselinePace(
            latency_s=latency,
            longest_s=self.longest_s.noted(pauses.longest_s),
            rate_syll_s=rate,
            speech_s=self.speech_s + max(0.0, speech),
        )
