"""What is on its way to the loudspeaker: cut at once, counted to the sample.

One thread appends, another (the audio callback) pulls. There is no queue behind this one:
what is dropped here is never heard.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from voice_regen.types import PLAYOUT_RATE_HZ, FloatArray, ReplyPlan

FADE_S = 0.005
"""A cut in mid-word fades over this: too short to be heard as speech, long enough not to click."""


@dataclass(frozen=True, slots=True)
class EndedReply:
    """What came of a reply."""

    plan: ReplyPlan
    heard_text: str
    """The words that were really played."""
    played_samples: int
    """Speech and pauses of the plan; neither the fade of a cut nor an underrun counts."""
    planned_samples: int | None
    """Of the whole reply; ``None`` if it was cut before all of it was made."""
    interrupted: bool
    underrun_samples: int
    """Silence that the plan did not ask for: the next phrase came too late."""


@dataclass(slots=True)
class _Segment:
    """A phrase, or (with no text) a pause."""

    samples: FloatArray
    text: str
    played: int = 0

    @property
    def heard_text(self) -> str:
        """Its words up to where it was played, by their share of its characters."""
        if self.played >= len(self.samples):
            return self.text
        share = self.played / len(self.samples)
        heard, position = [], 0
        for word in self.text.split():
            position += len(word) + 1
            if position > share * (len(self.text) + 1):
                break
            heard.append(word)
        return " ".join(heard)


@dataclass(slots=True)
class _Reply:
    plan: ReplyPlan
    waiting: deque[_Segment] = field(default_factory=deque)
    heard: list[str] = field(default_factory=list)
    appended: int = 0
    played: int = 0
    underrun: int = 0
    complete: bool = False


class Playout:
    """The loudspeaker's end of one conversation, at ``rate_hz``."""

    def __init__(self, rate_hz: int = PLAYOUT_RATE_HZ) -> None:
        """Silent until :meth:`begin`."""
        self._rate_hz = rate_hz
        self._lock = threading.Lock()
        self._reply: _Reply | None = None
        self._ended: deque[EndedReply] = deque()
        self._fade = np.zeros(0, np.float32)
        self.total_pulled_samples = 0
        """All samples ever pulled, silence included."""

    @property
    def active(self) -> bool:
        """A reply has begun and has not ended."""
        with self._lock:
            return self._reply is not None

    @property
    def played_samples(self) -> int:
        """Samples of the current reply that were played."""
        with self._lock:
            return self._reply.played if self._reply else 0

    def begin(self, plan: ReplyPlan) -> None:
        """A new reply; one that is still playing is cut first."""
        with self._lock:
            self._stop()
            self._reply = _Reply(plan)

    def append_speech(self, samples: FloatArray, text: str) -> None:
        """The next phrase of the current reply; shape (n,). Ignored when there is none."""
        self._append(_Segment(np.asarray(samples, np.float32), text))

    def append_pause(self, samples_n: int) -> None:
        """A silence of exactly this many samples."""
        self._append(_Segment(np.zeros(samples_n, np.float32), ""))

    def finish(self) -> None:
        """All of the current reply has been appended."""
        with self._lock:
            if self._reply is not None:
                self._reply.complete = True
                self._end_if_played(self._reply)

    def stop(self) -> None:
        """Silence at once; what was waiting is dropped."""
        with self._lock:
            self._stop()

    def pull(self, n: int) -> FloatArray:
        """The next ``n`` samples; silence where there is nothing to play."""
        out = np.zeros(n, np.float32)
        with self._lock:
            self.total_pulled_samples += n
            faded = min(n, len(self._fade))
            out[:faded] = self._fade[:faded]
            self._fade = self._fade[faded:]
            if self._reply is not None:
                self._play(self._reply, out[faded:])
        return out

    def take_ended(self) -> EndedReply | None:
        """The oldest reply that ended and was not yet taken."""
        with self._lock:
            return self._ended.popleft() if self._ended else None

    # -- with the lock held ------------------------------------------------------------

    def _append(self, segment: _Segment) -> None:
        with self._lock:
            if self._reply is None or not len(segment.samples):
                return
            self._reply.waiting.append(segment)
            self._reply.appended += len(segment.samples)

    def _play(self, reply: _Reply, out: FloatArray) -> None:
        at = 0
        while at < len(out) and reply.waiting:
            segment = reply.waiting[0]
            piece = segment.samples[segment.played : segment.played + len(out) - at]
            out[at : at + len(piece)] = piece
            segment.played += len(piece)
            at += len(piece)
            if segment.played == len(segment.samples):
                reply.waiting.popleft()
                reply.heard.append(segment.text)
        reply.played += at
        if at < len(out) and reply.played and not reply.complete:
            reply.underrun += len(out) - at
        self._end_if_played(reply)

    def _end_if_played(self, reply: _Reply) -> None:
        if reply.complete and not reply.waiting:
            self._end(reply, interrupted=False)

    def _stop(self) -> None:
        reply = self._reply
        if reply is None:
            return
        if reply.waiting:
            segment = reply.waiting[0]
            if segment.played:
                self._fade = self._faded(segment)
                reply.heard.append(segment.heard_text)
        self._end(reply, interrupted=True)

    def _faded(self, segment: _Segment) -> FloatArray:
        n = round(FADE_S * self._rate_hz)
        tail = segment.samples[segment.played : segment.played + n]
        return (tail * np.linspace(1.0, 0.0, len(tail), dtype=np.float32)).astype(np.float32)

    def _end(self, reply: _Reply, *, interrupted: bool) -> None:
        self._reply = None
        self._ended.append(
            EndedReply(
                plan=reply.plan,
                heard_text=" ".join(text for text in reply.heard if text),
                played_samples=reply.played,
                planned_samples=reply.appended if reply.complete else None,
                interrupted=interrupted,
                underrun_samples=reply.underrun,
            )
        )
