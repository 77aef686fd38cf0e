"""Microphone to session to loudspeaker: one thread between two callbacks."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

import numpy as np

from voice_regen.audio.blocks import WindowCutter
from voice_regen.audio.resampling import Resampler
from voice_regen.frontends.laptop.devices import DeviceRow
from voice_regen.frontends.laptop.echo import STEP_SAMPLES, EchoCanceller
from voice_regen.frontends.laptop.loudspeaker import LoudspeakerSource
from voice_regen.frontends.laptop.microphone_queue import MicrophoneBlock, MicrophoneQueue
from voice_regen.frontends.laptop.portaudio import PortAudio
from voice_regen.frontends.laptop.reference import ReferenceTrack
from voice_regen.frontends.laptop.streams import DeviceStream, open_input, open_output
from voice_regen.runtime.records import SummaryRecord
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ, FloatArray

WAIT_S = 0.1
JOIN_S = 10.0
PLAYOUT_PER_STEP = STEP_SAMPLES * PLAYOUT_RATE_HZ // STREAM_RATE_HZ

Command: TypeAlias = Callable[[], None]


class LiveSession(Protocol):
    """What this front end asks of a session."""

    def start(self) -> None:
        """The greeting is planned."""
        ...

    def feed(self, samples: FloatArray) -> None:
        """Samples at STREAM_RATE_HZ, any number; on the session's thread."""
        ...

    def pull(self, n: int) -> FloatArray:
        """Exactly n samples at PLAYOUT_RATE_HZ; never waits."""
        ...

    def hold(self) -> None:
        """Nothing is heard or said."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    @property
    def held(self) -> bool:
        """Between the two."""
        ...

    def take_break(self) -> None:
        """The person wants a break; on the session's thread."""
        ...

    @property
    def assistant_busy(self) -> bool:
        """A reply is being made or played."""
        ...

    @property
    def closed(self) -> bool:
        """The goodbye has been said."""
        ...

    def note(self, text: str) -> None:
        """Tell the observers a sentence; on the session's thread."""
        ...

    def finish(self) -> SummaryRecord:
        """End it and wait for its workers."""
        ...


class Tap(Protocol):
    """Takes what is heard and played, as it goes by."""

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        """``heard`` at STREAM_RATE_HZ, ``played`` at PLAYOUT_RATE_HZ: the same time."""
        ...


