"""Fetches that run at once, are killed or interrupted: separate processes, real pip and npm."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from model_archives import (
    LocalRegistry,
    make_tgz,
    manifest_of,
    model,
    model_file,
    two_part_model,
)

from voice_regen.errors import FetchError
from voice_regen.runtime.models import Manifest, ModelStore
from voice_regen.runtime.models.client_process import run_client
from voice_regen.runtime.models.manifest import RegistrySource

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

FETCH = """
import sys
from pathlib import Path
import msgspec
from voice_regen.cli import models_command
from voice_regen.runtime.models import ModelStore, Manifest
manifest = msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Manifest)
models_command._store = lambda: ModelStore(Path(sys.argv[1]), manifest)
models_command.app(["fetch"])
"""


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalRegistry]:
    folder = tmp_path / "served"
    folder.mkdir()
    with LocalRegistry(folder) as served:
        for name, value in served.environment.items():
            monkeypatch.setenv(name, value)
        yield served


@pytest.fixture
def store(tmp_path: Path, registry: LocalRegistry) -> ModelStore:
    return ModelStore(tmp_path / "store", manifest_of(two_part_model(registry.folder)))


def start_fetch(store: ModelStore, tmp_path: Path) -> subprocess.Popen[str]:
    """`voice-regen models fetch` in a process of its own."""
    written = tmp_path / "manifest.json"
    written.write_bytes(msgspec.json.encode(store.manifest))
    assert msgspec.json.decode(written.read_bytes(), type=Manifest) == store.manifest
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, str(store.root), str(written)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def commands_below(folder: Path) -> list[str]:
    """Processes whose working folder is below ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_two_at_once_download_once_and_both_succeed(
    store: ModelStore, registry: LocalRegistry, tmp_path: Path
) -> None:
    registry.held = "part2"
    first = start_fetch(store, tmp_path)
    assert registry.half_sent.wait(60)
    second = start_fetch(store, tmp_path)
    assert second.stdout is not None
    assert "Another fetch is running" in second.stdout.readline()
    registry.release.set()
    assert first.wait(60) == 0
    told = second.stdout.read()
    assert second.wait(60) == 0
    assert set(registry.downloads.values()) == {1}
    assert "part" not in told, "the second had nothing left to do"
    assert store.verify(["tiny:two"]) == ()
    for process in (first, second):
        assert process.stdout is not None
        process.stdout.close()


def test_killed_in_the_middle_it_goes_on_where_it_stopped(
    store: ModelStore, registry: LocalRegistry, tmp_path: Path
) -> None:
    registry.held = "part2"
    process = start_fetch(store, tmp_path)
    assert registry.half_sent.wait(60)
    process.kill()
    process.communicate()
    assert not store.installed("tiny:two")
    assert not (store.root / "tiny--two").exists()
    registry.release.set()
    registry.held = None
    store.fetch()
    assert store.verify(["tiny:two"]) == ()
    assert registry.downloads["vr_tiny_two_part1-1.0.0-py3-none-any.whl"] == 1
    assert not list((store.root / ".partial").glob("client-*"))


def test_interrupted_it_stops_its_client_says_so_and_goes_on(
    store: ModelStore, registry: LocalRegistry, tmp_path: Path
) -> None:
    registry.held = "part2"
    process = start_fetch(store, tmp_path)
    assert registry.half_sent.wait(60)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command goes on" in told
    assert "Traceback" not in told
    if Path("/proc/self").exists():
        assert commands_below(store.root) == []
    registry.held = None
    registry.release.set()
    store.fetch()
    assert registry.downloads["vr_tiny_two_part1-1.0.0-py3-none-any.whl"] == 1
    assert store.verify(["tiny:two"]) == ()


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm on this machine")
def test_the_real_npm_runs_no_script(tmp_path: Path, registry: LocalRegistry) -> None:
    """The package's scripts end with 9: had one run, the fetch would have failed."""
    archive = make_tgz(registry.folder, "vr-voices", {"package/voices/a.bin": b"voice a"})
    file = model_file("voices/a.bin", b"voice a", ("vr-voices", "package/voices/a.bin"))
    store = ModelStore(
        tmp_path / "store", manifest_of(model("voices", RegistrySource((archive,), (file,))))
    )
    folder = store.fetch()[0]
    assert (folder / "voices/a.bin").read_bytes() == b"voice a"
    assert registry.downloads["vr-voices-1.0.0.tgz"] == 1


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm on this machine")
def test_the_real_npm_without_a_network(
    tmp_path: Path, registry: LocalRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_tgz(tmp_path, "vr-voices", {"package/a": b"a"})
    one = model(
        "voices", RegistrySource((archive,), (model_file("a", b"a", ("vr-voices", "package/a")),))
    )
    with pytest.raises(FetchError, match="not in the package index"):
        ModelStore(tmp_path / "store", manifest_of(one)).fetch()
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    with pytest.raises(FetchError, match="cannot be reached"):
        ModelStore(tmp_path / "store", manifest_of(one)).fetch()


def test_a_client_that_stands_still_is_stopped_with_its_children(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    sleep = "import time; time.sleep(600)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {sleep!r}])"
    with pytest.raises(FetchError, match="nothing arrived"):
        run_client(
            [sys.executable, "-c", child],
            what="a package",
            folder=folder,
            environment=os.environ,
            on_bytes=lambda _: None,
            stall_s=1.0,
        )
    if Path("/proc/self").exists():
        for _ in range(100):  # a killed child is gone once the system has taken it in
            if not commands_below(folder):
                break
            time.sleep(0.1)
        assert commands_below(folder) == []


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    write = (
        "import time\nfor n in range(4):\n    open('out', 'ab').write(b'x' * 1000); time.sleep(0.3)"
    )
    seen: list[int] = []
    outcome = run_client(
        [sys.executable, "-c", write],
        what="a package",
        folder=folder,
        environment=os.environ,
        on_bytes=seen.append,
    )
    assert outcome.status == 0
    assert seen == sorted(seen)
    assert seen[-1] >= 1000
