"""Where in its plan the assistant is, told from what is really played."""

from __future__ import annotations

import numpy as np

from voice_regen.runtime.records import PauseRecord, PlanRecord, SayRecord
from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray

AUDIBLE = 1e-3
"""-60 dB of full scale."""
SILENCE_S = 0.2
"""A silence of this length after words, where a pause is due, is that pause."""
ENOUGH = 0.6
"""Sound this far into a pause's time ends it; earlier it was a gap between phrases."""


class MoveTracker:
    """Follows the moves of one plan after the other."""

    def __init__(self) -> None:
        """No plan yet."""
        self._moves: tuple[SayRecord | PauseRecord, ...] = ()
        self._spoken = False
        self._silence_s = 0.0
        self.current: int | None = None
        """Index of the move that is being made; ``None`` before the reply and after it."""

    def plan(self, record: PlanRecord) -> None:
        """A new reply was decided on."""
        self._moves = record.moves
        self.current = None

    def begin(self) -> None:
        """Its first sample is played."""
        self.current = 0 if self._moves else None
        self._spoken = False
        self._silence_s = 0.0

    def end(self) -> None:
        """It was played, or cut."""
        self.current = None

    @property
    def pause_elapsed_s(self) -> float | None:
        """How long the pause in hand has lasted; ``None`` outside of one."""
        return self._silence_s if self._in_pause else None

    def hear(self, played: FloatArray) -> None:
        """The next samples of the reply, at PLAYOUT_RATE_HZ."""
        if self.current is None:
            return
        if len(played) and float(np.max(np.abs(played))) > AUDIBLE:
            self._sound(self.current)
        else:
            self._silence_s += len(played) / PLAYOUT_RATE_HZ
            self._silence(self.current)

    @property
    def _in_pause(self) -> bool:
        return self.current is not None and isinstance(self._moves[self.current], PauseRecord)

    def _sound(self, at: int) -> None:
        move = self._moves[at]
        if isinstance(move, PauseRecord):
            over = self._silence_s >= ENOUGH * move.duration_s
            self.current = self._next_words(at) if over or at == 0 else at - 1
        self._spoken = True
        self._silence_s = 0.0

    def _silence(self, at: int) -> None:
        if self._in_pause or not self._spoken or self._silence_s < SILENCE_S:
            return
        pause = next((i for i in range(at, len(self._moves)) if self._is_pause(i)), None)
        if pause is not None:
            self.current = pause

    def _next_words(self, at: int) -> int:
        words = (i for i in range(at, len(self._moves)) if not self._is_pause(i))
        return next(words, at)

    def _is_pause(self, at: int) -> bool:
        return isinstance(self._moves[at], PauseRecord)
