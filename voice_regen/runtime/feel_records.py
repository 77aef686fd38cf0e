"""From what was felt in a recording to the line that leaves the program."""

from __future__ import annotations

from collections.abc import Sequence

from voice_regen.runtime.feel import Felt, overall_emotion, speech_pauses
from voice_regen.runtime.recording import (
    emotion_record,
    pauses_record,
    state_record,
    stream_clock,
    utterance_record,
)
from voice_regen.runtime.records import EmotionRecord, EstimateRecord, FeelRecord, FeltRecord
from voice_regen.types import EmotionLabel

CANNOT_TELL = "cannot tell"


def feel_record(
    file: str,
    felt: Sequence[Felt],
    duration_s: float,
    labels: Sequence[EmotionLabel],
    notes: tuple[str, ...] = (),
) -> FeelRecord:
    """The line of a recording that could be read; ``labels`` are the engine's, () without one."""
    emotion = overall_emotion(felt)
    if emotion is not None:
        told = emotion_record(emotion)
    else:
        told = _nothing(labels, "no speech was heard" if labels else "tone was not listened to")
    return FeelRecord(
        file=file,
        label=told.label,
        probabilities=told.probabilities,
        valence=told.valence,
        arousal=told.arousal,
        confidence=told.confidence,
        reason=told.reason,
        duration_s=round(duration_s, 3),
        pauses=pauses_record(speech_pauses(felt)),
        utterances=tuple(_felt_record(each) for each in felt),
        notes=notes,
    )


def unreadable_record(file: str, problem: str) -> FeelRecord:
    """The line of a file that is not to be read."""
    told = _nothing((), "the file could not be read")
    return FeelRecord(
        file=file,
        label=told.label,
        probabilities={},
        valence=0.0,
        arousal=0.0,
        confidence=0.0,
        reason=told.reason,
        error=problem,
    )


def _felt_record(felt: Felt) -> FeltRecord:
    turn = felt.perception.utterance.turn_id
    return FeltRecord(
        heard=utterance_record(felt.perception, stream_clock),
        state=state_record(turn, felt.state),
        on_the_way=tuple(
            EstimateRecord(at_s=round(at_s, 3), emotion=emotion_record(emotion))
            for at_s, emotion in felt.on_the_way
        ),
    )


def _nothing(labels: Sequence[EmotionLabel], reason: str) -> EmotionRecord:
    even = {label.value: round(1.0 / len(labels), 4) for label in labels}
    return EmotionRecord(
        label=CANNOT_TELL,
        probabilities=even,
        valence=0.0,
        arousal=0.0,
        confidence=0.0,
        reason=reason,
    )
