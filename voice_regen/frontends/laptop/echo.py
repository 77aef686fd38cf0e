"""Echo cancellation: the assistant must not hear itself.

WebRTC's canceller (AEC3), in two packagings. docs/audio-devices.md has what each reached.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from voice_regen.errors import EngineError, MissingExtraError, UsageError
from voice_regen.types import STREAM_RATE_HZ, FloatArray

STEP_SAMPLES = STREAM_RATE_HZ // 100
"""10 ms: WebRTC takes exactly these."""
LONGEST_DELAY_S = 0.5
"""WebRTC refuses to be told more."""


class EchoCanceller(Protocol):
    """Takes the loudspeaker's sound out of the microphone's."""

    def process(self, microphone: FloatArray, reference: FloatArray) -> FloatArray:
        """The microphone without the echo; shape as ``microphone``.

        Both at STREAM_RATE_HZ, float32 in [-1, 1], of one length that is a multiple of
        STEP_SAMPLES, each following the last call's. The echo may come up to half a second
        after its reference, never before. Raises EngineError if the library fails.
        """
        ...


def make_echo_canceller(name: str, delay_s: float = 0.0) -> EchoCanceller:
    """``livekit``, ``pywebrtc`` or ``none``; ``delay_s`` is a first guess of the echo's delay.

    Raises UsageError for another name, MissingExtraError if its package is not installed.
    """
    makers: dict[str, Callable[[float], EchoCanceller]] = {
        "livekit": LivekitEchoCanceller,
        "pywebrtc": PywebrtcEchoCanceller,
        "none": lambda delay_s: NoEchoCanceller(),
    }
    if name not in makers:
        raise UsageError(
            f"There is no echo cancellation {name!r}.", f"Choose one of: {', '.join(makers)}."
        )
    return makers[name](min(max(delay_s, 0.0), LONGEST_DELAY_S))


class NoEchoCanceller:
    """For headphones: the microphone as it is."""

    def process(self, microphone: FloatArray, reference: FloatArray) -> FloatArray:
        """``microphone`` itself."""
        _check(microphone, reference)
        return microphone


class LivekitEchoCanceller:
    """WebRTC's audio processing as LiveKit's Python package brings it."""

    def __init__(self, delay_s: float = 0.0) -> None:
        """Raises MissingExtraError without the package ``livekit``."""
        try:
            from livekit import rtc
        except ImportError as error:
            raise MissingExtraError("Echo cancellation", "talk", "livekit") from error
        self._frame = rtc.AudioFrame
        self._delay_ms = round(1000 * delay_s)
        # Neither noise suppression nor gain control: both change what recognition and the
        # emotion engine were trained on.
        self._apm: Any = rtc.AudioProcessingModule(echo_cancellation=True)

    def process(self, microphone: FloatArray, reference: FloatArray) -> FloatArray:
        """As the protocol says."""
        _check(microphone, reference)
        near, far = _pcm(microphone), _pcm(reference)
        try:
            return _joined([self._step(*pair) for pair in zip(near, far, strict=True)])
        except RuntimeError as error:
            raise EngineError(f"Echo cancellation failed: {error}.") from error

    def _step(self, near: Any, far: Any) -> Any:
        self._apm.process_reverse_stream(
            self._frame(far.tobytes(), STREAM_RATE_HZ, 1, STEP_SAMPLES)
        )
        self._apm.set_stream_delay_ms(self._delay_ms)
        frame = self._frame(near.tobytes(), STREAM_RATE_HZ, 1, STEP_SAMPLES)
        self._apm.process_stream(frame)
        return np.frombuffer(bytes(frame.data), np.int16)


class PywebrtcEchoCanceller:
    """The same canceller in a wheel of one megabyte."""

    def __init__(self, delay_s: float = 0.0) -> None:
        """Raises MissingExtraError without the package ``pywebrtc-audio``."""
        try:
            from pywebrtc_audio import AudioProcessor
        except ImportError as error:
            raise MissingExtraError("Echo cancellation", "talk", "pywebrtc-audio") from error
        self._apm: Any = AudioProcessor(
            sample_rate=STREAM_RATE_HZ,
            echo_cancellation=True,
            stream_delay_ms=round(1000 * delay_s),
        )

    def process(self, microphone: FloatArray, reference: FloatArray) -> FloatArray:
        """As the protocol says."""
        _check(microphone, reference)
        near, far = _pcm(microphone), _pcm(reference)
        try:
            return _joined([self._apm.process(*pair) for pair in zip(near, far, strict=True)])
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"Echo cancellation failed: {error}.") from error


def _check(microphone: FloatArray, reference: FloatArray) -> None:
    if len(microphone) != len(reference) or len(microphone) % STEP_SAMPLES:
        raise ValueError(
            f"{len(microphone)} samples of microphone and {len(reference)} of reference are not "
            f"the same multiple of {STEP_SAMPLES}"
        )


def _pcm(samples: FloatArray) -> Any:
    """16-bit, a row for each step."""
    whole = np.rint(np.clip(np.nan_to_num(samples), -1.0, 1.0) * 32767).astype(np.int16)
    return whole.reshape(-1, STEP_SAMPLES)


def _joined(steps: list[Any]) -> FloatArray:
    if not steps:
        return np.zeros(0, np.float32)
    return np.concatenate(steps).astype(np.float32) / np.float32(32767)
