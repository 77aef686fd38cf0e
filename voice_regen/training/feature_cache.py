"""Encoder outputs kept in a local folder, so that extraction can be stopped and goes on.

A cache holds `frames.f16` (all frames one after another) and `index.jsonl` (one line a
recording). A line is written after its frames: whatever a crash leaves half done is cut off
when the cache is opened again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from voice_regen.errors import UsageError
from voice_regen.types import FloatArray, Pauses

KIND = "emotion-features-2"


class CachedClip(msgspec.Struct, frozen=True):
    """One recording as it was heard."""

    key: str
    """`corpus/name/variant`."""
    start: int
    """First row in `frames.f16`."""
    frames: int
    width: int
    pauses: Pauses
    level_db: float
    clipped_share: float
    prosody: tuple[float, ...]
    """As by :func:`voice_regen.engines.prosody.prosody`."""


class FeatureCache:
    """The cache of one encoder; opened for reading and appending."""

    def __init__(self, folder: Path) -> None:
        """Make or open it; drops a half-written last entry.

        Raises UsageError for a cache of another kind, and leaves it as it is.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._frames_path = folder / "frames.f16"
        self._index_path = folder / "index.jsonl"
        self.entries: dict[str, CachedClip] = {}
        self._rows = 0
        self._check_kind(folder)
        self._frames_path.touch()
        self._index_path.touch()
        self._read_index()

    def _check_kind(self, folder: Path) -> None:
        """Half-written ends are cut off below: so never open what another version wrote."""
        mark = folder / "kind.txt"
        if not (mark.exists() or self._index_path.exists()):
            mark.write_text(KIND + "\n", "utf-8")
        kind = mark.read_text("utf-8").strip() if mark.exists() else "an older version"
        if kind != KIND:
            raise UsageError(
                f"{folder} holds features of another kind ({kind}; this version writes {KIND}).",
                "Give another folder with --cache, or delete that one.",
            )

    def _read_index(self) -> None:
        good = 0
        size = self._frames_path.stat().st_size
        for line in self._index_path.read_bytes().splitlines(keepends=True):
            try:
                entry = msgspec.json.decode(line, type=CachedClip)
            except msgspec.MsgspecError:
                break
            if (entry.start + entry.frames) * entry.width * 2 > size:
                break
            self.entries[entry.key] = entry
            self._rows = max(self._rows, entry.start + entry.frames)
            good += len(line)
        with self._index_path.open("r+b") as stream:
            stream.truncate(good)
        width = next((entry.width for entry in self.entries.values()), 0)
        with self._frames_path.open("r+b") as stream:
            stream.truncate(self._rows * width * 2)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def append(
        self,
        key: str,
        frames: FloatArray,
        pauses: Pauses,
        level_db: float,
        clipped_share: float,
        prosody: tuple[float, ...],
    ) -> None:
        """Keep one recording; ``frames`` of shape (time, width)."""
        with self._frames_path.open("ab") as stream:
            stream.write(np.ascontiguousarray(frames, np.float16).tobytes())
        entry = CachedClip(
            key, self._rows, len(frames), frames.shape[1], pauses, level_db, clipped_share, prosody
        )
        with self._index_path.open("ab") as stream:
            stream.write(msgspec.json.encode(entry) + b"\n")
        self.entries[key] = entry
        self._rows += len(frames)

    def frames(self, key: str) -> FloatArray:
        """Frames of one recording, float32 of shape (time, width)."""
        entry = self.entries[key]
        count = entry.frames * entry.width
        raw = np.fromfile(
            self._frames_path, np.float16, count, offset=entry.start * entry.width * 2
        )
        return raw.reshape(entry.frames, entry.width).astype(np.float32)
