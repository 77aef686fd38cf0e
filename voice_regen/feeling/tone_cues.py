"""Cues from vocal tone: the emotion engine's answer, weighed by its confidence."""

from __future__ import annotations

import math

from voice_regen.feeling.cues import Cue, Dimension, bounded
from voice_regen.types import Emotion, EmotionLabel

DISTRESS_SHARE = {EmotionLabel.SAD: 0.9, EmotionLabel.FEARFUL: 1.0, EmotionLabel.DISGUST: 0.25}
"""How distressed a voice of each label counts; labels not named count 0."""
FRUSTRATION_SHARE = {EmotionLabel.ANGRY: 1.0, EmotionLabel.DISGUST: 0.5}

_IN_WORDS = {
    EmotionLabel.NEUTRAL: "calm",
    EmotionLabel.HAPPY: "glad",
    EmotionLabel.SAD: "sad",
    EmotionLabel.ANGRY: "angry",
    EmotionLabel.FEARFUL: "afraid",
    EmotionLabel.DISGUST: "put off",
    EmotionLabel.SURPRISED: "surprised",
}


def reliable(emotion: Emotion | None) -> Emotion | None:
    """The emotion, unless there is none, the engine abstained or a figure is no number."""
    if emotion is None or emotion.cannot_tell or not emotion.probabilities:
        return None
    figures = (*emotion.probabilities.values(), emotion.valence, emotion.arousal)
    if not all(math.isfinite(figure) for figure in (*figures, emotion.confidence)):
        return None
    return emotion if emotion.confidence > 0.0 else None


def in_words(emotion: Emotion) -> str:
    """As in "sad (62 % sure)"."""
    return f"{_IN_WORDS[emotion.label]} ({100.0 * min(1.0, emotion.confidence):.0f} % sure)"


def tone_cues(emotion: Emotion) -> list[Cue]:
    """Readings of a reliable emotion. Calm is a reading too: it brings distress down."""
    weight = min(1.0, emotion.confidence)
    reason = f"sounds {in_words(emotion)}"
    distress = _expected(emotion, DISTRESS_SHARE)
    frustration = _expected(emotion, FRUSTRATION_SHARE)
    return [
        Cue(Dimension.VALENCE, bounded(Dimension.VALENCE, emotion.valence), weight, reason),
        Cue(Dimension.AROUSAL, bounded(Dimension.AROUSAL, emotion.arousal), weight, reason),
        Cue(Dimension.DISTRESS, distress, weight, reason),
        Cue(Dimension.FRUSTRATION, frustration, weight, reason),
    ]


def _expected(emotion: Emotion, share: dict[EmotionLabel, float]) -> float:
    total = sum(share.get(label, 0.0) * p for label, p in emotion.probabilities.items())
    return min(1.0, max(0.0, total))
