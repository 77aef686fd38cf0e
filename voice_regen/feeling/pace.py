"""What silences and pace say, against the caller's own habit and published norms."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from voice_regen.feeling.cues import Cue
from voice_regen.types import Pauses

OWN_HABIT_AFTER_S = 20.0
"""Seconds of the caller's speech before their own habit is trusted over norms."""
KEPT_UTTERANCES = 30
SLOW_ANSWER_S = 1.5
"""Gaps between turns lie near 0.2 s (Stivers et al. 2009) and answers that are hard to give take
longer; a talk-in-therapy gap is longer still (Berger & Rae 2023): hesitation starts well above."""
VERY_SLOW_ANSWER_S = 4.0
LONG_PAUSE_S = 0.8
"""Typical pauses last 0.25 to 0.5 s (Lundholm Fors 2015)."""
VERY_LONG_PAUSE_S = 3.0
SLOW_RATE_SYLL_S = 3.0
"""Articulation lies between 3.5 and 5 syllables a second in US English (Jacewicz et al. 2010)."""
VERY_SLOW_RATE_SYLL_S = 1.8


@dataclass(slots=True)
class Habit:
    """A caller's own usual value of one measure, robust to outliers."""

    values: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT_UTTERANCES))

    def z(self, value: float) -> float | None:
        """Robust z-score (median, MAD); ``None`` with fewer than four values."""
        if len(self.values) < 4:
            return None
        middle = statistics.median(self.values)
        spread = statistics.median(abs(each - middle) for each in self.values)
        # 1.4826 makes the MAD a standard deviation for normal data; a floor for the very even.
        return (value - middle) / max(1.4826 * spread, 0.15 * abs(middle), 0.05)

    def copy(self) -> Habit:
        """An independent copy."""
        return Habit(deque(self.values, maxlen=KEPT_UTTERANCES))


@dataclass(slots=True)
class Pace:
    """The caller's pace over the call. Only their own speech ever enters."""

    speech_s: float = 0.0
    latency: Habit = field(default_factory=Habit)
    longest: Habit = field(default_factory=Habit)
    rate: Habit = field(default_factory=Habit)

    def copy(self) -> Pace:
        """An independent copy."""
        return Pace(self.speech_s, self.latency.copy(), self.longest.copy(), self.rate.copy())

    def cues(self, pauses: Pauses) -> Iterator[Cue]:
        """Cues of one utterance, judged before it becomes part of the habit."""
        latency = pauses.response_latency_s
        if latency is not None and latency > 0:
            level = self._level(latency, SLOW_ANSWER_S, VERY_SLOW_ANSWER_S, self.latency)
            yield from _hesitation(level, 0.5, f"{latency:.1f} s passed before they answered")
        if pauses.count:
            level = self._level(pauses.longest_s, LONG_PAUSE_S, VERY_LONG_PAUSE_S, self.longest)
            yield from _hesitation(
                level, 0.5, f"they paused for {pauses.longest_s:.1f} s while speaking"
            )
        rate = pauses.speech_rate_syll_s
        if rate is not None and pauses.speech_s >= 1.0:
            level = self._level(-rate, -SLOW_RATE_SYLL_S, -VERY_SLOW_RATE_SYLL_S, self.rate)
            yield from _hesitation(level, 0.3, f"they spoke slowly ({rate:.1f} syllables a second)")

    def learn(self, pauses: Pauses) -> None:
        """Make an utterance part of the habit."""
        self.speech_s += pauses.speech_s
        if pauses.response_latency_s is not None and pauses.response_latency_s > 0:
            self.latency.values.append(pauses.response_latency_s)
        self.longest.values.append(pauses.longest_s)
        if pauses.speech_rate_syll_s is not None and pauses.speech_s >= 1.0:
            self.rate.values.append(-pauses.speech_rate_syll_s)

    def _level(self, value: float, usual: float, extreme: float, habit: Habit) -> float:
        """0 (usual) to 1 (extreme), by habit once known, else by norm."""
        by_norm = (value - usual) / (extreme - usual)
        z = habit.z(value) if self.speech_s >= OWN_HABIT_AFTER_S else None
        level = by_norm if z is None else (z - 1.0) / 3.0
        return min(max(level, 0.0), 1.0)


def _hesitation(level: float, weight: float, reason: str) -> Iterator[Cue]:
    if level > 0:
        yield Cue("hesitation", level, weight, reason)
        yield Cue("distress", 0.3 + 0.3 * level, 0.15 * level, reason)
    else:
        yield Cue("hesitation", 0.0, 0.4 * weight, "they spoke at their usual pace")
