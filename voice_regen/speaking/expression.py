"""From warmth to how a phrase is spoken.

What the literature agrees on: an unhurried rate, steadiness and moderate intensity are heard
as caring; on pitch it disagrees (McHenry et al. 2012: lower; Spooner et al. 2025: higher and
livelier). So warmth moves the rate, the energy and the breathiness, and leaves pitch alone.
Rate explains most of perceived benevolence, which falls when speech is fast and also, less,
when it drags (Brown, Strong and Rencher 1973; "inverted U"): hence the bound of 0.86.
"""

from __future__ import annotations

from dataclasses import dataclass

from voice_regen.types import CallerState, Prosody, ReplyPlan

WARMTH_STEPS = 4
"""Warmth is rounded to quarters: smaller steps are not heard, and prepared phrases are found."""
LARGEST_STEP = 0.25
"""Warmth changes by no more than this from one reply to the next: a voice must not lurch."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Delivery at warmth 0 and at warmth 1; between them it is linear."""

    rate_ratio: tuple[float, float] = (1.0, 0.88)
    energy_db: tuple[float, float] = (0.0, -2.0)
    breathiness: tuple[float, float] = (0.0, 0.5)
    slower_when_hesitant: float = 0.04
    """Taken off the rate, in full, for the most halting caller: going along with their pace."""
    slowest: float = 0.86


class Expression:
    """The assistant's delivery over one conversation."""

    def __init__(self, targets: Targets | None = None) -> None:
        """``targets``: another table."""
        self._targets = targets or Targets()
        self._last_warmth: float | None = None

    def warmth(self, plan: ReplyPlan) -> float:
        """The plan's warmth in quarters, at most one step from the last reply's; in [0, 1]."""
        wanted = round(min(max(plan.warmth, 0.0), 1.0) * WARMTH_STEPS) / WARMTH_STEPS
        if self._last_warmth is None:
            return wanted
        low, high = self._last_warmth - LARGEST_STEP, self._last_warmth + LARGEST_STEP
        return min(max(wanted, low), high)

    def prosody(self, plan: ReplyPlan, state: CallerState) -> Prosody:
        """How the plan is spoken to a caller in this state. Pure until :meth:`spoken`."""
        table, warmth = self._targets, self.warmth(plan)
        hesitation = round(2 * state.hesitation) / 2
        rate = _between(table.rate_ratio, warmth) - table.slower_when_hesitant * hesitation
        return Prosody(
            rate_ratio=round(max(rate, table.slowest), 2),
            energy_db=round(_between(table.energy_db, warmth), 1),
            breathiness=round(_between(table.breathiness, warmth), 2),
        )

    def spoken(self, plan: ReplyPlan) -> None:
        """This plan is being spoken: the next one starts from its warmth."""
        self._last_warmth = self.warmth(plan)


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * share
