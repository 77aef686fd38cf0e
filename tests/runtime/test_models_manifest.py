"""The manifest: ours is sound, and every mistake is named with its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.errors import ModelError
from voice_regen.runtime.models import Manifest, bundled_folder, load_manifest
from voice_regen.runtime.models.manifest import BundledSource, HubSource, is_plain_path

HASH = "a" * 64
SOUND = f"""schema = 1
[[models]]
name = "tiny:one"
stage = "text"
description = "for tests"
licence = "MIT"
languages = ["en"]
size_bytes = 7
[[models.sources]]
kind = "registry"
[[models.sources.archives]]
id = "all"
registry = "pypi"
package = "some-package"
version = "1.0.0"
sha256 = "{HASH}"
size_bytes = 9
[[models.sources.files]]
path = "weights.bin"
size_bytes = 7
sha256 = "{HASH}"
parts = [{{ archive = "all", member = "some_package/w" }}]
"""


def load(tmp_path: Path, text: str) -> Manifest:
    path = tmp_path / "manifest.toml"
    path.write_text(text, encoding="utf-8")
    return load_manifest(path)


def test_ours_is_sound_and_names_what_a_conversation_needs() -> None:
    manifest = load_manifest()
    assert manifest.default_names == ("whisper:base", "kokoro")
    assert set(manifest.default_names) <= set(manifest.embedded_names)
    assert "piper:en_US-joe-medium" in manifest.embedded_names
    for name in manifest.default_names:
        assert manifest.get(name).embedded, "the default must not need a hub"


def test_ours_pins_every_hub_model_or_says_that_it_does_not() -> None:
    unpinned = [
        model.name
        for model in load_manifest()
        for source in model.sources
        if isinstance(source, HubSource) and source.revision is None
    ]
    assert unpinned == ["speechbrain:emotion-recognition-wav2vec2-IEMOCAP"]


def test_ours_takes_no_code_from_anywhere() -> None:
    for model in load_manifest():
        for source in model.sources:
            assert not [file.path for file in source.files if file.path.endswith((".py", ".so"))]


def test_bundled_files_are_there() -> None:
    for model in load_manifest():
        for source in model.sources:
            if isinstance(source, BundledSource):
                for file in source.files:
                    assert (bundled_folder() / source.folder / file.path).is_file()


def test_a_sound_one_is_read(tmp_path: Path) -> None:
    manifest = load(tmp_path, SOUND)
    assert manifest.get("tiny:one").folder_name == "tiny--one"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (f'sha256 = "{HASH}"\nparts', f'sha256 = "{HASH[1:]}"\nparts', "files[0].sha256"),
        (f'sha256 = "{HASH}"\nparts', f'sha256 = "{HASH.upper()}"\nparts', "files[0].sha256"),
        (f'sha256 = "{HASH}"\nparts', "parts", "sha256"),
        ("schema = 1", "schema = 2", "schema"),
        ('stage = "text"', 'stage = "smell"', "stage"),
        ('licence = "MIT"', 'license = "MIT"', "licen"),
        ('kind = "registry"', 'kind = "elsewhere"', "kind"),
        ('registry = "pypi"', 'registry = "cpan"', "registry"),
        ('version = "1.0.0"', 'version = "1.0.0 --pre"', "version"),
        ('package = "some-package"', 'package = "--index-url=x"', "package"),
        ('package = "some-package"', 'package = "some-package\\n-e ."', "package"),
        ('archive = "all"', 'archive = "al"', "no archive has the id 'al'"),
        ('path = "weights.bin"', 'path = "../weights.bin"', "files[0].path"),
        ('path = "weights.bin"', 'path = "/weights.bin"', "files[0].path"),
        ('path = "weights.bin"', 'path = ".installed.json"', "files[0].path"),
        ("size_bytes = 7\n[[", "size_bytes = 8\n[[", "size_bytes is 8, its files make 7"),
        ("size_bytes = 9", "size_bytes = 0", "archives[0].size_bytes"),
        ("parts = [{", "parts = [] # [{", "parts is empty"),
        ("schema = 1", "schema = = 1", "is not TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in SOUND
    with pytest.raises(ModelError) as caught:
        load(tmp_path, SOUND.replace(old, new, 1))
    assert named in caught.value.problem
    assert "manifest.toml" in caught.value.problem


def test_the_model_of_a_mistake_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'tiny:one'"):
        load(tmp_path, SOUND.replace('version = "1.0.0"', "version = 1"))


@pytest.mark.parametrize("name", ["tiny:one", "TINY:one", "tiny--one"])
def test_names_that_share_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    entry = SOUND.removeprefix("schema = 1\n").replace("tiny:one", name)
    with pytest.raises(ModelError, match="two are named"):
        load(tmp_path, SOUND + entry)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_manifest(tmp_path / "manifest.toml")


def test_an_unknown_model_suggests_near_names() -> None:
    with pytest.raises(ModelError) as caught:
        load_manifest().get("whisper:bas")
    assert "whisper:base" in str(caught.value.remedy)
    with pytest.raises(ModelError, match="models list"):
        load_manifest().get("zzz")


@given(st.text(alphabet="ab./\\:~ \0-", max_size=12))
def test_a_plain_path_stays_in_its_folder(path: str) -> None:
    if is_plain_path(path):
        root = Path("/root/folder")
        assert (root / path).resolve().is_relative_to(root)
        assert not Path(path).is_absolute()
        assert not {"\\", ":", "\0", "~"} & set(path)
        assert all(piece and not piece.startswith(".") for piece in path.split("/"))
