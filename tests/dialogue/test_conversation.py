"""Turns, barge-in, backchannels and late answers, over sample times alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from voice_regen.config import BargeInConfig, CareConfig
from voice_regen.dialogue.conversation import Conversation
from voice_regen.dialogue.history import CallerTurn, History
from voice_regen.events import (
    Effect,
    Perceive,
    Perceived,
    PlayoutEnded,
    PlayoutStarted,
    Prepare,
    Speak,
    SpeechStarted,
    SpeechStopped,
    StopPlayout,
    TurnEnded,
    UtteranceEnded,
)
from voice_regen.types import (
    STREAM_RATE_HZ,
    CallerState,
    Pauses,
    Perception,
    ReplyPlan,
    Say,
    Span,
    Speaker,
    Strategy,
    Transcript,
    Utterance,
)

S = STREAM_RATE_HZ


@dataclass
class CountingTracker:
    """Believes more distress with every utterance."""

    seen: list[str] = field(default_factory=list)

    @property
    def state(self) -> CallerState:
        return CallerState(distress=min(1.0, 0.1 * len(self.seen)))

    def update(self, perception: Perception) -> CallerState:
        self.seen.append(perception.transcript.text)
        return self.state

    def copy(self) -> CountingTracker:
        return CountingTracker(list(self.seen))


@dataclass
class EchoPlanner:
    """Says back what it was given."""

    asked: list[str] = field(default_factory=list)

    def greet(self) -> ReplyPlan:
        return _plan(0, "Hello.", Strategy.GREETING)

    def plan(self, turn: CallerTurn, state: CallerState, history: History) -> ReplyPlan:
        self.asked.append(turn.text)
        strategy = Strategy.CLOSING if "bye" in turn.text else Strategy.RESTATEMENT
        return _plan(turn.turn_id, f"You said {turn.text}.", strategy)

    def check_in(self, nth: int, history: History, state: CallerState) -> ReplyPlan:
        return _plan(0, f"Still here {nth}.", Strategy.CHECK_IN)

    def take_break(self, history: History, state: CallerState) -> ReplyPlan:
        return _plan(0, "A break.", Strategy.BREAK)


def _plan(turn_id: int, text: str, strategy: Strategy) -> ReplyPlan:
    return ReplyPlan(turn_id, strategy, (Say(text),), 0.5)


def utterance(turn: int, start_s: float, end_s: float, index: int = 0) -> Utterance:
    start, end = round(start_s * S), round(end_s * S)
    samples = np.zeros(end - start, np.float32)
    return Utterance(samples, start, end, (Span(start, end),), turn, index)


def perception(spoken: Utterance, text: str) -> Perception:
    pauses = Pauses(None, 0.0, 0.0, 0, spoken.duration_s)
    return Perception(spoken, Transcript(text), pauses, None)


class Stage:
    """Plays both sides of a conversation."""

    def __init__(self, *, greet: bool = False, speculate: bool = True) -> None:
        self.planner = EchoPlanner()
        self.tracker = CountingTracker()
        self.conversation = Conversation(
            self.planner,
            self.tracker,
            care=CareConfig(greet=greet, check_in_silence_s=(12.0, 30.0)),
            barge_in=BargeInConfig(after_s=0.25),
            speculate=speculate,
        )

    def start_speech(self, turn: int, at_s: float, *, resumed: bool = False) -> list[Effect]:
        at = round(at_s * S)
        return self.conversation.on(SpeechStarted(at, at + 1536, turn, resumed))

    def stop_speech(self, spoken: Utterance) -> list[Effect]:
        end = spoken.end_sample
        return self.conversation.on(SpeechStopped(end, end + 3200, spoken.turn_id, spoken))

    def end_turn(self, spoken: Utterance, text: str) -> list[Effect]:
        """The utterance ends, is perceived, and the turn's end is decided."""
        decided = spoken.end_sample + round(0.8 * S)
        effects = self.conversation.on(UtteranceEnded(spoken, decided))
        assert effects == [Perceive(spoken, speculative=False)]
        effects = self.conversation.on(TurnEnded(spoken.turn_id, decided, spoken.end_sample))
        return effects + self.perceived(spoken, text)

    def perceived(self, spoken: Utterance, text: str, *, speculative: bool = False) -> list[Effect]:
        return self.conversation.on(Perceived(perception(spoken, text), speculative))

    def play(self, plan: ReplyPlan, at_s: float) -> None:
        assert self.conversation.on(PlayoutStarted(plan, round(at_s * S))) == []

    def end_playout(
        self, plan: ReplyPlan, at_s: float, *, heard: str | None = None, samples: int = 24_000
    ) -> list[Effect]:
        return self.conversation.on(
            PlayoutEnded(
                plan=plan,
                heard_text=plan.text if heard is None else heard,
                played_samples=samples,
                planned_samples=samples,
                interrupted=heard is not None,
                start_sample=0,
                end_sample=round(at_s * S),
            )
        )

    def say(self, turn: int, start_s: float, end_s: float, text: str) -> ReplyPlan:
        """A whole turn; returns the plan that answers it."""
        self.start_speech(turn, start_s)
        effects = self.end_turn(utterance(turn, start_s, end_s), text)
        assert len(effects) == 1
        assert isinstance(effects[0], Speak)
        return effects[0].plan


