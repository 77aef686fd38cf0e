"""The openers, as replies that are likely some time: made ready while nothing else is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from voice_regen.events import Prepare
from voice_regen.types import CallerState, ReplyPlan, Say, Strategy

LIKELY_WARMTHS = (0.5, 0.75)
"""The planner's usual ones, in the steps of the expression."""


def likely_openers(openers: frozenset[str]) -> Iterator[Prepare]:
    """One effect for each opener and warmth; the usual warmth first."""
    for level in LIKELY_WARMTHS:
        for text in sorted(openers):
            plan = ReplyPlan(0, Strategy.AFFIRMATION, (Say(text),), level)
            yield Prepare(plan, CallerState())
