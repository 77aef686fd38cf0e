"""Reading the manifest: TOML to structs, and every mistake named with its key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from voice_regen.errors import ModelError
from voice_regen.runtime.models.manifest import (
    MANIFEST_NAME,
    BundledSource,
    HubSource,
    Manifest,
    RegistrySource,
    Source,
    bundled_folder,
    is_plain_path,
)

SCHEMA = 1


def load_manifest(path: Path | None = None) -> Manifest:
    """Read and check a manifest (default: the project's own).

    Raises:
        ModelError: unreadable, not TOML, or a key that is missing, unknown or wrong; it is named.
    """
    path = bundled_folder() / MANIFEST_NAME if path is None else path
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _mistake(path, f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _mistake(path, f"is not TOML: {error}") from error
    try:
        manifest = msgspec.convert(raw, Manifest)
    except msgspec.ValidationError as error:
        raise _mistake(path, _with_model_name(str(error), raw)) from error
    for problem in _problems(manifest):
        raise _mistake(path, problem)
    return manifest


def _mistake(path: Path, problem: str) -> ModelError:
    return ModelError(f"The manifest {path}: {problem}", "Mend that entry, or install again.")


def _with_model_name(message: str, raw: dict[str, object]) -> str:
    found = re.search(r"\$\.models\[(\d+)\]", message)
    models = raw.get("models")
    if not found or not isinstance(models, list):
        return message
    entry = models[int(found.group(1))]
    name = entry.get("name") if isinstance(entry, dict) else None
    return f"model {name!r}: {message}" if name else message


def _problems(manifest: Manifest) -> Iterator[str]:
    """What the types alone do not say, each with the key it is at."""
    if manifest.schema != SCHEMA:
        yield f"schema is {manifest.schema}; this version reads {SCHEMA}"
    for name in _doubled(model.folder_name.casefold() for model in manifest.models):
        yield f"models: two are named {name.replace('--', ':')!r}"
    for model in manifest.models:
        if not model.sources:
            yield f"model {model.name!r}: sources is empty"
        for number, source in enumerate(model.sources):
            where = f"model {model.name!r}: sources[{number}]"
            yield from (f"{where}.{problem}" for problem in _source_problems(source))
        total = _known_size(model.sources[0])
        if total is not None and total != model.size_bytes:
            yield f"model {model.name!r}: size_bytes is {model.size_bytes}, its files make {total}"


def _source_problems(source: Source) -> Iterator[str]:
    if not source.files:
        yield "files is empty"
    paths = [file.path for file in source.files]
    for path in _doubled(path.casefold() for path in paths):
        yield f"files: {path!r} twice"
    for number, path in enumerate(paths):
        if not is_plain_path(path):
            yield f"files[{number}].path: {path!r} is not a plain relative path"
    if isinstance(source, BundledSource) and not is_plain_path(source.folder):
        yield f"folder: {source.folder!r} is not a plain relative path"
    if not isinstance(source, RegistrySource):
        return
    ids = [archive.id for archive in source.archives]
    for name in _doubled(ids):
        yield f"archives: id {name!r} twice"
    for number, made in enumerate(source.files):
        if not made.parts:
            yield f"files[{number}].parts is empty"
        for part in made.parts:
            if part.archive not in ids:
                yield f"files[{number}].parts: no archive has the id {part.archive!r}"


def _doubled(values: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [value for value in values if value in seen or seen.add(value)]  # type: ignore[func-returns-value]


def _known_size(source: Source) -> int | None:
    if isinstance(source, HubSource):
        sizes = [file.size_bytes or 0 for file in source.files]
    else:
        sizes = [file.size_bytes for file in source.files]
    return sum(sizes) if all(sizes) else None
