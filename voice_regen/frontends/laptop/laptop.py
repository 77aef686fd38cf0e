"""A conversation on this machine's microphone and loudspeaker."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from voice_regen.errors import DeviceError, VoiceRegenError
from voice_regen.frontends.laptop.audio_loop import (
    LiveSession,
    OpenDevices,
    SessionThread,
    Tap,
)
from voice_regen.frontends.laptop.devices import Direction, choose_device, read_devices
from voice_regen.frontends.laptop.echo import make_echo_canceller
from voice_regen.frontends.laptop.keys import Key, Keys, single_keys
from voice_regen.frontends.laptop.portaudio import PortAudio, quiet_stderr, start_portaudio
from voice_regen.runtime.records import Record, SummaryRecord
from voice_regen.types import FloatArray

LOOK_S = 0.05
"""How often keys and devices are looked at."""
STALL_S = 2.0
"""No block for this long: the device is gone, even if its driver does not say so."""
FIRST_BLOCK_S = 6.0
"""Drivers may take more than a second to begin."""
TRY_AGAIN_S = 8.0
"""For this long a lost device is asked for again."""
TRY_EVERY_S = 0.5
LAST_WORDS_S = 0.4
"""The loudspeaker's own buffer plays on after the last sample was handed over."""


@dataclass(frozen=True, slots=True)
class LaptopOptions:
    """Which devices, and how."""

    input_device: str | None = None
    """Number or part of the name; ``None`` is the default."""
    output_device: str | None = None
    echo: str = "livekit"
    """``livekit``, ``pywebrtc`` or ``none``."""
    rates_hz: tuple[int, ...] | None = None
    """Rates to try, in this order, instead of what the devices are known to take."""


class ConversationView(Protocol):
    """Shows a conversation; also an observer of the session."""

    def notice(self, record: Record) -> None:
        """A record of the session; on the session's thread."""
        ...

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        """What was just heard and played; on the session's thread, a hundred times a second."""
        ...

    def tell(self, text: str) -> None:
        """A sentence of the front end; on the main thread."""
        ...

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        """Time to draw; on the main thread, every LOOK_S."""
        ...

    def open(self) -> None:
        """The conversation begins."""
        ...

    def close(self) -> None:
        """It has ended; safe to call twice."""
        ...


def hold_conversation(
    session: LiveSession,
    view: ConversationView,
    options: LaptopOptions = LaptopOptions(),
    taps: tuple[Tap, ...] = (),
) -> SummaryRecord:
    """Talk until the person quits (key, Ctrl-C, SIGTERM) or the goodbye has been said.

    ``view`` should be among the session's observers. The session is finished in every case,
    and its summary returned. Raises DeviceError if there is no microphone or loudspeaker, if
    they cannot be opened, or if one is gone and does not come back; MissingExtraError without
    PyAudio; whatever the session raised.
    """
    try:
        with ExitStack() as closing:
            call = _Call(session, view, options, taps)
            closing.callback(call.close)
            call.open()
            closing.callback(view.close)
            closing.enter_context(_signals_interrupt())
            keys = closing.enter_context(single_keys())
            view.open()
            try:
                call.hold(keys)
            except KeyboardInterrupt:
                view.tell("Ending the conversation.")
    finally:
        summary = session.finish()
    return summary


