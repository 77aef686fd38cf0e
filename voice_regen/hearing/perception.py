"""One utterance, wholly perceived: words, silences and tone from a single encoder pass."""

from __future__ import annotations

from voice_regen.engines.base import EmotionEngine, Recogniser, Recognition
from voice_regen.hearing.pauses import measure_pauses
from voice_regen.types import Perception, Utterance


def recognise(recogniser: Recogniser, utterance: Utterance, previous_text: str = "") -> Recognition:
    """The words of an utterance, and the encoder output that the tone is read from."""
    return recogniser.recognise(utterance.samples, previous_text)


def perceive(
    utterance: Utterance, recognition: Recognition, emotion_engine: EmotionEngine | None
) -> Perception:
    """Join words, pauses and, where an engine is given, tone.

    Without an engine (no consent to listen to tone) the emotion is ``None``: not neutral.
    """
    pauses = measure_pauses(utterance, recognition.transcript)
    emotion = None
    if emotion_engine is not None:
        emotion = emotion_engine.feel(utterance.samples, recognition.encoded, pauses)
    return Perception(utterance, recognition.transcript, pauses, emotion)
