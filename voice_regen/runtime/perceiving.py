"""Recognition and feeling, done in a worker; each utterance is recognised once.

A speculative recognition covers exactly the samples that the finished utterance will have
if the caller says no more. So the final answer is either there already or on its way, and it
is the same answer whether speculation happened or not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from voice_regen.engines.base import EmotionEngine, Recogniser
from voice_regen.errors import EngineError
from voice_regen.events import Perceive, Perceived
from voice_regen.hearing.pauses import measure_pauses
from voice_regen.hearing.perception import perceive, recognise
from voice_regen.runtime.metrics import StageTimes
from voice_regen.runtime.workers import Workers
from voice_regen.types import Perception, Transcript, Utterance

_Key: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class EngineFailure:
    """An engine could not do its work; the conversation goes on without it."""

    stage: str
    error: EngineError


class Perceiver:
    """Runs recognition and emotion for one conversation."""

    def __init__(
        self,
        recogniser: Recogniser,
        emotion: EmotionEngine | None,
        workers: Workers,
        times: StageTimes,
        report: Callable[[Perceived | EngineFailure | Exception], None],
    ) -> None:
        """``report`` takes the answers, on whatever thread they come."""
        self._recogniser = recogniser
        self._emotion = emotion
        self._workers = workers
        self._times = times
        self._report = report
        self._lock = threading.Lock()
        self._wanted: _Key | None = None
        self._last: tuple[_Key, Perception] | None = None

    def perceive(self, effect: Perceive) -> None:
        """Queue one utterance; a speculation that is overtaken before it begins is skipped."""
        with self._lock:
            self._wanted = _key(effect.utterance)
        self._workers.submit("perceive", lambda: self._run(effect))

    def forget_speculation(self) -> None:
        """The caller goes on: what was speculated on is not the end."""
        with self._lock:
            self._wanted = None

    def _run(self, effect: Perceive) -> None:
        key = _key(effect.utterance)
        with self._lock:
            if effect.speculative and self._wanted != key:
                return
            known = self._last
        try:
            if known is not None and known[0] == key:
                perception = known[1]
            else:
                perception = self._perceive(effect.utterance)
            with self._lock:
                self._last = (key, perception)
            self._report(Perceived(perception, effect.speculative))
        except EngineError as error:
            self._report(EngineFailure("hearing", error))
            if not effect.speculative:
                nothing = _nothing_heard(effect.utterance)
                self._report(Perceived(nothing, speculative=False))
        except Exception as error:  # a bug: raised again on the session's thread
            self._report(error)

    def _perceive(self, utterance: Utterance) -> Perception:
        with self._times.measure("recognition"):
            recognition = recognise(self._recogniser, utterance)
        try:
            with self._times.measure("emotion"):
                return perceive(utterance, recognition, self._emotion)
        except EngineError as error:
            # The words are worth keeping even when the tone cannot be read.
            self._report(EngineFailure("feeling", error))
            return perceive(utterance, recognition, None)


def _key(utterance: Utterance) -> _Key:
    return (utterance.turn_id, utterance.index, utterance.end_sample)


def _nothing_heard(utterance: Utterance) -> Perception:
    silence = Transcript("")
    return Perception(utterance, silence, measure_pauses(utterance, silence), None)
