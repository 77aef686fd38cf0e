"""Whole conversations over scripted engines: in order, at any block size, and on threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from signals import in_blocks, silence, talk

from voice_regen.config import CareConfig, Settings
from voice_regen.engines.base import Recognition
from voice_regen.engines.fakes import (
    EnergyVoiceActivity,
    ScriptedEmotion,
    ScriptedRecogniser,
    ToneSynthesiser,
)
from voice_regen.errors import EngineError
from voice_regen.frontends.caller_timeline import CallerTimeline
from voice_regen.frontends.recorded_caller import FileConversation, RecordedCaller
from voice_regen.runtime.assembly import open_session
from voice_regen.runtime.engines import Engines
from voice_regen.runtime.records import (
    LatencyRecord,
    NoticeRecord,
    PlanRecord,
    Record,
    ReplyRecord,
    SpeechRecord,
    SummaryRecord,
    UtteranceRecord,
    decode_record,
    encode_record,
)
from voice_regen.runtime.session import Session
from voice_regen.types import STREAM_RATE_HZ, AudioBlock, FloatArray, Prosody

LINES = ["I lost my job last week.", "I'm so tired.", "It feels a little better.", "Thank you."]


@dataclass
class Records:
    """Observer that keeps everything."""

    all: list[Record] = field(default_factory=list)

    def notice(self, record: Record) -> None:
        self.all.append(record)

    def of(self, kind: type) -> list:  # type: ignore[type-arg]
        return [each for each in self.all if isinstance(each, kind)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def engines(**changed: object) -> Engines:
    made = Engines(
        gate=EnergyVoiceActivity(),
        judge=EnergyVoiceActivity(),
        recogniser=ScriptedRecogniser(LINES),
        emotion=ScriptedEmotion(),
        synthesiser=ToneSynthesiser(),
        recogniser_name="scripted",
        emotion_name="scripted",
        synthesiser_name="tone",
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def blocks(samples: FloatArray, sizes: list[int]) -> Iterator[AudioBlock]:
    start = 0
    for block in in_blocks(samples, sizes):
        yield AudioBlock(block, start)
        start += len(block)


def converse(
    samples: FloatArray,
    sizes: list[int] = [3200],  # noqa: B006 - never changed
    *,
    caller: RecordedCaller = RecordedCaller.WAITS,
    with_engines: Engines | None = None,
    greet: bool = False,
    speculate: bool = False,
) -> Records:
    records = Records()
    timeline = CallerTimeline()
    settings = Settings(care=CareConfig(greet=greet), speculate=speculate)
    session = open_session(
        with_engines or engines(),
        settings,
        live=False,
        observers=[records],
        source="file",
        clock=timeline,
    )
    FileConversation(session, timeline, caller=caller).run(blocks(samples, sizes))
    session.finish()
    return records


def without_wall_clock(records: Records) -> list[bytes]:
    kept = [each for each in records.all if not isinstance(each, LatencyRecord | SummaryRecord)]
    return [encode_record(each) for each in kept]


def test_each_turn_is_heard_felt_planned_and_answered_in_full() -> None:
    records = converse(talk(0.5, 2.0, 2.5, 1.5, 2.5))
    assert [u.text for u in records.of(UtteranceRecord)] == LINES[:2]
    plans, replies = records.of(PlanRecord), records.of(ReplyRecord)
    assert [p.turn for p in plans] == [r.turn for r in replies] == [1, 2]
    for plan, reply in zip(plans, replies, strict=True):
        assert reply.planned_text == reply.heard_text == plan.text
        assert not reply.interrupted
        assert reply.played_samples > 0
    latencies = records.of(LatencyRecord)
    assert [each.turn for each in latencies] == [1, 2]
    assert isinstance(records.all[-1], SummaryRecord)
    assert records.all[-1].turns == 2


def test_times_are_those_of_the_recording_even_where_the_caller_waited() -> None:
    records = converse(talk(0.5, 2.0, 2.5, 1.5, 2.5), greet=True)
    starts = [u.start_s for u in records.of(UtteranceRecord)]
    assert starts == pytest.approx([0.5, 5.0], abs=0.05)
    stream = [u.stream_start_s for u in records.of(UtteranceRecord)]
    assert stream[0] > starts[0]
    assert stream[1] - stream[0] > starts[1] - starts[0]


def test_every_record_survives_its_wire_format() -> None:
    for record in converse(talk(0.5, 2.0, 2.5), greet=True).all:
        assert decode_record(encode_record(record)) == record


def test_speculation_changes_no_event() -> None:
    samples = talk(0.5, 1.0, 0.5, 1.0, 2.5, 1.5, 2.5)
    with_it = converse(samples, speculate=True, with_engines=engines(recogniser=EchoLength()))
    without = converse(samples, speculate=False, with_engines=engines(recogniser=EchoLength()))
    assert without_wall_clock(with_it) == without_wall_clock(without)


class EchoLength:
    """Words that depend on nothing but the audio."""

    def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
        loud = int(np.count_nonzero(np.abs(samples) > 0.01))
        return ScriptedRecogniser([f"I have {len(samples)} and {loud} things."]).recognise(samples)


@hypothesis_settings(max_examples=15)
@given(
    stretches=st.lists(st.floats(0.1, 2.5), min_size=2, max_size=6),
    sizes=st.lists(st.integers(50, 9000), min_size=1, max_size=3),
    caller=st.sampled_from(RecordedCaller),
)
def test_events_are_the_same_at_any_block_size(
    stretches: list[float], sizes: list[int], caller: RecordedCaller
) -> None:
    samples = talk(*stretches)
    heard = [
        without_wall_clock(
            converse(samples, each, caller=caller, with_engines=engines(recogniser=EchoLength()))
        )
        for each in ([len(samples)], sizes)
    ]
    assert heard[0] == heard[1]


def test_a_caller_who_talks_on_interrupts_and_the_history_is_cut() -> None:
    records = converse(talk(0.5, 2.0, 1.6, 3.0, 3.0), caller=RecordedCaller.TALKS_ON)
    first, second = records.of(ReplyRecord)
    assert first.interrupted
    assert len(first.heard_text) < len(first.planned_text)
    assert first.planned_text.startswith(first.heard_text)
    assert not second.interrupted
    speech = records.of(SpeechRecord)
    barge_in = next(each for each in speech if each.turn == 2)
    assert first.stream_end_s - barge_in.at_s == pytest.approx(0.25, abs=0.1)


def test_silence_gives_no_turn_and_says_so_nowhere_else() -> None:
    records = converse(silence(5.0))
    assert records.of(UtteranceRecord) == []
    assert records.of(PlanRecord) == []
    assert records.all[-1].turns == 0


def test_long_silence_is_met_with_a_few_words_and_then_left_alone() -> None:
    records = converse(silence(200.0))
    strategies = [plan.strategy for plan in records.of(PlanRecord)]
    assert strategies == ["check_in"] * 3


def test_only_answers_are_timed() -> None:
    """A cough is not answered, and the check-in that follows is no answer to it."""
    samples = np.concatenate((talk(0.5, 0.3), silence(20.0)))
    records = converse(samples, with_engines=engines(recogniser=ScriptedRecogniser([])))
    assert [plan.strategy for plan in records.of(PlanRecord)] == ["check_in"]
    assert records.of(LatencyRecord) == []


class Failing:
    """An engine that breaks on its first use."""

    rate_hz, voice = 24_000, "failing"

    def __init__(self) -> None:
        self.used = 0
        self.inner_recogniser = ScriptedRecogniser(LINES)
        self.inner_voice = ToneSynthesiser()

    def _break(self) -> None:
        self.used += 1
        if self.used == 1:
            raise EngineError("it broke")

    def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
        self._break()
        return self.inner_recogniser.recognise(samples)

    def feel(self, *_: object) -> object:
        self._break()
        return ScriptedEmotion().feel(np.zeros(1, np.float32), None, None)  # type: ignore[arg-type]

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        self._break()
        return self.inner_voice.synthesise(text, prosody, warmth)


@pytest.mark.parametrize("part", ["recogniser", "emotion", "synthesiser"])
def test_an_engine_that_fails_once_does_not_end_the_conversation(part: str) -> None:
    records = converse(talk(0.5, 2.0, 2.5, 1.5, 2.5), with_engines=engines(**{part: Failing()}))
    notices = [each.text for each in records.of(NoticeRecord)]
    assert any("it broke" in text for text in notices)
    assert len(records.of(UtteranceRecord)) == 2
    assert records.of(ReplyRecord)[-1].turn == 2


def test_without_an_emotion_engine_tone_is_absent_not_neutral() -> None:
    records = converse(talk(0.5, 2.0, 2.5), with_engines=engines(emotion=None, emotion_name=None))
    assert records.of(UtteranceRecord)[0].emotion is None


def live_session(records: Records, made: Engines | None = None) -> Session:
    settings = Settings(care=CareConfig(greet=False))
    return open_session(
        made or engines(), settings, live=True, observers=[records], source="microphone"
    )


def feed_live(session: Session, samples: FloatArray, done: object = None) -> None:
    """As fast as it goes, leaving the workers room."""
    for block in in_blocks(samples, [320]):
        session.feed(block)
        session.pull(480)
        time.sleep(0.0005)


def test_on_threads_the_conversation_is_the_same() -> None:
    records = Records()
    session = live_session(records)
    session.start()
    feed_live(session, talk(0.5, 2.0, 4.0))
    deadline = time.monotonic() + 60
    while not records.of(ReplyRecord) and time.monotonic() < deadline:
        feed_live(session, silence(0.2))
    session.finish()
    assert [u.text for u in records.of(UtteranceRecord)] == LINES[:1]
    assert records.of(ReplyRecord)[0].heard_text == records.of(PlanRecord)[0].text


def test_holding_hears_and_says_nothing() -> None:
    records = Records()
    session = live_session(records)
    session.start()
    session.hold()
    feed_live(session, talk(0.5, 2.0, 2.0))
    assert not np.any(session.pull(480))
    session.resume()
    session.finish()
    assert records.of(UtteranceRecord) == []


def test_a_bug_in_a_worker_reaches_the_session_s_thread() -> None:
    class Broken:
        def recognise(self, samples: FloatArray, previous_text: str = "") -> Recognition:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        converse(talk(0.5, 2.0, 2.5), with_engines=engines(recogniser=Broken()))


def test_the_stream_s_clock_is_the_samples() -> None:
    records = converse(talk(1.0, 2.0, 3.0))
    summary = records.all[-1]
    assert summary.caller_audio_s == pytest.approx(6.0, abs=0.1)
    assert summary.stream_s >= summary.caller_audio_s
    assert STREAM_RATE_HZ == 16_000
