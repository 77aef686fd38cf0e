"""Which devices there are, which is meant, and what is said when there is none."""

from __future__ import annotations

import json
import os
import sys

import pytest
from sound_cards import Card, SoundCards

from voice_regen.errors import DeviceError, MissingExtraError
from voice_regen.frontends.laptop import devices as module
from voice_regen.frontends.laptop.devices import (
    DeviceRow,
    Direction,
    choose_device,
    devices_as_json,
    devices_available,
    list_devices,
    read_devices,
)
from voice_regen.frontends.laptop.portaudio import quiet_stderr, start_portaudio, stderr_set_aside

CARDS = SoundCards(
    [
        Card("HDMI", outputs=8),
        Card("Built-in Audio", inputs=2, outputs=2),
        Card("USB Headset", inputs=1, outputs=2),
        Card("USB Headset Pro", inputs=1),
    ],
    default_input=2,
    default_output=1,
)
ROWS = read_devices(CARDS)


def test_rows_say_what_a_device_can_do() -> None:
    assert [row.index for row in ROWS] == [0, 1, 2, 3]
    assert ROWS[1].host == "ALSA"
    assert (ROWS[2].default_input, ROWS[1].default_output) == (True, True)
    assert json.loads(devices_as_json(ROWS))[0]["output_channels"] == 8


@pytest.mark.parametrize(
    ("direction", "choice", "index"),
    [
        (Direction.INPUT, None, 2),
        (Direction.OUTPUT, None, 1),
        (Direction.OUTPUT, "0", 0),
        (Direction.INPUT, "built", 1),
        (Direction.OUTPUT, "headset", 2),
        (Direction.INPUT, "usb headset", 2),
        (Direction.INPUT, "pro", 3),
    ],
)
def test_a_device_is_chosen_by_number_or_name(
    direction: Direction, choice: str | None, index: int
) -> None:
    assert choose_device(ROWS, direction, choice).index == index


@pytest.mark.parametrize(
    ("direction", "choice", "problem"),
    [
        (Direction.INPUT, "0", "is no microphone"),
        (Direction.OUTPUT, "9", "no device with the number 9"),
        (Direction.INPUT, "hdmi", "No microphone has 'hdmi'"),
        (Direction.INPUT, "headse", "more than one microphone"),
        (Direction.INPUT, " ", "No microphone has"),
    ],
)
def test_a_wrong_choice_is_told(direction: Direction, choice: str, problem: str) -> None:
    with pytest.raises(DeviceError, match=problem) as caught:
        choose_device(ROWS, direction, choice)
    assert "voice-regen devices" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("cards", "problem"),
    [
        ([], "No microphone was found."),
        ([Card("HDMI", outputs=8)], "No microphone was found."),
        ([Card("Webcam", inputs=1)], "No loudspeaker was found."),
    ],
)
def test_what_is_missing_is_named(
    cards: list[Card], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = SoundCards(cards, default_input=None, default_output=None)
    monkeypatch.setattr(module, "start_portaudio", lambda: sound)
    available = devices_available()
    assert not available
    assert available.reason == problem


def test_one_without_a_default_is_still_used(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = SoundCards([Card("A", inputs=1, outputs=2)], default_input=None, default_output=None)
    monkeypatch.setattr(module, "start_portaudio", lambda: sound)
    assert devices_available()
    assert list_devices()[0].name == "A"


def test_a_name_in_bytes_is_read() -> None:
    sound = SoundCards([Card("x", inputs=1)], default_output=None)
    sound.cards[0].name = b"caf\xc3\xa9 \xff"  # type: ignore[assignment]
    assert read_devices(sound)[0].name == "café \N{REPLACEMENT CHARACTER}"


def test_without_pyaudio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyaudio", None)
    with pytest.raises(MissingExtraError, match="talk"):
        start_portaudio()
    assert "PyAudio" in str(devices_available().reason)


def test_stderr_is_silent_inside_and_whole_outside(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"ALSA lib: unknown PCM\n")
    os.write(2, b"kept\n")
    assert capfd.readouterr().err == "kept\n"


def test_stderr_set_aside_loses_only_the_noise(capfd: pytest.CaptureFixture[str]) -> None:
    with stderr_set_aside():
        os.write(2, b"Expression 'x' failed\nALSA lib pcm.c: underrun\n")
        os.write(2, b"something else\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "something else\n"


def test_a_row_is_frozen() -> None:
    with pytest.raises(AttributeError):
        ROWS[0].name = "other"  # type: ignore[misc]
    assert isinstance(ROWS[0], DeviceRow)
