"""Where in a recording the stream is, when the recorded caller is made to wait."""

from __future__ import annotations

from bisect import bisect_right

from voice_regen.types import STREAM_RATE_HZ


class CallerTimeline:
    """Maps stream samples to seconds of the recording.

    While the assistant speaks, a recorded caller who waits is replaced by silence: the stream
    goes on, the recording stands still.
    """

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._starts = [0]
        self._waited = [0]
        self._end_sample = 0
        self._waiting = False
        self._total_waited = 0

    def advance(self, samples: int, *, waiting: bool) -> None:
        """The stream goes on by ``samples``, of the recording or of waiting."""
        if waiting != self._waiting:
            self._starts.append(self._end_sample)
            self._waited.append(self._total_waited)
            self._waiting = waiting
        self._end_sample += samples
        self._total_waited += samples if waiting else 0

    def __call__(self, sample: int) -> float:
        """Seconds of the recording at a stream sample."""
        at = bisect_right(self._starts, sample) - 1
        position = self._starts[at] - self._waited[at]
        if at % 2 == 0:  # stretches alternate, and the first is of the recording
            position += sample - self._starts[at]
        return position / STREAM_RATE_HZ
