"""Phrases that are ready before they are needed.

Only the fixed openers of the planner ever reach the disk; whatever was made for one caller
stays in memory, and only the last few of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import uuid
import warnings
from collections import OrderedDict
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import soundfile

from voice_regen.types import FloatArray, Prosody

MEMORY_PHRASES = 64
DISK_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class PhraseKey:
    """Everything that changes how a phrase sounds."""

    engine: str
    voice: str
    text: str
    prosody: Prosody
    warmth: float

    @property
    def file_name(self) -> str:
        """Tells nothing of the text."""
        said = repr((self.engine, self.voice, self.text, astuple(self.prosody), self.warmth))
        return hashlib.sha256(said.encode()).hexdigest() + ".flac"


def default_folder() -> Path | None:
    """The platform's cache folder; ``None`` for a user who has no home."""
    if cache := os.environ.get("XDG_CACHE_HOME"):
        return Path(cache) / "voice_regen" / "openers"
    try:
        home = Path.home()
    except RuntimeError:  # as in a container that runs under a bare user number
        return None
    caches = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    return caches / "voice_regen" / "openers"


class OpenerCache:
    """Synthesised phrases by key; a damaged or unwritable disk costs speed, never a reply."""

    def __init__(self, openers: frozenset[str], rate_hz: int, folder: Path | None = None) -> None:
        """``openers`` may be kept on disk in ``folder``; samples are at ``rate_hz``."""
        self._openers = openers
        self._rate_hz = rate_hz
        self._folder = default_folder() if folder is None else folder
        self._lock = threading.Lock()
        self._memory: OrderedDict[PhraseKey, FloatArray] = OrderedDict()
        self._warned = False

    def get(self, key: PhraseKey) -> FloatArray | None:
        """The phrase's samples, or ``None``."""
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
                return self._memory[key]
        samples = self._read(key) if key.text in self._openers else None
        if samples is not None:
            self._remember(key, samples)
        return samples

    def put(self, key: PhraseKey, samples: FloatArray) -> None:
        """Keep a phrase."""
        self._remember(key, samples)
        if key.text in self._openers:
            self._write(key, samples)

    def _remember(self, key: PhraseKey, samples: FloatArray) -> None:
        with self._lock:
            self._memory[key] = samples
            self._memory.move_to_end(key)
            while len(self._memory) > MEMORY_PHRASES:
                self._memory.popitem(last=False)

    def _read(self, key: PhraseKey) -> FloatArray | None:
        if self._folder is None:
            return None
        path = self._folder / key.file_name
        try:
            if not path.is_file():
                return None
            samples, rate_hz = soundfile.read(path, dtype="float32")
        except (OSError, RuntimeError):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        if rate_hz != self._rate_hz or samples.ndim != 1 or not len(samples):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the least used go first when the folder is full
        return np.asarray(samples, np.float32)

    def _write(self, key: PhraseKey, samples: FloatArray) -> None:
        if self._folder is None or not len(samples):
            return
        path = self._folder / key.file_name
        # Several conversations of one process may write the same opener at once.
        partial = path.with_suffix(f".{uuid.uuid4().hex}.partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            soundfile.write(partial, samples, self._rate_hz, format="FLAC", subtype="PCM_16")
            partial.replace(path)
            _trim(self._folder)
        except (OSError, RuntimeError) as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"Openers cannot be kept in {self._folder} ({error}): "
                "the first words of a conversation will come later.",
                stacklevel=2,
            )


def _trim(folder: Path) -> None:
    """What was used longest ago goes first once the folder is too large."""
    files: list[tuple[float, int, Path]] = []
    for file in folder.iterdir():
        if file.suffix in (".flac", ".partial"):  # the latter: left by a program that was killed
            with contextlib.suppress(FileNotFoundError):  # another program trims as well
                status = file.stat()
                files.append((status.st_mtime, status.st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= DISK_BYTES:
            return
        total -= size
        file.unlink(missing_ok=True)
