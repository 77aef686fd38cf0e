"""From the core's types to the records that leave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from voice_regen.runtime.records import (
    EmotionRecord,
    EvidenceRecord,
    PauseRecord,
    PausesRecord,
    PlanRecord,
    SayRecord,
    StateRecord,
    UtteranceRecord,
    WordRecord,
)
from voice_regen.types import (
    STREAM_RATE_HZ,
    CallerState,
    Emotion,
    Pauses,
    Perception,
    ReplyPlan,
    Say,
)

CallerClock: TypeAlias = Callable[[int], float]
"""Stream sample to seconds of the caller's audio."""


def stream_clock(sample: int) -> float:
    """The caller's audio is the stream, as in a live call."""
    return sample / STREAM_RATE_HZ


def utterance_record(perception: Perception, clock: CallerClock) -> UtteranceRecord:
    """What was heard."""
    utterance = perception.utterance
    origin_s = clock(utterance.start_sample)
    first, last = utterance.speech[0], utterance.speech[-1]
    return UtteranceRecord(
        turn=utterance.turn_id,
        index=utterance.index,
        text=perception.transcript.text,
        language=perception.transcript.language,
        start_s=_ms(clock(first.start_sample)),
        end_s=_ms(clock(last.end_sample)),
        stream_start_s=_ms(stream_clock(first.start_sample)),
        words=tuple(
            WordRecord(
                text=word.text,
                start_s=_ms(origin_s + word.start_s),
                end_s=_ms(origin_s + word.end_s),
                probability=round(word.probability, 4),
            )
            for word in perception.transcript.words
        ),
        pauses=pauses_record(perception.pauses),
        emotion=None if perception.emotion is None else emotion_record(perception.emotion),
    )


def pauses_record(pauses: Pauses) -> PausesRecord:
    """The silences."""
    return PausesRecord(
        response_latency_s=_ms_or_none(pauses.response_latency_s),
        longest_s=_ms(pauses.longest_s),
        total_s=_ms(pauses.total_s),
        count=pauses.count,
        speech_s=_ms(pauses.speech_s),
        speech_rate_syll_s=_ms_or_none(pauses.speech_rate_syll_s),
    )


def emotion_record(emotion: Emotion) -> EmotionRecord:
    """How it sounded; abstention shows in the label."""
    return EmotionRecord(
        label="cannot tell" if emotion.cannot_tell else emotion.label.value,
        probabilities={label.value: round(p, 4) for label, p in emotion.probabilities.items()},
        valence=round(emotion.valence, 4),
        arousal=round(emotion.arousal, 4),
        confidence=round(emotion.confidence, 4),
        reason=emotion.reason,
    )


def state_record(turn: int, state: CallerState) -> StateRecord:
    """What is believed."""
    return StateRecord(
        turn=turn,
        valence=round(state.valence, 4),
        arousal=round(state.arousal, 4),
        distress=round(state.distress, 4),
        frustration=round(state.frustration, 4),
        hesitation=round(state.hesitation, 4),
        openness=round(state.openness, 4),
        trend=round(state.trend, 4),
        uncertainty=round(state.uncertainty, 4),
        evidence=tuple(
            EvidenceRecord(
                dimension=each.dimension, change=round(each.change, 4), reason=each.reason
            )
            for each in state.evidence
        ),
    )


def plan_record(plan: ReplyPlan) -> PlanRecord:
    """What was decided."""
    return PlanRecord(
        turn=plan.turn_id,
        strategy=plan.strategy.value,
        warmth=round(plan.warmth, 4),
        text=plan.text,
        moves=tuple(
            SayRecord(text=move.text)
            if isinstance(move, Say)
            else PauseRecord(duration_s=_ms(move.duration_s), kind=move.kind.value)
            for move in plan.moves
        ),
        reasons=plan.reasons,
    )


def _ms(seconds: float) -> float:
    return round(seconds, 3)


def _ms_or_none(seconds: float | None) -> float | None:
    return None if seconds is None else _ms(seconds)
