"""What one utterance says about the caller, as readings that can be weighed and explained."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    """The fields of CallerState that cues move."""

    VALENCE = "valence"
    AROUSAL = "arousal"
    DISTRESS = "distress"
    FRUSTRATION = "frustration"
    HESITATION = "hesitation"
    OPENNESS = "openness"


LOWEST: dict[Dimension, float] = {
    Dimension.VALENCE: -1.0,
    Dimension.AROUSAL: -1.0,
    Dimension.DISTRESS: 0.0,
    Dimension.FRUSTRATION: 0.0,
    Dimension.HESITATION: 0.0,
    Dimension.OPENNESS: 0.0,
}
"""Lower bound of each dimension; the upper bound is 1 for all."""

REST: dict[Dimension, float] = {
    Dimension.VALENCE: 0.0,
    Dimension.AROUSAL: 0.0,
    Dimension.DISTRESS: 0.0,
    Dimension.FRUSTRATION: 0.0,
    Dimension.HESITATION: 0.0,
    Dimension.OPENNESS: 0.5,
}
"""Where each dimension goes when nothing speaks for anything else."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One reading of one dimension."""

    dimension: Dimension
    value: float
    """Where this cue alone would put the dimension, within its bounds."""
    weight: float
    """0 (ignore) to 1 (as sure as a single utterance can be)."""
    reason: str
    """In words a person can read."""


def ramp(value: float, start: float, full: float) -> float:
    """0 at ``start``, 1 at ``full``, straight between, flat outside; either direction."""
    return min(1.0, max(0.0, (value - start) / (full - start)))


def bounded(dimension: Dimension, value: float) -> float:
    """``value`` within the dimension's bounds."""
    return min(1.0, max(LOWEST[dimension], value))
