"""Playout: conserved to the sample, cut at once, and honest about what was heard."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.speaking.playout import FADE_S, Playout
from voice_regen.types import ReplyPlan, Say, Strategy

RATE_HZ = 24_000
PLAN = ReplyPlan(1, Strategy.QUESTION, (Say("one two three four."),), 0.5)


def ramp(n: int, level: float = 0.5) -> np.ndarray:
    return np.full(n, level, np.float32)


def started(*phrases: tuple[int, str]) -> Playout:
    playout = Playout(RATE_HZ)
    playout.begin(PLAN)
    for n, text in phrases:
        playout.append_speech(ramp(n), text)
    return playout


def test_silence_before_between_and_after() -> None:
    playout = Playout(RATE_HZ)
    assert not playout.active
    assert not playout.pull(100).any()
    playout.begin(PLAN)
    playout.append_speech(ramp(50), "a")
    playout.append_pause(30)
    playout.append_speech(ramp(50), "b")
    playout.finish()
    out = playout.pull(200)
    assert np.count_nonzero(out) == 100
    assert not out[50:80].any()
    ended = playout.take_ended()
    assert ended is not None
    assert ended.heard_text == "a b"
    assert ended.played_samples == ended.planned_samples == 130
    assert not ended.interrupted
    assert playout.take_ended() is None
    assert not playout.active


def test_a_cut_is_a_short_fade_and_then_silence() -> None:
    playout = started((RATE_HZ, "one two three four"))
    playout.pull(RATE_HZ // 2)
    playout.stop()
    out = playout.pull(RATE_HZ)
    fade = round(FADE_S * RATE_HZ)
    assert out[0] == pytest.approx(0.5)
    assert np.all(np.diff(out[:fade]) <= 0)
    assert not out[fade:].any()
    ended = playout.take_ended()
    assert ended is not None
    assert ended.interrupted
    assert ended.heard_text == "one two"
    assert ended.played_samples == RATE_HZ // 2
    assert ended.planned_samples is None


def test_a_reply_that_never_played_says_so() -> None:
    playout = started((100, "one"))
    playout.stop()
    ended = playout.take_ended()
    assert ended is not None
    assert ended.played_samples == 0
    assert ended.heard_text == ""
    assert not playout.pull(100).any()


def test_a_new_reply_cuts_the_old_one() -> None:
    playout = started((1000, "one"))
    playout.pull(500)
    playout.begin(PLAN)
    ended = playout.take_ended()
    assert ended is not None
    assert ended.interrupted
    assert playout.active


def test_an_underrun_is_counted_and_not_as_played() -> None:
    playout = started((100, "one"))
    playout.pull(300)
    playout.append_speech(ramp(100), "two")
    playout.pull(100)
    playout.finish()
    ended = playout.take_ended()
    assert ended is not None
    assert ended.underrun_samples == 200
    assert ended.played_samples == 200
    assert ended.heard_text == "one two"


def test_waiting_for_the_first_phrase_is_no_underrun() -> None:
    playout = started()
    playout.pull(500)
    playout.append_speech(ramp(10), "one")
    playout.finish()
    playout.pull(10)
    ended = playout.take_ended()
    assert ended is not None
    assert ended.underrun_samples == 0


phrases = st.lists(st.tuples(st.integers(1, 400), st.booleans()), min_size=1, max_size=8)


@given(phrases, st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_the_size_of_the_pulls_changes_nothing(
    items: list[tuple[int, bool]], sizes: list[int]
) -> None:
    total = sum(n for n, _ in items)
    heard = []
    for pulls in ([total], sizes):
        playout = Playout(RATE_HZ)
        playout.begin(PLAN)
        for number, (n, is_pause) in enumerate(items):
            if is_pause:
                playout.append_pause(n)
            else:
                playout.append_speech(ramp(n, 0.1 + 0.1 * number), f"w{number}")
        playout.finish()
        out: list[np.ndarray] = []
        while playout.active:
            out.append(playout.pull(pulls[len(out) % len(pulls)]))
        heard.append(np.concatenate(out)[:total])
        ended = playout.take_ended()
        assert ended is not None
        assert ended.played_samples == ended.planned_samples == total
    assert np.array_equal(heard[0], heard[1])


actions = st.lists(
    st.one_of(
        st.tuples(st.just("speech"), st.integers(1, 500)),
        st.tuples(st.just("pause"), st.integers(1, 500)),
        st.tuples(st.just("pull"), st.integers(1, 700)),
        st.tuples(st.sampled_from(["begin", "stop", "finish"]), st.just(0)),
    ),
    max_size=40,
)


@given(actions)
def test_any_order_of_calls_conserves_samples(calls: list[tuple[str, int]]) -> None:
    playout = Playout(RATE_HZ)
    appended = pulled = begun = 0
    open_reply = False
    for name, n in calls:
        match name:
            case "begin":
                playout.begin(PLAN)
                begun += 1
                open_reply = True
            case "stop":
                playout.stop()
                open_reply = False
            case "finish":
                playout.finish()
                open_reply = playout.active
            case "speech" | "pause":
                if open_reply and playout.active:
                    appended += n
                if name == "speech":
                    playout.append_speech(ramp(n), "word")
                else:
                    playout.append_pause(n)
            case "pull":
                pulled += n
                assert len(playout.pull(n)) == n
                open_reply = open_reply and playout.active
    playout.stop()
    ended = []
    while (each := playout.take_ended()) is not None:
        ended.append(each)
    assert len(ended) == begun
    assert sum(each.played_samples for each in ended) <= min(appended, pulled)
    assert playout.total_pulled_samples == pulled
    for each in ended:
        assert set(each.heard_text.split()) <= {"word"}


@given(st.text(alphabet="abc ", min_size=1, max_size=40), st.integers(0, 1000))
def test_what_was_heard_is_the_beginning_of_what_was_said(text: str, played: int) -> None:
    playout = started((1000, text))
    playout.pull(played)
    playout.stop()
    ended = playout.take_ended()
    assert ended is not None
    words = text.split()
    assert ended.heard_text.split() == words[: len(ended.heard_text.split())]


@given(st.lists(st.integers(1, 300), max_size=6), st.integers(1, 300))
def test_a_cut_mid_phrase_plays_what_came_before_it_and_a_fade(pulls: list[int], n: int) -> None:
    rng = np.random.default_rng(n)
    said = rng.uniform(0.1, 0.9, 2_500).astype(np.float32)
    playout = Playout(RATE_HZ)
    playout.begin(PLAN)
    playout.append_speech(said, "one two three four five")
    before = [playout.pull(each) for each in pulls]
    played = sum(pulls)
    playout.stop()
    after = np.concatenate([playout.pull(n) for _ in range(500 // n + 2)])
    out = np.concatenate((*before, after))
    assert np.array_equal(out[:played], said[:played])
    fade = round(FADE_S * RATE_HZ) if played else 0
    assert np.all(out[played : played + fade] <= said[played : played + fade])
    assert not out[played + fade :].any()
    ended = playout.take_ended()
    assert ended is not None
    assert ended.played_samples == played


def test_a_fade_is_played_out_before_the_next_reply_begins() -> None:
    playout = started((RATE_HZ, "one"))
    playout.pull(10)
    playout.begin(PLAN)
    playout.append_speech(ramp(100, 0.25), "two")
    playout.finish()
    fade = round(FADE_S * RATE_HZ)
    out = playout.pull(fade + 200)
    assert np.all(out[fade : fade + 100] == 0.25)
    assert not out[fade + 100 :].any()
    assert playout.take_ended() is not None
    ended = playout.take_ended()
    assert ended is not None
    assert ended.played_samples == 100
    assert not ended.interrupted


def test_two_threads() -> None:
    playout = Playout(RATE_HZ)
    playout.begin(PLAN)
    rng = np.random.default_rng(1)
    said = [rng.uniform(0.1, 0.9, int(n)).astype(np.float32) for n in rng.integers(1, 900, 300)]

    def append() -> None:
        for samples in said:
            playout.append_speech(samples, "word")
        playout.finish()

    thread = threading.Thread(target=append)
    thread.start()
    heard = []
    while playout.active:
        heard.append(playout.pull(257))
    thread.join()
    out = np.concatenate(heard)
    assert np.array_equal(out[out != 0], np.concatenate(said))
