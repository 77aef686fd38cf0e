"""From windows to utterances and turns: onset, offset, hangover, endpointing.

Synchronous, counted in samples, without weights: the same audio gives the same events
whatever the size of the blocks it came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from voice_regen.audio.blocks import WindowCutter
from voice_regen.audio.lookback import Lookback
from voice_regen.config import HearingConfig
from voice_regen.events import (
    HearingEvent,
    SpeechStarted,
    SpeechStopped,
    TurnEnded,
    UtteranceEnded,
)
from voice_regen.hearing.endpointing import Endpointer
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.hearing.utterance_spans import OpenUtterance
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Span, Utterance

FORCED_CUT_SEARCH_S = 4.0
"""How far back the gentlest place for a forced cut is looked for."""
PAUSE_JOIN_S = 0.064
"""Gaps shorter than this (two windows) do not split a stretch of speech: stops and flutter."""


def _samples(seconds: float) -> int:
    return round(seconds * STREAM_RATE_HZ)


class Listener:
    """Hears one channel of one stream."""

    def __init__(self, gate: SpeechGate, config: HearingConfig, channel: int = 0) -> None:
        """``gate`` belongs to this stream alone."""
        self._gate = gate
        self._config = config
        self._channel = channel
        self._window = gate.window_samples
        self._cutter = WindowCutter(self._window)
        keep_s = config.longest_utterance_s + config.pre_roll_s + FORCED_CUT_SEARCH_S
        self._lookback = Lookback(_samples(keep_s) + 2 * self._window)
        self.endpointer = Endpointer(config)
        self._turn_id = 0
        self._next_index = 0
        self._turn_open = False
        self._turn_speech_end = 0
        self._open: OpenUtterance | None = None
        self._stopped = False
        self._run_start: int | None = None
        self._last_utterance_end = 0
        self._assistant_ended: int | None = None
        self._assistant_speaking = False
        self._latency_from: int | None = None
        self._overlapped = False

    @property
    def end_sample(self) -> int:
        """Stream index one past the last whole window heard."""
        return self._lookback.end_sample

    @property
    def speaking_samples(self) -> int:
        """Length of what is being said now, from the onset to the last speech; 0 in silence."""
        if self._open is None or self._stopped:
            return 0
        return self._open.speech_end_sample - self._open.speech[0].start_sample

    @property
    def turn_open(self) -> bool:
        """True from the onset of a turn until its end is decided."""
        return self._turn_open

    def assistant_started(self) -> None:
        """The assistant's voice is on the loudspeaker from now on."""
        self._assistant_speaking = True

    def assistant_ended(self, sample: int) -> None:
        """The assistant fell silent at this stream index: response latency counts from it."""
        self._assistant_speaking = False
        self._assistant_ended = sample

    def feed(self, samples: FloatArray) -> Iterator[HearingEvent]:
        """Hear the next samples of the stream, shape (n,); yields events in order."""
        for window in self._cutter.feed(samples):
            yield from self._hear(window)

    def finish(self) -> Iterator[HearingEvent]:
        """End of the stream: whatever was being said is complete."""
        last = self._cutter.finish()
        if last is not None:
            yield from self._hear(last)
        if self._open is not None:
            yield self._close_utterance(self._open)
        if self._turn_open:
            yield self._close_turn()

    # -- one window ---------------------------------------------------------------

    def _hear(self, window: FloatArray) -> Iterator[HearingEvent]:
        probability = self._gate.judge(window)
        start = self._lookback.end_sample
        self._lookback.append(window)
        if self._open is not None and not self._stopped:
            yield from self._hear_in_speech(self._open, start, probability)
        else:
            yield from self._hear_in_silence(start, probability)

    def _hear_in_speech(
        self, utterance: OpenUtterance, start: int, probability: float
    ) -> Iterator[HearingEvent]:
        end = start + self._window
        utterance.weakest.append((start, probability))
        if probability >= self._config.offset_probability:
            self._add_speech(utterance, start, end)
        elif end - utterance.speech_end_sample >= _samples(self._config.tail_s):
            self._stopped = True
            self._run_start = None
            yield SpeechStopped(
                utterance.speech_end_sample, end, self._turn_id, self._finished(utterance)
            )
        too_long = end - utterance.start_sample >= _samples(self._config.longest_utterance_s)
        if too_long and not self._stopped:
            yield self._cut(utterance)

    def _add_speech(self, utterance: OpenUtterance, start: int, end: int) -> None:
        if start - utterance.speech_end_sample > _samples(PAUSE_JOIN_S):
            utterance.speech.append(Span(start, end))
        else:
            utterance.extend(end)

    def _hear_in_silence(self, start: int, probability: float) -> Iterator[HearingEvent]:
        end = start + self._window
        if self._run_start is None:
            if probability >= self._config.onset_probability:
                self._run_start = start
        elif probability < self._config.offset_probability:
            self._run_start = None
        if self._run_start is not None:
            if end - self._run_start >= _samples(self._config.onset_s):
                yield self._begin_speech(Span(self._run_start, end))
            return
        yield from self._consider_ends(end)

    def _consider_ends(self, end: int) -> Iterator[HearingEvent]:
        """Silence goes on: does the utterance, or the turn, end here?"""
        if not self._turn_open:
            return
        if self._open is not None:
            silence = end - self._open.speech_end_sample
            long_enough = _samples(self._config.split_after_s)
            length = self._open.speech_end_sample - self._open.start_sample
            if length >= long_enough and silence >= _samples(self._config.split_pause_s):
                yield self._close_utterance(self._open)
        silence = end - (self._open.speech_end_sample if self._open else self._turn_speech_end)
        if silence >= _samples(self.endpointer.silence_needed_s):
            if self._open is not None:
                yield self._close_utterance(self._open)
            yield self._close_turn()

    # -- beginnings ---------------------------------------------------------------

    def _begin_speech(self, span: Span) -> SpeechStarted:
        resumed = self._turn_open
        self._run_start = None
        self._stopped = False
        if not resumed:
            self._begin_turn(span)
        else:
            last = self._open.speech_end_sample if self._open else self._turn_speech_end
            self.endpointer.note_pause((span.start_sample - last) / STREAM_RATE_HZ)
        if self._open is None:
            earliest = max(self._last_utterance_end, self._lookback.first_sample)
            start = max(span.start_sample - _samples(self._config.pre_roll_s), earliest)
            self._open = OpenUtterance(min(start, span.start_sample), self._next_index)
            self._next_index += 1
        self._open.speech.append(span)
        return SpeechStarted(span.start_sample, span.end_sample, self._turn_id, resumed)

    def _begin_turn(self, span: Span) -> None:
        self._turn_open = True
        self._turn_id += 1
        self._next_index = 0
        self._overlapped = self._assistant_speaking
        self._latency_from = span.start_sample

    # -- ends ---------------------------------------------------------------------

    def _finished(self, utterance: OpenUtterance) -> Utterance:
        """The utterance as it stands, with its short tail of silence."""
        end = min(
            utterance.speech_end_sample + _samples(self._config.tail_s), self._lookback.end_sample
        )
        return Utterance(
            samples=self._lookback.span(utterance.start_sample, end),
            start_sample=utterance.start_sample,
            end_sample=end,
            speech=tuple(utterance.speech),
            turn_id=self._turn_id,
            index=utterance.index,
            response_latency_s=self._response_latency_s() if utterance.index == 0 else None,
            channel=self._channel,
        )

    def _response_latency_s(self) -> float | None:
        if self._assistant_ended is None or self._latency_from is None:
            return None
        latency = (self._latency_from - self._assistant_ended) / STREAM_RATE_HZ
        # Spoken over, and the assistant went on: there was no silence to measure.
        if self._overlapped and latency > 0:
            return None
        return latency

    def _close_utterance(self, utterance: OpenUtterance) -> UtteranceEnded:
        finished = self._finished(utterance)
        self._turn_speech_end = utterance.speech_end_sample
        self._last_utterance_end = finished.end_sample
        self._open = None
        self._stopped = False
        return UtteranceEnded(finished, self._lookback.end_sample)

    def _close_turn(self) -> TurnEnded:
        self._turn_open = False
        self._run_start = None
        return TurnEnded(self._turn_id, self._lookback.end_sample, self._turn_speech_end)

    def _cut(self, utterance: OpenUtterance) -> UtteranceEnded:
        """The utterance has grown too long: end it where speech was weakest, and go on."""
        since = self._lookback.end_sample - _samples(FORCED_CUT_SEARCH_S)
        recent = [(p, start) for start, p in utterance.weakest if start >= since]
        cut_at = min(recent)[1] + self._window // 2
        remainder = utterance.cut(cut_at)
        ended = self._close_utterance_at(utterance, cut_at)
        if remainder:
            self._open = OpenUtterance(cut_at, self._next_index, speech=remainder)
            self._next_index += 1
        return ended

    def _close_utterance_at(self, utterance: OpenUtterance, cut_at: int) -> UtteranceEnded:
        """As :meth:`_close_utterance`, with no tail beyond the cut."""
        ended = self._close_utterance(utterance)
        if ended.utterance.end_sample <= cut_at:
            return ended
        kept = ended.utterance
        self._last_utterance_end = cut_at
        samples = kept.samples[: cut_at - kept.start_sample]
        return UtteranceEnded(
            replace(kept, samples=samples, end_sample=cut_at), ended.decided_sample
        )
