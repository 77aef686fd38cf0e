"""Cues from silences and pace, against the caller's own baseline and published norms.

Norms, each used only until the caller's own pace is known (and as a floor afterwards, since a
pause that is usual for someone is still not hesitation if it is short for anyone):

- Between turns 0 to 200 ms is usual (Stivers et al. 2009, PNAS 106:10587); planning an answer
  takes over 600 ms (Levinson and Torreira 2015, Front Psychol 6:731). So hesitation counts
  from 1 s, the assistant's own slowness and the echo of its voice being part of the measure.
- Inside a turn a quarter to half a second is usual, 4 s hinder (Lundholm Fors 2015).
- 3.5 to 5.0 syllables a second of articulation (Jacewicz et al. 2010, by a secondary report).
- Depressed speakers: slower, longer pauses and answering times (Yamamoto et al. 2020, PLoS ONE
  15:e0238726): direction only, so pauses move hesitation most and arousal a little, never
  distress by themselves.
"""

from __future__ import annotations

import math

from voice_regen.feeling.baseline_pace import BaselinePace, RobustSpread
from voice_regen.feeling.cues import Cue, Dimension, ramp
from voice_regen.types import Pauses

USUAL_LATENCY_S, LONG_LATENCY_S = 1.0, 4.0
USUAL_PAUSE_S, LONG_PAUSE_S = 0.5, 4.0
SLOW_SYLL_S, SLOWEST_SYLL_S = 3.0, 1.5
FAST_SYLL_S, FASTEST_SYLL_S = 5.5, 8.0
USUAL_Z, STRIKING_Z = 1.5, 5.0
"""Robust z-scores from which a measure differs from the caller's own, and is striking."""
LEAST_RATE_SPEECH_S = 1.0
"""A rate over less speech is a word's length, not a pace."""
_WEIGHT = 0.7
_CALM_WEIGHT = 0.5


def pause_cues(pauses: Pauses, baseline: BaselinePace) -> list[Cue]:
    """Readings of one utterance. ``baseline`` must not hold it yet."""
    return [
        *_latency_cues(pauses, baseline),
        *_inner_pause_cues(pauses, baseline),
        *_rate_cues(pauses, baseline),
    ]


def long_before_answering(pauses: Pauses, baseline: BaselinePace) -> float:
    """How striking the silence before the answer is, 0 to 1."""
    latency = pauses.response_latency_s
    if latency is None or not math.isfinite(latency):
        return 0.0
    by_norm = ramp(latency, USUAL_LATENCY_S, LONG_LATENCY_S)
    return _against(latency, by_norm, baseline.latency_s, baseline.known)


def _against(value: float, by_norm: float, own: RobustSpread, known: bool) -> float:
    """Strength by the caller's own pace where it is known, held down by the norm."""
    z = own.z(value) if known else None
    if z is None:
        return by_norm
    # Nobody hesitates in 0.3 s, however quick they usually are.
    return min(ramp(z, USUAL_Z, STRIKING_Z), 2.0 * by_norm)


def _latency_cues(pauses: Pauses, baseline: BaselinePace) -> list[Cue]:
    latency = pauses.response_latency_s
    if latency is None or not math.isfinite(latency) or latency < 0.0:
        return []
    strength = long_before_answering(pauses, baseline)
    if strength <= 0.0:
        return [Cue(Dimension.HESITATION, 0.0, _CALM_WEIGHT, "answers without hesitating")]
    usual = _usual(baseline.latency_s, baseline.known, latency, "s")
    reason = f"a pause of {latency:.1f} s before answering{usual}"
    return [
        Cue(Dimension.HESITATION, strength, _WEIGHT, reason),
        Cue(Dimension.AROUSAL, -0.4 * strength, 0.3 * strength, reason),
    ]


def _inner_pause_cues(pauses: Pauses, baseline: BaselinePace) -> list[Cue]:
    longest = pauses.longest_s
    if not math.isfinite(longest):
        return []
    by_norm = ramp(longest, USUAL_PAUSE_S, LONG_PAUSE_S)
    strength = _against(longest, by_norm, baseline.longest_s, baseline.known)
    if strength <= 0.0:
        fluent = pauses.speech_s >= LEAST_RATE_SPEECH_S
        reason = "speaks without long pauses"
        return [Cue(Dimension.HESITATION, 0.0, 0.3, reason)] if fluent else []
    usual = _usual(baseline.longest_s, baseline.known, longest, "s")
    reason = f"a pause of {longest:.1f} s while speaking{usual}"
    return [Cue(Dimension.HESITATION, strength, _WEIGHT, reason)]


def _rate_cues(pauses: Pauses, baseline: BaselinePace) -> list[Cue]:
    rate = pauses.speech_rate_syll_s
    if rate is None or not math.isfinite(rate) or pauses.speech_s < LEAST_RATE_SPEECH_S:
        return []
    z = baseline.rate_syll_s.z(rate) if baseline.known else None
    if z is None:
        slow = ramp(rate, SLOW_SYLL_S, SLOWEST_SYLL_S)
        fast = ramp(rate, FAST_SYLL_S, FASTEST_SYLL_S)
    else:
        slow, fast = ramp(-z, USUAL_Z, STRIKING_Z), ramp(z, USUAL_Z, STRIKING_Z)
    usual = _usual(baseline.rate_syll_s, z is not None, rate, "")
    if slow > 0.0:
        reason = f"speaks slowly, {rate:.1f} syllables a second{usual}"
        return [
            Cue(Dimension.HESITATION, slow, 0.4 * slow, reason),
            Cue(Dimension.AROUSAL, -0.6 * slow, 0.4 * slow, reason),
        ]
    if fast > 0.0:
        reason = f"speaks fast, {rate:.1f} syllables a second{usual}"
        return [Cue(Dimension.AROUSAL, 0.6 * fast, 0.5 * fast, reason)]
    return []


def _usual(own: RobustSpread, known: bool, value: float, unit: str) -> str:
    """As in ", for them usually 0.4 s"; empty where their own is not known or no different."""
    if not known or len(own.values) == 0 or f"{own.usual:.1f}" == f"{value:.1f}":
        return ""
    return f", for them usually {own.usual:.1f}{' ' + unit if unit else ''}"