def test_a_turn_is_answered_and_remembered() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "it rains")
    assert plan.text == "You said it rains."
    assert stage.conversation.assistant_busy
    stage.play(plan, 3.0)
    stage.end_playout(plan, 4.0)
    assert not stage.conversation.assistant_busy
    turns = stage.conversation.history.turns
    assert [(t.speaker, t.heard_text) for t in turns] == [
        (Speaker.CALLER, "it rains"),
        (Speaker.ASSISTANT, "You said it rains."),
    ]


def test_the_greeting_comes_first_where_it_is_wanted() -> None:
    assert Stage(greet=False).conversation.begin() == []
    effects = Stage(greet=True).conversation.begin()
    assert isinstance(effects[0], Speak)
    assert effects[0].plan.strategy is Strategy.GREETING


def test_the_answer_waits_for_the_words() -> None:
    stage = Stage()
    stage.start_speech(1, 0.5)
    spoken = utterance(1, 0.5, 2.0)
    stage.conversation.on(UtteranceEnded(spoken, 3 * S))
    assert stage.conversation.on(TurnEnded(1, 3 * S, 2 * S)) == []
    effects = stage.perceived(spoken, "late words")
    assert [type(e) for e in effects] == [Speak]


def test_speculation_prepares_without_believing() -> None:
    stage = Stage()
    stage.start_speech(1, 0.5)
    spoken = utterance(1, 0.5, 2.0)
    assert stage.stop_speech(spoken) == [Perceive(spoken, speculative=True)]
    effects = stage.perceived(spoken, "perhaps the end", speculative=True)
    assert [type(e) for e in effects] == [Prepare]
    assert stage.tracker.seen == []
    final = stage.end_turn(spoken, "perhaps the end")
    assert isinstance(final[0], Speak)
    assert isinstance(effects[0], Prepare)
    assert final[0].plan == effects[0].plan
    assert final[0].state == effects[0].state


def test_speculation_that_was_overtaken_prepares_nothing() -> None:
    stage = Stage()
    stage.start_speech(1, 0.5)
    spoken = utterance(1, 0.5, 2.0)
    stage.stop_speech(spoken)
    stage.start_speech(1, 2.4, resumed=True)
    assert stage.perceived(spoken, "not the end", speculative=True) == []


def test_no_speculation_where_it_is_not_wanted() -> None:
    stage = Stage(speculate=False)
    stage.start_speech(1, 0.5)
    assert stage.stop_speech(utterance(1, 0.5, 2.0)) == []


def test_several_utterances_make_one_turn() -> None:
    stage = Stage()
    stage.start_speech(1, 0.0)
    first, second = utterance(1, 0.0, 11.0), utterance(1, 12.0, 14.0, index=1)
    stage.conversation.on(UtteranceEnded(first, 12 * S))
    assert stage.perceived(first, "a long story") == []
    stage.start_speech(1, 12.0, resumed=True)
    effects = stage.end_turn(second, "and its end")
    assert isinstance(effects[0], Speak)
    assert stage.planner.asked[-1] == "a long story and its end"
    assert stage.tracker.seen == ["a long story", "and its end"]


