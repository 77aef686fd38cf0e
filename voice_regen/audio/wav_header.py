"""WAV headers that lie: a recorder was killed, a stream never knew its length, a copy broke off."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

STREAMED_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF)
"""What programs write that do not know the length yet (some add or subtract a few bytes)."""
SLACK_BYTES = 64


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

    @property
    def unknown_length(self) -> bool:
        """The header gives no length at all."""
        return any(abs(self.promised_bytes - size) <= SLACK_BYTES for size in STREAMED_SIZES)

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
        while len(chunk := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            at = file.tell()
            if name == b"data":
                return DataChunk(at - 4, at, size, length - at, bytes_per_s)
            if name == b"fmt ":
                fields = file.read(12)
                bytes_per_s = struct.unpack("<8xI", fields)[0] if len(fields) == 12 else 0
            file.seek(at + size + size % 2)
    return None


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

    def readinto(self, buffer: Buffer) -> int:
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
