"""Scripted engines: tests of everything above the engines run on these, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from voice_regen.engines.base import EncodedSpeech, Recognition
from voice_regen.types import (
    PLAYOUT_RATE_HZ,
    STREAM_RATE_HZ,
    Emotion,
    EmotionLabel,
    FloatArray,
    Pauses,
    Prosody,
    Transcript,
    Word,
)

WINDOW_SAMPLES = 512


@dataclass(slots=True)
class EnergyVoiceActivity:
    """Speech is whatever is louder than ``threshold`` RMS; exact on generated signals."""

    threshold: float = 0.01
    window_samples: int = WINDOW_SAMPLES

    def open_stream(self) -> EnergyVoiceActivity:
        """The engine has no state, so it is its own stream."""
        return self

    def judge(self, window: FloatArray) -> float:
        """1.0 for a loud window, else 0.0."""
        return float(np.sqrt(np.mean(np.square(window))) > self.threshold)

    def reset(self) -> None:
        """Nothing to forget."""


@dataclass(slots=True)
class ScriptedRecogniser:
    """Says the next line of ``texts`` for each new utterance; the same line for the same audio."""

    texts: Sequence[str]
    calls: list[int] = field(default_factory=list)
    """Samples of each call, in order."""
    _answers: dict[bytes, str] = field(default_factory=dict)

    def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
        """The script's next line, its words spread evenly over the samples."""
        self.calls.append(len(samples))
        key = np.ascontiguousarray(samples).tobytes()
        if key not in self._answers:
            used = len(self._answers)
            self._answers[key] = self.texts[used] if used < len(self.texts) else ""
        text = self._answers[key]
        parts = text.split()
        step = len(samples) / STREAM_RATE_HZ / max(len(parts), 1)
        words = tuple(Word(w, i * step, (i + 1) * step, 0.9) for i, w in enumerate(parts))
        frames = np.zeros((max(1, len(samples) // 320), 4), np.float32)
        return Recognition(Transcript(text, words), EncodedSpeech(frames, 50.0, "scripted"))


@dataclass(slots=True)
class ScriptedEmotion:
    """Answers with what ``judge`` makes of the samples; sad by default."""

    judge: Callable[[FloatArray], EmotionLabel] = lambda samples: EmotionLabel.SAD
    confidence: float = 0.8

    @property
    def labels(self) -> tuple[EmotionLabel, ...]:
        """All there are."""
        return tuple(EmotionLabel)

    def feel(self, samples: FloatArray, encoded: EncodedSpeech | None, pauses: Pauses) -> Emotion:
        """All probability on one label."""
        label = self.judge(samples)
        unpleasant = {EmotionLabel.SAD, EmotionLabel.ANGRY, EmotionLabel.FEARFUL}
        probabilities = {each: 1.0 if each is label else 0.0 for each in EmotionLabel}
        return Emotion(probabilities, -0.6 if label in unpleasant else 0.2, 0.0, self.confidence)


@dataclass(slots=True)
class ToneSynthesiser:
    """Speaks every character as 60 ms of a 220 Hz tone; slower when the rate is lower."""

    rate_hz: int = PLAYOUT_RATE_HZ
    voice: str = "tone"
    spoken: list[str] = field(default_factory=list)

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        """A tone as long as the text."""
        self.spoken.append(text)
        n = int(len(text) * 0.06 * self.rate_hz / prosody.rate_ratio)
        return (0.1 * np.sin(2 * np.pi * 220 * np.arange(n) / self.rate_hz)).astype(np.float32)
