"""Writes the records of a conversation to a file, a line each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from voice_regen.errors import AudioFileError
from voice_regen.runtime.records import Record, encode_record


class EventLog:
    """Observer that writes JSON Lines; every line is complete on disk once written.

    The file is made readable by its owner only: it holds what was said.
    """

    def __init__(self, path: Path) -> None:
        """Open ``path`` anew. Raises AudioFileError if it cannot be written."""
        self._path = path
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise self._cannot_write(error) from error
        self._file: IO[bytes] | None = os.fdopen(descriptor, "wb", buffering=0)
        self.lost: AudioFileError | None = None
        """Set when a line could not be written; later lines are not tried."""

    def notice(self, record: Record) -> None:
        """Write one line. A full disk must not end the conversation: it is kept in ``lost``."""
        if self._file is None or self.lost is not None:
            return
        try:
            self._file.write(encode_record(record))
        except OSError as error:
            self.lost = self._cannot_write(error)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _cannot_write(self, error: OSError) -> AudioFileError:
        return AudioFileError(
            f"The events cannot be written to {self._path}: {error.strerror}.",
            "Choose another place with --json FILE, or free some space.",
        )
