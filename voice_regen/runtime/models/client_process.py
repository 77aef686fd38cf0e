"""Running a package client so that it can neither hang nor outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_regen.runtime.models.failures import stalled
from voice_regen.runtime.models.files import folder_bytes

POLL_S = 0.1
STALL_S = 180.0
"""Without a byte for this long a client is stopped; it has its own, shorter, time-outs first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a client ended."""

    status: int
    output: str
    """What it wrote to stdout and stderr."""


def run_client(
    command: Sequence[str],
    *,
    what: str,
    folder: Path,
    environment: Mapping[str, str],
    on_bytes: Callable[[int], None],
    stall_s: float = STALL_S,
) -> Outcome:
    """Run ``command`` in ``folder``, its only place to write, and tell the bytes found there.

    The client and its children are stopped when we are interrupted.

    Raises:
        SourceFailedError: nothing arrived in ``folder`` for ``stall_s``.
        OSError: the program cannot be started.
    """
    with tempfile.TemporaryFile(dir=folder) as log:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
        try:
            _watch(process, what, folder, on_bytes, stall_s)
        finally:
            _stop(process)
        log.seek(0)
        return Outcome(process.returncode, log.read().decode("utf-8", "replace"))


def _watch(
    process: subprocess.Popen[bytes],
    what: str,
    folder: Path,
    on_bytes: Callable[[int], None],
    stall_s: float,
) -> None:
    seen, moved_at = -1, time.monotonic()
    while True:
        try:
            process.wait(POLL_S)
            return
        except subprocess.TimeoutExpired:
            present = folder_bytes(folder)
        if present != seen:
            seen, moved_at = present, time.monotonic()
            on_bytes(present)
        elif time.monotonic() - moved_at > stall_s:
            raise stalled(what, stall_s)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
