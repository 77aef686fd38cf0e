"""Tells observers what happens in a session, and counts it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from voice_regen import __version__
from voice_regen.config import Settings
from voice_regen.events import HearingEvent, Speak, SpeechStarted, SpeechStopped, TurnEnded
from voice_regen.runtime.engines import Engines
from voice_regen.runtime.metrics import StageTimes, peak_memory_mb
from voice_regen.runtime.recording import (
    CallerClock,
    plan_record,
    state_record,
    stream_clock,
    utterance_record,
)
from voice_regen.runtime.records import (
    NoticeRecord,
    Observer,
    Record,
    ReplyRecord,
    ReplyStartedRecord,
    SessionRecord,
    SpeechRecord,
    SummaryRecord,
)
from voice_regen.speaking.playout import EndedReply
from voice_regen.types import PLAYOUT_RATE_HZ, Perception


@dataclass(slots=True)
class _Counts:
    turns: int = 0
    utterances: int = 0
    replies: int = 0
    interruptions: int = 0


class Reporter:
    """Turns what happens into records, in the order it happens."""

    def __init__(self, observers: Iterable[Observer], clock: CallerClock) -> None:
        """``clock`` tells where in the caller's audio a stream sample is."""
        self._observers = tuple(observers)
        self._clock = clock
        self._counts = _Counts()

    def emit(self, record: Record) -> None:
        """Hand one record to every observer."""
        for observer in self._observers:
            observer.notice(record)

    def session(self, engines: Engines, settings: Settings, source: str) -> None:
        """The conversation begins."""
        self.emit(
            SessionRecord(
                version=__version__,
                recogniser=engines.recogniser_name,
                emotion=engines.emotion_name,
                synthesiser=engines.synthesiser_name,
                voice=engines.synthesiser.voice,
                language=settings.engines.language,
                source=source,
            )
        )

    def note(self, text: str) -> None:
        """A sentence for the person running it."""
        self.emit(NoticeRecord(text=text))

    def speech(self, event: HearingEvent) -> None:
        """The caller began, went on, paused or finished."""
        match event:
            case SpeechStarted():
                what, sample = "resumed" if event.resumed else "started", event.sample
            case SpeechStopped():
                what, sample = "stopped", event.sample
            case TurnEnded():
                what, sample = "turn_ended", event.speech_end_sample
                self._counts.turns += 1
            case _:
                return
        self.emit(
            SpeechRecord(
                what=what,
                turn=event.turn_id,
                at_s=round(self._clock(sample), 3),
                stream_decided_s=round(stream_clock(event.decided_sample), 3),
            )
        )

    def heard(self, perception: Perception) -> None:
        """An utterance was perceived."""
        self._counts.utterances += 1
        self.emit(utterance_record(perception, self._clock))

    def planned(self, effect: Speak) -> None:
        """A reply was decided on."""
        self.emit(state_record(effect.plan.turn_id, effect.state))
        self.emit(plan_record(effect.plan))

    def reply_started(self, turn_id: int, sample: int) -> None:
        """Its first sample was played."""
        start_s = round(stream_clock(sample), 3)
        self.emit(ReplyStartedRecord(turn=turn_id, stream_start_s=start_s))

    def reply_ended(self, ended: EndedReply, start_sample: int, end_sample: int) -> None:
        """It was played, or cut."""
        self._counts.replies += 1
        self._counts.interruptions += ended.interrupted
        self.emit(
            ReplyRecord(
                turn=ended.plan.turn_id,
                planned_text=ended.plan.text,
                heard_text=ended.heard_text,
                played_samples=ended.played_samples,
                rate_hz=PLAYOUT_RATE_HZ,
                stream_start_s=round(stream_clock(start_sample), 3),
                stream_end_s=round(stream_clock(end_sample), 3),
                interrupted=ended.interrupted,
            )
        )

    def summary(
        self, times: StageTimes, *, end_sample: int, wall_s: float, load_s: float
    ) -> SummaryRecord:
        """The conversation has ended; also returns the record."""
        stream_s = stream_clock(end_sample)
        record = SummaryRecord(
            caller_audio_s=round(self._clock(end_sample), 3),
            stream_s=round(stream_s, 3),
            wall_s=round(wall_s, 3),
            rtf=round(wall_s / stream_s, 4) if stream_s else 0.0,
            load_s=round(load_s, 3),
            peak_memory_mb=round(peak_memory_mb(), 1),
            turns=self._counts.turns,
            utterances=self._counts.utterances,
            replies=self._counts.replies,
            interruptions=self._counts.interruptions,
            stages_s=times.summary(),
        )
        self.emit(record)
        return record
