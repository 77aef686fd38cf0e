"""What is installed: the wheel's contents, the extras and their pins."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import voice_regen
from voice_regen.demo import recorded_caller

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
NEVER_FOR_TALK = {"torch", "torchaudio", "transformers", "coqui-tts", "pyannote-audio", "scipy"}


def pins() -> dict[str, str]:
    """Package to version, as constraints.txt has them."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    pinned = {}
    for line in wanted:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)", line)
        assert match, f"not an exact pin without a local tag: {line}"
        name = canonicalize_name(match[1])
        assert name not in pinned, f"pinned twice: {name}"
        pinned[name] = match[2]
    return pinned


ALL_REQUIREMENTS = [
    *PROJECT["dependencies"],
    *(line for lines in EXTRAS.values() for line in lines),
]


@pytest.mark.parametrize("line", sorted(set(ALL_REQUIREMENTS)))
def test_every_requirement_has_a_pin_that_meets_it(line: str) -> None:
    requirement = Requirement(line)
    version = pins()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version, prereleases=True)


def missing_extras_named() -> list[tuple[str, str, str]]:
    """File, extra and package of each MissingExtraError raised with plain words."""
    named = []
    for path in sorted((ROOT / "voice_regen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "MissingExtraError":
                words = [word.value for word in node.args if isinstance(word, ast.Constant)]
                if len(words) == 3:
                    named.append((path.name, str(words[1]), str(words[2])))
    return named


def test_an_error_names_an_extra_that_brings_the_package() -> None:
    named = missing_extras_named()
    assert named
    for file, extra, package in named:
        brought = {canonicalize_name(Requirement(line).name) for line in EXTRAS[extra]}
        assert canonicalize_name(package) in brought, file


def imported_packages() -> dict[str, str]:
    """Distribution to a file of ours that imports it, in functions too."""
    provided_by = importlib.metadata.packages_distributions()
    found = {}
    for path in sorted((ROOT / "voice_regen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names:
                for distribution in provided_by.get(name, [])[:1]:
                    found[canonicalize_name(distribution)] = path.name
    return {name: file for name, file in found.items() if name != "voice-regen"}


BROUGHT_ALONG = {
    "ctranslate2": "faster-whisper",
    "tokenizers": "faster-whisper",
    "transformers": "coqui-tts",
    "click": "typer",
    "coqpit-config": "coqui-tts",
    "hyperpyyaml": "speechbrain",
    "pyannote-core": "pyannote-audio",
    "pyannote-pipeline": "pyannote-audio",
}
"""Imported by us and brought by what we ask for, as its own interface."""


def test_what_is_imported_is_asked_for() -> None:
    asked = {canonicalize_name(Requirement(line).name) for line in ALL_REQUIREMENTS}
    found = imported_packages()
    assert {"numpy", "faster-whisper"} <= found.keys()
    unasked = {n: f for n, f in found.items() if BROUGHT_ALONG.get(n, n) not in asked}
    assert unasked == {}


def brought_by(extra: str) -> set[str]:
    """Names of all that an extra installs, found in what is installed here."""
    seen: set[tuple[str, str]] = set()
    waiting = [("voice_regen", extra), ("voice_regen", "")]
    while waiting:
        name, wanted = waiting.pop()
        if (canonicalize_name(name), wanted) in seen:
            continue
        seen.add((canonicalize_name(name), wanted))
        try:
            lines = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for line in lines:
            requirement = Requirement(line)
            environment = {**default_environment(), "extra": wanted}
            if requirement.marker is None or requirement.marker.evaluate(environment):
                waiting += [(requirement.name, e) for e in ("", *requirement.extras)]
    return {str(name) for name, _ in seen}


def test_a_conversation_brings_no_torch() -> None:
    brought = brought_by("talk")
    assert {"faster-whisper", "pyaudio", "kokoro-onnx", "ctranslate2", "numpy"} <= brought
    assert brought & NEVER_FOR_TALK == set()


def test_the_reading_of_what_an_extra_brings_sees_torch() -> None:
    assert {"torch", "pyannote-audio"} <= brought_by("diarization")


def test_the_bundled_caller_is_a_recording() -> None:
    import soundfile

    info = soundfile.info(recorded_caller())
    assert (info.samplerate, info.channels) == (16_000, 1)
    assert 10 < info.duration < 60
    assert recorded_caller().stat().st_size < 1_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("voice_regen-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_what_is_needed_and_no_more(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {
        "voice_regen/py.typed",
        "voice_regen/demo/recorded_caller.flac",
        "voice_regen/_models/manifest.toml",
    } <= names
    assert all(name.startswith(("voice_regen/", "voice_regen-")) for name in names)
    endings = {name.rsplit("/", 1)[-1] for name in names}
    assert {"LICENSE", "NOTICE", "METADATA", "entry_points.txt"} <= endings


def test_the_wheel_names_its_command_version_and_licence(wheel: zipfile.ZipFile) -> None:
    folder = f"voice_regen-{voice_regen.__version__}.dist-info"
    metadata = wheel.read(f"{folder}/METADATA").decode()
    assert f"\nVersion: {voice_regen.__version__}\n" in metadata
    assert "\nLicense-Expression: Apache-2.0\n" in metadata
    assert b"voice-regen = voice_regen.cli.main:run" in wheel.read(f"{folder}/entry_points.txt")
    for extra in ("talk", "coqui", "diarization", "train", "hub", "test", "dev"):
        assert f"\nProvides-Extra: {extra}\n" in metadata
