"""Perceptions made by hand, for tests of feeling."""

from __future__ import annotations

import numpy as np

from voice_regen.types import (
    STREAM_RATE_HZ,
    Emotion,
    EmotionLabel,
    Pauses,
    Perception,
    Span,
    Transcript,
    Utterance,
)


def tone(
    label: EmotionLabel,
    confidence: float = 0.7,
    valence: float = 0.0,
    arousal: float = 0.0,
    reason: str | None = None,
) -> Emotion:
    """A voice that is ``confidence`` sure of one label, the rest spread over the others."""
    rest = (1.0 - confidence) / (len(EmotionLabel) - 1)
    probabilities = {each: confidence if each is label else rest for each in EmotionLabel}
    return Emotion(probabilities, valence, arousal, confidence, reason)


NEUTRAL = tone(EmotionLabel.NEUTRAL)
SAD = tone(EmotionLabel.SAD, 0.8, valence=-0.7, arousal=-0.4)
ANGRY = tone(EmotionLabel.ANGRY, 0.8, valence=-0.6, arousal=0.7)


def pauses(
    latency_s: float | None = 0.4,
    longest_s: float = 0.0,
    rate: float | None = 4.2,
    speech_s: float = 3.0,
) -> Pauses:
    return Pauses(latency_s, longest_s, longest_s, int(longest_s > 0), speech_s, rate)


def perception(
    text: str = "",
    emotion: Emotion | None = None,
    silences: Pauses | None = None,
    turn_id: int = 1,
    language: str = "en",
) -> Perception:
    utterance = Utterance(
        samples=np.zeros(STREAM_RATE_HZ, np.float32),
        start_sample=0,
        end_sample=STREAM_RATE_HZ,
        speech=(Span(0, STREAM_RATE_HZ),),
        turn_id=turn_id,
        index=0,
    )
    return Perception(utterance, Transcript(text, (), language), silences or pauses(), emotion)
