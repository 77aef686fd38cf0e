"""The listener on generated signals, where the truth is known to the sample."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signals import in_blocks, talk, tone

from voice_regen.config import HearingConfig
from voice_regen.engines.fakes import WINDOW_SAMPLES, EnergyVoiceActivity
from voice_regen.events import (
    HearingEvent,
    SpeechStarted,
    SpeechStopped,
    TurnEnded,
    UtteranceEnded,
)
from voice_regen.hearing.listener import Listener
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.types import STREAM_RATE_HZ, FloatArray

CONFIG = HearingConfig()


def new_listener(config: HearingConfig = CONFIG) -> Listener:
    return Listener(SpeechGate(EnergyVoiceActivity(), EnergyVoiceActivity()), config)


def hear(
    samples: FloatArray, sizes: list[int], config: HearingConfig = CONFIG
) -> list[HearingEvent]:
    listener = new_listener(config)
    events = [e for block in in_blocks(samples, sizes) for e in listener.feed(block)]
    return [*events, *listener.finish()]


def kinds(events: list[HearingEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def same(one: HearingEvent, other: HearingEvent) -> bool:
    """Equality that compares the samples of utterances too."""
    if isinstance(one, SpeechStopped | UtteranceEnded) and isinstance(other, type(one)):
        a, b = one.utterance, other.utterance
        empty = np.zeros(0, np.float32)
        return (
            np.array_equal(a.samples, b.samples)
            and replace(a, samples=empty) == replace(b, samples=empty)
            and one.decided_sample == other.decided_sample
        )
    return one == other


def test_one_sentence_is_one_turn() -> None:
    events = hear(talk(1.0, 2.0, 2.0), [320])
    assert kinds(events) == ["SpeechStarted", "SpeechStopped", "UtteranceEnded", "TurnEnded"]
    started, stopped, ended, turn = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(stopped, SpeechStopped)
    assert isinstance(ended, UtteranceEnded)
    assert isinstance(turn, TurnEnded)
    assert abs(started.sample - STREAM_RATE_HZ) <= WINDOW_SAMPLES
    assert abs(turn.speech_end_sample - 3 * STREAM_RATE_HZ) <= WINDOW_SAMPLES
    assert ended.utterance.start_sample == started.sample - round(0.3 * STREAM_RATE_HZ)
    silence = turn.decided_sample - turn.speech_end_sample
    needed = CONFIG.endpoint_silence_s * STREAM_RATE_HZ
    assert needed <= silence < needed + WINDOW_SAMPLES


def test_speculation_sees_exactly_what_the_utterance_will_be() -> None:
    events = hear(talk(0.5, 1.3, 2.0), [512])
    stopped = next(e for e in events if isinstance(e, SpeechStopped))
    ended = next(e for e in events if isinstance(e, UtteranceEnded))
    assert np.array_equal(stopped.utterance.samples, ended.utterance.samples)
    assert stopped.utterance.end_sample == ended.utterance.end_sample
    assert stopped.decided_sample < ended.decided_sample


def test_a_short_pause_stays_in_the_utterance() -> None:
    events = hear(talk(0.5, 1.0, 0.5, 1.0, 2.0), [512])
    ended = [e for e in events if isinstance(e, UtteranceEnded)]
    assert len(ended) == 1
    assert len(ended[0].utterance.speech) == 2
    assert [e.resumed for e in events if isinstance(e, SpeechStarted)] == [False, True]


def test_a_long_pause_makes_two_turns() -> None:
    events = hear(talk(0.5, 1.0, 2.5, 1.0, 2.5), [512])
    assert [e.turn_id for e in events if isinstance(e, TurnEnded)] == [1, 2]


def test_patience_waits_longer() -> None:
    listener = new_listener()
    listener.endpointer.patience = 1.0
    events = [*listener.feed(talk(0.5, 1.0, 1.5, 1.0, 3.0)), *listener.finish()]
    assert len([e for e in events if isinstance(e, TurnEnded)]) == 1


def test_own_pauses_teach_patience_within_bounds() -> None:
    listener = new_listener()
    before = listener.endpointer.silence_needed_s
    for _ in range(8):
        listener.endpointer.note_pause(0.75)
    learnt = listener.endpointer.silence_needed_s
    assert before < learnt <= CONFIG.endpoint_silence_s + CONFIG.endpoint_patience_s
    listener.endpointer.note_pause(60.0)
    longest = CONFIG.endpoint_silence_s + CONFIG.endpoint_patience_s
    assert listener.endpointer.silence_needed_s == longest


@pytest.mark.parametrize("click_s", [0.01, 0.03])
def test_a_click_is_no_speech(click_s: float) -> None:
    assert hear(talk(1.0, click_s, 1.0), [512]) == []


def test_a_click_in_the_final_silence_does_not_keep_the_turn_open() -> None:
    quiet = hear(talk(0.5, 1.0, 3.0), [512])
    clicked = hear(talk(0.5, 1.0, 0.4, 0.02, 3.0), [512])
    decided = [next(e for e in ev if isinstance(e, TurnEnded)) for ev in (quiet, clicked)]
    assert decided[1].decided_sample - decided[0].decided_sample <= 4 * WINDOW_SAMPLES


def test_a_long_utterance_is_split_at_its_pause_and_the_turn_goes_on() -> None:
    events = hear(talk(0.5, 11.0, 0.5, 3.0, 2.0), [512])
    ended = [e.utterance for e in events if isinstance(e, UtteranceEnded)]
    assert [(u.turn_id, u.index) for u in ended] == [(1, 0), (1, 1)]
    assert len([e for e in events if isinstance(e, TurnEnded)]) == 1
    assert ended[0].end_sample <= ended[1].start_sample


def test_speech_without_end_is_cut_below_the_longest_and_nothing_is_lost() -> None:
    events = hear(talk(0.5, 70.0, 2.0), [512])
    ended = [e.utterance for e in events if isinstance(e, UtteranceEnded)]
    assert len(ended) >= 3
    assert all(u.duration_s <= CONFIG.longest_utterance_s + 0.1 for u in ended)
    for before, after in itertools.pairwise(ended):
        assert before.end_sample == after.start_sample
        assert before.speech[-1].end_sample == after.speech[0].start_sample
    assert len([e for e in events if isinstance(e, TurnEnded)]) == 1


def test_the_stream_may_end_in_mid_word() -> None:
    events = hear(np.concatenate((talk(0.5, 1.0), tone(0.013))), [512])
    assert kinds(events)[-2:] == ["UtteranceEnded", "TurnEnded"]


def test_response_latency_counts_from_the_assistants_end() -> None:
    listener = new_listener()
    list(listener.feed(talk(1.0)))
    listener.assistant_started()
    list(listener.feed(talk(1.0)))
    listener.assistant_ended(listener.end_sample)
    ended_at = listener.end_sample
    events = [*listener.feed(talk(2.0, 1.0, 2.0))]
    utterance = next(e.utterance for e in events if isinstance(e, UtteranceEnded))
    started = next(e for e in events if isinstance(e, SpeechStarted))
    assert utterance.response_latency_s == pytest.approx(
        (started.sample - ended_at) / STREAM_RATE_HZ
    )


def test_speaking_over_the_assistant_gives_a_negative_latency() -> None:
    listener = new_listener()
    listener.assistant_started()
    events = list(listener.feed(talk(1.0, 0.5)))
    listener.assistant_ended(listener.end_sample)
    events += listener.feed(talk(0.0, 0.5, 2.0))
    utterance = next(e.utterance for e in events if isinstance(e, UtteranceEnded))
    assert utterance.response_latency_s is not None
    assert utterance.response_latency_s < 0


stretch = st.floats(0.05, 3.0)


@given(
    stretches=st.lists(stretch, min_size=1, max_size=8),
    sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=4),
)
def test_events_do_not_depend_on_the_block_size(stretches: list[float], sizes: list[int]) -> None:
    samples = talk(*stretches)
    whole = hear(samples, [len(samples)])
    parts = hear(samples, sizes)
    assert kinds(whole) == kinds(parts)
    assert all(same(a, b) for a, b in zip(whole, parts, strict=True))


@given(stretches=st.lists(st.floats(0.05, 12.0), min_size=1, max_size=9))
def test_every_event_sequence_is_well_formed(stretches: list[float]) -> None:
    config = replace(CONFIG, split_after_s=4.0, longest_utterance_s=8.0)
    events = hear(talk(*stretches), [512], config)
    turn_open = False
    last_end = 0
    for event in events:
        if isinstance(event, SpeechStarted):
            assert event.resumed == turn_open
            turn_open = True
        elif isinstance(event, UtteranceEnded):
            assert turn_open
            u = event.utterance
            assert len(u.samples) == u.end_sample - u.start_sample > 0
            assert last_end <= u.start_sample <= u.speech[0].start_sample
            assert u.speech[-1].end_sample <= u.end_sample
            assert all(s.samples > 0 for s in u.speech)
            last_end = u.end_sample
        elif isinstance(event, TurnEnded):
            assert turn_open
            turn_open = False
    assert not turn_open
