"""Change of rate: no edges of blocks, no sample lost, no alias heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.audio.resampling import Resampler, resample
from voice_regen.types import FloatArray

rates = st.sampled_from([8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, 6_000).astype(np.float32)


def streamed(samples: FloatArray, sizes: list[int], in_hz: int, out_hz: int) -> FloatArray:
    resampler, parts, at = Resampler(in_hz, out_hz), [], 0
    while at < len(samples):
        for size in sizes:
            parts.append(resampler.feed(samples[at : at + size]))
            at += size
    return np.concatenate((*parts, resampler.finish()))


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=6), rates, rates)
def test_the_size_of_the_blocks_changes_nothing(sizes: list[int], in_hz: int, out_hz: int) -> None:
    sizes = [*sizes, 257]
    whole = streamed(NOISE, [len(NOISE)], in_hz, out_hz)
    assert np.array_equal(streamed(NOISE, sizes, in_hz, out_hz), whole)
    assert abs(len(whole) - len(NOISE) * out_hz / in_hz) <= 1


@given(rates, rates)
def test_a_stream_is_as_long_and_as_timed_as_the_whole(in_hz: int, out_hz: int) -> None:
    time_s = np.arange(in_hz // 2) / in_hz
    tone = (0.5 * np.sin(2 * np.pi * 300 * time_s)).astype(np.float32)
    made = streamed(tone, [997], in_hz, out_hz)
    wanted = 0.5 * np.sin(2 * np.pi * 300 * np.arange(len(made)) / out_hz)
    middle = slice(len(made) // 10, -len(made) // 10)
    assert np.abs(made - wanted)[middle].max() < 0.005
    once = resample(tone, in_hz, out_hz)
    assert abs(len(once) - len(made)) <= 1
    assert np.abs(once[: len(made)] - made[: len(once)])[middle].max() < 0.005


def test_what_the_lower_rate_cannot_carry_is_removed() -> None:
    time_s = np.arange(48_000) / 48_000
    whistle = np.sin(2 * np.pi * 11_000 * time_s).astype(np.float32)
    made = streamed(whistle, [480], 48_000, 16_000)
    assert np.abs(made[1000:-1000]).max() < 1e-3


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
def test_nothing_gives_nothing(rate_hz: int) -> None:
    resampler = Resampler(rate_hz, 16_000)
    assert len(resampler.feed(np.zeros(0, np.float32))) == 0
    assert len(resampler.finish()) == 0
    assert len(resample(np.zeros(0, np.float32), rate_hz, 16_000)) == 0
