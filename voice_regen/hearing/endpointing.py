"""Has the caller finished? A decision over sample times, without audio and without a clock."""

from __future__ import annotations

from dataclasses import dataclass

from voice_regen.config import HearingConfig

HABIT_MARGIN = 1.3
"""A pause must outlast the caller's own long pauses by this factor before it ends the turn."""


@dataclass(slots=True)
class Endpointer:
    """How much silence ends the turn: a base, patience, and the caller's own habit.

    Only pauses inside the caller's turns are learnt from; the assistant's speech never
    enters here.
    """

    config: HearingConfig
    patience: float = 0.0
    """0 (a caller at ease) to 1 (most hesitant or sad); set by the conversation."""
    _habit_s: float = 0.0

    def note_pause(self, pause_s: float) -> None:
        """Learn from a pause after which the caller went on with the same turn.

        Longer pauses count at once, shorter ones let the habit sink slowly.
        """
        step = 0.5 if pause_s > self._habit_s else 0.1
        self._habit_s += step * (pause_s - self._habit_s)

    @property
    def silence_needed_s(self) -> float:
        """Silence that ends the turn now."""
        base = self.config.endpoint_silence_s
        longest = base + self.config.endpoint_patience_s
        patient = base + self.config.endpoint_patience_s * min(max(self.patience, 0.0), 1.0)
        return min(longest, max(patient, HABIT_MARGIN * self._habit_s))
