"""Building blocks of replies: what to pick, how long to be silent, how warm to be."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from voice_regen.dialogue.history import History
from voice_regen.dialogue.wording import Mood
from voice_regen.types import CallerState, Pause, PauseKind

HEAVY_DISTRESS = 0.4
ANGRY_FRUSTRATION = 0.4
BRIGHT_VALENCE, LOW_VALENCE = 0.3, -0.3
UNSURE = 0.75
"""Above this uncertainty no feeling is named."""
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.3, 2.5

_BASE_PAUSE_S = {
    PauseKind.RECEIVING: 0.35,
    PauseKind.REFLECTIVE: 0.5,
    PauseKind.INVITING: 0.4,
    PauseKind.HOLDING: 0.8,
}
"""A little above the gap of ordinary talk, 0.2 s (Stivers et al. 2009): in support talk gaps are
preferred to immediate answers (Berger & Rae 2023)."""
_ADDED_PAUSE_S = 0.9
"""For the most distressed or halting caller: partners who adapt their pauses to each other's are
heard better (Lundholm Fors 2015)."""


def mood_of(state: CallerState) -> Mood:
    """How to meet this caller."""
    if state.frustration >= ANGRY_FRUSTRATION and state.frustration >= state.distress:
        return Mood.ANGRY
    if state.distress >= HEAVY_DISTRESS or state.valence <= LOW_VALENCE:
        return Mood.HEAVY
    if state.valence >= BRIGHT_VALENCE:
        return Mood.BRIGHT
    return Mood.PLAIN


def pause(kind: PauseKind, state: CallerState) -> Pause:
    """A silence of the caller's own pace."""
    need = max(state.distress, state.hesitation)
    length = _BASE_PAUSE_S[kind] + _ADDED_PAUSE_S * need
    return Pause(round(min(max(length, SHORTEST_PAUSE_S), LONGEST_PAUSE_S), 2), kind)


def warmth(state: CallerState) -> float:
    """Warmer the more is carried; joy is met warmly too."""
    carried = 0.5 * state.distress + 0.15 * state.hesitation
    level = 0.45 + max(carried, 0.2 * max(state.valence, 0.0))
    return round(min(max(level, 0.0), 1.0), 3)


def pick(pool: Sequence[str], history: History, turn_id: int, seed: int) -> str:
    """The sentence said least often so far; among equals one by turn and seed.

    So nothing is repeated in a call until everything has been said.
    """
    counts = [history.times_said(sentence) for sentence in pool]
    fewest = min(counts)
    fresh = [sentence for sentence, count in zip(pool, counts, strict=True) if count == fewest]
    # A stable hash: the same conversation gives the same words on every machine.
    return fresh[zlib.crc32(f"{seed}:{turn_id}:{pool[0]}".encode()) % len(fresh)]
