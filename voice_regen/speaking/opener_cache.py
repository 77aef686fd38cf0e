"""Phrases that are ready before they are needed.

Only the fixed openers of the planner ever reach the disk; whatever was made for one caller
stays in memory, and only the last few of it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
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


def default_folder() -> Path:
    """The platform's cache folder."""
    if cache := os.environ.get("XDG_CACHE_HOME"):
        return Path(cache) / "voice_regen" / "openers"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "voice_regen" / "openers"
    return Path.home() / ".cache" / "voice_regen" / "openers"


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
        path = self._folder / key.file_name
        try:
            if not path.is_file():
                return None
            samples, rate_hz = soundfile.read(path, dtype="float32")
        except (OSError, RuntimeError):
            path.unlink(missing_ok=True)
            return None
        if rate_hz != self._rate_hz or samples.ndim != 1:
            return None
        return np.asarray(samples, np.float32)

    def _write(self, key: PhraseKey, samples: FloatArray) -> None:
        path = self._folder / key.file_name
        partial = path.with_suffix(f".{os.getpid()}.partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            soundfile.write(partial, samples, self._rate_hz, format="FLAC", subtype="PCM_16")
            partial.replace(path)
            self._trim()
        except (OSError, RuntimeError) as error:
            self._warn(error)

    def _trim(self) -> None:
        """Oldest files go first once the folder is too large."""
        files = sorted(self._folder.glob("*.flac"), key=lambda file: file.stat().st_mtime)
        total = sum(file.stat().st_size for file in files)
        for file in files:
            if total <= DISK_BYTES:
                return
            total -= file.stat().st_size
            file.unlink(missing_ok=True)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"Openers cannot be kept in {self._folder} ({error}): "
                "the first words of a conversation will come later.",
                stacklevel=2,
            )
