"""A WAV file that is valid at any moment, however the program ends."""

from __future__ import annotations

import os
import shlex
import struct
from pathlib import Path
from typing import IO

import numpy as np

from voice_regen.errors import AudioFileError
from voice_regen.types import FloatArray

HEADER_BYTES = 44
LARGEST_BYTES = 2**32 - HEADER_BYTES - 8
HEADER_EVERY_S = 1.0
"""The sizes in the header are put right this often: a killed program loses no more."""


class WavWriter:
    """Streams 16-bit PCM; the header always tells what is on the disk.

    Use as a context manager, or call :meth:`close`.
    """

    def __init__(self, path: Path, rate_hz: int, channels: int = 1) -> None:
        """Create ``path`` anew, readable by its owner only.

        Raises AudioFileError if it is a folder, its folder is missing, or it cannot be written.
        """
        self._path = path
        self._rate_hz = rate_hz
        self._channels = channels
        self._bytes_per_frame = 2 * channels
        self._data_bytes = 0
        self._header_bytes_at = 0
        self._file: IO[bytes] | None = None
        try:
            if path.is_dir():
                raise AudioFileError(f"{path} is a folder.", "Name a file in it.")
            if not path.parent.is_dir():
                raise AudioFileError(
                    f"The folder {path.parent} does not exist.",
                    f"Make it: mkdir -p {shlex.quote(str(path.parent))}",
                )
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(descriptor, "r+b", buffering=0)
            self._write_header()
        except OSError as error:
            self._abandon()
            raise AudioFileError(
                f"{path} cannot be written: {error.strerror}.", "Choose another place."
            ) from error

    @property
    def written_s(self) -> float:
        """Seconds of audio in the file."""
        return self._data_bytes / self._bytes_per_frame / self._rate_hz

    def __enter__(self) -> WavWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, samples: FloatArray) -> None:
        """Append samples in [-1, 1]: shape (n,), or (n, channels).

        Raises AudioFileError when the disk is full; the file then holds all that fitted.
        """
        if self._file is None:
            raise AudioFileError(f"{self._path} is closed.")
        scaled = np.rint(np.clip(np.nan_to_num(samples), -1.0, 1.0) * 32767.0)
        data = scaled.astype("<i2").tobytes()
        if self._data_bytes + len(data) > LARGEST_BYTES:
            self._fail("A WAV file holds at most 4 GiB", "Write a shorter conversation.")
        try:
            self._append(data)
            unsaid = self._data_bytes - self._header_bytes_at
            if unsaid >= HEADER_EVERY_S * self._rate_hz * self._bytes_per_frame:
                self._write_header()
        except OSError as error:
            self._fail(error.strerror or "write error", "Free some space, or write elsewhere.")

    def close(self) -> None:
        """Put the header right and close; safe to call twice."""
        if self._file is None:
            return
        try:
            self._write_header()
        except OSError as error:
            self._fail(error.strerror or "write error", "Free some space, or write elsewhere.")
        finally:
            self._abandon()

    def _append(self, data: bytes) -> None:
        assert self._file is not None
        self._file.seek(HEADER_BYTES + self._data_bytes)
        view = memoryview(data)
        while view:
            written = self._file.write(view)
            if not written:
                raise OSError(28, "No space left on device")
            self._data_bytes += written
            view = view[written:]

    def _write_header(self) -> None:
        assert self._file is not None
        # A part of a frame may stand at the end after a failed write: it is not counted.
        size = self._data_bytes - self._data_bytes % self._bytes_per_frame
        header = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            36 + size,
            b"WAVE",
            b"fmt ",
            16,
            1,
            self._channels,
            self._rate_hz,
            self._rate_hz * self._bytes_per_frame,
            self._bytes_per_frame,
            16,
            b"data",
            size,
        )
        self._file.seek(0)
        self._file.write(header)
        self._header_bytes_at = self._data_bytes

    def _fail(self, problem: str, remedy: str) -> None:
        saved_s = self.written_s
        try:
            self._write_header()
        except OSError:
            saved_s = self._header_bytes_at / self._bytes_per_frame / self._rate_hz
        self._abandon()
        raise AudioFileError(
            f"{self._path} could not be written on: {problem}. "
            f"Its first {saved_s:.1f} s are saved.",
            remedy,
        )

    def _abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