def test_barge_in_stops_the_assistant_after_a_quarter_second() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "one")
    stage.play(plan, 3.0)
    stage.start_speech(2, 4.0)
    assert stage.conversation.on_time(round(4.1 * S), round(0.1 * S)) == []
    effects = stage.conversation.on_time(round(4.3 * S), round(0.26 * S))
    assert [type(e) for e in effects] == [StopPlayout]
    stage.end_playout(plan, 4.3, heard="You said")
    last = stage.conversation.history.last_reply
    assert last is not None
    assert last.interrupted
    assert last.heard_text == "You said"
    effects = stage.end_turn(utterance(2, 4.0, 5.0), "wait, two")
    assert isinstance(effects[0], Speak)
    assert stage.planner.asked[-1] == "wait, two"


def test_a_backchannel_neither_stops_nor_is_answered() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "one")
    stage.play(plan, 3.0)
    stage.start_speech(2, 4.0)
    assert stage.conversation.on_time(round(4.2 * S), round(0.2 * S)) == []
    assert stage.end_turn(utterance(2, 4.0, 4.2), "mm") == []
    assert stage.conversation.assistant_busy
    stage.end_playout(plan, 6.0)
    assert [t.heard_text for t in stage.conversation.history.said_by(Speaker.CALLER)] == ["one"]


def test_going_on_before_the_first_sample_makes_one_turn_of_two() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "I was thinking")
    effects = stage.start_speech(2, 2.9)
    assert [type(e) for e in effects] == [StopPlayout]
    stage.end_playout(plan, 2.9, heard="", samples=0)
    effects = stage.end_turn(utterance(2, 2.9, 4.0), "of leaving")
    assert isinstance(effects[0], Speak)
    assert stage.planner.asked[-1] == "I was thinking of leaving"
    assert stage.tracker.seen == ["I was thinking", "of leaving"]
    stage.play(effects[0].plan, 5.0)
    stage.end_playout(effects[0].plan, 6.0)
    history = stage.conversation.history
    assert [t.heard_text for t in history.said_by(Speaker.CALLER)] == ["I was thinking of leaving"]
    assert len(history.said_by(Speaker.ASSISTANT)) == 1


@pytest.mark.parametrize(("end_s", "answered"), [(1.0, False), (2.0, True)])
def test_a_short_wordless_noise_is_not_answered(end_s: float, answered: bool) -> None:
    stage = Stage()
    stage.start_speech(1, 0.5)
    effects = stage.end_turn(utterance(1, 0.5, end_s), "")
    assert bool(effects) == answered


def test_check_ins_come_at_growing_intervals_and_then_no_more() -> None:
    stage = Stage()
    said = []
    quiet_from = 0.0
    for tenth in range(2000):
        now = quiet_from + tenth / 10
        for effect in stage.conversation.on_time(round(now * S), 0):
            assert isinstance(effect, Speak)
            said.append((now, effect.plan.text))
            stage.play(effect.plan, now)
            stage.end_playout(effect.plan, now)
    assert [text for _, text in said] == ["Still here 0.", "Still here 1."]
    assert said[1][0] - said[0][0] > said[0][0]


def test_nothing_is_asked_during_a_break() -> None:
    stage = Stage()
    effects = stage.conversation.take_break()
    assert isinstance(effects[-1], Speak)
    stage.play(effects[-1].plan, 1.0)
    stage.end_playout(effects[-1].plan, 2.0)
    assert stage.conversation.on_time(500 * S, 0) == []
    stage.say(1, 501.0, 502.0, "I'm back")


def test_a_break_cuts_what_is_being_said_and_remembers_it() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "one")
    stage.play(plan, 3.0)
    effects = stage.conversation.take_break()
    assert [type(e) for e in effects] == [StopPlayout, Speak]
    stage.end_playout(plan, 3.5, heard="You")
    assert stage.conversation.assistant_busy
    assert [t.heard_text for t in stage.conversation.history.said_by(Speaker.ASSISTANT)] == ["You"]


def test_the_goodbye_closes_only_when_it_was_heard() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "bye")
    stage.play(plan, 3.0)
    stage.end_playout(plan, 3.2, heard="Take")
    assert not stage.conversation.closed
    plan = stage.say(2, 4.0, 5.0, "bye now")
    stage.play(plan, 6.0)
    stage.end_playout(plan, 7.0)
    assert stage.conversation.closed


def test_a_reply_that_cannot_be_spoken_does_not_block_the_next() -> None:
    stage = Stage()
    plan = stage.say(1, 0.5, 2.0, "one")
    stage.end_playout(plan, 3.0, samples=0)
    assert not stage.conversation.assistant_busy
    assert stage.say(2, 4.0, 5.0, "two").text == "You said two."
