"""The same planner and picture of the caller, with typed words instead of a microphone."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from voice_regen.dialogue.history import CallerTurn, History
from voice_regen.dialogue.planner import Planner
from voice_regen.dialogue.safety import Assessment, assess
from voice_regen.engines.emotion_space import placed
from voice_regen.feeling.state import CallerStateTracker
from voice_regen.hearing.pauses import COUNTED_PAUSE_S
from voice_regen.types import (
    STREAM_RATE_HZ,
    CallerState,
    Emotion,
    EmotionLabel,
    Pauses,
    Perception,
    ReplyPlan,
    Span,
    Speaker,
    Transcript,
    Turn,
    Utterance,
    Word,
)

WORD_S = 0.35
"""A typed word counts as this much speech: unhurried, 3.5 to 5 syllables a second being usual
(Jacewicz et al. 2010, by a secondary report)."""
SURE = 0.95


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn of the caller, as it would have been heard; in files under the names given."""

    text: str = msgspec.field(name="caller")
    label: EmotionLabel | None = msgspec.field(name="tone", default=None)
    """Tone; ``None``: not listened to."""
    confidence: float = 0.8
    pause_before_s: float | None = None
    longest_pause_s: float = 0.0
    interrupts: bool = False
    """The caller spoke over the assistant's last reply."""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Answered:
    """One turn and its answer."""

    turn_id: int
    risk: Assessment
    state: CallerState
    plan: ReplyPlan


class TextConversation:
    """Holds one conversation; the same lines give the same answers."""

    def __init__(self, planner: Planner) -> None:
        """Nothing has been said."""
        self._planner = planner
        self._tracker = CallerStateTracker()
        self._history = History()
        self._turn_id = 0
        self._sample = 0
        self._last: ReplyPlan | None = None

    @property
    def state(self) -> CallerState:
        """What is believed of the caller."""
        return self._tracker.state

    def greet(self) -> ReplyPlan:
        """The first words."""
        return self._said(self._planner.greet())

    def answer(self, typed: Typed) -> Answered:
        """Take in a turn and answer it."""
        self._turn_id += 1
        self._end_reply(interrupted=typed.interrupts)
        perception = self._perceived(typed)
        state = self._tracker.update(perception)
        turn = CallerTurn(self._turn_id, (perception,))
        plan = self._planner.plan(turn, state, self._history)
        said = perception.utterance
        self._history.add(
            Turn(
                Speaker.CALLER,
                planned_text=turn.text,
                heard_text=turn.text,
                start_sample=said.start_sample,
                end_sample=said.end_sample,
                turn_id=self._turn_id,
                state=state,
            )
        )
        return Answered(self._turn_id, assess(typed.text), state, self._said(plan))

    def _said(self, plan: ReplyPlan) -> ReplyPlan:
        self._last = plan
        return plan

    def _end_reply(self, *, interrupted: bool) -> None:
        """The last reply goes into the history when it is known how it ended."""
        if self._last is None:
            return
        text = self._last.text
        heard = text[: len(text) // 2].rpartition(" ")[0] if interrupted else text
        self._history.add(
            Turn(
                Speaker.ASSISTANT,
                planned_text=text,
                heard_text=heard,
                start_sample=self._sample,
                end_sample=self._sample,
                interrupted=interrupted,
                turn_id=self._last.turn_id,
                state=self.state,
                strategy=self._last.strategy,
            )
        )
        self._last = None

    def _perceived(self, typed: Typed) -> Perception:
        texts = typed.text.split()
        count = max(1, round(WORD_S * STREAM_RATE_HZ * len(texts)))
        start, end = self._sample, self._sample + count
        self._sample = end
        utterance = Utterance(
            samples=np.zeros(count, np.float32),
            start_sample=start,
            end_sample=end,
            speech=(Span(start, end),),
            turn_id=self._turn_id,
            index=0,
            response_latency_s=typed.pause_before_s,
        )
        words = tuple(
            Word(text, at * WORD_S, (at + 1) * WORD_S, SURE) for at, text in enumerate(texts)
        )
        longest = typed.longest_pause_s
        pauses = Pauses(
            typed.pause_before_s,
            longest,
            longest,
            int(longest >= COUNTED_PAUSE_S),
            count / STREAM_RATE_HZ,
        )
        transcript = Transcript(typed.text, words, typed.language)
        return Perception(utterance, transcript, pauses, emotion_of(typed))


def emotion_of(typed: Typed) -> Emotion | None:
    """The tone that a label stands for: its confidence, the rest spread over the others."""
    if typed.label is None:
        return None
    rest = (1.0 - typed.confidence) / (len(EmotionLabel) - 1)
    probabilities = dict.fromkeys(EmotionLabel, rest) | {typed.label: typed.confidence}
    valence, arousal = placed(probabilities)
    return Emotion(probabilities, valence, arousal, typed.confidence)
