"""Where the labels lie in the plane of valence and arousal, and answers that abstain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from voice_regen.types import Emotion, EmotionLabel

PLACES: Mapping[EmotionLabel, tuple[float, float]] = {
    EmotionLabel.NEUTRAL: (0.0, 0.0),
    EmotionLabel.HAPPY: (0.8, 0.5),
    EmotionLabel.SAD: (-0.7, -0.5),
    EmotionLabel.ANGRY: (-0.7, 0.8),
    EmotionLabel.FEARFUL: (-0.7, 0.6),
    EmotionLabel.DISGUST: (-0.6, 0.1),
    EmotionLabel.SURPRISED: (0.1, 0.7),
}
"""(valence, arousal). The quadrants are those of Russell's circumplex (1980, J Pers Soc Psychol
39:1161); the figures within them are ours. No human rating of valence or arousal was used, so
both are only another view of the class probabilities."""


def placed(probabilities: Mapping[EmotionLabel, float]) -> tuple[float, float]:
    """Expected (valence, arousal), each in [-1, 1]; ``probabilities`` sum to 1."""
    valence = sum(p * PLACES[label][0] for label, p in probabilities.items())
    arousal = sum(p * PLACES[label][1] for label, p in probabilities.items())
    return min(1.0, max(-1.0, valence)), min(1.0, max(-1.0, arousal))


def no_judgement(labels: Sequence[EmotionLabel], reason: str) -> Emotion:
    """ "Cannot tell": every label alike, in the middle of the plane, no confidence.

    Without labels (tone was not listened to) there are no probabilities either.
    """
    even = 1.0 / max(len(labels), 1)
    return Emotion(dict.fromkeys(labels, even), 0.0, 0.0, 0.0, reason)
