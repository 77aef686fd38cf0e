"""The running picture of the caller, from tone, silences and words.

Deterministic and without a clock: the same utterances give the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from voice_regen.feeling.cues import Cue
from voice_regen.feeling.pace import Pace
from voice_regen.feeling.tone import tone_cues
from voice_regen.feeling.words import says_fine, word_cues
from voice_regen.types import CallerState, Evidence, Perception

_BOUNDS = {
    "valence": (-1.0, 1.0),
    "arousal": (-1.0, 1.0),
    "distress": (0.0, 1.0),
    "frustration": (0.0, 1.0),
    "hesitation": (0.0, 1.0),
    "openness": (0.0, 1.0),
}
_FADING = {"distress": 0.05, "frustration": 0.25, "hesitation": 0.15, "arousal": 0.1}
"""Share by which an utterance without any sign of it lets a dimension sink."""
BREAK = 0.5
"""A cue this far from what was believed is a break in the mood, and is followed faster."""
QUICKER = 1.5
MOST_AT_ONCE = 0.9
TREND_STEP = 0.5
LEAST_CHANGE = 0.01
FLAT_AFTER_S = 1.5


class CallerStateTracker:
    """Keeps the state of one caller."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._state = CallerState()
        self._pace = Pace()

    @property
    def state(self) -> CallerState:
        """What is believed now."""
        return self._state

    def copy(self) -> CallerStateTracker:
        """An independent tracker that believes the same."""
        other = CallerStateTracker()
        other._state = self._state
        other._pace = self._pace.copy()
        return other

    def update(self, perception: Perception) -> CallerState:
        """Take in one utterance; returns the new state."""
        cues = list(self._cues(perception))
        self._pace.learn(perception.pauses)
        before = self._state
        by_dimension: dict[str, list[Cue]] = defaultdict(list)
        for cue in cues:
            by_dimension[cue.dimension].append(cue)
        values = {name: _moved(name, before, by_dimension.get(name, [])) for name in _BOUNDS}
        level = values["valence"] - values["distress"]
        rise = level - (before.valence - before.distress)
        known = _together([c.weight for c in cues if c.dimension in ("valence", "distress")])
        self._state = CallerState(
            **values,
            trend=_clamp(before.trend + TREND_STEP * (rise - before.trend), -1.0, 1.0),
            uncertainty=_clamp(
                before.uncertainty * (1 - 0.5 * known) + 0.05 * (1 - known), 0.05, 1.0
            ),
            evidence=_evidence(before, values, by_dimension),
        )
        return self._state

    def _cues(self, perception: Perception) -> Iterator[Cue]:
        text = perception.transcript.text
        yield from tone_cues(perception.emotion)
        yield from self._pace.cues(perception.pauses)
        yield from word_cues(text)
        yield from self._disagreement(perception, text)

    def _disagreement(self, perception: Perception, text: str) -> Iterator[Cue]:
        """Words say fine, the voice or the silence before them does not."""
        if not says_fine(text):
            return
        emotion = perception.emotion
        latency = perception.pauses.response_latency_s or 0.0
        sounds_low = emotion is not None and not emotion.cannot_tell and emotion.valence < -0.2
        if sounds_low or latency >= FLAT_AFTER_S:
            why = "a voice that is not" if sounds_low else f"after {latency:.1f} s of silence"
            yield Cue("distress", 0.5, 0.4, f"they said they are fine, {why}")
        else:
            yield Cue("valence", 0.2, 0.2, "they said they are fine")


def _moved(name: str, before: CallerState, cues: list[Cue]) -> float:
    old: float = getattr(before, name)
    low, high = _BOUNDS[name]
    if not cues:
        return old * (1 - _FADING.get(name, 0.0))
    weights = sum(cue.weight for cue in cues)
    if weights <= 0:
        return old
    target = sum(cue.target * cue.weight for cue in cues) / weights
    step = _together([cue.weight for cue in cues])
    if abs(target - old) > BREAK:
        step *= QUICKER
    return _clamp(old + min(step, MOST_AT_ONCE) * (target - old), low, high)


def _together(weights: list[float]) -> float:
    """Several cues say more than one, never more than all."""
    remaining = 1.0
    for weight in weights:
        remaining *= 1 - _clamp(weight, 0.0, 1.0)
    return 1 - remaining


def _evidence(
    before: CallerState, values: dict[str, float], by_dimension: dict[str, list[Cue]]
) -> tuple[Evidence, ...]:
    found: dict[tuple[str, str], Evidence] = {}
    for name, cues in by_dimension.items():
        change = values[name] - getattr(before, name)
        weights = sum(cue.weight for cue in cues)
        for cue in cues:
            share = change * cue.weight / weights if weights else 0.0
            helps = (cue.target - getattr(before, name)) * change > 0
            if helps and abs(share) >= LEAST_CHANGE:
                key = (name, cue.reason)
                known = found.get(key)
                total = share + (known.change if known else 0.0)
                found[key] = Evidence(name, total, cue.reason)
    return tuple(sorted(found.values(), key=lambda each: -abs(each.change)))


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
