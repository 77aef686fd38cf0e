"""Opening a device: at the rate and with the channels that it takes, mono for us.

Only callback streams: PyAudio's blocking ``write`` goes silent for good after one underrun.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from voice_regen.errors import DeviceError
from voice_regen.frontends.laptop.devices import DeviceRow, Direction
from voice_regen.frontends.laptop.portaudio import (
    BUSY,
    WRONG_CHANNELS,
    WRONG_RATE,
    PortAudio,
    portaudio_code,
    portaudio_message,
    quiet_stderr,
)
from voice_regen.types import STREAM_RATE_HZ, FloatArray

BLOCK_S = 0.02
INPUT_RATES_HZ = (STREAM_RATE_HZ, 48_000, 44_100, 32_000, 96_000, 8_000)
"""In the order they are tried; the device's own comes second, after our own."""
OUTPUT_RATES_HZ = (48_000, 44_100, 96_000, 32_000, 24_000, STREAM_RATE_HZ, 8_000)
"""The device's own comes first: the reply is at 24 kHz, and 16 would take its highs away."""
CLOSING_S = 3.0
"""A driver whose device is gone may never come back from closing; it is left alone then."""

TakeBlock: TypeAlias = Callable[[FloatArray, bool], None]
"""Takes a block of the microphone, mono at its rate, and whether samples before it were lost."""
GiveBlock: TypeAlias = Callable[[int, bool], FloatArray]
"""Gives exactly n samples, mono at the loudspeaker's rate; told whether it ran dry before."""


@dataclass(slots=True)
class DeviceStream:
    """An open device."""

    device: DeviceRow
    direction: Direction
    rate_hz: int
    channels: int
    _stream: Any
    _beats: list[float]

    @property
    def latency_s(self) -> float:
        """What the driver says it adds; often too little."""
        ask = (
            self._stream.get_input_latency
            if self.direction is Direction.INPUT
            else self._stream.get_output_latency
        )
        return float(ask())

    @property
    def last_block_at_s(self) -> float | None:
        """Monotonic clock of the last block; ``None`` before the first."""
        return self._beats[0] or None

    @property
    def active(self) -> bool:
        """False once the driver has given up."""
        try:
            return bool(self._stream.is_active())
        except OSError:
            return False

    def close(self) -> None:
        """Close it, without waiting for ever for a driver that hangs."""
        thread = threading.Thread(target=self._close, name="close-device", daemon=True)
        thread.start()
        thread.join(CLOSING_S)

    def _close(self) -> None:
        with suppress(OSError):  # it is gone already
            self._stream.close()


def open_input(
    portaudio: PortAudio,
    device: DeviceRow,
    take: TakeBlock,
    rates_hz: tuple[int, ...] | None = None,
) -> DeviceStream:
    """Open a microphone; ``take`` is called on the driver's thread and must be quick.

    Raises DeviceError: busy, no rate accepted, refused.
    """
    beats = [0.0]

    def callback_for(channels: int) -> Callable[..., tuple[None, int]]:
        def callback(data: bytes, frames: int, times: object, status: int) -> tuple[None, int]:
            beats[0] = time.monotonic()
            take(mono_from_pcm(data, channels), bool(status))
            return None, _CONTINUE

        return callback

    rates = rates_hz or _in_order(STREAM_RATE_HZ, device.default_rate_hz, *INPUT_RATES_HZ)
    return _open(
        portaudio,
        device,
        Direction.INPUT,
        rates_hz=rates,
        callback_for=callback_for,
        beats=beats,
    )


