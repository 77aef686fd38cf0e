"""Who has the floor: turns from events to effects.

Pure bookkeeping over sample times: no audio, no engine, no clock. Late answers carry their
turn's id and are dropped here, in one place, when the conversation has moved on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from voice_regen.config import BargeInConfig, CareConfig
from voice_regen.dialogue.history import CallerTurn, History
from voice_regen.events import (
    Effect,
    HearingEvent,
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
    Perception,
    ReplyPlan,
    Speaker,
    Strategy,
    Turn,
)

WORDLESS_NOISE_S = 0.6
"""A turn this short in which no word was recognised is a cough or a door: no answer."""


class StateTracker(Protocol):
    """Keeps the picture of the caller (feeling/ has the real one)."""

    @property
    def state(self) -> CallerState:
        """What is believed now."""
        ...

    def update(self, perception: Perception) -> CallerState:
        """Take in one utterance."""
        ...

    def copy(self) -> StateTracker:
        """An independent tracker that believes the same."""
        ...


class ReplyPlanner(Protocol):
    """Decides what to say (dialogue/planner has the real one). Pure: it keeps no state."""

    def greet(self) -> ReplyPlan:
        """The first words."""
        ...

    def plan(self, turn: CallerTurn, state: CallerState, history: History) -> ReplyPlan:
        """The answer to a turn."""
        ...

    def check_in(self, nth: int, history: History, state: CallerState) -> ReplyPlan:
        """Words after a long silence; ``nth`` counts from 0."""
        ...

    def take_break(self, history: History, state: CallerState) -> ReplyPlan:
        """Words that begin a break the person asked for."""
        ...


@dataclass(slots=True)
class _OpenTurn:
    """The caller's turn while it is being heard, perceived and answered."""

    turn_id: int
    perceptions: list[Perception] = field(default_factory=list)
    felt: int = 0
    """How many of ``perceptions`` the state tracker has taken in."""
    awaited: int = 0
    """Utterances that ended and whose perception has not come."""
    ended: TurnEnded | None = None
    overlapped: bool = False
    """It began while the assistant was speaking."""
    plan: ReplyPlan | None = None


