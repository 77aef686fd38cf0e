"""Where slow work is done: at once for a file, on one thread a lane for a live call."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

Job: TypeAlias = Callable[[], None]

LANES = ("perceive", "speak")
"""Recognition and synthesis each keep their order; they run beside each other."""


class Workers(Protocol):
    """Runs jobs. Jobs report by themselves and must not raise."""

    def submit(self, lane: str, job: Job) -> None:
        """Run ``job`` after the jobs submitted before it in the same lane."""
        ...

    def finish(self) -> None:
        """Wait for all jobs; no more may be submitted."""
        ...


class InlineWorkers:
    """Runs each job before ``submit`` returns: the order of events is then fixed."""

    def submit(self, lane: str, job: Job) -> None:
        """Run it now."""
        job()

    def finish(self) -> None:
        """Nothing is ever pending."""


class ThreadWorkers:
    """One thread a lane."""

    def __init__(self) -> None:
        """Start the threads."""
        self._queues: dict[str, queue.SimpleQueue[Job | None]] = {}
        self._threads: list[threading.Thread] = []
        for lane in LANES:
            jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
            # Daemon: a second Ctrl-C must be able to end the process in mid-recognition.
            thread = threading.Thread(target=_work, args=(jobs,), name=lane, daemon=True)
            thread.start()
            self._queues[lane] = jobs
            self._threads.append(thread)

    def submit(self, lane: str, job: Job) -> None:
        """Queue it in its lane."""
        self._queues[lane].put(job)

    def finish(self) -> None:
        """Let each lane come to its end."""
        for jobs in self._queues.values():
            jobs.put(None)
        for thread in self._threads:
            thread.join()


def _work(jobs: queue.SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
