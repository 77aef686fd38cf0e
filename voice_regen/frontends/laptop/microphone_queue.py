"""From the driver's thread to the session's: blocks handed over once, gaps made silence."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from voice_regen.types import FloatArray

LONGEST_WAIT_S = 5.0
"""Audio that may wait for a session that is late; more is dropped, and counted."""
LONGEST_GAP_S = 10.0
"""No loss of samples is believed to be longer."""
NOTICED_GAP_S = 0.04
"""Two blocks: less than this is the jitter of the driver's thread."""


@dataclass(frozen=True, slots=True)
class MicrophoneBlock:
    """A block and what belongs to its moment."""

    samples: FloatArray
    """Mono at the device's rate; silence stands where samples were lost."""
    reference_pushed: int
    """Samples of the reply that had gone to the loudspeaker when it came."""


class MicrophoneQueue:
    """Bounded queue between two threads that keeps the sample clock true.

    A block that finds no room is replaced by as much silence before the next one. Samples that
    the driver lost are counted by the clock: how many should have come since the beginning.
    """

    def __init__(self, rate_hz: int) -> None:
        """For a device at ``rate_hz``."""
        self._rate_hz = rate_hz
        self._waiting: deque[MicrophoneBlock] = deque()
        self._waiting_samples = 0
        self._missing = 0
        self._came = 0
        self._began_at_s = float("inf")
        self._ready = threading.Condition()
        self.dropped_samples = 0
        """No room: the session was too late."""
        self.lost_samples = 0
        """Lost by the driver."""

    def put(
        self,
        samples: FloatArray,
        lost_before: bool,
        reference_pushed: int,
        now_s: float | None = None,
    ) -> None:
        """Hand over a block; called by the driver, never waits. ``now_s`` is monotonic."""
        now_s = time.monotonic() if now_s is None else now_s
        with self._ready:
            self._came += len(samples)
            if lost_before:
                self._count_loss(now_s)
            self._began_at_s = min(self._began_at_s, now_s - self._came / self._rate_hz)
            if self._waiting_samples + len(samples) > LONGEST_WAIT_S * self._rate_hz:
                self._missing += len(samples)
                self.dropped_samples += len(samples)
                return
            if self._missing:
                samples = np.concatenate((np.zeros(self._missing, np.float32), samples))
                self._missing = 0
            self._waiting.append(MicrophoneBlock(samples, reference_pushed))
            self._waiting_samples += len(samples)
            self._ready.notify()

    def _count_loss(self, now_s: float) -> None:
        if self._began_at_s == float("inf"):
            return  # the first block: what came before it was never expected
        due = round((now_s - self._began_at_s) * self._rate_hz)
        lost = min(due - self._came, round(LONGEST_GAP_S * self._rate_hz))
        if lost > NOTICED_GAP_S * self._rate_hz:
            self._missing += lost
            self._came += lost
            self.lost_samples += lost

    def get(self, timeout_s: float) -> MicrophoneBlock | None:
        """The oldest block; ``None`` if none comes in time."""
        with self._ready:
            if not self._waiting:
                self._ready.wait(timeout_s)
            if not self._waiting:
                return None
            block = self._waiting.popleft()
            self._waiting_samples -= len(block.samples)
            return block
