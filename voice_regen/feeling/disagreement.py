"""Words and voice that do not fit each other: "I'm fine", said flatly after four seconds."""

from __future__ import annotations

from voice_regen.feeling.cues import Cue, Dimension
from voice_regen.feeling.tone_cues import in_words
from voice_regen.feeling.words import Reading, words_valence
from voice_regen.types import Emotion

UNPLEASANT_TONE = -0.2
CLEAR_CONFIDENCE = 0.35
PLEASANT_WORDS = 0.15
STRIKING_SILENCE = 0.35
"""Share of the way from a usual to a very long answering time (pause_cues)."""


def disagreement_cues(reading: Reading, emotion: Emotion | None, silence: float) -> list[Cue]:
    """Cues of the mismatch alone; none when words and voice agree or either says nothing.

    ``emotion`` is a reliable one or ``None``; ``silence`` tells how striking the pause before
    the answer was, 0 to 1.
    """
    if words_valence(reading) < PLEASANT_WORDS:
        return []
    but = _what_speaks_against(reading, emotion, silence)
    if but is None:
        return []
    said = f'"{reading.minimising}"' if reading.minimising else "pleasant words"
    reason = f"says {said}, but {but}"
    weight = 0.5 if reading.minimising else 0.3
    return [
        Cue(Dimension.DISTRESS, 0.65, weight, reason),
        Cue(Dimension.VALENCE, -0.4, weight, reason),
        Cue(Dimension.OPENNESS, 0.25, weight, reason),
    ]


def _what_speaks_against(reading: Reading, emotion: Emotion | None, silence: float) -> str | None:
    unpleasant = (
        emotion is not None
        and emotion.valence <= UNPLEASANT_TONE
        and emotion.confidence >= CLEAR_CONFIDENCE
    )
    # A long silence speaks against "I'm fine", not against an honest "thank you, I feel better".
    hesitant = reading.minimising is not None and silence >= STRIKING_SILENCE
    if unpleasant and emotion is not None:
        return f"sounds {in_words(emotion)}" + (" and waited long" if hesitant else "")
    return "only after a long silence" if hesitant else None
