"""What is known of an installed model: written beside its files, checked before each use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from voice_regen.runtime.models.files import sha256_of
from voice_regen.runtime.models.manifest import (
    BundledSource,
    HubSource,
    Model,
    ModelFile,
    RegistrySource,
    Source,
    is_plain_path,
)

RECORD_NAME = ".installed.json"


class InstalledFile(msgspec.Struct, frozen=True):
    """A file as it was when its hash was last checked."""

    path: str
    size_bytes: int
    sha256: str
    mtime_ns: int


class Installed(msgspec.Struct, frozen=True):
    """The record of an installed model."""

    model: str
    source: str
    """"registry" or the hub's repository."""
    revision: str | None
    """The hub's commit."""
    files: tuple[InstalledFile, ...]


def describe(path: str, folder: Path, sha256: str) -> InstalledFile:
    """The file as it is now."""
    status = (folder / path).stat()
    return InstalledFile(path, status.st_size, sha256, status.st_mtime_ns)


def read_record(folder: Path) -> Installed | None:
    """The record in ``folder``; ``None`` where there is none that can be read and trusted."""
    try:
        record = msgspec.json.decode((folder / RECORD_NAME).read_bytes(), type=Installed)
    except (OSError, msgspec.MsgspecError):
        return None
    return record if all(is_plain_path(file.path) for file in record.files) else None


def write_record(folder: Path, record: Installed) -> None:
    """Write the record whole or not at all."""
    draft = folder / (RECORD_NAME + ".part")
    with draft.open("wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(record), indent=1))
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, folder / RECORD_NAME)


def unchanged(folder: Path, record: Installed) -> bool:
    """True when every file has the size and time of the record: quick, no hashing."""
    try:
        return all(describe(file.path, folder, file.sha256) == file for file in record.files)
    except OSError:
        return False


def fits(record: Installed, model: Model) -> bool:
    """True when the record is of a source that the manifest still names."""
    return record.model == model.name and any(
        _fits_source(record, source) for source in model.sources
    )


def _fits_source(record: Installed, source: Source) -> bool:
    have = {file.path: file.sha256 for file in record.files}
    if isinstance(source, HubSource):
        return (
            record.source == source.repository
            and (source.revision is None or record.revision == source.revision)
            and have.keys() == {file.path for file in source.files}
            and all(file.sha256 in (None, have[file.path]) for file in source.files)
        )
    if isinstance(source, RegistrySource):
        return have == {file.path: file.sha256 for file in source.files}
    return False


class Damage(msgspec.Struct, frozen=True):
    """A file that is not what it should be."""

    model: str
    path: Path
    problem: str
    """As in "has another hash"."""


def damaged_files(
    model: Model, folder: Path, files: Iterable[InstalledFile | ModelFile]
) -> list[Damage]:
    """Check every file in full: size and hash."""
    found = []
    for file in files:
        path = folder / file.path
        try:
            if path.stat().st_size != file.size_bytes:
                found.append(Damage(model.name, path, "has another size"))
            elif sha256_of(path) != file.sha256:
                found.append(Damage(model.name, path, "has another hash"))
        except FileNotFoundError:
            found.append(Damage(model.name, path, "is missing"))
        except OSError as error:
            found.append(Damage(model.name, path, f"cannot be read ({error.strerror})"))
    return found


def bundled_intact(folder: Path, source: BundledSource) -> bool:
    """True when every bundled file is there with its size."""
    try:
        return all((folder / one.path).stat().st_size == one.size_bytes for one in source.files)
    except OSError:
        return False