class _ViewTap:
    """Lets the view see the levels."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        self._view.levels(heard, played)


class _Call:
    """The devices and the thread of one conversation; lives on the main thread."""

    def __init__(
        self,
        session: LiveSession,
        view: ConversationView,
        options: LaptopOptions,
        taps: tuple[Tap, ...],
    ) -> None:
        self._session = session
        self._view = view
        self._options = options
        self._taps = (*taps, _ViewTap(view))
        self._portaudio: PortAudio | None = None
        self._devices: OpenDevices | None = None
        self._opened_at_s = 0.0
        self._thread: SessionThread | None = None
        self._dropped = 0

    def open(self) -> None:
        """Open the devices and begin to listen."""
        canceller = make_echo_canceller(self._options.echo)
        self._open_devices(self._options)
        assert self._devices is not None
        self._thread = SessionThread(self._session, canceller, self._taps)
        self._thread.use(self._devices.source())
        self._thread.start()

    def hold(self, keys: Keys) -> None:
        """Until the end."""
        while not self._over():
            for key in keys.wait(LOOK_S):
                if key is Key.QUIT:
                    return
                self._press(key)
            self._check_session()
            fault = self._fault()
            if fault is not None:
                self._get_devices_back(fault, keys)
            self._show(keys)
        time.sleep(LAST_WORDS_S)

    def close(self) -> None:
        """Silence, and no thread left behind."""
        if self._thread is not None:
            self._thread.stop()
        self._close_devices()

    def _show(self, keys: Keys) -> None:
        self._view.show_state(
            held=self._session.held,
            assistant_busy=self._session.assistant_busy,
            keys_usable=keys.usable,
        )

    def _over(self) -> bool:
        return self._session.closed and not self._session.assistant_busy

    def _press(self, key: Key) -> None:
        assert self._thread is not None
        if key is Key.PAUSE:
            (self._session.resume if self._session.held else self._session.hold)()
        elif key is Key.BREAK:
            self._session.resume()
            self._thread.call(self._session.take_break)

    def _check_session(self) -> None:
        assert self._thread is not None
        assert self._devices is not None
        failure = self._thread.failure or self._devices.failure
        if failure is not None:
            raise failure
        dropped = self._devices.blocks.dropped_samples
        if dropped > self._dropped:
            self._dropped = dropped
            seconds = dropped / self._devices.microphone.rate_hz
            self._view.tell(f"This machine is too slow: {seconds:.1f} s were not listened to.")

    # -- devices ---------------------------------------------------------------------

    def _open_devices(self, options: LaptopOptions) -> None:
        self._portaudio = start_portaudio()
        try:
            rows = read_devices(self._portaudio)
            microphone = choose_device(rows, Direction.INPUT, options.input_device)
            loudspeaker = choose_device(rows, Direction.OUTPUT, options.output_device)
            self._devices = OpenDevices(
                self._portaudio, microphone, loudspeaker, self._session, options.rates_hz
            )
        except VoiceRegenError:
            self._close_devices()
            raise
        self._opened_at_s = time.monotonic()
        self._dropped = 0

    def _close_devices(self) -> None:
        devices, self._devices = self._devices, None
        portaudio, self._portaudio = self._portaudio, None
        with quiet_stderr():
            if devices is not None:
                devices.close()
            if portaudio is not None:
                # Closing may hang for ever in a driver whose device is gone.
                thread = threading.Thread(target=portaudio.terminate, daemon=True)
                thread.start()
                thread.join(STALL_S)

    def _fault(self) -> Direction | None:
        """The device that is gone, if one is."""
        assert self._devices is not None
        now_s = time.monotonic()
        for stream in self._devices.streams:
            last = stream.last_block_at_s
            silent_s = now_s - (last or self._opened_at_s)
            if not stream.active or silent_s > (STALL_S if last else FIRST_BLOCK_S):
                return stream.direction
        return None

    def _get_devices_back(self, lost: Direction, keys: Keys) -> None:
        """Ask for the devices until they are there. Raises DeviceError if they stay away."""
        assert self._thread is not None
        self._view.tell(f"The {lost} is gone. Looking for the default one ...")
        self._thread.use(None)
        self._close_devices()
        _wait_or_quit(keys, 2 * LOOK_S)
        self._show(keys)
        give_up_at_s = time.monotonic() + TRY_AGAIN_S
        options = LaptopOptions(echo=self._options.echo, rates_hz=self._options.rates_hz)
        while True:
            try:
                self._open_devices(options)
                self._wait_for_sound()
            except DeviceError as error:
                self._close_devices()
                if time.monotonic() > give_up_at_s:
                    raise DeviceError(
                        f"The {lost} was lost during the conversation and did not come back.",
                        f"{error.problem} Connect it again and start anew.",
                    ) from error
            else:
                break
            _wait_or_quit(keys, TRY_EVERY_S)
            self._show(keys)
        assert self._devices is not None
        self._thread.use(self._devices.source())
        self._view.tell("Sound is back.")

    def _wait_for_sound(self) -> None:
        """A stream that opens on a device that is gone may never give a block."""
        assert self._devices is not None
        while self._devices.microphone.last_block_at_s is None:
            if self._fault() is not None:
                raise DeviceError("The devices open, but no sound comes.")
            time.sleep(LOOK_S)


def _wait_or_quit(keys: Keys, timeout_s: float) -> None:
    if Key.QUIT in keys.wait(timeout_s):
        raise KeyboardInterrupt


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM and a closed terminal end the conversation as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), interrupt) for name in names}
    try:
        yield
    finally:
        for name, old in before.items():
            signal.signal(getattr(signal, name), old)
