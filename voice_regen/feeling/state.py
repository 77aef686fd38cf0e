"""The running picture of the caller: pure, deterministic, without a clock.

Every cue of an utterance pulls its dimension part of the way to what it says. How far depends
on the cue's weight, on how little is known yet, and on how large the gap is: small wobbles are
smoothed, a break is followed at once. A dimension of which nothing was said drifts back to
rest. All steps are convex, so every field stays within its bounds for any input.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from voice_regen.feeling.baseline_pace import BaselinePace
from voice_regen.feeling.cues import REST, Cue, Dimension, bounded
from voice_regen.feeling.disagreement import disagreement_cues
from voice_regen.feeling.pause_cues import long_before_answering, pause_cues
from voice_regen.feeling.tone_cues import reliable, tone_cues
from voice_regen.feeling.words import read_words, word_cues
from voice_regen.types import CallerState, Evidence, Perception

SMOOTH_GAIN = 0.35
"""Part of the way that a sure cue pulls when it says much the same as before."""
BREAK_GAIN = 0.45
"""Added in full when the gap is :data:`BREAK_GAP` or more."""
BREAK_GAP = 0.8
UNKNOWN_GAIN = 0.3
"""Added in full while nothing is known: the first utterance counts most."""
DRIFT = 0.12
"""Part of the way back to rest, per utterance, of a dimension that nothing spoke of."""
WORDS_KNOWN = 8
"""Words after which even an utterance without feeling words is known to hold none."""
TREND_GAIN = 0.5
LEAST_CHANGE = 0.01
MOST_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class _Picture:
    """All that the tracker knows; immutable, so copies share it."""

    state: CallerState = field(default_factory=CallerState)
    pace: BaselinePace = field(default_factory=BaselinePace)
    turn_id: int | None = None
    standing_before: float = 0.0
    """valence - distress when the current turn began."""
    trend_before: float = 0.0
    seen_turns: int = 0


class CallerStateTracker:
    """Keeps the picture of one caller."""

    def __init__(self) -> None:
        """Nothing is known: at rest, wholly uncertain."""
        self._picture = _Picture()

    @property
    def state(self) -> CallerState:
        """What is believed now."""
        return self._picture.state

    def copy(self) -> CallerStateTracker:
        """An independent tracker that believes the same; costs nothing."""
        other = CallerStateTracker()
        other._picture = self._picture
        return other

    def update(self, perception: Perception) -> CallerState:
        """Take in one utterance. Tone that abstained, or was not listened to, moves nothing."""
        before = _at_turn(self._picture, perception.utterance.turn_id)
        cues, disagree = _cues_of(perception, before.pace)
        information = _information(perception, cues)
        values, evidence = _moved(before.state, cues, information)
        standing = values[Dimension.VALENCE] - values[Dimension.DISTRESS]
        state = CallerState(
            valence=values[Dimension.VALENCE],
            arousal=values[Dimension.AROUSAL],
            distress=values[Dimension.DISTRESS],
            frustration=values[Dimension.FRUSTRATION],
            hesitation=values[Dimension.HESITATION],
            openness=values[Dimension.OPENNESS],
            trend=_trend(before, standing),
            uncertainty=_uncertainty(before.state.uncertainty, information, disagree),
            evidence=evidence,
        )
        pace = before.pace.noted(perception.pauses)
        self._picture = replace(before, state=state, pace=pace)
        return state


def _at_turn(picture: _Picture, turn_id: int) -> _Picture:
    """The picture with the turn's beginning noted, once a turn."""
    if picture.turn_id == turn_id:
        return picture
    standing = picture.state.valence - picture.state.distress
    return replace(
        picture,
        turn_id=turn_id,
        standing_before=standing,
        trend_before=picture.state.trend,
        seen_turns=picture.seen_turns + 1,
    )


def _cues_of(perception: Perception, pace: BaselinePace) -> tuple[list[Cue], bool]:
    """All cues in the order they are taken in, and whether words and voice disagree."""
    emotion = reliable(perception.emotion)
    reading = read_words(perception.transcript)
    silence = long_before_answering(perception.pauses, pace)
    mismatch = disagreement_cues(reading, emotion, silence)
    tone = [] if emotion is None else tone_cues(emotion)
    words = word_cues(reading)
    return [*tone, *pause_cues(perception.pauses, pace), *words, *mismatch], bool(mismatch)


def _information(perception: Perception, cues: list[Cue]) -> float:
    """How much was learnt of the feeling, 0 (a cough) to 1."""
    missing = 1.0
    strongest: dict[Dimension, float] = {}
    for cue in cues:
        if cue.dimension is not Dimension.HESITATION:
            strongest[cue.dimension] = max(strongest.get(cue.dimension, 0.0), cue.weight)
    for weight in strongest.values():
        missing *= 1.0 - 0.6 * weight
    words = read_words(perception.transcript).words
    return 1.0 - missing * (1.0 - 0.3 * min(1.0, words / WORDS_KNOWN))


def _moved(
    state: CallerState, cues: list[Cue], information: float
) -> tuple[dict[Dimension, float], tuple[Evidence, ...]]:
    """Values after all cues, and what moved them, strongest first."""
    start = {dimension: float(getattr(state, dimension.value)) for dimension in Dimension}
    values = dict(start)
    evidence = []
    for cue in cues:
        old = values[cue.dimension]
        new = bounded(cue.dimension, old + _gain(cue, old, state.uncertainty) * (cue.value - old))
        values[cue.dimension] = new
        if abs(new - old) >= LEAST_CHANGE:
            evidence.append(Evidence(cue.dimension.value, round(new - old, 4), cue.reason))
    spoken_of = {cue.dimension for cue in cues}
    for dimension in Dimension:
        if dimension not in spoken_of:
            rest = REST[dimension]
            values[dimension] += DRIFT * information * (rest - values[dimension])
    evidence.sort(key=lambda each: -abs(each.change))
    return values, tuple(evidence[:MOST_EVIDENCE])


def _gain(cue: Cue, old: float, uncertainty: float) -> float:
    """Part of the way to go, 0 to 1."""
    gap = min(1.0, abs(cue.value - old) / BREAK_GAP)
    gain = SMOOTH_GAIN + max(BREAK_GAIN * gap, UNKNOWN_GAIN * uncertainty)
    return min(1.0, max(0.0, cue.weight)) * gain


def _trend(before: _Picture, standing: float) -> float:
    """Smoothed change a turn; 0 in the first turn, which has nothing to be compared with."""
    if before.seen_turns <= 1:
        return 0.0
    change = standing - before.standing_before
    trend = before.trend_before + TREND_GAIN * (change - before.trend_before)
    return min(1.0, max(-1.0, trend))


def _uncertainty(old: float, information: float, disagree: bool) -> float:
    """Falls with what was learnt, rises slowly without news and when cues disagree."""
    value = old * (1.0 - 0.5 * information) + 0.04 * (1.0 - information) * (1.0 - old)
    # Even the best sure cues come from one voice and one recording: never quite sure.
    value = max(value, 0.05)
    if disagree:
        value += 0.2 * (1.0 - value)
    return min(1.0, max(0.0, value))
