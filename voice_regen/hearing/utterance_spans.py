"""Bookkeeping of one utterance while it is being spoken: spans of speech, in samples."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_regen.types import Span


@dataclass(slots=True)
class OpenUtterance:
    """An utterance that has begun and not ended."""

    start_sample: int
    """First sample kept: the onset less the pre-roll."""
    index: int
    """Place in the turn."""
    speech: list[Span] = field(default_factory=list)
    weakest: list[tuple[int, float]] = field(default_factory=list)
    """(window start, chance of speech) of recent windows: where a forced cut hurts least."""

    @property
    def speech_end_sample(self) -> int:
        """One past the last speech."""
        return self.speech[-1].end_sample

    def extend(self, end_sample: int) -> None:
        """The last stretch of speech goes on to ``end_sample``."""
        self.speech[-1] = Span(self.speech[-1].start_sample, end_sample)

    def cut(self, sample: int) -> list[Span]:
        """Drop all speech from ``sample`` on and return it."""
        after = [
            Span(max(span.start_sample, sample), span.end_sample)
            for span in self.speech
            if span.end_sample > sample
        ]
        self.speech = [
            Span(span.start_sample, min(span.end_sample, sample))
            for span in self.speech
            if span.start_sample < sample
        ]
        return after
