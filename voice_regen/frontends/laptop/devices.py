"""Microphones and loudspeakers: which there are, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

import msgspec

from voice_regen.errors import DeviceError, VoiceRegenError
from voice_regen.frontends.laptop.portaudio import PortAudio, quiet_stderr, start_portaudio

RECORDED_INSTEAD = "Connect one, or talk with a recording: voice-regen talk --wav FILE"


class Direction(StrEnum):
    """Which way the sound goes."""

    INPUT = "microphone"
    OUTPUT = "loudspeaker"


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sound device as PortAudio lists it; the wire format of `voice-regen devices --json`."""

    index: int
    """Its number, as ``--input`` and ``--output`` take it."""
    name: str
    host: str
    """ALSA, Core Audio, WASAPI, ..."""
    input_channels: int
    output_channels: int
    default_rate_hz: int
    default_input: bool
    default_output: bool

    def channels(self, direction: Direction) -> int:
        """Channels it offers that way; 0 if none."""
        return self.input_channels if direction is Direction.INPUT else self.output_channels

    def is_default(self, direction: Direction) -> bool:
        """It is the one used when none is named."""
        return self.default_input if direction is Direction.INPUT else self.default_output


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a live conversation is possible; false with the reason if not."""

    reason: str | None = None
    """``None`` when it is; else a sentence such as "No microphone was found."."""

    def __bool__(self) -> bool:
        return self.reason is None


@contextmanager
def portaudio_running() -> Iterator[PortAudio]:
    """PortAudio for as long as the block runs."""
    portaudio = start_portaudio()
    try:
        yield portaudio
    finally:
        with quiet_stderr():
            portaudio.terminate()


def list_devices() -> tuple[DeviceRow, ...]:
    """All devices. Raises MissingExtraError or DeviceError as :func:`start_portaudio` does."""
    with portaudio_running() as portaudio:
        return read_devices(portaudio)


def devices_as_json(devices: tuple[DeviceRow, ...]) -> bytes:
    """An array of objects, the fields of :class:`DeviceRow`."""
    return msgspec.json.encode(devices)


def devices_available() -> Availability:
    """Can a live conversation be held here? Never raises for a missing device or package."""
    try:
        devices = list_devices()
        for direction in Direction:
            choose_device(devices, direction)
    except VoiceRegenError as error:
        return Availability(reason=error.problem)
    return Availability()


def read_devices(portaudio: PortAudio) -> tuple[DeviceRow, ...]:
    """The devices that PortAudio saw when it was started."""
    default_input = _default_index(portaudio, Direction.INPUT)
    default_output = _default_index(portaudio, Direction.OUTPUT)
    hosts = [
        str(portaudio.get_host_api_info_by_index(index)["name"])
        for index in range(portaudio.get_host_api_count())
    ]
    rows = []
    for index in range(portaudio.get_device_count()):
        found = portaudio.get_device_info_by_index(index)
        rows.append(
            DeviceRow(
                index=index,
                name=_name(found["name"]),
                host=hosts[int(found["hostApi"])],
                input_channels=int(found["maxInputChannels"]),
                output_channels=int(found["maxOutputChannels"]),
                default_rate_hz=round(found["defaultSampleRate"]),
                default_input=index == default_input,
                default_output=index == default_output,
            )
        )
    return tuple(rows)


def choose_device(
    devices: tuple[DeviceRow, ...], direction: Direction, choice: str | None = None
) -> DeviceRow:
    """The device meant by ``choice``: its number, or a part of its name (case ignored).

    ``None`` means the default. An exact name wins over a part, the default over its namesakes,
    and of one device listed under several hosts the first. Raises DeviceError if there is
    none, or if several fit.
    """
    usable = [row for row in devices if row.channels(direction) > 0]
    if not usable:
        raise DeviceError(f"No {direction} was found.", RECORDED_INSTEAD)
    if choice is None:
        return _default(usable, direction)
    if choice.strip().isdecimal():
        return _by_number(devices, direction, int(choice))
    return _by_name(usable, direction, choice.strip())


def _default(usable: list[DeviceRow], direction: Direction) -> DeviceRow:
    return next((row for row in usable if row.is_default(direction)), usable[0])


def _by_number(devices: tuple[DeviceRow, ...], direction: Direction, index: int) -> DeviceRow:
    for row in devices:
        if row.index == index:
            if row.channels(direction) == 0:
                raise _not_found(f"Device {index} ({row.name}) is no {direction}.")
            return row
    raise _not_found(f"There is no device with the number {index}.")


def _by_name(usable: list[DeviceRow], direction: Direction, part: str) -> DeviceRow:
    wanted = part.casefold()
    fitting = [row for row in usable if wanted in row.name.casefold()]
    exact = [row for row in fitting if row.name.casefold() == wanted]
    fitting = exact or fitting
    if not fitting or not wanted:
        raise _not_found(f"No {direction} has {part!r} in its name.")
    if len({row.name for row in fitting}) > 1:
        names = ", ".join(f"{row.index} ({row.name})" for row in fitting)
        raise _not_found(f"{part!r} is in the name of more than one {direction}: {names}.")
    return _default(fitting, direction)


def _not_found(problem: str) -> DeviceError:
    return DeviceError(problem, "See which there are with: voice-regen devices")


def _default_index(portaudio: PortAudio, direction: Direction) -> int | None:
    try:
        if direction is Direction.INPUT:
            return int(portaudio.get_default_input_device_info()["index"])
        return int(portaudio.get_default_output_device_info()["index"])
    except OSError:
        return None


def _name(raw: object) -> str:
    """PyAudio gives bytes where a name is not in the encoding it expects."""
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
