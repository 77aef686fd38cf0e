"""The live picture: at any size, at any moment; and the place in the plan."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from voice_regen.frontends.laptop.caller_words import caller_in_words
from voice_regen.frontends.laptop.move_tracker import MoveTracker
from voice_regen.frontends.laptop.terminal_parts import FLOOR_DB, bar, level_db, signed_bar
from voice_regen.frontends.laptop.terminal_view import (
    PlainConversationView,
    TerminalView,
    make_view,
)
from voice_regen.runtime.records import (
    EvidenceRecord,
    LatencyRecord,
    NoticeRecord,
    PauseRecord,
    PausesRecord,
    PlanRecord,
    ReplyRecord,
    ReplyStartedRecord,
    SayRecord,
    SpeechRecord,
    StateRecord,
    UtteranceRecord,
)
from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray

PLAN = PlanRecord(
    turn=1,
    strategy="reflection_of_feelings",
    warmth=0.8,
    text="That is a lot. Tell me more.",
    moves=(
        PauseRecord(duration_s=0.5, kind="receiving"),
        SayRecord(text="That is a lot [to carry]."),
        PauseRecord(duration_s=2.0, kind="holding"),
        SayRecord(text="Tell me more."),
    ),
    reasons=(),
)


def state(**changed: float) -> StateRecord:
    levels = {
        "valence": 0.0,
        "arousal": 0.0,
        "distress": 0.0,
        "frustration": 0.0,
        "hesitation": 0.0,
        "openness": 0.5,
        "trend": 0.0,
        "uncertainty": 0.2,
        **changed,
    }
    why = (EvidenceRecord(dimension="valence", change=-0.2, reason="a pause of 2.0 s"),)
    return StateRecord(turn=1, evidence=why, **levels)


UTTERANCE = UtteranceRecord(
    turn=1,
    index=0,
    text="It has been a long [week].",
    language="en",
    start_s=0,
    end_s=2,
    stream_start_s=0,
    words=(),
    pauses=PausesRecord(
        response_latency_s=None,
        longest_s=0,
        total_s=0,
        count=0,
        speech_s=2,
        speech_rate_syll_s=None,
    ),
    emotion=None,
)
LATENCY = LatencyRecord(
    turn=1,
    endpointing_s=0.8,
    recognition_tail_s=0.02,
    planning_s=0.001,
    first_phrase_s=0.1,
    after_endpoint_s=0.121,
    voice_to_voice_s=0.92,
    recognition_s=0.5,
    emotion_s=0.01,
)


def sound(seconds: float) -> FloatArray:
    return np.full(round(seconds * PLAYOUT_RATE_HZ), 0.1, np.float32)


def silence(seconds: float) -> FloatArray:
    return np.zeros(round(seconds * PLAYOUT_RATE_HZ), np.float32)


def picture(view: TerminalView, console: Console) -> str:
    with console.capture() as captured:
        console.print(view._picture())
    return captured.get()


def console_of(width: int, height: int) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, height=height, color_system=None
    )


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (140, 40), (200, 60)])
def test_all_that_matters_is_shown(width: int, height: int) -> None:
    console = console_of(width, height)
    view = TerminalView(console)
    for record in (UTTERANCE, state(valence=-0.5, distress=0.7), PLAN, LATENCY):
        view.notice(record)
    view.notice(ReplyStartedRecord(turn=1, stream_start_s=3))
    view.levels(sound(0.01), silence(0.25))
    shown = picture(view, console)
    for part in (
        "long [week]",
        "seems low, in distress",
        "reflection of feelings",
        "a lot [to carry]",
        "of 0.5 s)",
        "0.92 s voice to voice",
        "being silent",
        "take a break",
    ):
        assert part in shown
    lines = shown.rstrip("\n").split("\n")
    assert len(lines) <= height
    assert max(len(line.rstrip()) for line in lines) <= width


@pytest.mark.parametrize(("width", "height"), [(20, 5), (40, 10), (300, 12)])
def test_an_odd_size_does_no_harm(width: int, height: int) -> None:
    console = console_of(width, height)
    view = TerminalView(console)
    view.notice(UTTERANCE)
    view.notice(PLAN)
    assert picture(view, console)


def test_what_is_going_on_is_named_at_every_moment() -> None:
    console = console_of(80, 24)
    view = TerminalView(console)
    moments = ["listening"]
    assert "listening" in picture(view, console)

    def then(expected: str) -> None:
        moments.append(expected)
        assert f"● {expected}" in picture(view, console)

    view.notice(SpeechRecord(what="started", turn=1, at_s=0, stream_decided_s=0))
    then("hearing you")
    view.notice(SpeechRecord(what="turn_ended", turn=1, at_s=0, stream_decided_s=0))
    view.show_state(held=False, assistant_busy=True, keys_usable=True)
    then("thinking")
    view.notice(PLAN)
    view.notice(ReplyStartedRecord(turn=1, stream_start_s=0))
    then("being silent")
    view.levels(silence(0.01), silence(0.5))
    view.levels(silence(0.01), sound(0.1))
    then("speaking")
    view.notice(
        ReplyRecord(
            turn=1,
            planned_text="a b",
            heard_text="a",
            played_samples=1,
            rate_hz=24_000,
            stream_start_s=0,
            stream_end_s=1,
            interrupted=True,
        )
    )
    assert "(you spoke)" in picture(view, console)
    view.show_state(held=True, assistant_busy=False, keys_usable=False)
    then("paused")
    assert "Ctrl-C" in picture(view, console)
    view.tell("The microphone is gone.")
    view.notice(NoticeRecord(text="hearing failed once"))
    assert "microphone is gone" in picture(view, console)


def test_the_screen_is_taken_and_given_back() -> None:
    console = console_of(80, 24)
    view = make_view(console)
    assert isinstance(view, TerminalView)
    view.open()
    view.show_state(held=False, assistant_busy=False, keys_usable=True)
    view.close()
    view.close()
    assert isinstance(console.file, io.StringIO)
    written = console.file.getvalue()
    assert written.index("\x1b[?1049h") < written.index("\x1b[?1049l")


def test_without_a_terminal_there_are_lines() -> None:
    out = io.StringIO()
    view = make_view(Console(file=out, width=80))
    assert isinstance(view, PlainConversationView)
    view.open()
    view.notice(UTTERANCE)
    view.levels(sound(0.01), sound(0.01))
    for held in (False, True, True, False):
        view.show_state(held=held, assistant_busy=False, keys_usable=False)
    view.tell("The microphone is gone.")
    view.close()
    lines = out.getvalue()
    assert "It has been a long [week]." in lines
    assert lines.count("Paused.") == 1
    assert lines.count("Going on.") == 1
    assert "note      The microphone is gone." in lines
    assert isinstance(make_view(console_of(80, 24), plain=True), PlainConversationView)


# -- pieces ------------------------------------------------------------------------------


@given(st.floats(-2, 2), st.integers(1, 60))
def test_bars_have_their_width(value: float, width: int) -> None:
    assert len(bar(value, width, "red")) == width
    assert len(signed_bar(value, width)) == width // 2 * 2 + 1


def test_levels_are_in_db() -> None:
    assert level_db(np.zeros(0, np.float32)) == FLOOR_DB
    assert level_db(np.zeros(160, np.float32)) == FLOOR_DB
    assert level_db(np.full(160, 0.1, np.float32)) == pytest.approx(-20, abs=0.01)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({"uncertainty": 1.0, "distress": 1.0}, "too early to tell"),
        ({"valence": -0.5, "hesitation": 0.8}, "seems low, speaking haltingly"),
        ({"valence": -0.5, "arousal": 0.6, "frustration": 0.8}, "seems upset, frustrated"),
        ({"valence": 0.5, "trend": 0.2}, "seems at ease; easing"),
        ({"distress": 0.5, "trend": -0.2}, "seems even, under strain; getting harder"),
    ],
)
def test_the_caller_in_words(levels: dict[str, float], words: str) -> None:
    assert caller_in_words(state(**levels)) == words


# -- the place in the plan ---------------------------------------------------------------


def test_pauses_are_counted_as_they_are_played() -> None:
    tracker = MoveTracker()
    tracker.plan(PLAN)
    assert tracker.current is None
    tracker.begin()
    places = []
    for played in (silence(0.5), sound(1), silence(0.1), sound(1), silence(1.5), sound(0.5)):
        for at in range(0, len(played), 240):
            tracker.hear(played[at : at + 240])
        places.append((tracker.current, tracker.pause_elapsed_s))
    assert [place for place, _ in places] == [0, 1, 1, 1, 2, 3]
    assert places[0][1] == pytest.approx(0.5)
    assert places[4][1] == pytest.approx(1.5)
    tracker.end()
    assert tracker.current is None


def test_a_gap_between_phrases_is_not_the_pause() -> None:
    tracker = MoveTracker()
    tracker.plan(PLAN)
    tracker.begin()
    for played in (silence(0.5), sound(0.5), silence(0.4)):
        tracker.hear(played)
    assert tracker.current == 2
    tracker.hear(sound(0.1))
    assert tracker.current == 1


@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 3)), max_size=40))
def test_any_playing_keeps_its_place_inside_the_plan(stretches: list[tuple[bool, float]]) -> None:
    tracker = MoveTracker()
    tracker.plan(PLAN)
    tracker.begin()
    for audible, seconds in stretches:
        tracker.hear(sound(seconds) if audible else silence(seconds))
        assert tracker.current is not None
        assert 0 <= tracker.current < len(PLAN.moves)
        assert not (audible and tracker.pause_elapsed_s is not None)
