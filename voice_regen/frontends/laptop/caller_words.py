"""The picture of the caller in words. What is believed, never what is known."""

from __future__ import annotations

from voice_regen.runtime.records import StateRecord

NOT_KNOWN = 0.85
"""Above this uncertainty nothing is said."""


def caller_in_words(state: StateRecord) -> str:
    """A short phrase: how the caller seems, and which way it goes."""
    if state.uncertainty > NOT_KNOWN:
        return "too early to tell"
    seems = [word for word in (_mood(state), _strain(state), _manner(state)) if word]
    return f"seems {', '.join(seems)}{_trend(state)}"


def _mood(state: StateRecord) -> str:
    if state.valence < -0.25:
        return "upset" if state.arousal > 0.25 else "low"
    if state.valence > 0.25:
        return "bright" if state.arousal > 0.25 else "at ease"
    return "stirred" if state.arousal > 0.4 else "even"


def _strain(state: StateRecord) -> str:
    if state.frustration > 0.5:
        return "frustrated"
    if state.distress > 0.65:
        return "in distress"
    return "under strain" if state.distress > 0.35 else ""


def _manner(state: StateRecord) -> str:
    if state.hesitation > 0.5:
        return "speaking haltingly"
    if state.openness > 0.7:
        return "open"
    return "guarded" if state.openness < 0.3 else ""


def _trend(state: StateRecord) -> str:
    if state.trend > 0.05:
        return "; easing"
    return "; getting harder" if state.trend < -0.05 else ""
