"""What to answer: safety first, then the feeling, then (if wanted) help.

Every method is pure: the same turn, state and history give the same plan. So plans can be made
on a likely end of speech and thrown away.
"""

from __future__ import annotations

from voice_regen.config import CareConfig
from voice_regen.dialogue import wording
from voice_regen.dialogue.composing import (
    HEAVY_DISTRESS,
    UNSURE,
    mood_of,
    pause,
    pick,
)
from voice_regen.dialogue.crisis import crisis_plan, human_plan, other_language_plan, reply
from voice_regen.dialogue.history import CallerTurn, History
from voice_regen.dialogue.requests import Request, request_in
from voice_regen.dialogue.restatement import restate
from voice_regen.dialogue.safety import Assessment, RiskLevel, assess
from voice_regen.dialogue.wording import Mood
from voice_regen.types import CallerState, Move, PauseKind, ReplyPlan, Say, Speaker, Strategy

HARD_TURNS = 3
"""Turns in a row of high distress after which it is asked, once, whether this helps."""


class Planner:
    """The assistant's side of one conversation."""

    def __init__(self, care: CareConfig | None = None, *, seed: int = 0) -> None:
        """``seed`` varies the wording between conversations."""
        self._care = care or CareConfig()
        self._seed = seed

    @property
    def openers(self) -> frozenset[str]:
        """Every first phrase a reply can have: these are made ready before they are needed."""
        pools = (
            *wording.OPENERS.values(),
            wording.CRISIS_OPENERS,
            wording.REPAIR_OPENERS,
            wording.AFTER_INTERRUPTION,
            wording.BREAK_OPENERS,
            wording.CLOSING_OPENERS,
            (wording.GREETING,),
        )
        return frozenset(sentence for pool in pools for sentence in pool)

    def greet(self) -> ReplyPlan:
        """Who speaks, that it is not a person, and an open question."""
        state = CallerState()
        return ReplyPlan(
            turn_id=0,
            strategy=Strategy.GREETING,
            moves=(
                Say(wording.GREETING),
                pause(PauseKind.RECEIVING, state),
                Say(wording.GREETING_REST),
                pause(PauseKind.INVITING, state),
                Say(wording.GREETING_QUESTION),
            ),
            warmth=0.5,
            reasons=("the conversation begins",),
        )

    def plan(self, turn: CallerTurn, state: CallerState, history: History) -> ReplyPlan:
        """The answer to a turn of the caller."""
        text = turn.text
        risk = assess(text, distress=state.distress)
        if risk.level >= RiskLevel.RISK:
            return crisis_plan(turn.turn_id, risk, self._care, state, history, self._seed)
        if risk.category == "human":
            return human_plan(turn.turn_id, self._care, state, history, self._seed)
        if text and all(each.transcript.language != "en" for each in turn.perceptions):
            return other_language_plan(turn, self._care, state)
        request = request_in(text)
        if not text:
            return self._repair(turn, state, history, wording.UNCLEAR, "no words were recognised")
        if request is Request.NOT_UNDERSTOOD:
            return self._repair(
                turn, state, history, wording.REPAIRS, "the caller was not understood"
            )
        if request is Request.NOT_HELPING:
            return self._repair(
                turn, state, history, wording.NOT_HELPING, "it is not helping the caller"
            )
        if request is Request.GOODBYE:
            return self.close(history, state, turn.turn_id)
        if request is Request.BREAK:
            return self.take_break(history, state, turn.turn_id)
        if request is not None and request is not Request.HELP:
            return self._about(turn, request, state, history)
        return self._receive(turn, request, risk, state, history)

    def check_in(self, nth: int, history: History, state: CallerState) -> ReplyPlan:
        """After a long silence: still here, and nothing is asked."""
        text = wording.CHECK_INS[min(nth, len(wording.CHECK_INS) - 1)]
        return reply(0, Strategy.CHECK_IN, [Say(text)], state, "the caller has been silent")

    def take_break(self, history: History, state: CallerState, turn_id: int = 0) -> ReplyPlan:
        """A pause was asked for."""
        text = self._pick(wording.BREAKS, history, turn_id)
        return reply(turn_id, Strategy.BREAK, _sentences(text), state, "a break was asked for")

    def close(self, history: History, state: CallerState, turn_id: int = 0) -> ReplyPlan:
        """A warm goodbye."""
        text = self._pick(wording.CLOSINGS, history, turn_id)
        return reply(turn_id, Strategy.CLOSING, _sentences(text), state, "the caller said goodbye")

    # -- kinds of answers --------------------------------------------------------------

    def _receive(
        self,
        turn: CallerTurn,
        request: Request | None,
        risk: Assessment,
        state: CallerState,
        history: History,
    ) -> ReplyPlan:
        """Take in what was said; then ask, invite, or (if help was asked for) offer it."""
        mood = mood_of(state)
        moves: list[Move] = [Say(self._opener(mood, turn, history))]
        moves.append(pause(PauseKind.RECEIVING, state))
        strategy, received, reason = self._received(mood, turn, state, history)
        if received is not None:
            moves += [Say(received), pause(PauseKind.REFLECTIVE, state)]
        if risk.level is RiskLevel.CONCERN:
            question = self._pick(wording.CONCERN_QUESTIONS, history, turn.turn_id)
            reason = "something said may mean danger: ask directly"
            return reply(turn.turn_id, Strategy.QUESTION, [*moves, Say(question)], state, reason)
        if request is Request.HELP:
            strategy, added, reason = self._help(turn, state, history)
            return reply(turn.turn_id, strategy, [*moves, *added], state, reason)
        moves += self._carry_on(mood, turn, state, history)
        if received is None:
            strategy, reason = Strategy.QUESTION, "nothing to say back with certainty: ask openly"
        return reply(turn.turn_id, strategy, moves, state, reason)

    def _opener(self, mood: Mood, turn: CallerTurn, history: History) -> str:
        last = history.last_reply
        if last is not None and last.interrupted:
            return self._pick(wording.AFTER_INTERRUPTION, history, turn.turn_id)
        return self._pick(wording.OPENERS[mood], history, turn.turn_id)

    def _received(
        self, mood: Mood, turn: CallerTurn, state: CallerState, history: History
    ) -> tuple[Strategy, str | None, str]:
        """A reflection of feeling where one is surely heard, else the caller's own words."""
        if wording.REFLECTIONS[mood] and state.uncertainty < UNSURE:
            text = self._pick(wording.REFLECTIONS[mood], history, turn.turn_id)
            return Strategy.REFLECTION, text, f"the caller seems {mood}: {_why(state)}"
        restated = restate(turn.perceptions)
        if restated is not None and not history.times_said(restated):
            return Strategy.RESTATEMENT, restated, "no feeling is sure: say back what was said"
        return Strategy.QUESTION, None, ""

    def _help(
        self, turn: CallerTurn, state: CallerState, history: History
    ) -> tuple[Strategy, list[Move], str]:
        if state.distress >= HEAVY_DISTRESS:
            text = self._pick(wording.HELP_FIRST_RECEIVE, history, turn.turn_id)
            question = self._pick(wording.QUESTIONS[Mood.HEAVY], history, turn.turn_id)
            moves: list[Move] = [Say(text), pause(PauseKind.INVITING, state), Say(question)]
            reason = "help was asked for, and distress is high: first be there"
            return Strategy.AFFIRMATION, moves, reason
        text = self._pick(wording.HELP_OFFERS, history, turn.turn_id)
        return Strategy.SUGGESTION, [Say(text)], "help was asked for: offer it with a choice"

    def _carry_on(
        self, mood: Mood, turn: CallerTurn, state: CallerState, history: History
    ) -> list[Move]:
        """A question; after two in a row an invitation instead: nobody likes to be questioned."""
        asked = [("?" in each.planned_text) for each in history.turns if each.strategy is not None]
        if _hard_stretch(state, history):
            return [Say(wording.IS_THIS_HELPING)]
        if asked[-2:] == [True, True]:
            text = self._pick(wording.INVITATIONS, history, turn.turn_id)
        else:
            text = self._pick(wording.QUESTIONS[mood], history, turn.turn_id)
        return [Say(text)]

    def _repair(
        self,
        turn: CallerTurn,
        state: CallerState,
        history: History,
        pool: tuple[str, ...],
        reason: str,
    ) -> ReplyPlan:
        text = self._pick(pool, history, turn.turn_id)
        moves: list[Move] = [
            Say(wording.REPAIR_OPENERS[0]),
            pause(PauseKind.RECEIVING, state),
            *_sentences(text),
        ]
        return reply(turn.turn_id, Strategy.REPAIR, moves, state, reason)

    def _about(
        self, turn: CallerTurn, request: Request, state: CallerState, history: History
    ) -> ReplyPlan:
        text = {
            Request.ARE_YOU_HUMAN: wording.NOT_HUMAN,
            Request.ABOUT_YOU: wording.ABOUT_ME,
            Request.LOOK_UP: wording.CANNOT_LOOK_UP,
            Request.OTHER_RULES: wording.MY_RULES,
        }[request]
        question = self._pick(wording.QUESTIONS[Mood.PLAIN], history, turn.turn_id)
        moves: list[Move] = [
            Say(self._opener(Mood.PLAIN, turn, history)),
            pause(PauseKind.RECEIVING, state),
            Say(text),
            pause(PauseKind.INVITING, state),
            Say(question),
        ]
        return reply(turn.turn_id, Strategy.INFORMATION, moves, state, f"asked: {request}")

    def _pick(self, pool: tuple[str, ...], history: History, turn_id: int) -> str:
        return pick(pool, history, turn_id, self._seed)


def _sentences(text: str) -> list[Move]:
    """The first sentence as a move of its own: it is prepared, and heard soonest."""
    first, mark, rest = text.partition(". ")
    return [Say(first + "."), Say(rest)] if mark else [Say(text)]


def _hard_stretch(state: CallerState, history: History) -> bool:
    """Time to ask whether this helps: distress has stayed high, and it was not asked before."""
    before = [each.state.distress for each in history.said_by(Speaker.CALLER)]
    lately = [*before[-(HARD_TURNS - 1) :], state.distress]
    long_enough = len(lately) == HARD_TURNS and min(lately) >= HEAVY_DISTRESS
    return long_enough and not history.times_said(wording.IS_THIS_HELPING)


def _why(state: CallerState) -> str:
    return state.evidence[0].reason if state.evidence else "from what was said before"
