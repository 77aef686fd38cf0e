"""Wall clock: the only place where it exists."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from voice_regen.runtime.records import StageRecord


def now_s() -> float:
    """A clock that only goes forward."""
    return time.perf_counter()


def peak_memory_mb() -> float:
    """Most memory this process has held, in 10^6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    return peak * bytes_per_unit / 1e6


class StageTimes:
    """Durations by stage; safe to use from the workers."""

    def __init__(self) -> None:
        """Nothing measured yet."""
        self._lock = threading.Lock()
        self._times: dict[str, list[float]] = defaultdict(list)

    def add(self, stage: str, seconds: float) -> None:
        """One more measurement."""
        with self._lock:
            self._times[stage].append(seconds)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Measure a block of code."""
        start = now_s()
        try:
            yield
        finally:
            self.add(stage, now_s() - start)

    def total_s(self, stage: str) -> float:
        """Sum so far."""
        with self._lock:
            return sum(self._times[stage])

    def summary(self) -> dict[str, StageRecord]:
        """Median, 95th percentile and count of each stage."""
        with self._lock:
            return {stage: spread(times) for stage, times in self._times.items() if times}


def spread(times: Sequence[float]) -> StageRecord:
    """Median and 95th percentile of at least one measurement."""
    return StageRecord(
        median=float(np.median(times)), p95=float(np.percentile(times, 95)), count=len(times)
    )
