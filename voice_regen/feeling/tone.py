"""What the voice sounds like, as cues."""

from __future__ import annotations

from collections.abc import Iterator

from voice_regen.feeling.cues import Cue
from voice_regen.types import Emotion, EmotionLabel

MOST_WEIGHT = 0.6
"""Tone alone never settles it: people heard 46 % of acted emotions right by voice (CREMA-D)."""

_DISTRESS = {
    EmotionLabel.SAD: 0.8,
    EmotionLabel.FEARFUL: 0.9,
    EmotionLabel.ANGRY: 0.5,
    EmotionLabel.DISGUST: 0.4,
    EmotionLabel.SURPRISED: 0.2,
}
_FRUSTRATION = {EmotionLabel.ANGRY: 0.8, EmotionLabel.DISGUST: 0.4}


def tone_cues(emotion: Emotion | None) -> Iterator[Cue]:
    """Cues of one utterance; none where the engine abstains or was not asked."""
    if emotion is None or emotion.cannot_tell:
        return
    weight = MOST_WEIGHT * emotion.confidence
    how = f"the voice sounds {emotion.label} ({100 * emotion.confidence:.0f} % sure)"
    yield Cue("valence", emotion.valence, weight, how)
    yield Cue("arousal", emotion.arousal, weight, how)
    yield Cue("distress", _expected(emotion, _DISTRESS), weight, how)
    yield Cue("frustration", _expected(emotion, _FRUSTRATION), weight, how)


def _expected(emotion: Emotion, levels: dict[EmotionLabel, float]) -> float:
    return sum(levels.get(label, 0.0) * p for label, p in emotion.probabilities.items())
