"""Taking named members out of a wheel or a tgz, and nothing else.

No path of an archive is ever used to write: a member is found by its exact name and its bytes
go to a stream that the caller opened. Links, folders, doubled names and oversized members are
refused.
"""

from __future__ import annotations

import gzip
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, TypeVar

from voice_regen.runtime.models.failures import SourceFailedError
from voice_regen.runtime.models.files import CHUNK_BYTES

T = TypeVar("T")
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
)


class ArchiveError(SourceFailedError):
    """An archive that is damaged, or does not hold what the manifest says."""


class OpenArchive(Protocol):
    """An archive that members can be read from."""

    def open_member(self, member: str) -> tuple[IO[bytes], int]:
        """Stream and declared size of the regular file named exactly ``member``."""
        ...


class _Wheel:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def open_member(self, member: str) -> tuple[IO[bytes], int]:
        found = [info for info in self._archive.infolist() if info.orig_filename == member]
        info = _only(found, member)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir() or kind not in (0, stat.S_IFREG):
            raise ArchiveError(f"{member!r} is not a plain file of its archive.")
        if info.flag_bits & 0x1:
            raise ArchiveError(f"{member!r} is encrypted in its archive.")
        return self._archive.open(info), info.file_size


class _Tgz:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def open_member(self, member: str) -> tuple[IO[bytes], int]:
        info = _only([one for one in self._archive.getmembers() if one.name == member], member)
        stream = self._archive.extractfile(info) if info.isreg() else None
        if stream is None:
            raise ArchiveError(f"{member!r} is not a plain file of its archive.")
        return stream, info.size


def _only(found: list[T], member: str) -> T:
    if len(found) != 1:
        count = "not" if not found else f"{len(found)} times"
        raise ArchiveError(f"{member!r} is {count} in its archive.")
    return found[0]


@contextmanager
def open_archive(path: Path) -> Iterator[OpenArchive]:
    """Open a ``.whl`` (zip) or ``.tgz`` by its suffix.

    Raises:
        ArchiveError: it is damaged.
    """
    try:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                yield _Wheel(wheel)
        else:
            with tarfile.open(path, "r:gz") as tgz:
                yield _Tgz(tgz)
    except _BROKEN as error:
        raise ArchiveError(f"The archive {path.name} is damaged: {error}") from error


def copy_member(
    archive: OpenArchive, member: str, write: Callable[[bytes], object], limit_bytes: int
) -> int:
    """Give the bytes of ``member`` to ``write`` and return how many there were.

    Raises:
        ArchiveError: it is missing, doubled, not a plain file, damaged, or longer than
            ``limit_bytes`` (whatever size the archive declares).
    """
    stream, declared_bytes = archive.open_member(member)
    with stream:
        if declared_bytes > limit_bytes:
            raise ArchiveError(f"{member!r} is larger than the manifest allows.")
        copied = 0
        try:
            while chunk := stream.read(CHUNK_BYTES):
                copied += len(chunk)
                if copied > limit_bytes:
                    raise ArchiveError(f"{member!r} is larger than the manifest allows.")
                write(chunk)
        except _BROKEN as error:
            raise ArchiveError(f"{member!r} is damaged in its archive: {error}") from error
    return copied
