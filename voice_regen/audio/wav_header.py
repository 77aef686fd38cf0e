"""WAV headers that lie: a recorder was killed, a stream never knew its length, a copy broke off."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

STREAMED_SIZES = (0, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF)
"""What programs write that do not know the length yet (some add or subtract a few bytes).

0x7FFFF000 is SoX's."""
SLACK_BYTES = 64
MOST_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class DataChunk:
    """Where the samples stand, by the header and by the file."""

    size_at: int
    """Byte position of the size field."""
    start: int
    """Byte position of the first sample."""
    promised_bytes: int
    present_bytes: int
    bytes_per_s: int
    followed_by_chunks: bool = False
    """What stands after the promised bytes are further chunks to the end, not samples."""

    @property
    def unknown_length(self) -> bool:
        """The header gives no length at all."""
        if self.promised_bytes == 0:
            return self.says_too_little
        return self.promised_bytes > self.present_bytes and any(
            abs(self.promised_bytes - size) <= SLACK_BYTES for size in STREAMED_SIZES
        )

    @property
    def says_too_little(self) -> bool:
        """Samples follow those that are promised: the header was last put right before them."""
        return self.surplus_s > 0.0 or self.promised_bytes == 0 < self._surplus_bytes

    @property
    def surplus_s(self) -> float:
        """Seconds that are there and not promised; less than 0.1 s counts as stray bytes."""
        seconds = self._surplus_bytes / self.bytes_per_s if self.bytes_per_s else 0.0
        return seconds if seconds >= 0.1 else 0.0

    @property
    def _surplus_bytes(self) -> int:
        return 0 if self.followed_by_chunks else max(0, self.present_bytes - self.promised_bytes)

    @property
    def missing_s(self) -> float:
        """Seconds that are promised and not there."""
        if self.unknown_length or not self.bytes_per_s:
            return 0.0
        return max(0, self.promised_bytes - self.present_bytes) / self.bytes_per_s


def read_data_chunk(path: Path) -> DataChunk | None:
    """The data chunk of a RIFF WAV; ``None`` for any other file or a header that breaks off."""
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        bytes_per_s = 0
        for _ in range(MOST_CHUNKS):
            chunk = file.read(8)
            if len(chunk) < 8:
                return None
            name, size = struct.unpack("<4sI", chunk)
            at = file.tell()
            if name == b"data":
                end = at + size + size % 2
                return DataChunk(
                    at - 4, at, size, length - at, bytes_per_s, _chunks_follow(file, end, length)
                )
            if name == b"fmt ":
                fields = file.read(12)
                bytes_per_s = struct.unpack("<8xI", fields)[0] if len(fields) == 12 else 0
            file.seek(at + size + size % 2)
    return None


def _chunks_follow(file: IO[bytes], at: int, length: int) -> bool:
    """True if from ``at`` on there are chunks with plain names, the last ending with the file."""
    for _ in range(MOST_CHUNKS):
        if at >= length:
            return at <= length + 1  # the last one's padding byte may be missing
        file.seek(at)
        header = file.read(8)
        if len(header) < 8 or not all(0x20 <= byte < 0x7F for byte in header[:4]):
            return False
        size = int.from_bytes(header[4:], "little")
        at += 8 + size + size % 2
    return False


class MendedWav(io.RawIOBase):
    """A WAV file whose data size reads as what is really there; the file is not changed."""

    def __init__(self, path: Path, chunk: DataChunk) -> None:
        """Open ``path``."""
        self._file: IO[bytes] = path.open("rb")
        self._patch_at = chunk.size_at
        self._patch = struct.pack("<I", min(chunk.present_bytes, 0xFFFFFFFE))

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As of the file."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Read, with the size put right."""
        view = memoryview(buffer).cast("B")
        at = self._file.tell()
        data = bytearray(self._file.read(len(view)))
        for offset, byte in enumerate(self._patch, start=self._patch_at - at):
            if 0 <= offset < len(data):
                data[offset] = byte
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
