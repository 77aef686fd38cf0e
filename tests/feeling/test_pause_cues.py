"""Silences against norms and against the caller's own pace."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from perceptions import pauses

from voice_regen.feeling.baseline_pace import SPEECH_NEEDED_S, BaselinePace, RobustSpread
from voice_regen.feeling.cues import LOWEST, Dimension
from voice_regen.feeling.pause_cues import long_before_answering, pause_cues

NOBODY = BaselinePace()


def hesitation(cues: list) -> float:
    return max((c.value for c in cues if c.dimension is Dimension.HESITATION), default=0.0)


def used_to(latency_s: float, longest_s: float = 0.0, rate: float = 4.2) -> BaselinePace:
    """Someone of this pace, with the unevenness that everybody has."""
    pace = NOBODY
    for wobble in (-0.1, 0.05, 0.0, 0.1, -0.05, 0.02, 0.08, -0.08):
        pace = pace.noted(pauses(latency_s * (1 + wobble), longest_s, rate * (1 + wobble)))
    assert pace.known
    return pace


@pytest.mark.parametrize(
    ("latency_s", "strength"), [(0.2, 0), (1.0, 0), (2.5, 0.5), (4, 1), (9, 1)]
)
def test_before_the_caller_is_known_the_norms_decide(latency_s: float, strength: float) -> None:
    assert long_before_answering(pauses(latency_s), NOBODY) == pytest.approx(strength)


def test_a_slow_answerer_is_measured_by_their_own_pace() -> None:
    usual_for_them = pauses(2.5)
    assert hesitation(pause_cues(usual_for_them, NOBODY)) == pytest.approx(0.5)
    assert hesitation(pause_cues(usual_for_them, used_to(2.5))) == 0.0


def test_a_quick_answerer_hesitates_sooner_but_never_in_no_time() -> None:
    quick = used_to(0.3)
    assert hesitation(pause_cues(pauses(2.0), quick)) > hesitation(pause_cues(pauses(2.0), NOBODY))
    assert hesitation(pause_cues(pauses(0.9), quick)) == 0.0


def test_the_reason_names_what_is_usual_for_them() -> None:
    cues = pause_cues(pauses(4.0), used_to(0.4))
    assert any("for them usually 0.4 s" in cue.reason for cue in cues)


def test_speaking_slowly_for_oneself() -> None:
    slow_now = pauses(rate=2.6)
    cues = pause_cues(slow_now, used_to(0.4, rate=5.0))
    assert any("speaks slowly, 2.6 syllables a second" in cue.reason for cue in cues)
    assert not any("slowly" in cue.reason for cue in pause_cues(slow_now, used_to(0.4, rate=2.6)))


def test_a_word_too_short_to_have_a_pace() -> None:
    assert not any("fast" in c.reason for c in pause_cues(pauses(rate=9.0, speech_s=0.4), NOBODY))
    assert any("fast" in c.reason for c in pause_cues(pauses(rate=9.0, speech_s=2.0), NOBODY))


def test_speaking_over_the_assistant_is_no_measure_of_pace() -> None:
    pace = NOBODY.noted(pauses(latency_s=-0.7))
    assert pace.latency_s.values == ()
    assert not any("before answering" in c.reason for c in pause_cues(pauses(-0.7), NOBODY))


def test_known_only_after_enough_speech() -> None:
    pace = NOBODY
    while pace.speech_s + 3.0 < SPEECH_NEEDED_S:
        pace = pace.noted(pauses())
        assert not pace.known
    assert pace.noted(pauses()).known


def test_one_outlier_moves_the_usual_little() -> None:
    even = RobustSpread(floor=0.1, values=(0.4, 0.5, 0.45, 0.5, 0.42))
    assert abs(even.noted(60.0).usual - even.usual) < 0.06
    assert even.noted(60.0).z(0.5) == pytest.approx(even.z(0.5), abs=0.6)


@given(st.lists(st.floats(width=32), max_size=60), st.floats(width=32))
def test_a_spread_takes_any_number(values: list[float], asked: float) -> None:
    spread = RobustSpread(floor=0.1)
    for value in values:
        spread = spread.noted(value)
    z = spread.z(asked)
    assert z is None or math.isfinite(z) or math.isinf(z)
    assert not (z is not None and math.isnan(z))
    assert len(spread.values) <= 40


@given(
    st.one_of(st.none(), st.floats(width=32)),
    st.floats(width=32),
    st.one_of(st.none(), st.floats(width=32)),
    st.floats(width=32),
)
def test_cues_are_bounded_whatever_was_measured(
    latency: float | None, longest: float, rate: float | None, speech: float
) -> None:
    for pace in (NOBODY, used_to(0.5)):
        for cue in pause_cues(pauses(latency, longest, rate, speech), pace):
            assert LOWEST[cue.dimension] <= cue.value <= 1.0
            assert 0.0 <= cue.weight <= 1.0
