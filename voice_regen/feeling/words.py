"""Reading the words: feeling expressions with negation and strength, fillers, openness.

English only; words of another language give no cue. Rules, not a model: what they say is
weighed below a clear tone, and a text model is to take their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from voice_regen.feeling.cues import Cue, Dimension, bounded, ramp
from voice_regen.feeling.lexicon import (
    CLOSED,
    EXPRESSIONS,
    FILLERS,
    LONGEST_EXPRESSION,
    MINIMISING,
    NEGATIONS,
    SHARING,
    STRONGER,
    WEAKER,
    Feeling,
)
from voice_regen.types import Transcript

REACH = 3
"""Words back from an expression in which a negation or a degree word belongs to it."""
NEGATED_PLEASANT = -0.6
""""Not good" is unpleasant, a little less than "bad" is."""
NEGATED_UNPLEASANT = 0.15
""""Not sad" is hardly "happy"."""
USUAL_FILLERS_PER_100, MANY_FILLERS_PER_100 = 6.0, 20.0
"""2 to 6 hesitations in 100 words are usual (Bortfeld 2001 and others, review PMC9014665)."""
LEAST_WORDS_FOR_FILLERS = 5
FULL_ANSWER_WORDS = 15

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Found:
    """A feeling expression as it was said."""

    text: str
    feeling: Feeling
    strength: float
    negated: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one transcript."""

    words: int
    found: tuple[Found, ...] = ()
    fillers: int = 0
    minimising: str | None = None
    """As in "i'm fine"; ``None`` when it was not said."""
    closed: str | None = None
    sharing: str | None = None


def tokens_of(text: str) -> list[str]:
    """Words in small letters, apostrophes straightened and kept."""
    return _TOKEN.findall(text.lower().replace("’", "'"))


def read_words(transcript: Transcript) -> Reading:
    """Read one utterance; empty for a language other than English."""
    if transcript.language != "en":
        return Reading(0)
    tokens = tokens_of(transcript.text)
    said = [token for token in tokens if token not in FILLERS]
    return Reading(
        words=len(said),
        found=tuple(_expressions(said)),
        fillers=len(tokens) - len(said),
        minimising=_first(said, MINIMISING),
        closed=_first(said, CLOSED),
        sharing=_first(said, SHARING),
    )


def _expressions(tokens: Sequence[str]) -> Iterable[Found]:
    at = 0
    while at < len(tokens):
        length = _match_length(tokens, at)
        if length == 0:
            at += 1
            continue
        before = tokens[max(0, at - REACH) : at]
        words = tuple(tokens[at : at + length])
        negated = sum(word in NEGATIONS for word in before) % 2 == 1
        strength = 1.0 + 0.3 * any(word in STRONGER for word in before)
        strength -= 0.4 * any(word in WEAKER for word in before)
        yield Found(" ".join(words), EXPRESSIONS[words], strength, negated)
        at += length


def _match_length(tokens: Sequence[str], at: int) -> int:
    """Words of the longest expression that begins here; 0 for none."""
    for length in range(min(LONGEST_EXPRESSION, len(tokens) - at), 0, -1):
        if tuple(tokens[at : at + length]) in EXPRESSIONS:
            return length
    return 0


def _first(tokens: Sequence[str], phrases: Sequence[tuple[str, ...]]) -> str | None:
    for phrase in phrases:
        n = len(phrase)
        if any(tuple(tokens[i : i + n]) == phrase for i in range(len(tokens) - n + 1)):
            return " ".join(phrase)
    return None


def word_cues(reading: Reading) -> list[Cue]:
    """Readings from the words alone."""
    cues = [cue for found in _strongest(reading.found) for cue in _feeling_cues(found)]
    return [*cues, *_filler_cues(reading), *_openness_cues(reading)]


def words_valence(reading: Reading) -> float:
    """How pleasant the words are by themselves, -1 to 1; plain "I'm fine" counts a little."""
    values = [_valence(found) for found in reading.found]
    if reading.minimising is not None:
        values.append(0.3)
    return sum(values) / len(values) if values else 0.0


def _strongest(found: Sequence[Found]) -> Sequence[Found]:
    """The three that say most: a long tale must not count without end."""
    return sorted(found, key=lambda each: -abs(_valence(each)))[:3]


def _valence(found: Found) -> float:
    value = found.feeling.valence
    if found.negated:
        value *= NEGATED_PLEASANT if value > 0.0 else -NEGATED_UNPLEASANT
    return bounded(Dimension.VALENCE, value * found.strength)


def _feeling_cues(found: Found) -> list[Cue]:
    quoted = f'"not {found.text}"' if found.negated else f'"{found.text}"'
    reason = f"says {quoted}"
    valence = _valence(found)
    cues = [Cue(Dimension.VALENCE, valence, 0.6, reason)]
    if found.negated:
        distress = 0.35 * max(0.0, -valence)
        return [*cues, Cue(Dimension.DISTRESS, distress, 0.4, reason)]
    feeling, strength = found.feeling, found.strength
    for dimension, value in (
        (Dimension.DISTRESS, feeling.distress),
        (Dimension.FRUSTRATION, feeling.frustration),
        (Dimension.AROUSAL, feeling.arousal),
    ):
        # Being thankful does not say that one is not distressed: silence on it is no reading.
        if value:
            cues.append(Cue(dimension, bounded(dimension, value * strength), 0.6, reason))
    if feeling.valence > 0.0:
        cues.append(Cue(Dimension.DISTRESS, 0.0, 0.3, reason))
    return cues


def _filler_cues(reading: Reading) -> list[Cue]:
    total = reading.words + reading.fillers
    if reading.fillers == 0 or total < LEAST_WORDS_FOR_FILLERS:
        return []
    per_100 = 100.0 * reading.fillers / total
    strength = ramp(per_100, USUAL_FILLERS_PER_100, MANY_FILLERS_PER_100)
    if strength == 0.0:
        return []
    reason = f"{reading.fillers} filled pauses in {total} words"
    return [Cue(Dimension.HESITATION, strength, 0.5, reason)]


def _openness_cues(reading: Reading) -> list[Cue]:
    if reading.closed is not None:
        return [Cue(Dimension.OPENNESS, 0.1, 0.5, f'says "{reading.closed}"')]
    if reading.sharing is not None:
        return [Cue(Dimension.OPENNESS, 0.95, 0.5, f'shares: "{reading.sharing} ..."')]
    if reading.words == 0:
        return []
    if reading.words <= 2:
        return [Cue(Dimension.OPENNESS, 0.3, 0.3, "a very short answer")]
    if reading.words >= FULL_ANSWER_WORDS:
        return [Cue(Dimension.OPENNESS, 0.8, 0.35, "tells at length")]
    return []