def open_output(
    portaudio: PortAudio,
    device: DeviceRow,
    give: Callable[[int], GiveBlock],
    rates_hz: tuple[int, ...] | None = None,
) -> DeviceStream:
    """Open a loudspeaker; ``give(rate_hz)`` makes what is asked for samples at that rate.

    Raises DeviceError: busy, no rate accepted, refused.
    """
    beats = [0.0]
    sources: dict[int, GiveBlock] = {}

    def callback_for(channels: int) -> Callable[..., tuple[bytes, int]]:
        def callback(data: object, frames: int, times: object, status: int) -> tuple[bytes, int]:
            beats[0] = time.monotonic()
            source = sources.get(0)
            block = np.zeros(frames, np.float32) if source is None else source(frames, bool(status))
            return pcm_from_mono(block, channels), _CONTINUE

        return callback

    rates = rates_hz or _in_order(device.default_rate_hz, *OUTPUT_RATES_HZ)
    stream = _open(
        portaudio,
        device,
        Direction.OUTPUT,
        rates_hz=rates,
        callback_for=callback_for,
        beats=beats,
    )
    sources[0] = give(stream.rate_hz)
    return stream


_CONTINUE = 0
"""pyaudio.paContinue, which cannot be imported at the top."""
_INT16 = 8
"""pyaudio.paInt16: every driver takes it."""


def _open(
    portaudio: PortAudio,
    device: DeviceRow,
    direction: Direction,
    *,
    rates_hz: tuple[int, ...],
    callback_for: Callable[[int], Callable[..., tuple[Any, int]]],
    beats: list[float],
) -> DeviceStream:
    is_input = direction is Direction.INPUT
    refusals: list[OSError] = []
    # Some devices are stereo only; nothing has more channels and yet refuses two.
    for rate_hz in rates_hz:
        for channels in (1, 2)[: device.channels(direction)]:
            try:
                with quiet_stderr():
                    stream = portaudio.open(
                        rate=rate_hz,
                        channels=channels,
                        format=_INT16,
                        input=is_input,
                        output=not is_input,
                        input_device_index=device.index if is_input else None,
                        output_device_index=None if is_input else device.index,
                        frames_per_buffer=round(rate_hz * BLOCK_S),
                        stream_callback=callback_for(channels),
                    )
            except OSError as error:
                if portaudio_code(error) == BUSY:
                    raise _refused(device, direction, error, rates_hz) from error
                refusals.append(error)
            except ValueError as error:  # PyAudio's own check of the device number
                refusals.append(OSError(str(error)))
            else:
                return DeviceStream(device, direction, rate_hz, channels, stream, beats)
    telling = [each for each in refusals if portaudio_code(each) != WRONG_CHANNELS]
    last = (telling or refusals)[0]
    raise _refused(device, direction, last, rates_hz) from last


def _refused(
    device: DeviceRow, direction: Direction, error: OSError, rates_hz: tuple[int, ...]
) -> DeviceError:
    code = portaudio_code(error)
    if code == BUSY:
        return DeviceError(
            f"The {direction} {device.name!r} is busy or has been unplugged.",
            "Close the program that uses it, or choose another (see: voice-regen devices).",
        )
    if code == WRONG_RATE:
        tried = ", ".join(f"{rate / 1000:g}" for rate in rates_hz)
        return DeviceError(
            f"The {direction} {device.name!r} takes none of the sample rates {tried} kHz.",
            "Choose another with --input or --output (see: voice-regen devices).",
        )
    return DeviceError(
        f"The {direction} {device.name!r} cannot be opened: {portaudio_message(error)}.",
        "Choose another with --input or --output (see: voice-regen devices).",
    )


def _in_order(*rates_hz: int) -> tuple[int, ...]:
    """Each once, at its first place."""
    return tuple(dict.fromkeys(rates_hz))


def mono_from_pcm(data: bytes, channels: int) -> FloatArray:
    """Interleaved 16-bit samples to their mean over channels, in [-1, 1]; shape (frames,)."""
    frames = np.frombuffer(data, np.int16).reshape(-1, channels)
    scaled = frames.astype(np.float32) / 32768
    mono: FloatArray = scaled.mean(axis=1, dtype=np.float32)
    return mono


def pcm_from_mono(samples: FloatArray, channels: int) -> bytes:
    """The same samples on every channel, as interleaved 16-bit; too loud ones are clipped."""
    scaled = np.clip(np.nan_to_num(samples), -1.0, 32767 / 32768) * 32768
    whole = np.rint(scaled).astype(np.int16)
    return np.repeat(whole, channels).tobytes()
