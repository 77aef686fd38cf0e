"""From what was felt in a recording to the line that leaves the program."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import asdict

from voice_regen.engines.emotion_space import no_judgement
from voice_regen.runtime.feel import Felt, overall_emotion, speech_pauses
from voice_regen.runtime.recording import (
    emotion_record,
    pauses_record,
    state_record,
    stream_clock,
    utterance_record,
)
from voice_regen.runtime.records import EstimateRecord, FeelRecord, FeltRecord
from voice_regen.types import EmotionLabel


def feel_record(
    file: str,
    felt: Sequence[Felt],
    duration_s: float,
    labels: Sequence[EmotionLabel],
    notes: tuple[str, ...] = (),
) -> FeelRecord:
    """The line of a recording that could be read; ``labels`` are the engine's, () without one."""
    emotion = overall_emotion(felt)
    if emotion is None:
        reason = "no speech was heard" if labels else "tone was not listened to"
        emotion = no_judgement(labels, reason)
    return FeelRecord(
        file=file,
        **asdict(emotion_record(emotion)),
        duration_s=round(duration_s, 3),
        pauses=pauses_record(speech_pauses(felt)),
        utterances=tuple(_felt_record(each) for each in felt),
        notes=notes,
    )


def unreadable_record(file: str, problem: str) -> FeelRecord:
    """The line of a file that is not to be read."""
    told = emotion_record(no_judgement((), "the file could not be read"))
    return FeelRecord(file=file, **asdict(told), error=problem)


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
