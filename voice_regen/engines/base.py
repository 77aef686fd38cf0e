"""What each kind of engine must do. Engines are plain blocking functions over arrays.

An engine is loaded once and shared by all calls; whatever belongs to one stream lives in
an object that the engine hands out. Samples are float32, mono, in [-1, 1]. Input is at
``STREAM_RATE_HZ`` unless said. Engines raise :class:`voice_regen.errors.EngineError` on
failure and never return NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voice_regen.types import Emotion, EmotionLabel, FloatArray, Pauses, Prosody, Transcript


class VoiceActivityStream(Protocol):
    """Voice activity of one stream; windows must follow each other without gaps."""

    def judge(self, window: FloatArray) -> float:
        """Chance in [0, 1] that ``window`` (exactly ``window_samples`` long) holds speech."""
        ...

    def reset(self) -> None:
        """Forget the past, as after a gap in the stream."""
        ...


class VoiceActivityEngine(Protocol):
    """A detector of speech."""

    @property
    def window_samples(self) -> int:
        """Samples that one judgement takes."""
        ...

    def open_stream(self) -> VoiceActivityStream:
        """A detector for one stream, sharing this engine's weights."""
        ...


@dataclass(frozen=True, slots=True)
class EncodedSpeech:
    """A recogniser's encoder output over the speech alone (its padding removed)."""

    frames: FloatArray
    """Shape (time, width), finite."""
    frame_rate_hz: float
    """Whisper: 50."""
    source: str
    """Name of the model that made it ("whisper-base"); a head fits one source only."""


@dataclass(frozen=True, slots=True)
class DecodeReport:
    """How a recognition went; kept for metrics and tests."""

    window_s: float
    """Audio the encoder was given, silence included."""
    redone: bool
    """True when the short window was rejected and the full window decoded."""
    redo_reason: str | None
    average_log_probability: float
    compression_ratio: float
    no_speech_probability: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """Words and, from the same encoder pass, the encoder's output."""

    transcript: Transcript
    encoded: EncodedSpeech | None
    report: DecodeReport | None = None


class Recogniser(Protocol):
    """Speech to words."""

    def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
        """Recognise one utterance of at most 30 s.

        ``previous_text`` is what the same speaker said just before; it may be used as context.
        An utterance without words gives an empty transcript, not an error.
        """
        ...


class EmotionEngine(Protocol):
    """Tone and pauses to feeling."""

    @property
    def labels(self) -> tuple[EmotionLabel, ...]:
        """The feelings that it tells apart."""
        ...

    def feel(self, samples: FloatArray, encoded: EncodedSpeech | None, pauses: Pauses) -> Emotion:
        """Judge one utterance.

        ``encoded`` is the recogniser's output for the same samples. The answer abstains
        (``Emotion.cannot_tell``) on too little speech rather than guess.
        """
        ...


class Synthesiser(Protocol):
    """Text to speech."""

    @property
    def rate_hz(self) -> int:
        """Rate of what :meth:`synthesise` returns."""
        ...

    @property
    def voice(self) -> str:
        """Name of the chosen voice; with the engine's name it keys the opener cache."""
        ...

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        """Speak one phrase (no longer than a sentence or two); shape (n,), in [-1, 1].

        Raises EngineError if nothing can be spoken. Text without a speakable character
        gives an empty array.
        """
        ...
