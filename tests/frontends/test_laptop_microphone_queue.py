"""Blocks of the microphone: once each, in order, and the sample clock stays true."""

from __future__ import annotations

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.frontends.laptop.microphone_queue import LONGEST_WAIT_S, MicrophoneQueue
from voice_regen.types import FloatArray

RATE_HZ = 16_000
BLOCK = 320


def ones(n: int = BLOCK) -> FloatArray:
    return np.ones(n, np.float32)


def taken(queue: MicrophoneQueue) -> FloatArray:
    parts = [np.zeros(0, np.float32)]
    while (block := queue.get(0)) is not None:
        parts.append(block.samples)
    return np.concatenate(parts)


def test_nothing_comes_of_nothing() -> None:
    assert MicrophoneQueue(RATE_HZ).get(0.01) is None


def test_a_full_queue_drops_and_counts_and_leaves_silence() -> None:
    queue = MicrophoneQueue(RATE_HZ)
    room = int(LONGEST_WAIT_S * RATE_HZ) // BLOCK
    for index in range(room + 7):
        queue.put(ones(), False, 0, now_s=index * 0.02)
    assert queue.dropped_samples == 7 * BLOCK
    first = taken(queue)
    queue.put(ones(), False, 0, now_s=(room + 7) * 0.02)
    rest = taken(queue)
    assert len(first) + len(rest) == (room + 8) * BLOCK
    assert not rest[: 7 * BLOCK].any()
    assert rest[7 * BLOCK :].all()


def test_what_the_driver_lost_is_filled_by_the_clock() -> None:
    queue = MicrophoneQueue(RATE_HZ)
    for index in range(10):
        queue.put(ones(), False, 0, now_s=1 + index * 0.02)
    queue.put(ones(), True, 0, now_s=1 + 10 * 0.02 + 0.5)
    assert queue.lost_samples == RATE_HZ // 2
    got = taken(queue)
    assert len(got) == 11 * BLOCK + RATE_HZ // 2
    assert not got[10 * BLOCK : -BLOCK].any()


def test_a_flag_without_a_gap_adds_nothing() -> None:
    queue = MicrophoneQueue(RATE_HZ)
    queue.put(ones(), True, 0, now_s=5.0)
    for index in range(1, 10):
        queue.put(ones(), True, 0, now_s=5.0 + index * 0.02 + 0.015)
    assert queue.lost_samples == 0


def test_a_late_burst_is_no_loss() -> None:
    queue = MicrophoneQueue(RATE_HZ)
    queue.put(ones(), False, 0, now_s=1.0)
    for _ in range(50):
        queue.put(ones(), False, 0, now_s=2.0)
    assert queue.lost_samples == 0
    assert len(taken(queue)) == 51 * BLOCK


@given(st.lists(st.tuples(st.integers(1, 2000), st.floats(0, 0.3)), min_size=1, max_size=50))
def test_samples_out_are_samples_in_and_the_gaps(blocks: list[tuple[int, float]]) -> None:
    queue = MicrophoneQueue(RATE_HZ)
    now_s = 0.0
    for n, wait_s in blocks:
        now_s += n / RATE_HZ + wait_s
        queue.put(ones(n), wait_s > 0.05, 0, now_s=now_s)
    got = taken(queue)
    sent = sum(n for n, _ in blocks)
    assert np.count_nonzero(got) + queue.dropped_samples == sent
    # A gap, or what there was no room for, comes as silence before the next block.
    queue.put(ones(1), False, 0, now_s=now_s)
    assert len(got) + len(taken(queue)) == sent + queue.lost_samples + 1


def test_a_block_wakes_who_waits() -> None:
    queue = MicrophoneQueue(RATE_HZ)
    thread = threading.Thread(target=lambda: queue.put(ones(), False, 42))
    thread.start()
    block = queue.get(60)
    thread.join()
    assert block is not None
    assert block.reference_pushed == 42