class Conversation:
    """One conversation between a caller and the assistant."""

    def __init__(
        self,
        planner: ReplyPlanner,
        tracker: StateTracker,
        *,
        care: CareConfig,
        barge_in: BargeInConfig,
        speculate: bool = True,
    ) -> None:
        """``tracker`` and ``planner`` belong to this conversation alone."""
        self._planner = planner
        self._tracker = tracker
        self._care = care
        self._barge_in_samples = round(barge_in.after_s * STREAM_RATE_HZ)
        self._speculate = speculate
        self.history = History()
        self._turn: _OpenTurn | None = None
        self._likely_end_sample: int | None = None
        self._reply: ReplyPlan | None = None
        self._reply_started: int | None = None
        self._quiet_since = 0
        self._check_ins = 0
        self._on_break = False
        self.closed = False

    @property
    def state(self) -> CallerState:
        """The picture of the caller now."""
        return self._tracker.state

    @property
    def assistant_busy(self) -> bool:
        """A reply has been decided on and has not ended."""
        return self._reply is not None

    @property
    def patience(self) -> float:
        """How patiently to wait for the end of the caller's turn, 0 to 1."""
        state = self._tracker.state
        return min(1.0, max(state.hesitation, 0.8 * state.distress, -0.5 * state.valence))

    def begin(self) -> list[Effect]:
        """The greeting, where one is wanted."""
        if not self._care.greet:
            return []
        return self._speak(self._planner.greet())

    def take_break(self) -> list[Effect]:
        """The person wants a break: nothing is asked until they speak again."""
        self._on_break = True
        plan = self._planner.take_break(self.history, self.state)
        return [*self._silence("the person asked for a break"), *self._speak(plan)]

    def on(self, event: HearingEvent | Perceived | PlayoutStarted | PlayoutEnded) -> list[Effect]:
        """Take one event; returns what is to be done, in order."""
        match event:
            case SpeechStarted():
                return self._on_speech_started(event)
            case SpeechStopped():
                return self._on_speech_stopped(event)
            case UtteranceEnded():
                return self._on_utterance_ended(event)
            case TurnEnded():
                return self._on_turn_ended(event)
            case Perceived():
                return self._on_perceived(event)
            case PlayoutStarted():
                return self._on_playout_started(event)
            case PlayoutEnded():
                return self._on_playout_ended(event)

    def on_time(self, now_sample: int, speaking_samples: int) -> list[Effect]:
        """Time has passed: ``speaking_samples`` is how long the caller has been speaking.

        Barge-in and check-ins are decided here.
        """
        if speaking_samples:
            self._quiet_since = now_sample
            if self._reply is not None and speaking_samples >= self._barge_in_samples:
                return self._silence("the caller speaks")
            return []
        return self._consider_check_in(now_sample)

    # -- the caller's turn -----------------------------------------------------------

    def _on_speech_started(self, event: SpeechStarted) -> list[Effect]:
        self._likely_end_sample = None
        self._on_break = False
        self._check_ins = 0
        if event.resumed:
            return []
        return self._open_turn(event.turn_id)

    def _open_turn(self, turn_id: int) -> list[Effect]:
        unanswered = self._turn
        self._turn = _OpenTurn(turn_id, overlapped=self._reply_started is not None)
        if unanswered is None:
            return []
        # The caller goes on before a word of the answer was heard: it is one turn after all.
        self._turn.perceptions = unanswered.perceptions
        self._turn.felt = unanswered.felt
        self._turn.awaited = unanswered.awaited
        return self._silence("the caller went on") if self._reply is not None else []

    def _on_speech_stopped(self, event: SpeechStopped) -> list[Effect]:
        self._likely_end_sample = event.utterance.end_sample
        return [Perceive(event.utterance, speculative=True)] if self._speculate else []

    def _on_utterance_ended(self, event: UtteranceEnded) -> list[Effect]:
        if self._turn is not None:
            self._turn.awaited += 1
        return [Perceive(event.utterance, speculative=False)]

    def _on_turn_ended(self, event: TurnEnded) -> list[Effect]:
        self._quiet_since = event.decided_sample
        if self._turn is None or self._turn.turn_id != event.turn_id:
            return []
        self._turn.ended = event
        return self._answer_if_ready()

    def _on_perceived(self, event: Perceived) -> list[Effect]:
        turn = self._turn
        if turn is None:
            return []
        if event.speculative:
            return self._prepare(turn, event.perception)
        turn.perceptions.append(event.perception)
        turn.awaited -= 1
        return self._answer_if_ready()

    def _prepare(self, turn: _OpenTurn, perception: Perception) -> list[Effect]:
        """Plan as if the caller had finished, so that the first phrase can be made ready."""
        if perception.utterance.end_sample != self._likely_end_sample or turn.awaited:
            return []
        believed = self._tracker.copy()
        heard = [*turn.perceptions, perception]
        for each in heard[turn.felt :]:
            believed.update(each)
        likely = CallerTurn(turn.turn_id, tuple(heard))
        plan = self._planner.plan(likely, believed.state, self.history)
        return [Prepare(plan, believed.state)]

    def _answer_if_ready(self) -> list[Effect]:
        turn = self._turn
        if turn is None or turn.ended is None or turn.awaited or turn.plan is not None:
            return []
        if self._needs_no_answer(turn):
            self._turn = None
            return []
        for perception in turn.perceptions[turn.felt :]:
            self._tracker.update(perception)
        turn.felt = len(turn.perceptions)
        heard = CallerTurn(turn.turn_id, tuple(turn.perceptions))
        turn.plan = self._planner.plan(heard, self.state, self.history)
        return self._speak(turn.plan)

    def _needs_no_answer(self, turn: _OpenTurn) -> bool:
        if not turn.perceptions:
            return True
        speech_s = sum(each.pauses.speech_s for each in turn.perceptions)
        wordless = not any(each.transcript.text.strip() for each in turn.perceptions)
        if wordless and speech_s < WORDLESS_NOISE_S:
            return True
        # Said over the assistant and too short to stop it: a backchannel.
        too_short = speech_s * STREAM_RATE_HZ < self._barge_in_samples
        return turn.overlapped and (too_short or self._reply is not None)

    # -- the assistant's turn --------------------------------------------------------

    def _speak(self, plan: ReplyPlan) -> list[Effect]:
        self._reply = plan
        self._reply_started = None
        return [Speak(plan, self.state)]

    def _silence(self, reason: str) -> list[Effect]:
        if self._reply is None:
            return []
        if self._reply_started is None:
            self._reply = None  # not a sample was heard: as if it had never been planned
        return [StopPlayout(reason)]

    def _on_playout_started(self, event: PlayoutStarted) -> list[Effect]:
        if event.plan is not self._reply:
            return []
        self._reply_started = event.sample
        turn = self._turn
        if turn is not None and turn.plan is event.plan:
            # From here on the turn counts as answered: more words are a new turn.
            self.history.add(_caller_turn(turn, self.state))
            self._turn = None
        return []

    def _on_playout_ended(self, event: PlayoutEnded) -> list[Effect]:
        if event.played_samples:
            self.history.add(_assistant_turn(event, self.state))
        if event.plan is not self._reply:
            return []
        self._quiet_since = event.end_sample
        self._reply = None
        self._reply_started = None
        if self._turn is not None and self._turn.plan is event.plan:
            self._turn = None  # it could not be spoken at all
        self._on_break |= event.plan.strategy is Strategy.BREAK
        self.closed |= event.plan.strategy is Strategy.CLOSING and not event.interrupted
        return []

    def _consider_check_in(self, now_sample: int) -> list[Effect]:
        waits = self._care.check_in_silence_s
        if self._reply is not None or self._turn is not None or self._on_break or self.closed:
            return []
        if self._check_ins >= len(waits):
            return []
        if now_sample - self._quiet_since < waits[self._check_ins] * STREAM_RATE_HZ:
            return []
        plan = self._planner.check_in(self._check_ins, self.history, self.state)
        self._check_ins += 1
        return self._speak(plan)


def _caller_turn(turn: _OpenTurn, state: CallerState) -> Turn:
    text = " ".join(each.transcript.text.strip() for each in turn.perceptions).strip()
    first, last = turn.perceptions[0].utterance, turn.perceptions[-1].utterance
    return Turn(
        Speaker.CALLER,
        planned_text=text,
        heard_text=text,
        start_sample=first.start_sample,
        end_sample=last.end_sample,
        turn_id=turn.turn_id,
        state=state,
    )


def _assistant_turn(event: PlayoutEnded, state: CallerState) -> Turn:
    return Turn(
        Speaker.ASSISTANT,
        planned_text=event.plan.text,
        heard_text=event.heard_text,
        start_sample=event.start_sample,
        end_sample=event.end_sample,
        interrupted=event.interrupted,
        turn_id=event.plan.turn_id,
        state=state,
        strategy=event.plan.strategy,
    )
