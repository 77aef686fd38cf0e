"""One live conversation: blocks in, reply samples out.

The session joins the layers and holds no rule of its own. Its thread calls :meth:`feed`;
the loudspeaker's thread calls :meth:`pull`. Whatever the workers find out waits in an inbox
until the next window, so that all decisions are made on one thread.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias

import numpy as np

from voice_regen.audio.blocks import WindowCutter
from voice_regen.config import Settings
from voice_regen.dialogue.conversation import Conversation, ReplyPlanner, StateTracker
from voice_regen.events import (
    Effect,
    HearingEvent,
    Perceive,
    Perceived,
    PlayoutEnded,
    PlayoutStarted,
    Prepare,
    Speak,
    SpeechStarted,
    StopPlayout,
    TurnEnded,
)
from voice_regen.hearing.listener import Listener
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.runtime.answer_clock import AnswerClock
from voice_regen.runtime.engines import Engines
from voice_regen.runtime.metrics import StageTimes, now_s
from voice_regen.runtime.perceiving import EngineFailure, Perceiver
from voice_regen.runtime.recording import CallerClock, stream_clock
from voice_regen.runtime.records import Observer, SummaryRecord
from voice_regen.runtime.replying import Replier
from voice_regen.runtime.reporting import Reporter
from voice_regen.runtime.workers import Workers
from voice_regen.speaking.playout import Playout
from voice_regen.speaking.speaker import Speaker
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ, FloatArray

_Inbox: TypeAlias = Perceived | EngineFailure | Exception
_Event: TypeAlias = HearingEvent | Perceived | PlayoutStarted | PlayoutEnded


class Session:
    """A conversation with one caller, over shared engines."""

    def __init__(
        self,
        engines: Engines,
        settings: Settings,
        *,
        planner: ReplyPlanner,
        tracker: StateTracker,
        speaker: Speaker,
        workers: Workers,
        observers: Iterable[Observer] = (),
        source: str = "microphone",
        clock: CallerClock = stream_clock,
        load_s: float = 0.0,
        warm_up: Iterable[Prepare] = (),
    ) -> None:
        """``planner``, ``tracker`` and ``speaker`` belong to this conversation alone.

        ``warm_up``: phrases to make ready while nobody speaks and nothing is being made.
        """
        self._warm_up = iter(warm_up)
        self._reporter = Reporter(observers, clock)
        self._load_s = load_s
        self._began_at = now_s()
        self._inbox: queue.SimpleQueue[_Inbox] = queue.SimpleQueue()
        self._times = StageTimes()
        self._answer = AnswerClock(self._times)
        self._workers = workers
        self._perceiver = Perceiver(
            engines.recogniser, engines.emotion, workers, self._times, self._inbox.put
        )
        self._playout = Playout(PLAYOUT_RATE_HZ)
        self._replier = Replier(speaker, self._playout, workers, self._times, self._inbox.put)
        self._listener = Listener(SpeechGate(engines.gate, engines.judge), settings.hearing)
        self._conversation = Conversation(
            planner,
            tracker,
            care=settings.care,
            barge_in=settings.barge_in,
            speculate=settings.speculate,
        )
        self._cutter = WindowCutter(engines.judge.window_samples)
        self._held = threading.Event()
        self._speaking: Speak | None = None
        self._reply_start_sample: int | None = None
        self._introduction = (engines, settings, source)

    # -- what a front end calls ------------------------------------------------------

    def start(self) -> None:
        """Begin: the greeting is planned, and plays with the next blocks.

        From here on :meth:`finish` is owed: the records have a first line and want their last.
        """
        self._reporter.session(*self._introduction)
        self._carry_out(self._conversation.begin())
        self._settle()

    def feed(self, samples: FloatArray) -> None:
        """Hear the caller's next samples: float32 at STREAM_RATE_HZ, shape (n,), any n."""
        if self._held.is_set():
            samples = np.zeros_like(samples)
        for window in self._cutter.feed(samples):
            self._step(window)

    def pull(self, n: int) -> FloatArray:
        """The next ``n`` samples for the loudspeaker at PLAYOUT_RATE_HZ; never waits."""
        if self._held.is_set():
            return np.zeros(n, np.float32)
        return self._playout.pull(n)

    def hold(self) -> None:
        """The person pauses everything: nothing is heard and nothing said."""
        self._held.set()

    def resume(self) -> None:
        """Go on where it was held."""
        self._held.clear()

    @property
    def held(self) -> bool:
        """True between :meth:`hold` and :meth:`resume`."""
        return self._held.is_set()

    def take_break(self) -> None:
        """The person wants a break."""
        self._carry_out(self._conversation.take_break())
        self._settle()

    @property
    def assistant_busy(self) -> bool:
        """A reply is being made or played."""
        return self._conversation.assistant_busy

    @property
    def closed(self) -> bool:
        """The goodbye has been said."""
        return self._conversation.closed

    @property
    def end_sample(self) -> int:
        """Stream index one past the last window heard."""
        return self._listener.end_sample

    @property
    def caller_turn_open(self) -> bool:
        """The caller has begun a turn whose end is not decided."""
        return self._listener.turn_open

    def note(self, text: str) -> None:
        """Tell the observers a sentence for the person running it."""
        self._reporter.note(text)

    def finish(self) -> SummaryRecord:
        """End the conversation: silence, wait for the workers, sum up."""
        self._replier.stop()
        self._workers.finish()
        self._settle()
        return self._reporter.summary(
            self._times,
            end_sample=self._listener.end_sample,
            wall_s=now_s() - self._began_at,
            load_s=self._load_s,
        )

    # -- one window ------------------------------------------------------------------

    def _step(self, window: FloatArray) -> None:
        at_s = now_s()
        self._settle()
        for event in self._listener.feed(window):
            self._hear(event, at_s)
        self._carry_out(
            self._conversation.on_time(self._listener.end_sample, self._listener.speaking_samples)
        )
        self._settle()
        self._listener.endpointer.patience = self._conversation.patience
        if self._replier.idle and not self._listener.turn_open:
            for likely in islice(self._warm_up, 1):
                self._replier.prepare(likely)

    def _hear(self, event: HearingEvent, at_s: float) -> None:
        self._reporter.speech(event)
        if isinstance(event, SpeechStarted):
            self._perceiver.forget_speculation()
        elif isinstance(event, TurnEnded):
            silence = (event.decided_sample - event.speech_end_sample) / STREAM_RATE_HZ
            self._answer.turn_ended(event.turn_id, silence, at_s)
        self._tell(event)

    def _settle(self) -> None:
        """Take in what the workers and the loudspeaker have done since."""
        self._note_playout()
        while not self._inbox.empty():
            self._take(self._inbox.get())
        self._note_playout()

    def _take(self, item: _Inbox) -> None:
        if isinstance(item, EngineFailure):
            self._reporter.note(f"{item.stage} failed once: {item.error.problem}")
        elif isinstance(item, Exception):
            raise item
        else:
            if not item.speculative:
                self._answer.words_known()
                self._reporter.heard(item.perception)
            self._tell(item)

    def _tell(self, event: _Event) -> None:
        self._carry_out(self._conversation.on(event))

    def _carry_out(self, effects: list[Effect]) -> None:
        todo = deque(effects)
        while todo:
            effect = todo.popleft()
            match effect:
                case Perceive():
                    self._perceiver.perceive(effect)
                case Prepare():
                    self._replier.prepare(effect)
                case Speak():
                    self._begin_reply(effect)
                case StopPlayout():
                    self._replier.stop()
                    todo.extendleft(reversed(self._note_end()))

    def _begin_reply(self, effect: Speak) -> None:
        self._answer.planned(effect.plan.turn_id)
        self._reporter.planned(effect)
        self._speaking = effect
        self._reply_start_sample = None
        self._replier.speak(effect)

    # -- the loudspeaker -------------------------------------------------------------

    def _note_playout(self) -> None:
        self._note_first_phrase()
        if self._speaking is None:
            return
        if self._reply_start_sample is None and self._playout.played_samples:
            self._reply_start_sample = self._listener.end_sample
            self._listener.assistant_started()
            plan = self._speaking.plan
            self._reporter.reply_started(plan.turn_id, self._reply_start_sample)
            self._tell(PlayoutStarted(plan, self._reply_start_sample))
        self._carry_out(self._note_end())

    def _note_first_phrase(self) -> None:
        ready_at = self._replier.first_phrase_at_s
        if ready_at is None or self._speaking is None:
            return
        latency = self._answer.first_sample(ready_at)
        if latency is not None:
            self._reporter.emit(latency)
            for stage in ("endpointing", "recognition_tail", "planning", "first_phrase"):
                self._times.add(stage, getattr(latency, f"{stage}_s"))
            self._times.add("after_endpoint", latency.after_endpoint_s)
            self._times.add("voice_to_voice", latency.voice_to_voice_s)

    def _note_end(self) -> list[Effect]:
        ended = self._playout.take_ended()
        if ended is None:
            return []
        now = self._listener.end_sample
        start = now if self._reply_start_sample is None else self._reply_start_sample
        if ended.played_samples:
            self._listener.assistant_ended(now)
            self._reporter.reply_ended(ended, start, now)
        self._speaking = None
        self._reply_start_sample = None
        return self._conversation.on(
            PlayoutEnded(
                plan=ended.plan,
                heard_text=ended.heard_text,
                played_samples=ended.played_samples,
                planned_samples=ended.planned_samples,
                interrupted=ended.interrupted,
                start_sample=start,
                end_sample=now,
            )
        )
