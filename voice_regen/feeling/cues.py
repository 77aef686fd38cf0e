"""A cue: one thing that was heard, and what it says about the caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """Moves one dimension of the caller's state towards a target."""

    dimension: str
    """A field of CallerState."""
    target: float
    """Where the cue points, on that dimension's scale."""
    weight: float
    """0 (says nothing) to 1 (says all): how far it may move the belief at once."""
    reason: str
    """For people: why."""
