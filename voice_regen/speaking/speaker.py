"""Renders plans: phrase by phrase, so that the first plays while the next is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from voice_regen.audio.resampling import resample
from voice_regen.engines.base import Synthesiser
from voice_regen.errors import EngineError
from voice_regen.speaking.expression import Expression
from voice_regen.speaking.opener_cache import OpenerCache, PhraseKey
from voice_regen.speaking.phrasing import Phrase, Silence, phrase_items
from voice_regen.types import PLAYOUT_RATE_HZ, CallerState, FloatArray, Prosody, ReplyPlan

QUIET = 0.003
KEPT_BEFORE_S = 0.02
KEPT_AFTER_S = 0.06
EDGE_FADE_S = 0.003
"""Only for a phrase that starts or ends in mid-sound: a step there would click."""
LOUDEST = 0.89
"""Peaks stay 1 dB below full scale."""


@dataclass(frozen=True, slots=True)
class RenderedSpeech:
    """A phrase, ready to play."""

    samples: FloatArray
    """At PLAYOUT_RATE_HZ, shape (n,)."""
    text: str


@dataclass(frozen=True, slots=True)
class RenderedPause:
    """A silence of the plan."""

    samples_n: int


Rendered: TypeAlias = RenderedSpeech | RenderedPause


class Speaker:
    """The voice of one conversation, over a shared synthesiser."""

    def __init__(
        self,
        synthesiser: Synthesiser,
        engine_name: str,
        cache: OpenerCache,
        expression: Expression,
    ) -> None:
        """``engine_name`` keeps voices of different engines apart in ``cache``."""
        self._synthesiser = synthesiser
        self._engine_name = engine_name
        self._cache = cache
        self._expression = expression

    def render(self, plan: ReplyPlan, state: CallerState) -> Iterator[Rendered]:
        """Speech and pauses in order, each made when it is asked for.

        Raises EngineError if a phrase cannot be spoken; it names the phrase by its number, not
        by its words.
        """
        prosody = self._expression.prosody(plan, state)
        warmth = self._expression.warmth(plan)
        self._expression.spoken(plan)
        number = 0
        for item in phrase_items(plan.moves):
            if isinstance(item, Silence):
                yield RenderedPause(round(item.duration_s * PLAYOUT_RATE_HZ))
                continue
            number += 1
            try:
                samples = self._phrase(item.text, prosody, warmth)
            except EngineError as error:
                problem = f"Phrase {number} of the reply could not be spoken: {error.problem}"
                raise EngineError(problem, error.remedy) from error
            yield RenderedSpeech(samples, item.text)

    def prepare(self, plan: ReplyPlan, state: CallerState) -> None:
        """Make the first phrase of a likely reply; :meth:`render` then has it at once."""
        prosody = self._expression.prosody(plan, state)
        warmth = self._expression.warmth(plan)
        for item in phrase_items(plan.moves):
            if isinstance(item, Phrase):
                self._phrase(item.text, prosody, warmth)
                return

    def _phrase(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        key = PhraseKey(self._engine_name, self._synthesiser.voice, text, prosody, warmth)
        known = self._cache.get(key)
        if known is not None:
            return known
        samples = self._synthesiser.synthesise(text, prosody, warmth)
        if not np.isfinite(samples).all():
            raise EngineError(f"{self._engine_name} made samples that are not numbers.")
        resampled = resample(samples, self._synthesiser.rate_hz, PLAYOUT_RATE_HZ)
        ready = _with_soft_edges(_levelled(_trimmed(resampled)))
        self._cache.put(key, ready)
        return ready


def _trimmed(samples: FloatArray) -> FloatArray:
    """Without the engine's own silence at both ends: pauses are the planner's to make."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if not len(loud):
        return samples[:0]
    start = max(0, int(loud[0]) - round(KEPT_BEFORE_S * PLAYOUT_RATE_HZ))
    end = min(len(samples), int(loud[-1]) + 1 + round(KEPT_AFTER_S * PLAYOUT_RATE_HZ))
    return samples[start:end]


def _levelled(samples: FloatArray) -> FloatArray:
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= LOUDEST else (samples * (LOUDEST / peak)).astype(np.float32)


def _with_soft_edges(samples: FloatArray) -> FloatArray:
    """As many samples, starting and ending near zero."""
    n = min(round(EDGE_FADE_S * PLAYOUT_RATE_HZ), len(samples) // 2)
    if not n:
        return samples
    rise = np.linspace(0.0, 1.0, n, dtype=np.float32)
    soft = samples.astype(np.float32)
    if abs(float(soft[0])) > QUIET:
        soft[:n] *= rise
    if abs(float(soft[-1])) > QUIET:
        soft[-n:] *= rise[::-1]
    return soft