class SessionThread:
    """The one thread that feeds the session; it outlives the devices.

    Every block is resampled, freed from the assistant's echo and fed in steps of 10 ms. While
    a device is away, silence is fed at the pace of the clock, so that nothing sticks.
    """

    def __init__(
        self, session: LiveSession, canceller: EchoCanceller, taps: tuple[Tap, ...] = ()
    ) -> None:
        """``taps`` are written to on this thread."""
        self._session = session
        self._canceller = canceller
        self._taps = taps
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._stopping = threading.Event()
        self._source: MicrophoneSource | None = None
        self._reference_resampler = Resampler(PLAYOUT_RATE_HZ, STREAM_RATE_HZ)
        self._reference_ready = np.zeros(0, np.float32)
        self._fed_at_s = 0.0
        self.failure: Exception | None = None
        """What ended the thread, if not :meth:`stop`."""

    def start(self) -> None:
        """Begin the session."""
        self._thread.start()

    def use(self, source: MicrophoneSource | None) -> None:
        """Listen to ``source`` from now on; ``None`` while there is no microphone."""
        self._source = source

    def call(self, command: Command) -> None:
        """Have ``command`` run on this thread, between two blocks."""
        self._commands.put(command)

    @property
    def alive(self) -> bool:
        """It has been started and has not ended."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End it; returns when the block in hand is done."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            self._session.start()
            self._fed_at_s = time.monotonic()
            while not self._stopping.is_set():
                while not self._commands.empty():
                    self._commands.get()()
                self._listen()
        except Exception as error:
            self.failure = error

    def _listen(self) -> None:
        source = self._source
        if source is None:
            self._feed_silence()
            return
        heard = source.next(WAIT_S)
        if heard is not None:
            self._hear(*heard)

    def _feed_silence(self) -> None:
        time.sleep(WAIT_S / 5)
        steps = int((time.monotonic() - self._fed_at_s) * STREAM_RATE_HZ) // STEP_SAMPLES
        if steps > 0:
            self._give(
                np.zeros(steps * STEP_SAMPLES, np.float32),
                np.zeros(steps * PLAYOUT_PER_STEP, np.float32),
            )
            self._fed_at_s += steps * STEP_SAMPLES / STREAM_RATE_HZ

    def _hear(self, microphone: FloatArray, played: FloatArray) -> None:
        reference = self._reference_at_stream_rate(played, len(microphone))
        self._give(self._canceller.process(microphone, reference), played)
        self._fed_at_s = time.monotonic()

    def _give(self, heard: FloatArray, played: FloatArray) -> None:
        self._session.feed(heard)
        for tap in self._taps:
            tap.write(heard, played)

    def _reference_at_stream_rate(self, played: FloatArray, n: int) -> FloatArray:
        """Resampled; silence goes before what the resampler holds back at the start."""
        ready = np.concatenate((self._reference_ready, self._reference_resampler.feed(played)))
        short = max(0, n - len(ready))
        ready = np.concatenate((np.zeros(short, np.float32), ready))
        self._reference_ready = ready[n:]
        return ready[:n]


class MicrophoneSource:
    """Blocks of one open microphone as steps of the stream, each with what was played."""

    def __init__(self, blocks: MicrophoneQueue, reference: ReferenceTrack, rate_hz: int) -> None:
        """``rate_hz`` is the device's."""
        self._blocks = blocks
        self._reference = reference
        self._resampler = Resampler(rate_hz, STREAM_RATE_HZ)
        self._cutter = WindowCutter(STEP_SAMPLES)

    def next(self, timeout_s: float) -> tuple[FloatArray, FloatArray] | None:
        """Microphone at STREAM_RATE_HZ and reply at PLAYOUT_RATE_HZ; ``None`` if none came."""
        block: MicrophoneBlock | None = self._blocks.get(timeout_s)
        if block is None:
            return None
        steps = list(self._cutter.feed(self._resampler.feed(block.samples)))
        if not steps:
            return None
        played = self._reference.take(len(steps) * PLAYOUT_PER_STEP, block.reference_pushed)
        return np.concatenate(steps), played


class OpenDevices:
    """A microphone and a loudspeaker that are open."""

    def __init__(
        self,
        portaudio: PortAudio,
        microphone: DeviceRow,
        loudspeaker: DeviceRow,
        session: LiveSession,
        rates_hz: tuple[int, ...] | None = None,
    ) -> None:
        """Open both. ``rates_hz`` overrides the rates that are tried.

        Raises DeviceError; then neither is open.
        """
        self.reference = ReferenceTrack()
        self._sources: list[LoudspeakerSource] = []
        self._queue: MicrophoneQueue | None = None
        self.loudspeaker = open_output(
            portaudio, loudspeaker, lambda rate_hz: self._play_from(session, rate_hz), rates_hz
        )
        try:
            self.microphone = open_input(portaudio, microphone, self._take, rates_hz)
        except Exception:
            self.loudspeaker.close()
            raise
        self.blocks = MicrophoneQueue(self.microphone.rate_hz)
        self._queue = self.blocks

    def source(self) -> MicrophoneSource:
        """What the session listens to."""
        return MicrophoneSource(self.blocks, self.reference, self.microphone.rate_hz)

    @property
    def streams(self) -> tuple[DeviceStream, DeviceStream]:
        """Both."""
        return self.microphone, self.loudspeaker

    @property
    def echo_delay_s(self) -> float:
        """What the drivers say an echo takes at least."""
        return self.microphone.latency_s + self.loudspeaker.latency_s

    @property
    def failure(self) -> Exception | None:
        """What the session raised when asked for its reply."""
        return next((each.failure for each in self._sources if each.failure), None)

    @property
    def ran_dry(self) -> int:
        """Times that the loudspeaker was given samples too late."""
        return sum(each.ran_dry for each in self._sources)

    def close(self) -> None:
        """Close both; returns within seconds even if a driver hangs."""
        for stream in self.streams:
            stream.close()

    def _play_from(self, session: LiveSession, rate_hz: int) -> Callable[[int, bool], FloatArray]:
        source = LoudspeakerSource(session.pull, self.reference, rate_hz)
        self._sources.append(source)
        return source.give

    def _take(self, samples: FloatArray, lost_before: bool) -> None:
        if self._queue is not None:  # the first blocks may come before opening has returned
            self._queue.put(samples, lost_before, self.reference.pushed)
