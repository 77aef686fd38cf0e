"""Speaking a plan: synthesis in a worker, playout cut at once when told so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from voice_regen.errors import EngineError
from voice_regen.events import Prepare, Speak
from voice_regen.runtime.metrics import StageTimes, now_s
from voice_regen.runtime.perceiving import EngineFailure
from voice_regen.runtime.workers import Workers
from voice_regen.speaking.playout import Playout
from voice_regen.speaking.speaker import Rendered, RenderedPause, Speaker


class Replier:
    """Renders plans into the playout of one conversation."""

    def __init__(
        self,
        speaker: Speaker,
        playout: Playout,
        workers: Workers,
        times: StageTimes,
        report: Callable[[EngineFailure | Exception], None],
    ) -> None:
        """``report`` takes failures, on whatever thread they come."""
        self._speaker = speaker
        self._playout = playout
        self._workers = workers
        self._times = times
        self._report = report
        self._lock = threading.Lock()
        self._reply = 0
        """Number of the newest reply or stop: rendering for an older one ends."""
        self._jobs = 0
        """Given to the workers and not yet done."""
        self._likely = 0
        """Number of the newest reply, real or likely: older preparation is not worth doing."""
        self.first_phrase_at_s: float | None = None
        """Wall clock when the newest reply had samples to play; ``None`` until then."""

    def speak(self, effect: Speak) -> None:
        """Begin a reply; its first phrase plays while the second is made."""
        with self._lock:
            self._reply += 1
            self._likely += 1
            number = self._reply
            self.first_phrase_at_s = None
            self._playout.begin(effect.plan)
        self._submit(lambda: self._render(effect, number))

    def prepare(self, effect: Prepare) -> None:
        """Have the first phrase of a likely reply ready, if nothing newer comes first."""
        with self._lock:
            self._likely += 1
            number = self._likely
        self._submit(lambda: self._make_ready(effect, number))

    @property
    def idle(self) -> bool:
        """Nothing is being made."""
        with self._lock:
            return self._jobs == 0

    def stop(self) -> None:
        """Silence, at once."""
        with self._lock:
            self._reply += 1
            self._playout.stop()

    def _submit(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._jobs += 1

        def run() -> None:
            try:
                job()
            finally:
                with self._lock:
                    self._jobs -= 1

        self._workers.submit("speak", run)

    def _make_ready(self, effect: Prepare, number: int) -> None:
        with self._lock:
            if number != self._likely:
                return
        try:
            self._speaker.prepare(effect.plan, effect.state)
        except EngineError as error:
            self._report(EngineFailure("speaking", error))
        except Exception as error:  # a bug: raised again on the session's thread
            self._report(error)

    def _render(self, effect: Speak, number: int) -> None:
        try:
            for item in self._timed(self._speaker.render(effect.plan, effect.state)):
                if not self._append(item, number):
                    return
        except EngineError as error:
            self._report(EngineFailure("speaking", error))
        except Exception as error:
            self._report(error)
        with self._lock:
            if number == self._reply:
                self._playout.finish()

    def _timed(self, rendering: Iterator[Rendered]) -> Iterator[Rendered]:
        while True:
            with self._times.measure("synthesis_phrase"):
                item = next(rendering, None)
            if item is None:
                return
            yield item

    def _append(self, item: Rendered, number: int) -> bool:
        """False when the reply has been cut or overtaken."""
        with self._lock:
            if number != self._reply:
                return False
            if isinstance(item, RenderedPause):
                self._playout.append_pause(item.samples_n)
            else:
                self._playout.append_speech(item.samples, item.text)
                if self.first_phrase_at_s is None:
                    self.first_phrase_at_s = now_s()
            return True
