"""PortAudio through PyAudio: started quietly, its errors put into words."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from voice_regen.errors import DeviceError, MissingExtraError

PortAudio: TypeAlias = Any
"""A ``pyaudio.PyAudio``; the package has no types."""

BUSY = -9985
"""paDeviceUnavailable: someone else holds the device."""
WRONG_CHANNELS = -9998
WRONG_RATE = -9997

_STDERR = 2
_starting = threading.Lock()


def start_portaudio() -> PortAudio:
    """A new view of the sound devices; PortAudio lists them once, when it starts.

    Raises MissingExtraError without PyAudio, DeviceError if the sound system cannot start.
    """
    try:
        import pyaudio
    except ImportError as error:
        raise MissingExtraError("A conversation on microphone", "talk", "PyAudio") from error
    _silence_alsa()
    try:
        with quiet_stderr():
            return pyaudio.PyAudio()
    except OSError as error:
        raise DeviceError(
            f"The sound system cannot be started: {portaudio_message(error)}.",
            "Check the sound settings of this machine (on Linux: aplay -l, pactl info).",
        ) from error


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Silence what C libraries write on stderr: ALSA and JACK tell of every device they lack."""
    with _starting:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # started without a stderr: nothing to silence
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, _STDERR)
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            os.close(nowhere)


@contextmanager
def stderr_set_aside() -> Iterator[None]:
    """Keep stderr back while a picture is on the screen; what was not sound's follows after.

    PortAudio writes there when a device goes, in the middle of whatever is drawn.
    """
    try:
        kept = os.dup(_STDERR)
    except OSError:
        yield
        return
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            aside.seek(0)
            for line in aside:
                if not line.startswith(_NOISE):
                    os.write(_STDERR, line)


_NOISE = (b"Expression '", b"ALSA lib", b"jack server", b"Cannot connect to server")


def _silence_alsa() -> None:
    """ALSA also writes in mid-conversation, of every underrun, across the picture."""
    global _alsa_handler
    if _alsa_handler is not None or not sys.platform.startswith("linux"):
        return
    try:
        alsa = ctypes.CDLL("libasound.so.2")
        _alsa_handler = _ALSA_HANDLER(lambda file, line, function, error, text: None)
        alsa.snd_lib_error_set_handler(_alsa_handler)
    except (OSError, AttributeError):
        pass  # no ALSA: then nothing writes either


_ALSA_HANDLER = ctypes.CFUNCTYPE(
    None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p
)
_alsa_handler: Any = None
"""Kept for as long as the process lives: ALSA calls it from its own threads."""


def portaudio_code(error: OSError) -> int | None:
    """PortAudio's number of an error that PyAudio raised; ``None`` if it is another's."""
    numbers = [part for part in error.args if isinstance(part, int)]
    return numbers[0] if numbers else None


def portaudio_message(error: OSError) -> str:
    """PortAudio's own words."""
    words = [part for part in error.args if isinstance(part, str)]
    return (words[0] if words else str(error)).rstrip(".")
