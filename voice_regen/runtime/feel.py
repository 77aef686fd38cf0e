"""A recording heard from end to end for its feeling: the live path, without answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np

from voice_regen.config import HearingConfig
from voice_regen.engines.base import EmotionEngine, EncodedSpeech, Recogniser, VoiceActivityEngine
from voice_regen.errors import EngineError
from voice_regen.events import UtteranceEnded
from voice_regen.feeling.state import CallerStateTracker
from voice_regen.hearing.listener import Listener
from voice_regen.hearing.pauses import COUNTED_PAUSE_S, measure_pauses, silences_s
from voice_regen.hearing.perception import perceive, recognise
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.types import (
    STREAM_RATE_HZ,
    AudioBlock,
    CallerState,
    Emotion,
    EmotionLabel,
    FloatArray,
    Pauses,
    Perception,
    Span,
    Transcript,
    Utterance,
)

FIRST_ESTIMATE_S = 1.5
"""A tone is first estimated after so much of an utterance."""


@dataclass(frozen=True, slots=True)
class Ears:
    """What hears and feels; no voice to answer with."""

    gate: VoiceActivityEngine
    judge: VoiceActivityEngine
    recogniser: Recogniser
    emotion: EmotionEngine | None


@dataclass(frozen=True, slots=True)
class Felt:
    """One utterance, and the picture of the caller after it."""

    perception: Perception
    state: CallerState
    on_the_way: tuple[tuple[float, Emotion], ...] = ()
    """(seconds into the stream, tone as it was then believed), while the utterance went on."""


def feel_recording(
    ears: Ears,
    blocks: Iterable[AudioBlock],
    *,
    config: HearingConfig | None = None,
    estimate_every_s: float | None = None,
) -> Iterator[Felt]:
    """Utterances of one speaker in order; ``blocks`` mono at STREAM_RATE_HZ, of any size.

    ``estimate_every_s``: also the tone after every so many seconds of an utterance, from what
    had been heard by then alone. Raises EngineError where an engine fails.
    """
    listener = Listener(SpeechGate(ears.gate, ears.judge), config or HearingConfig())
    tracker = CallerStateTracker()
    for utterance in _utterances(listener, blocks):
        perception = perceive(utterance, recognise(ears.recogniser, utterance), ears.emotion)
        steps = () if estimate_every_s is None else _estimates(ears, utterance, estimate_every_s)
        yield Felt(perception, tracker.update(perception), tuple(steps))


def _utterances(listener: Listener, blocks: Iterable[AudioBlock]) -> Iterator[Utterance]:
    for block in blocks:
        for event in listener.feed(block.samples):
            if isinstance(event, UtteranceEnded):
                yield event.utterance
    for event in listener.finish():
        if isinstance(event, UtteranceEnded):
            yield event.utterance


def _estimates(ears: Ears, utterance: Utterance, every_s: float) -> Iterator[tuple[float, Emotion]]:
    if ears.emotion is None:
        return
    at_s = FIRST_ESTIMATE_S
    while at_s < utterance.duration_s:
        so_far = heard_by(utterance, utterance.start_sample + round(at_s * STREAM_RATE_HZ))
        if so_far is not None:
            encoded = _encoded(ears.recogniser, so_far.samples)
            pauses = measure_pauses(so_far, Transcript(""))
            emotion = ears.emotion.feel(so_far.samples, encoded, pauses)
            yield so_far.end_sample / STREAM_RATE_HZ, emotion
        at_s += every_s


@runtime_checkable
class _Encodes(Protocol):
    """A recogniser that can leave the words out."""

    def encode(self, samples: FloatArray) -> EncodedSpeech: ...


def _encoded(recogniser: Recogniser, samples: FloatArray) -> EncodedSpeech | None:
    if isinstance(recogniser, _Encodes):
        return recogniser.encode(samples)
    return recogniser.recognise(samples).encoded


def heard_by(utterance: Utterance, sample: int) -> Utterance | None:
    """What of an utterance had been heard by a stream sample; ``None`` without speech."""
    speech = tuple(
        Span(span.start_sample, min(span.end_sample, sample))
        for span in utterance.speech
        if span.start_sample < sample
    )
    if not speech:
        return None
    kept: FloatArray = utterance.samples[: sample - utterance.start_sample]
    return replace(utterance, samples=kept, end_sample=sample, speech=speech)


def overall_emotion(felt: Sequence[Felt]) -> Emotion | None:
    """One answer for a recording: the mean of what could be told, by length of speech.

    Where nothing could be told, the longest utterance's answer with its reason; ``None`` where
    tone was not listened to or nothing was heard.
    """
    heard = [each for each in felt if each.perception.emotion is not None]
    if not heard:
        return None
    told = [each for each in heard if not _emotion(each).cannot_tell]
    if not told:
        return _emotion(max(heard, key=lambda each: each.perception.pauses.speech_s))
    lengths = np.array([max(each.perception.pauses.speech_s, 0.1) for each in told])
    shares = lengths / lengths.sum()
    labels = list(_emotion(told[0]).probabilities)

    def mean(values: Iterable[float]) -> float:
        return float(shares @ np.array(list(values)))

    probabilities: dict[EmotionLabel, float] = {
        label: mean(_emotion(each).probabilities.get(label, 0.0) for each in told)
        for label in labels
    }
    return Emotion(
        probabilities,
        mean(_emotion(each).valence for each in told),
        mean(_emotion(each).arousal for each in told),
        max(probabilities.values()),
    )


def _emotion(felt: Felt) -> Emotion:
    emotion = felt.perception.emotion
    if emotion is None:
        raise EngineError("Tone was not listened to.")
    return emotion


def speech_pauses(felt: Sequence[Felt]) -> Pauses:
    """The silences of a whole recording, those between utterances included."""
    spans = [span for each in felt for span in each.perception.utterance.speech]
    gaps = silences_s(spans)
    return Pauses(
        None,
        longest_s=max(gaps, default=0.0),
        total_s=float(sum(gaps)),
        count=sum(gap >= COUNTED_PAUSE_S for gap in gaps),
        speech_s=float(sum(span.duration_s for span in spans)),
    )
