"""The reference of echo cancellation stays in step with the microphone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.frontends.laptop.reference import SURPLUS_S, ReferenceTrack
from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray

N = PLAYOUT_RATE_HZ // 50


def counted(start: int, n: int) -> FloatArray:
    """Samples that carry their own index."""
    return np.arange(start + 1, start + n + 1, dtype=np.float32)


def test_before_anything_is_played_there_is_silence() -> None:
    assert not ReferenceTrack().take(N, 0).any()


def test_blocks_played_in_turn_come_out_in_turn() -> None:
    track = ReferenceTrack()
    got = []
    for turn in range(50):
        track.push(counted(turn * N, N))
        got.append(track.take(N, track.pushed))
    assert np.array_equal(np.concatenate(got), counted(0, 50 * N))
    assert track.moves == 0


def test_the_burst_at_the_start_is_left_out() -> None:
    """A loudspeaker asks for samples long before the microphone's first block comes."""
    track = ReferenceTrack()
    track.push(counted(0, 60 * N))
    assert track.take(N, track.pushed)[-1] == 60 * N


def test_a_session_that_is_late_does_not_shift_the_reference() -> None:
    """What counts is when the microphone's block came, not when it is dealt with."""
    track = ReferenceTrack()
    moments = []
    for turn in range(20):
        track.push(counted(turn * N, N))
        moments.append(track.pushed)
    got = [track.take(N, pushed) for pushed in moments]
    assert np.array_equal(np.concatenate(got), counted(0, 20 * N))


def test_a_reference_that_has_become_late_is_moved_forward() -> None:
    track = ReferenceTrack()
    start = 0
    lags = []
    for turn in range(3000):
        # The loudspeaker's clock is faster by one part in two hundred.
        n = N + (turn % 2) * 5
        track.push(counted(start, n))
        start += n
        lags.append(start - track.take(N, track.pushed)[-1])
    assert track.moves > 0
    assert max(lags) < 0.35 * PLAYOUT_RATE_HZ
    assert lags[-1] < (SURPLUS_S + 0.06) * PLAYOUT_RATE_HZ


@given(st.lists(st.tuples(st.integers(0, 3 * N), st.integers(0, 3 * N)), max_size=60))
def test_always_as_many_as_asked_for_and_never_twice_or_backwards(
    steps: list[tuple[int, int]],
) -> None:
    track = ReferenceTrack()
    start = 0
    last = 0.0
    for pushed, taken in steps:
        track.push(counted(start, pushed))
        start += pushed
        got = track.take(taken, track.pushed)
        assert len(got) == taken
        played = got[got > 0]
        if len(played):
            assert np.all(np.diff(played) == 1)
            assert played[0] > last
            last = float(played[-1])
