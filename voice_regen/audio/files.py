"""Recordings of any common kind as a stream of mono blocks; never the whole file at once."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.audio.resampling import Resampler
from voice_regen.audio.wav_header import DataChunk, MendedWav, read_data_chunk
from voice_regen.errors import AudioFileError
from voice_regen.types import STREAM_RATE_HZ, AudioBlock, FloatArray

CLIPPED_LEVEL = 0.999
CLIPPED_SHARE = 0.001
"""More full-scale samples than this are worth a note."""
SILENT_LEVEL = 1e-4
LOWEST_HZ, HIGHEST_HZ = 4_000, 768_000
NO_LENGTH = 2**60
"""libsndfile's count of frames for a file that gives none is above this."""
READABLE = "WAV, FLAC, OGG, Opus, MP3, AIFF or AU"


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file holds."""

    rate_hz: int
    channels: int
    frames: int
    """0 where the header gives no length (a FLAC that was written to a pipe)."""
    duration_s: float
    """By ``frames``."""
    format: str
    """As in "WAV, 16 bit"."""
    notes: tuple[str, ...]
    """What the user should know, in sentences."""


@dataclass(slots=True)
class _Findings:
    """What is learnt while reading."""

    samples: int = 0
    not_numbers: int = 0
    clipped: int = 0
    peak: float = 0.0
    frames_by_channel: list[int] = field(default_factory=list)


class OpenAudio:
    """An open recording; made by :func:`open_audio`."""

    def __init__(
        self,
        path: Path,
        file: Any,
        rate_hz: int,
        channel: int | None,
        chunk: DataChunk | None,
    ) -> None:
        self._path = path
        self._file = file
        self._out_hz = rate_hz
        self._channel = channel
        self._findings = _Findings()
        # soundfile seeks after each read of a file that can: that is slow, and fails in a FLAC
        # without a length. A recording is read from start to end only.
        file.seekable = lambda: False
        self.info = _info(file, channel, chunk)

    def __enter__(self) -> OpenAudio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def blocks(self, block_samples: int) -> Iterator[AudioBlock]:
        """Mono at the chosen rate, in [-1, 1], ``block_samples`` at a time (the last: fewer).

        Raises AudioFileError if the file breaks off in a way that hides what follows.
        """
        if block_samples < 1:
            raise ValueError("block_samples must be at least 1")
        resampler = Resampler(self.info.rate_hz, self._out_hz)
        pending = np.zeros(0, np.float32)
        start = 0
        for piece in self._resampled(resampler):
            pending = np.concatenate((pending, piece))
            while len(pending) >= block_samples:
                yield AudioBlock(pending[:block_samples], start, self._out_hz)
                pending = pending[block_samples:]
                start += block_samples
        if len(pending):
            yield AudioBlock(pending, start, self._out_hz)

    def closing_notes(self) -> tuple[str, ...]:
        """What was learnt by reading: sentences for the user."""
        found = self._findings
        notes = []
        if found.not_numbers:
            notes.append(
                f"{found.not_numbers} samples were not numbers (NaN or infinite); "
                "they were taken as silence."
            )
        if found.samples and found.clipped > CLIPPED_SHARE * found.samples:
            share = 100 * found.clipped / found.samples
            notes.append(
                f"The recording is clipped ({share:.1f} % of its samples at full scale): "
                "words and tone may be misheard."
            )
        if found.samples and found.peak < SILENT_LEVEL:
            notes.append("The recording is silent throughout.")
        missing_s = (self.info.frames - found.samples) / self.info.rate_hz
        if missing_s >= 0.1:
            notes.append(f"The file breaks off {missing_s:.1f} s before the end it promises.")
        return tuple(notes)

    def _resampled(self, resampler: Resampler) -> Iterator[FloatArray]:
        for piece in self._native():
            yield resampler.feed(piece)
        yield resampler.finish()

    def _native(self) -> Iterator[FloatArray]:
        import soundfile

        size = max(1, self.info.rate_hz // 4)
        while True:
            try:
                frames = self._file.read(size, dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                at_s = self._findings.samples / self.info.rate_hz
                raise AudioFileError(
                    f"{self._path} is damaged after {at_s:.1f} s: {error.error_string}",
                    "What comes before was heard. Export the file anew from its source.",
                ) from error
            if not len(frames):
                return
            yield self._mono(frames)

    def _mono(self, frames: FloatArray) -> FloatArray:
        # Judged before the mean: it hides the clipping of one channel, and NaN spreads by it.
        used = frames if self._channel is None else frames[:, self._channel, np.newaxis]
        found = self._findings
        bad = ~np.isfinite(used)
        if bad.any():
            found.not_numbers += int(bad.sum())
            used = np.where(bad, np.float32(0.0), used)
        level = np.abs(used).max(axis=1, initial=0.0)
        found.samples += len(used)
        found.clipped += int((level >= CLIPPED_LEVEL).sum())
        found.peak = max(found.peak, float(level.max(initial=0.0)))
        return np.asarray(np.clip(used, -1.0, 1.0).mean(axis=1), np.float32)


def open_audio(path: Path, rate_hz: int = STREAM_RATE_HZ, channel: int | None = None) -> OpenAudio:
    """Open a recording to be read at ``rate_hz``; several channels are averaged.

    ``channel`` takes one of them instead, counted from 0.

    Raises AudioFileError, with what to do, for anything that cannot be read as audio.
    """
    import soundfile

    _check_path(path)
    chunk = read_data_chunk(path)
    try:
        # libsndfile believes a data size that is too small, as a recorder leaves it when killed.
        mended = chunk is not None and chunk.says_too_little
        file = soundfile.SoundFile(
            MendedWav(path, chunk) if mended and chunk is not None else str(path)
        )
    except soundfile.LibsndfileError as error:
        reason = error.error_string
        if "does not exist" in reason:  # what it says of an MP3 without one whole frame
            reason = "no sound was found in it."
        raise AudioFileError(f"{path} cannot be read as audio: {reason}", _convert(path)) from error
    except TypeError as error:  # soundfile: a name that ends in .raw must come with its rate
        raise _headerless(path) from error
    try:
        _check_content(path, file, channel)
    except AudioFileError:
        file.close()
        raise
    return OpenAudio(path, file, rate_hz, channel, chunk)


def _convert(path: Path) -> str:
    names = shlex.join((path.name, f"{path.stem}_converted.wav"))
    return f"Give a {READABLE} file; ffmpeg converts most others: ffmpeg -i {names}"


def _headerless(path: Path) -> AudioFileError:
    return AudioFileError(
        f"{path} has no header: nothing says how its samples are to be read.",
        "Export it as WAV, or tell ffmpeg its kind: "
        f"ffmpeg -f s16le -ar 16000 -i {shlex.join((path.name, f'{path.stem}_converted.wav'))}",
    )


def _check_path(path: Path) -> None:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise AudioFileError(f"{path} is a folder.", "Name one recording in it.")
        if not stat.S_ISREG(status.st_mode):  # to open a pipe could wait for ever
            raise AudioFileError(
                f"{path} is a pipe or a device.", "Save the recording in a file first."
            )
        path.open("rb").close()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise AudioFileError(f"{path} does not exist.", "Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise AudioFileError(
            f"{path} cannot be read: {reason}.", "Check the name and who may read it."
        ) from error
    if status.st_size == 0:
        raise AudioFileError(f"{path} is empty (0 bytes).", "Record or export it again.")


def _check_content(path: Path, file: Any, channel: int | None) -> None:
    if file.format == "RAW":  # guessed from the name: what would be heard is noise
        raise _headerless(path)
    if file.frames == 0:
        raise AudioFileError(f"{path} holds no audio (0 samples).", "Record or export it again.")
    if not LOWEST_HZ <= file.samplerate <= HIGHEST_HZ:
        raise AudioFileError(
            f"{path} says its sampling rate is {file.samplerate} Hz, which cannot be.",
            "Its header is damaged: export the recording again.",
        )
    if channel is not None and not 0 <= channel < file.channels:
        raise AudioFileError(
            f"{path} has {file.channels} channels; there is no channel {channel}.",
            f"Choose one from 0 to {file.channels - 1}.",
        )


def _info(file: Any, channel: int | None, chunk: DataChunk | None) -> AudioInfo:
    notes = []
    frames = 0 if file.frames >= NO_LENGTH else file.frames
    if not frames or (chunk is not None and chunk.unknown_length):
        notes.append("The header gives no length: all that the file holds is heard.")
    elif chunk is not None and chunk.says_too_little:
        notes.append(
            f"The file holds {chunk.surplus_s:.1f} s more than its header says: all is heard."
        )
    elif chunk is not None and chunk.missing_s >= 0.1:
        notes.append(
            f"The file breaks off: its header promises {chunk.missing_s:.1f} s more than it holds."
        )
    if file.channels > 1 and channel is None:
        notes.append(f"The mean of {file.channels} channels is heard (--channel N takes one).")
    if file.samplerate < STREAM_RATE_HZ:
        notes.append(
            f"The recording has a telephone's bandwidth ({file.samplerate} Hz): "
            "tone is read less surely."
        )
    return AudioInfo(
        rate_hz=file.samplerate,
        channels=file.channels,
        frames=frames,
        duration_s=frames / file.samplerate,
        format=f"{file.format}, {file.subtype_info}",
        notes=tuple(notes),
    )
