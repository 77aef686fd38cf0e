"""Makes the openers ready while nothing else is wanted of the voice."""

from __future__ import annotations

from collections.abc import Iterator

from voice_regen.errors import EngineError
from voice_regen.runtime.workers import Workers
from voice_regen.speaking.speaker import Speaker
from voice_regen.types import CallerState, Pause, PauseKind, ReplyPlan, Say, Strategy

LIKELY_WARMTHS = (0.5, 0.75)
"""The planner's usual ones, in the steps of the expression."""


def warm_up_openers(speaker: Speaker, openers: frozenset[str], workers: Workers) -> None:
    """Queue the openers one by one: a reply never waits for more than the one in hand."""
    _submit_next(_plans(openers), speaker, workers)


def _plans(openers: frozenset[str]) -> Iterator[ReplyPlan]:
    for level in LIKELY_WARMTHS:
        for text in sorted(openers):
            moves = (Say(text), Pause(0.0, PauseKind.RECEIVING))
            yield ReplyPlan(0, Strategy.AFFIRMATION, moves, level)


def _submit_next(plans: Iterator[ReplyPlan], speaker: Speaker, workers: Workers) -> None:
    plan = next(plans, None)
    if plan is None:
        return

    def make() -> None:
        try:
            speaker.prepare(plan, CallerState())
        except EngineError:
            return  # the reply that needs it will say so
        _submit_next(plans, speaker, workers)

    workers.submit("speak", make)
