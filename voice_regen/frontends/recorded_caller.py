"""Front end `file`: the same conversation, with a recording as the caller."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np

from voice_regen.audio.blocks import WindowCutter
from voice_regen.audio.resampling import Resampler
from voice_regen.audio.wav_writer import WavWriter
from voice_regen.frontends.caller_timeline import CallerTimeline
from voice_regen.runtime.session import Session
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ, AudioBlock, FloatArray

WINDOW_SAMPLES = 512
PLAYOUT_PER_WINDOW = WINDOW_SAMPLES * PLAYOUT_RATE_HZ // STREAM_RATE_HZ
LONGEST_DRAIN_S = 120.0
"""No reply is longer: a bound on waiting for the last one to end."""


class RecordedCaller(StrEnum):
    """What the caller in the recording does while the assistant speaks."""

    WAITS = "waits"
    """The recording stands still until the assistant has finished."""
    TALKS_ON = "talks-on"
    """The recording goes on, and interrupts."""


class ReplySink(Protocol):
    """Takes what was played, window by window, beside what was heard."""

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        """``heard`` at STREAM_RATE_HZ, ``played`` at PLAYOUT_RATE_HZ; the same stretch of time."""
        ...

    def close(self) -> None:
        """Make the file valid; safe to call twice."""
        ...


class ReplyFile:
    """Only the assistant's voice, placed where it was heard in the stream."""

    def __init__(self, path: Path) -> None:
        """Mono at PLAYOUT_RATE_HZ."""
        self._writer = WavWriter(path, PLAYOUT_RATE_HZ)

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        """Append a window."""
        self._writer.write(played)

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


class ConversationFile:
    """Both voices: the caller on the left, the assistant on the right."""

    def __init__(self, path: Path) -> None:
        """Stereo at PLAYOUT_RATE_HZ."""
        self._writer = WavWriter(path, PLAYOUT_RATE_HZ, channels=2)
        self._resampler = Resampler(STREAM_RATE_HZ, PLAYOUT_RATE_HZ)
        self._caller = np.zeros(0, np.float32)
        self._assistant = np.zeros(0, np.float32)

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        """Append a window; what the resampler still holds back follows later."""
        self._caller = np.concatenate((self._caller, self._resampler.feed(heard)))
        self._assistant = np.concatenate((self._assistant, played))
        n = min(len(self._caller), len(self._assistant))
        self._writer.write(np.stack((self._caller[:n], self._assistant[:n]), axis=1))
        self._caller, self._assistant = self._caller[n:], self._assistant[n:]

    def close(self) -> None:
        """Close the file."""
        self._writer.close()


class _Pace:
    """Keeps the stream to the speed of real time."""

    def __init__(self) -> None:
        self._due_at = time.monotonic()

    def wait(self, samples: int) -> None:
        self._due_at += samples / STREAM_RATE_HZ
        delay = self._due_at - time.monotonic()
        if delay > 0:
            time.sleep(delay)


class FileConversation:
    """Drives a session with a recording."""

    def __init__(
        self,
        session: Session,
        timeline: CallerTimeline,
        *,
        caller: RecordedCaller = RecordedCaller.WAITS,
        sinks: tuple[ReplySink, ...] = (),
        real_time: bool = False,
        progress: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """``timeline`` is the clock that the session was given.

        ``real_time`` paces the stream as a live call would (for measuring); ``progress`` is
        told the seconds of the recording that have been heard.
        """
        self._session = session
        self._timeline = timeline
        self._waits = caller is RecordedCaller.WAITS
        self._sinks = sinks
        self._pace = _Pace() if real_time else None
        self._progress = progress

    def run(self, blocks: Iterator[AudioBlock]) -> None:
        """Hold the conversation to its end. ``blocks`` are at STREAM_RATE_HZ, of any size."""
        self._session.start()
        for window in _windows(blocks):
            if self._waits:
                self._wait_for_assistant()
            self._hear(window, waiting=False)
        self._wait_for_end()

    def _wait_for_assistant(self) -> None:
        while self._session.assistant_busy:
            self._hear(np.zeros(WINDOW_SAMPLES, np.float32), waiting=True)

    def _wait_for_end(self) -> None:
        """Silence follows the recording until the last answer has been given."""
        for _ in range(int(LONGEST_DRAIN_S * STREAM_RATE_HZ / WINDOW_SAMPLES)):
            if not (self._session.assistant_busy or self._session.caller_turn_open):
                return
            self._hear(np.zeros(WINDOW_SAMPLES, np.float32), waiting=True)

    def _hear(self, window: FloatArray, *, waiting: bool) -> None:
        self._timeline.advance(len(window), waiting=waiting)
        self._session.feed(window)
        played = self._session.pull(PLAYOUT_PER_WINDOW)
        for sink in self._sinks:
            sink.write(window, played)
        if not waiting:
            self._progress(self._timeline(self._session.end_sample))
        if self._pace is not None:
            self._pace.wait(len(window))


def _windows(blocks: Iterator[AudioBlock]) -> Iterator[FloatArray]:
    cutter = WindowCutter(WINDOW_SAMPLES)
    for block in blocks:
        yield from cutter.feed(block.samples)
    last = cutter.finish()
    if last is not None:
        yield last
