"""Voice activity in two steps: a gate that costs nothing, and a judge that is asked only then."""

from __future__ import annotations

from collections import deque

from voice_regen.engines.base import VoiceActivityEngine
from voice_regen.types import FloatArray

WARM_UP_WINDOWS = 6
"""Windows (192 ms) replayed to the judge when the gate opens, so that its memory is warm."""
HOLD_WINDOWS = 16
"""The judge stays awake this long (0.5 s) after the gate last saw voice."""


class SpeechGate:
    """Chance of speech per window, from a gate and a judge with equal windows."""

    def __init__(self, gate: VoiceActivityEngine, judge: VoiceActivityEngine) -> None:
        """``gate`` is cheap and misses little; ``judge`` is right."""
        if gate.window_samples != judge.window_samples:
            raise ValueError("gate and judge must take windows of the same size")
        self.window_samples = judge.window_samples
        self._gate = gate.open_stream()
        self._judge = judge.open_stream()
        self._recent: deque[FloatArray] = deque(maxlen=WARM_UP_WINDOWS)
        self._awake_windows = 0

    def judge(self, window: FloatArray) -> float:
        """Chance in [0, 1] that this window (float32, ``window_samples``) holds speech."""
        if self._gate.judge(window) >= 0.5:
            if self._awake_windows == 0:
                self._wake()
            self._awake_windows = HOLD_WINDOWS
        elif self._awake_windows:
            self._awake_windows -= 1
        probability = self._judge.judge(window) if self._awake_windows else 0.0
        self._recent.append(window)
        return probability

    def _wake(self) -> None:
        """Show the judge what came just before, as if it had listened all along."""
        self._judge.reset()
        for window in self._recent:
            self._judge.judge(window)
