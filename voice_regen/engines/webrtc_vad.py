"""The first gate: WebRTC's voice activity detector, a few microseconds a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from voice_regen.errors import MissingExtraError
from voice_regen.types import STREAM_RATE_HZ, FloatArray

FRAME_SAMPLES = STREAM_RATE_HZ // 100
"""WebRTC judges 10, 20 or 30 ms; 10 ms follows an onset fastest."""


class WebRtcVoiceActivity:
    """Engine for WebRTC's detector; every stream has its own noise estimate."""

    def __init__(self, aggressiveness: int = 1, window_samples: int = 512) -> None:
        """``aggressiveness`` 0 (lets most through) to 3; as a gate it must miss little.

        Raises MissingExtraError without the package webrtcvad.
        """
        try:
            import webrtcvad
        except ImportError as error:
            raise MissingExtraError("The first voice gate", "talk", "webrtcvad-wheels") from error
        self._new_detector = lambda: webrtcvad.Vad(aggressiveness)
        self.window_samples = window_samples

    def open_stream(self) -> WebRtcVoiceActivityStream:
        """A detector with a fresh noise estimate."""
        return WebRtcVoiceActivityStream(self._new_detector)


class WebRtcVoiceActivityStream:
    """One stream. Windows need not be a multiple of 10 ms: the rest waits for the next."""

    def __init__(self, new_detector: Any) -> None:
        """``new_detector`` makes a webrtcvad.Vad."""
        self._new_detector = new_detector
        self.reset()

    def reset(self) -> None:
        """Forget the noise estimate and the rest."""
        self._detector = self._new_detector()
        self._rest = np.zeros(0, np.int16)

    def judge(self, window: FloatArray) -> float:
        """1.0 if any 10 ms completed by this window holds voice, else 0.0."""
        fresh = (np.clip(window, -1.0, 1.0) * 32767.0).astype(np.int16)
        pending = np.concatenate((self._rest, fresh))
        whole = len(pending) - len(pending) % FRAME_SAMPLES
        self._rest = pending[whole:]
        voiced = False
        for start in range(0, whole, FRAME_SAMPLES):
            # All frames are judged even after a hit: the detector adapts on each of them.
            frame = pending[start : start + FRAME_SAMPLES].tobytes()
            voiced |= self._detector.is_speech(frame, STREAM_RATE_HZ)
        return float(voiced)
