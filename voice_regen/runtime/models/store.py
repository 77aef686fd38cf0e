"""The store of models on this machine: one folder for each, whole or absent.

Below its root: ``NAME`` with ``:`` written ``--`` (an installed model and its record),
``.partial/`` (what has arrived of models not yet complete) and ``.fetch.lock``.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voice_regen.errors import FetchError, ModelError
from voice_regen.runtime.models import installed as records
from voice_regen.runtime.models import sources
from voice_regen.runtime.models.failures import SourceFailedError, disk_errors
from voice_regen.runtime.models.files import put_in_place, set_aside
from voice_regen.runtime.models.installed import Damage, Installed
from voice_regen.runtime.models.locking import exclusive
from voice_regen.runtime.models.manifest import (
    Archive,
    BundledSource,
    HubSource,
    Manifest,
    Model,
    RegistrySource,
    bundled_folder,
)
from voice_regen.runtime.models.manifest_reading import load_manifest
from voice_regen.runtime.models.progress import FetchProgress, SilentProgress
from voice_regen.runtime.models.registries import RegistryClient

ROOT_VARIABLE = "VOICE_REGEN_MODELS"


def default_root() -> Path:
    """Where models are kept: ``$VOICE_REGEN_MODELS``, or the platform's cache folder."""
    if named := os.environ.get(ROOT_VARIABLE):
        return Path(named).expanduser().absolute()
    if cache := os.environ.get("XDG_CACHE_HOME"):
        base = Path(cache)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path.home() / ".cache"
    return base / "voice_regen" / "models"


