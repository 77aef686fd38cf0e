"""When there is danger: warm direct words, the right line at once, and staying."""

from __future__ import annotations

from collections.abc import Sequence

from voice_regen.config import CareConfig
from voice_regen.dialogue import wording
from voice_regen.dialogue.composing import pause, pick, warmth
from voice_regen.dialogue.history import CallerTurn, History
from voice_regen.dialogue.resources import Helpline, helpline_for, spoken_number
from voice_regen.dialogue.safety import Assessment, RiskLevel
from voice_regen.types import CallerState, Move, PauseKind, ReplyPlan, Say, Strategy

CRISIS_WARMTH = 0.85


def reply(
    turn_id: int, strategy: Strategy, moves: Sequence[Move], state: CallerState, reason: str
) -> ReplyPlan:
    """A plan with the warmth that the state asks for."""
    return ReplyPlan(turn_id, strategy, tuple(moves), warmth(state), (reason,))


def crisis_plan(
    turn_id: int,
    risk: Assessment,
    care: CareConfig,
    state: CallerState,
    history: History,
    seed: int,
) -> ReplyPlan:
    """Never argues, never ends; numbers are said twice, so that they can be written down."""
    category = risk.category or "suicide"
    line = helpline_for(care.country)
    urgent = risk.level is RiskLevel.IMMINENT or category in ("medical", "child_at_risk")
    first = wording.CRISIS_WORDS[category]
    new = not history.times_said(first)
    question = wording.CRISIS_QUESTIONS[category]
    moves: list[Move] = [
        Say(pick(wording.CRISIS_OPENERS, history, turn_id, seed)),
        pause(PauseKind.RECEIVING, state),
        Say(first if new else pick(wording.CRISIS_AGAIN, history, turn_id, seed)),
    ]
    if urgent:
        moves.append(Say(_emergency(line)))
    if category != "medical":
        moves.append(Say(_crisis_line(line)))
    moves += [
        pause(PauseKind.HOLDING, state),
        Say(wording.STAY),
        Say(question if new else pick(wording.CRISIS_NEXT, history, turn_id, seed)),
    ]
    reason = f"danger ({category}, {risk.level.name.lower()}): human help first"
    return ReplyPlan(turn_id, Strategy.RESOURCE, tuple(moves), CRISIS_WARMTH, (reason,))


def human_plan(
    turn_id: int, care: CareConfig, state: CallerState, history: History, seed: int
) -> ReplyPlan:
    """A person was asked for: say at once where one can be reached."""
    line = helpline_for(care.country)
    text = wording.HUMAN_WITHOUT_LINE
    if line is not None:
        text = wording.HUMAN_WITH_LINE.format(name=line.name, number=spoken_number(line.number))
    moves: list[Move] = [
        Say(pick(wording.BREAK_OPENERS[:1], history, turn_id, seed)),
        pause(PauseKind.RECEIVING, state),
        Say(text),
        pause(PauseKind.HOLDING, state),
        Say(wording.STAY),
    ]
    return reply(turn_id, Strategy.RESOURCE, moves, state, "the caller asked for a person")


def other_language_plan(turn: CallerTurn, care: CareConfig, state: CallerState) -> ReplyPlan:
    """Say so, and where people can be reached; danger was looked for in theirs before."""
    line = helpline_for(care.country)
    moves: list[Move] = [Say(wording.OTHER_LANGUAGE)]
    if line is not None:
        moves += [pause(PauseKind.RECEIVING, state), Say(_crisis_line(line))]
    language = turn.perceptions[0].transcript.language
    return reply(turn.turn_id, Strategy.RESOURCE, moves, state, f"spoken in: {language}")


def _emergency(line: Helpline | None) -> str:
    if line is None:
        return wording.EMERGENCY_UNKNOWN
    return wording.EMERGENCY.format(number=spoken_number(line.emergency))


def _crisis_line(line: Helpline | None) -> str:
    if line is None:
        return wording.LINE_UNKNOWN
    return wording.LINE.format(name=line.name, number=spoken_number(line.number))
