"""A PortAudio with made-up devices: for refusals that no real machine gives on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BUSY, WRONG_RATE, WRONG_CHANNELS = -9985, -9997, -9998


@dataclass
class Card:
    """A device, and what it takes."""

    name: str
    inputs: int = 0
    outputs: int = 0
    default_rate_hz: float = 44_100.0
    rates_hz: tuple[int, ...] = (8_000, 16_000, 24_000, 32_000, 44_100, 48_000, 96_000)
    channels: tuple[int, ...] = (1, 2)
    busy: bool = False


@dataclass
class OpenedStream:
    """What was opened; the test calls ``callback`` as a driver would."""

    settings: dict[str, Any]
    closed: bool = False

    @property
    def callback(self) -> Callable[..., Any]:
        return self.settings["stream_callback"]

    def is_active(self) -> bool:
        return not self.closed

    def get_input_latency(self) -> float:
        return 0.02

    def get_output_latency(self) -> float:
        return 0.03

    def close(self) -> None:
        self.closed = True


@dataclass
class SoundCards:
    """Stands where ``pyaudio.PyAudio`` stands."""

    cards: list[Card]
    default_input: int | None = 0
    default_output: int | None = 0
    opened: list[OpenedStream] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    """(rate, channels) of every attempt."""

    def get_host_api_count(self) -> int:
        return 1

    def get_host_api_info_by_index(self, index: int) -> dict[str, Any]:
        return {"name": "ALSA"}

    def get_device_count(self) -> int:
        return len(self.cards)

    def get_device_info_by_index(self, index: int) -> dict[str, Any]:
        card = self.cards[index]
        return {
            "index": index,
            "name": card.name,
            "hostApi": 0,
            "maxInputChannels": card.inputs,
            "maxOutputChannels": card.outputs,
            "defaultSampleRate": card.default_rate_hz,
        }

    def get_default_input_device_info(self) -> dict[str, Any]:
        return self._default(self.default_input)

    def get_default_output_device_info(self) -> dict[str, Any]:
        return self._default(self.default_output)

    def _default(self, index: int | None) -> dict[str, Any]:
        if index is None:
            raise OSError("No Default Device Available")
        return self.get_device_info_by_index(index)

    def open(self, **settings: Any) -> OpenedStream:
        index = settings["input_device_index" if settings["input"] else "output_device_index"]
        card = self.cards[index]
        self.asked.append((settings["rate"], settings["channels"]))
        if card.busy:
            raise OSError(BUSY, "Device unavailable")
        if settings["channels"] not in card.channels:
            raise OSError(WRONG_CHANNELS, "Invalid number of channels")
        if settings["rate"] not in card.rates_hz:
            raise OSError(WRONG_RATE, "Invalid sample rate")
        self.opened.append(OpenedStream(settings))
        return self.opened[-1]

    def terminate(self) -> None:
        for stream in self.opened:
            stream.close()
