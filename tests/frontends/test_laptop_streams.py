"""Opening devices that refuse, and the way of samples in and out."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_cards import Card, SoundCards

from voice_regen.errors import DeviceError
from voice_regen.frontends.laptop import streams
from voice_regen.frontends.laptop.devices import read_devices
from voice_regen.frontends.laptop.loudspeaker import LoudspeakerSource
from voice_regen.frontends.laptop.reference import ReferenceTrack
from voice_regen.frontends.laptop.streams import (
    DeviceStream,
    mono_from_pcm,
    open_input,
    open_output,
    pcm_from_mono,
)
from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray


def ignore(samples: FloatArray, lost_before: bool) -> None:
    pass


def opened_input(card: Card) -> tuple[SoundCards, DeviceStream]:
    sound = SoundCards([card])
    return sound, open_input(sound, read_devices(sound)[0], ignore)


def opened_output(card: Card) -> tuple[SoundCards, DeviceStream]:
    sound = SoundCards([card])
    give = lambda rate_hz: lambda n, ran_dry: np.full(n, 0.5, np.float32)  # noqa: E731
    return sound, open_output(sound, read_devices(sound)[0], give)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 32_000, 44_100, 48_000, 96_000])
def test_a_device_of_one_rate_is_opened_at_it(rate_hz: int) -> None:
    card = Card("one rate", inputs=1, outputs=2, rates_hz=(rate_hz,))
    sound, microphone = opened_input(card)
    assert microphone.rate_hz == rate_hz
    assert sound.opened[0].settings["frames_per_buffer"] == rate_hz // 50
    assert opened_output(card)[1].rate_hz == rate_hz


def test_a_microphone_is_asked_for_our_rate_and_a_loudspeaker_for_its_own() -> None:
    card = Card("any", inputs=1, outputs=2, default_rate_hz=44_100)
    assert opened_input(card)[1].rate_hz == 16_000
    assert opened_output(card)[1].rate_hz == 44_100


def test_a_stereo_only_device_is_mixed_to_mono_and_back() -> None:
    heard: list[FloatArray] = []
    card = Card("stereo", inputs=2, outputs=2, channels=(2,))
    sound = SoundCards([card])
    open_input(sound, read_devices(sound)[0], lambda samples, lost: heard.append(samples))
    left_right = np.array([[16384, 0], [8192, 8192]], np.int16)
    assert sound.opened[0].callback(left_right.tobytes(), 2, {}, 0) == (None, 0)
    assert heard[0].tolist() == [0.25, 0.25]

    sound, _ = opened_output(card)
    data, flag = sound.opened[0].callback(None, 3, {}, 0)
    assert flag == 0
    assert np.frombuffer(data, np.int16).tolist() == [16384] * 6


def test_no_rate_taken_is_told_with_the_rates() -> None:
    with pytest.raises(DeviceError, match=r"'odd' takes none of the sample rates .*44\.1"):
        opened_input(Card("odd", inputs=1, rates_hz=(11_025,)))


def test_a_busy_device_is_told_at_once() -> None:
    sound = SoundCards([Card("taken", inputs=2, busy=True)])
    with pytest.raises(DeviceError, match="'taken' is busy"):
        open_input(sound, read_devices(sound)[0], ignore)
    assert len(sound.asked) == 1


def test_a_refusal_for_another_reason_says_it() -> None:
    sound = SoundCards([Card("x", inputs=1)])

    def refuse(**settings: object) -> None:
        raise OSError("Unanticipated host error", -9999)

    sound.open = refuse  # type: ignore[assignment]
    with pytest.raises(DeviceError, match="Unanticipated host error"):
        open_input(sound, sound_row(sound), ignore)


def sound_row(sound: SoundCards) -> streams.DeviceRow:
    return read_devices(sound)[0]


def test_the_microphone_says_when_it_last_spoke_and_whether_samples_were_lost() -> None:
    flags: list[bool] = []
    sound = SoundCards([Card("m", inputs=1)])
    stream = open_input(sound, sound_row(sound), lambda samples, lost: flags.append(lost))
    assert stream.last_block_at_s is None
    sound.opened[0].callback(bytes(640), 320, {}, 0)
    sound.opened[0].callback(bytes(640), 320, {}, 2)
    assert flags == [False, True]
    assert stream.last_block_at_s is not None
    assert stream.active
    stream.close()
    assert not stream.active


def test_a_driver_that_hangs_while_closing_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound, stream = opened_input(Card("m", inputs=1))
    ever = threading.Event()
    monkeypatch.setattr(streams, "CLOSING_S", 0.05)
    monkeypatch.setattr(sound.opened[0], "close", ever.wait)
    stream.close()
    ever.set()


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=200), st.sampled_from([1, 2]))
def test_samples_survive_the_way_out_and_in(values: list[int], channels: int) -> None:
    samples = np.array(values, np.float32) / 32768
    back = mono_from_pcm(pcm_from_mono(samples, channels), channels)
    assert np.array_equal(back, samples)


def test_too_loud_and_broken_samples_are_clipped() -> None:
    wild = np.array([2.0, -2.0, np.nan, np.inf, -np.inf], np.float32)
    assert mono_from_pcm(pcm_from_mono(wild, 1), 1).tolist() == pytest.approx(
        [32767 / 32768, -1, 0, 32767 / 32768, -1]
    )


# -- what the loudspeaker is given -------------------------------------------------------


@given(
    st.sampled_from([8_000, 16_000, 24_000, 44_100, 48_000, 96_000]),
    st.lists(st.integers(1, 3000), min_size=1, max_size=20),
)
def test_the_loudspeaker_always_gets_as_many_as_it_asks_for(rate_hz: int, sizes: list[int]) -> None:
    reference = ReferenceTrack()
    source = LoudspeakerSource(lambda n: np.ones(n, np.float32), reference, rate_hz)
    assert [len(source.give(n, False)) for n in sizes] == sizes
    assert reference.pushed >= sum(sizes) * PLAYOUT_RATE_HZ / rate_hz - 1


def test_a_session_that_fails_leaves_silence_and_the_reason() -> None:
    def fail(n: int) -> FloatArray:
        raise RuntimeError("no more")

    source = LoudspeakerSource(fail, ReferenceTrack(), 48_000)
    assert not source.give(960, False).any()
    assert not source.give(960, True).any()
    assert isinstance(source.failure, RuntimeError)
    assert source.ran_dry == 1
