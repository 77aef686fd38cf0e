"""Latency of one answer, from the end of speech to the first sample of the reply."""

from __future__ import annotations

from dataclasses import dataclass

from voice_regen.runtime.metrics import StageTimes, now_s
from voice_regen.runtime.records import LatencyRecord


@dataclass(slots=True)
class AnswerClock:
    """Marks the moments of one answer; the wall clock of the turn in hand."""

    times: StageTimes
    turn: int = 0
    _endpointing_s: float = 0.0
    _ended_at: float | None = None
    _planned_at: float | None = None
    _words_at: float | None = None
    _recognition_before_s: float = 0.0
    _emotion_before_s: float = 0.0

    def turn_ended(self, turn: int, endpointing_s: float, at_s: float) -> None:
        """The caller has finished; ``endpointing_s`` of silence went into knowing that.

        ``at_s`` is the wall clock when the window that decided it was handed in.
        """
        self.turn = turn
        self._endpointing_s = endpointing_s
        self._ended_at = at_s
        self._words_at = None
        self._planned_at = None

    def words_known(self) -> None:
        """The last utterance of the turn was recognised."""
        if self._ended_at is not None:
            self._words_at = now_s()

    def planned(self, turn: int) -> None:
        """A reply was decided on; one that answers no turn (a check-in) is not timed."""
        if self._ended_at is None:
            return
        if turn != self.turn:
            self._ended_at = None
            return
        self._planned_at = now_s()

    def first_sample(self, at_s: float) -> LatencyRecord | None:
        """Samples of the reply are ready since ``at_s``; the record, if a turn is in hand."""
        if self._ended_at is None or self._planned_at is None:
            return None
        ended = self._ended_at
        words = max(self._words_at or ended, ended)
        recognition, emotion = self.times.total_s("recognition"), self.times.total_s("emotion")
        record = LatencyRecord(
            turn=self.turn,
            endpointing_s=round(self._endpointing_s, 3),
            recognition_tail_s=round(words - ended, 4),
            planning_s=round(self._planned_at - words, 4),
            first_phrase_s=round(max(0.0, at_s - self._planned_at), 4),
            after_endpoint_s=round(max(at_s, self._planned_at) - ended, 4),
            voice_to_voice_s=round(self._endpointing_s + max(at_s, self._planned_at) - ended, 4),
            recognition_s=round(recognition - self._recognition_before_s, 4),
            emotion_s=round(emotion - self._emotion_before_s, 4),
        )
        self._recognition_before_s, self._emotion_before_s = recognition, emotion
        self._ended_at = None
        return record
