"""The running picture of the caller."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perceptions import ANGRY, NEUTRAL, SAD, pauses, perception, tone

from voice_regen.feeling.state import CallerStateTracker
from voice_regen.types import CallerState, Emotion, EmotionLabel, Pauses, Perception

FIELDS = {
    "valence": (-1.0, 1.0),
    "arousal": (-1.0, 1.0),
    "distress": (0.0, 1.0),
    "frustration": (0.0, 1.0),
    "hesitation": (0.0, 1.0),
    "openness": (0.0, 1.0),
    "trend": (-1.0, 1.0),
    "uncertainty": (0.0, 1.0),
}
WILD = st.floats(allow_nan=True, allow_infinity=True, width=32)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from("i'm fine not so sad angry um uh never happy can't cope thanks".split()),
        max_size=12,
    ).map(" ".join),
)


@st.composite
def emotions(draw: st.DrawFn) -> Emotion | None:
    kind = draw(st.sampled_from(["none", "wild", "plain", "abstains"]))
    if kind == "none":
        return None
    if kind == "wild":
        probabilities = {label: draw(WILD) for label in EmotionLabel}
        return Emotion(probabilities, draw(WILD), draw(WILD), draw(WILD))
    unit = st.floats(-1, 1)
    return tone(
        draw(st.sampled_from(EmotionLabel)),
        draw(st.floats(0.2, 1)),
        draw(unit),
        draw(unit),
        "a cough" if kind == "abstains" else None,
    )


@st.composite
def perceptions(draw: st.DrawFn) -> Perception:
    silences = Pauses(
        draw(st.one_of(st.none(), WILD)),
        draw(WILD),
        draw(WILD),
        draw(st.integers(0, 20)),
        draw(WILD),
        draw(st.one_of(st.none(), WILD)),
    )
    return perception(draw(TEXTS), draw(emotions()), silences, turn_id=draw(st.integers(1, 4)))


def after(*heard: Perception) -> CallerState:
    tracker = CallerStateTracker()
    for each in heard:
        tracker.update(each)
    return tracker.state


@given(st.lists(perceptions(), max_size=12))
def test_every_field_stays_in_range_whatever_is_perceived(heard: list[Perception]) -> None:
    tracker = CallerStateTracker()
    for each in heard:
        state = tracker.update(each)
        for name, (low, high) in FIELDS.items():
            value = getattr(state, name)
            assert math.isfinite(value), name
            assert low <= value <= high, name
        for evidence in state.evidence:
            assert evidence.dimension in FIELDS
            assert evidence.reason
            assert math.isfinite(evidence.change)
        changes = [abs(each.change) for each in state.evidence]
        assert changes == sorted(changes, reverse=True)


@given(st.lists(perceptions(), max_size=8))
def test_neutral_input_brings_any_state_back_to_neutral(heard: list[Perception]) -> None:
    tracker = CallerStateTracker()
    for each in heard:
        tracker.update(each)
    for turn in range(100, 240):
        quiet = perception("The meeting is on Tuesday at nine in town", NEUTRAL, turn_id=turn)
        tracker.update(quiet)
    state = tracker.state
    assert abs(state.valence) < 0.05
    assert state.distress < 0.12  # the tone leaves a little on every label
    assert state.hesitation < 0.05
    assert abs(state.openness - 0.5) < 0.05
    assert abs(state.trend) < 0.05
    assert state.uncertainty < 0.35


@given(st.lists(perceptions(), min_size=1, max_size=8))
def test_the_same_input_gives_the_same_state(heard: list[Perception]) -> None:
    assert after(*heard) == after(*heard)


@given(st.lists(perceptions(), max_size=6), perceptions(), perceptions())
def test_a_copy_is_independent(
    heard: list[Perception], maybe: Perception, then: Perception
) -> None:
    tracker = CallerStateTracker()
    for each in heard:
        tracker.update(each)
    before = tracker.state
    tracker.copy().update(maybe)
    assert tracker.state == before
    assert tracker.copy().update(then) == tracker.update(then)


def test_at_the_start_nothing_is_known() -> None:
    assert CallerStateTracker().state == CallerState()


def test_a_sad_voice_and_sad_words_move_the_picture_and_say_why() -> None:
    state = after(perception("My mother died and I feel so alone", SAD))
    assert state.valence < -0.4
    assert state.distress > 0.5
    assert state.uncertainty < 0.7
    reasons = [evidence.reason for evidence in state.evidence]
    assert any("sounds sad (80 % sure)" in reason for reason in reasons)
    assert any('"died"' in reason or '"alone"' in reason for reason in reasons)


def test_an_angry_voice_is_frustration_more_than_distress() -> None:
    state = after(perception("This is ridiculous", ANGRY))
    assert state.frustration > 0.4
    assert state.frustration > state.distress
    assert state.arousal > 0.2


def test_an_abstaining_engine_raises_nothing() -> None:
    unsure = tone(EmotionLabel.SAD, 0.9, -0.9, -0.5, reason="too little speech")
    state = after(perception("", unsure, pauses(latency_s=None, speech_s=0.3, rate=None)))
    assert state == CallerState()


def test_without_consent_to_tone_words_and_pauses_still_count() -> None:
    state = after(perception("I'm so scared", None, pauses(latency_s=3.0)))
    assert state.distress > 0.2
    assert state.hesitation > 0.2
    assert not any("sounds" in evidence.reason for evidence in state.evidence)


def test_less_confidence_moves_less() -> None:
    sure = after(perception("", tone(EmotionLabel.SAD, 0.9, -0.8)))
    unsure = after(perception("", tone(EmotionLabel.SAD, 0.3, -0.8)))
    assert sure.valence < unsure.valence < 0.0


def test_a_break_is_followed_faster_than_a_wobble() -> None:
    calm = [perception("Yes that is what happened then", NEUTRAL, turn_id=i) for i in range(1, 6)]
    before = after(*calm)
    broken = after(*calm, perception("", SAD, turn_id=6))
    slight = after(*calm, perception("", tone(EmotionLabel.SAD, 0.8, valence=-0.1), turn_id=6))
    to_break = (before.valence - broken.valence) / (before.valence + 0.7)
    to_slight = (before.valence - slight.valence) / (before.valence + 0.1)
    assert to_break > 1.4 * to_slight
    assert broken.valence < -0.35


def test_order_matters_the_last_word_counts_most() -> None:
    sad = perception("I am so sad", SAD, turn_id=1)
    glad = perception("I feel better, thank you", tone(EmotionLabel.HAPPY, 0.7, 0.6), turn_id=2)
    getting_better = after(sad, glad)
    getting_worse = after(glad, sad)
    assert getting_better.valence > getting_worse.valence
    assert getting_better.distress < getting_worse.distress
    assert getting_better.trend > 0.0 > getting_worse.trend


def test_utterances_of_one_turn_count_as_one_step_of_the_trend() -> None:
    calm = perception("It is Tuesday today", NEUTRAL, turn_id=1)
    sad = perception("", SAD, turn_id=2)
    once, twice = after(calm, sad), after(calm, sad, sad)
    assert twice.trend < once.trend < 0.0  # still the same turn, measured from its beginning
    assert after(sad, sad).trend == 0.0 or after(sad, sad).trend < 0.0


def test_saying_fine_in_a_sad_voice_is_itself_a_cue() -> None:
    fine_sadly = after(perception("I'm fine.", SAD, pauses(latency_s=4.0)))
    only_sad = after(perception("It is Tuesday.", SAD, pauses(latency_s=4.0)))
    fine_gladly = after(perception("I'm fine.", tone(EmotionLabel.HAPPY, 0.7, 0.6)))
    assert any('says "i\'m fine", but sounds sad' in e.reason for e in fine_sadly.evidence)
    assert fine_sadly.distress > 0.4
    assert fine_sadly.openness < only_sad.openness
    assert fine_gladly.distress < 0.1
    assert not any(", but" in e.reason for e in fine_gladly.evidence)
    assert fine_sadly.uncertainty > only_sad.uncertainty


def test_fine_after_a_long_silence_without_any_tone() -> None:
    state = after(perception("I'm fine.", None, pauses(latency_s=4.0)))
    assert any("only after a long silence" in e.reason for e in state.evidence)
    assert state.valence < 0.0


def test_evidence_tells_of_the_pause() -> None:
    state = after(perception("Well it is hard to say", None, pauses(latency_s=3.1)))
    assert any(e.reason == "a pause of 3.1 s before answering" for e in state.evidence)


@pytest.mark.parametrize("language", ["de", "fr"])
def test_words_of_another_language_are_not_read_as_english(language: str) -> None:
    state = after(perception("sad sad sad", None, language=language))
    assert state.valence == 0.0