class ModelStore:
    """Models by name: where they are, fetching and checking them.

    Raises:
        ModelError: the manifest has a mistake.
    """

    def __init__(self, root: Path | None = None, manifest: Manifest | None = None) -> None:
        self.root = default_root() if root is None else root.absolute()
        self.manifest = load_manifest() if manifest is None else manifest

    def path(self, name: str) -> Path:
        """Folder of an installed model. Sizes and times are checked, hashes where those differ.

        Raises:
            ModelError: no such model, not installed, or changed since; the remedy fetches it.
        """
        model = self.manifest.get(name)
        remedy = f"Fetch it with: voice-regen models fetch {name}"
        if model.bundled is not None:
            folder = self._bundled(model.bundled)
            if not records.bundled_intact(folder, model.bundled):
                raise ModelError(f"The model {name} of this installation is damaged.", "Reinstall.")
            return folder
        folder = self.folder(model)
        record = records.read_record(folder)
        if record is None:
            raise ModelError(f"The model {name} is not installed.", remedy)
        if not records.fits(record, model):
            raise ModelError(f"The model {name} is of an older version than is wanted.", remedy)
        if not records.unchanged(folder, record):
            self._recheck(model, folder, record, remedy)
        return folder

    def installed(self, name: str) -> bool:
        """True when :meth:`path` would give its folder.

        Raises:
            ModelError: no such model.
        """
        model = self.manifest.get(name)
        try:
            self.path(model.name)
        except ModelError:
            return False
        return True

    def folder(self, model: Model) -> Path:
        """Where the model is, or would be."""
        if model.bundled is not None:
            return self._bundled(model.bundled)
        return self.root / model.folder_name

    def fetch(
        self,
        names: Sequence[str] = (),
        progress: FetchProgress | None = None,
        revision: str | None = None,
    ) -> tuple[Path, ...]:
        """Make sure that models are installed (none named: what a conversation needs).

        Those that are installed are left alone. What has arrived when a fetch fails or is
        interrupted is kept, and the next one goes on from there.

        Args:
            revision: the commit to take of a hub model; one name only.

        Raises:
            ModelError: no such model.
            FetchError: no network, no disk, a wrong hash, or a root that cannot be written.
            MissingExtraError: a hub model without the extra ``hub``.
            UsageError: ``revision`` does not fit.
        """
        progress = SilentProgress() if progress is None else progress
        models = [self.manifest.get(one) for one in names or self.manifest.default_names]
        models = list(dict.fromkeys(models))
        sources.check_revision(models, revision)
        absent = [one for one in models if not self._stands(one, revision)]
        if absent:
            with self._locked(progress):
                for number, model in enumerate(absent):
                    # Another process may have fetched it while this one waited for the lock.
                    if not self._stands(model, revision):
                        self._fetch(model, revision, progress)
                        self._drop_archives(model, keep_for=absent[number + 1 :])
        for model in models:
            if model not in absent:
                progress.note(f"{model.name} is installed.")
        return tuple(self.folder(model) for model in models)

    def verify(self, names: Sequence[str] = ()) -> tuple[Damage, ...]:
        """Hash every file of the named models (none: all that are installed).

        A file that is not what it should be is set aside as ``NAME.bad`` and so never loaded,
        except where it travels with the project.

        Raises:
            ModelError: no such model, or one named here is not installed.
        """
        chosen = [self.manifest.get(one) for one in names] or [
            model for model in self.manifest if model.bundled or self._record(model)
        ]
        damages: list[Damage] = []
        for model in chosen:
            damages += self._verify(model)
        return tuple(damages)

    def _verify(self, model: Model) -> list[Damage]:
        folder = self.folder(model)
        if model.bundled is not None:
            return records.damaged_files(model, folder, model.bundled.files)
        record = self._record(model)
        if record is None or not records.fits(record, model):
            raise ModelError(
                f"The model {model.name} is not installed.",
                f"Fetch it with: voice-regen models fetch {model.name}",
            )
        damages = records.damaged_files(model, folder, record.files)
        for damage in damages:
            if damage.path.is_file():
                with disk_errors(self.root):
                    set_aside(damage.path)
        return damages

    def _bundled(self, source: BundledSource) -> Path:
        return bundled_folder() / source.folder

    def _record(self, model: Model) -> Installed | None:
        return records.read_record(self.folder(model))

    def _recheck(self, model: Model, folder: Path, record: Installed, remedy: str) -> None:
        """Hash files whose times differ: a copied folder is as good as the first."""
        damages = records.damaged_files(model, folder, record.files)
        if damages:
            names = ", ".join(damage.path.name for damage in damages)
            raise ModelError(f"The model {model.name} is damaged: {names}.", remedy)
        files = tuple(records.describe(one.path, folder, one.sha256) for one in record.files)
        try:
            records.write_record(
                folder, Installed(model.name, record.source, record.revision, files)
            )
        except OSError:
            return  # a store that is only read: the hashes are simply checked again next time

    def _stands(self, model: Model, revision: str | None) -> bool:
        if not self.installed(model.name):
            return False
        record = self._record(model)
        return revision is None or (record is not None and record.revision == revision)

    @contextmanager
    def _locked(self, progress: FetchProgress) -> Iterator[None]:
        with disk_errors(self.root):
            (self.root / ".partial" / "archives").mkdir(parents=True, exist_ok=True)
            with exclusive(
                self.root / ".fetch.lock",
                lambda: progress.note("Another fetch is running; waiting for it to end."),
            ):
                for left in (self.root / ".partial").glob("client-*"):
                    shutil.rmtree(left, ignore_errors=True)  # of a fetch that was killed
                yield

    def _fetch(self, model: Model, revision: str | None, progress: FetchProgress) -> None:
        usable = [one for one in model.sources if not isinstance(one, BundledSource)]
        if revision is not None:
            usable = [one for one in usable if isinstance(one, HubSource)]
        first: SourceFailedError | None = None
        for source in usable:
            if first is not None:
                if isinstance(source, HubSource) and not _hub_is_here():
                    break
                progress.note(f"{first.problem} Trying another source.")
            try:
                self._fetch_from(source, model, revision, progress)
                return
            except SourceFailedError as error:
                # The first source is the best one: what it lacks is what the user should mend.
                first = first or error
        if first is not None:
            raise first
        raise FetchError(f"The model {model.name} travels with voice_regen.", "Install it again.")

    def _fetch_from(
        self,
        source: RegistrySource | HubSource,
        model: Model,
        revision: str | None,
        progress: FetchProgress,
    ) -> None:
        partial = self.root / ".partial"
        commit = (revision or source.revision) if isinstance(source, HubSource) else None
        if isinstance(source, HubSource) and commit is None:
            raise sources.refuse_unpinned(model)
        kind = model.sources.index(source) if commit is None else commit
        place = sources.Workplace(
            root=self.root,
            archives=partial / "archives",
            staging=partial / f"{model.folder_name}.{kind}",
            earlier=self.folder(model),
            client=RegistryClient(partial, self.manifest.npm),
            progress=progress,
        )
        place.staging.mkdir(parents=True, exist_ok=True)
        if isinstance(source, HubSource):
            record = sources.gather_hub(model, source, str(commit), place)
        else:
            record = sources.gather_registry(model, source, place)
        for left in place.staging.rglob("*.bad"):
            left.unlink()
        records.write_record(place.staging, record)
        put_in_place(place.staging, place.earlier, partial / f"{model.folder_name}.old")
        for left in partial.glob(f"{model.folder_name}.*"):
            shutil.rmtree(left, ignore_errors=True)
        progress.note(f"{model.name} is complete.")

    def _drop_archives(self, model: Model, keep_for: Iterable[Model]) -> None:
        kept = {one.sha256 for other in keep_for for one in _archives(other)}
        for archive in _archives(model):
            if archive.sha256 not in kept:
                path = sources.archive_path(archive, self.root / ".partial" / "archives")
                path.unlink(missing_ok=True)
                path.with_name(path.name + ".bad").unlink(missing_ok=True)


def _archives(model: Model) -> list[Archive]:
    made = [one for one in model.sources if isinstance(one, RegistrySource)]
    return [archive for source in made for archive in source.archives]


def _hub_is_here() -> bool:
    from importlib.util import find_spec

    return find_spec("huggingface_hub") is not None
