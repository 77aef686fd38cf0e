"""Nothing committed names a machine it was made on, or the host of a package registry.

Packages are asked for by name; where they come from is the matter of the machine.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Written in pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("debian", "org/debian"),
        ("pytorch", "org/whl"),
        ("anaconda", "org"),
    )
]
HOMES_AND_SCRATCH = re.compile(
    r"/(?:home|Users|tmp)/[A-Za-z0-9_.-]+|(?<![\w.])/(?:root/\.|work/|opt/)\w"
)
DATA_BESIDE = "/".join(("..", "shared"))


def tracked_files() -> list[Path]:
    """Files under version control, or a skip where this is no checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout: the files under version control are not known")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The file as text; bytes that are none become marks, so that paths in weights show too."""
    return path.read_bytes().decode("utf-8", "replace")


def names_found(text: str) -> list[str]:
    hosts = [name for name in REGISTRY_HOSTS if name in text]
    return hosts + HOMES_AND_SCRATCH.findall(text)


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in tracked_files()
        if (names := names_found(text_of(path)))
    }
    assert found == {}


def test_only_scripts_look_for_data_beside_the_checkout() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if DATA_BESIDE in text_of(path) and path.relative_to(ROOT).parts[0] != "scripts"
    ]
    assert found == []


def test_no_recording_is_committed_but_the_bundled_caller() -> None:
    audio = {".wav", ".flac", ".ogg", ".mp3", ".opus", ".m4a"}
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix.lower() in audio and path.relative_to(ROOT).parts[0] != "tests"
    ]
    assert found == ["voice_regen/demo/recorded_caller.flac"]


@pytest.mark.parametrize(
    "name",
    [
        *REGISTRY_HOSTS,
        *("/".join(("", *pieces)) for pieces in (("home", "a"), ("tmp", "b"), ("root", ".c"))),
    ],
)
def test_the_search_finds_what_it_looks_for(name: str) -> None:
    assert names_found(f"see {name}/d")
    assert names_found("see docs/work.md, site/homes/ and https://github.com/a/b") == []
