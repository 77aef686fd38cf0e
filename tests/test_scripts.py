"""The set-up scripts: what they decide, run in a copy of the checkout without installing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHELL_FILES = [
    *(ROOT / "scripts" / name for name in ("talk", "test", "check")),
    *sorted((ROOT / "scripts" / "lib").glob("*.sh")),
    ROOT / ".ci" / "run",
]
BASH = shutil.which("bash") or "bash"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the set-up looks at, in a folder whose name has a space in it."""
    copy = tmp_path / "a checkout"
    (copy / "scripts").mkdir(parents=True)
    shutil.copytree(ROOT / "scripts" / "lib", copy / "scripts" / "lib")
    shutil.copytree(ROOT / "models", copy / "models", ignore=shutil.ignore_patterns("*.onnx"))
    for name in ("talk", "test"):
        shutil.copy(ROOT / "scripts" / name, copy / "scripts" / name)
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def shell(checkout: Path, code: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` with the set-up's functions at hand."""
    return subprocess.run(
        [BASH, "-c", f'. "scripts/lib/setup.sh"\n{code}'],
        cwd=checkout,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def fake_command(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{BASH}\n{body}\n", "utf-8")
    path.chmod(0o755)
    return path


def pretend_set_up(checkout: Path, kind: str) -> None:
    """As the end of a set-up leaves it, with commands that only say what they were asked."""
    fake_command(checkout / ".venv" / "bin", "python", 'echo "python $*"')
    fake_command(
        checkout / ".venv" / "bin",
        "voice-regen",
        f'if [ "$1 $2" = "models path" ]; then echo "{checkout}/models"; else echo "ran $*"; fi',
    )
    done = shell(checkout, f"mark_set_up {kind}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SHELL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_script_can_be_read_by_an_old_bash(path: Path) -> None:
    """macOS has bash 3.2: no associative arrays, mapfile, case changes, |& or &>>."""
    text = path.read_text("utf-8")
    checked = subprocess.run([BASH, "-n", str(path)], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr
    newer = r"declare -[A-Za-z]*A|local -[A-Za-z]*A|mapfile|readarray|\$\{\w+(\^|,)|\|&|&>>|-n -p"
    assert re.search(newer, text) is None


@pytest.mark.parametrize("name", ["scripts/talk", "scripts/test", "scripts/check", ".ci/run"])
def test_a_command_is_executable(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)


@pytest.mark.parametrize(
    ("done", "asked", "enough"),
    [
        ("talk", "talk", True),
        ("test", "test", True),
        ("test", "talk", True),  # the tests' set-up holds a conversation's
        ("talk", "test", False),
        (None, "talk", False),
    ],
)
def test_a_set_up_is_known_again(
    checkout: Path, done: str | None, asked: str, enough: bool
) -> None:
    if done is not None:
        pretend_set_up(checkout, done)
    assert (shell(checkout, f"is_set_up {asked}").returncode == 0) is enough


@pytest.mark.parametrize(
    "changed", ["pyproject.toml", "constraints.txt", "models/manifest.toml", "scripts/lib/setup.sh"]
)
def test_a_changed_file_asks_for_the_set_up_again(checkout: Path, changed: str) -> None:
    pretend_set_up(checkout, "talk")
    with (checkout / changed).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert shell(checkout, "is_set_up talk").returncode != 0


def test_a_moved_checkout_asks_for_the_set_up_again(checkout: Path) -> None:
    pretend_set_up(checkout, "talk")
    moved = checkout.rename(checkout.with_name("moved"))
    assert shell(moved, "is_set_up talk").returncode != 0


def test_removed_models_ask_for_the_set_up_again(checkout: Path) -> None:
    pretend_set_up(checkout, "talk")
    stamp = checkout / ".venv" / "set-up-talk"
    mark, _ = stamp.read_text("utf-8").splitlines()
    stamp.write_text(f"{mark}\n{checkout}/no such folder\n", "utf-8")
    assert shell(checkout, "is_set_up talk").returncode != 0


def test_a_broken_stamp_asks_for_the_set_up_again(checkout: Path) -> None:
    pretend_set_up(checkout, "talk")
    (checkout / ".venv" / "set-up-talk").write_text("", "utf-8")
    assert shell(checkout, "is_set_up talk").returncode != 0


def test_a_second_start_goes_straight_to_the_conversation(checkout: Path, tmp_path: Path) -> None:
    pretend_set_up(checkout, "talk")
    done = subprocess.run(
        [str(checkout / "scripts" / "talk"), "--wav", "two words.wav"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "ran talk --wav two words.wav\n"
    assert done.returncode == 0


def test_an_environment_of_someone_else_is_left_alone(checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "notes.txt").write_text("mine", "utf-8")
    done = shell(checkout, "mkdir -p .venv-setup; PYTHON=false; make_environment")
    assert done.returncode != 0
    assert "Move it away" in done.stderr
    assert (checkout / ".venv" / "notes.txt").read_text("utf-8") == "mine"


def test_a_lock_left_by_a_killed_set_up_is_taken_over(checkout: Path) -> None:
    gone = subprocess.Popen([BASH, "-c", "exit"])
    gone.wait()
    lock = checkout / ".venv-setup" / "lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text(f"{gone.pid}\n", "utf-8")
    done = shell(checkout, 'take_lock; cat "$LOCK/pid"; echo $$')
    assert done.returncode == 0, done.stderr
    owner, shell_id = done.stdout.split()
    assert owner == shell_id
    assert not lock.exists(), "the lock is given back at the end"


PYTHONS = {"old": "exit 1", "bare": '[[ "$2" == *ensurepip* ]] && exit 1; echo found bare'}


def test_a_python_with_venv_and_headers_is_preferred(checkout: Path, tmp_path: Path) -> None:
    for name, body in {**PYTHONS, "whole": "echo found whole"}.items():
        fake_command(tmp_path / "bin", name, body)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    code = 'find_python && echo "$PYTHON"'
    for wanted, found in (("old bare whole", "found whole"), ("old bare", "found bare")):
        done = shell(checkout, code, PATH=path, VOICE_REGEN_PYTHON=wanted)
        assert done.stdout.strip() == found, done.stderr
    assert shell(checkout, code, PATH=path, VOICE_REGEN_PYTHON="old none").returncode != 0


def test_missing_packages_without_sudo_name_what_to_ask_for(checkout: Path, tmp_path: Path) -> None:
    fake_command(tmp_path / "bin", "id", "echo 1000")
    for name in ("bash", "basename", "dirname"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    done = shell(
        checkout, "APT_UPDATED=yes; as_root apt-get install gcc", PATH=str(tmp_path / "bin")
    )
    assert done.returncode == 1
    assert "Ask an administrator to run: apt-get install gcc" in done.stderr


def test_pip_is_followed_in_short_lines(checkout: Path) -> None:
    said = (
        "Collecting numpy\n  Downloading numpy-2.4.6-cp311.whl (16.9 MB)\n"
        "  Downloading small-1.whl (1.2 MB)\n  Using cached torch-2.13.0.whl (184.0 MB)\n"
        "  Building wheel for pyaudio (pyproject.toml): started\n"
        "Installing collected packages: numpy, small, torch\n"
    )
    done = shell(checkout, f"printf '%s' '{said}' | pip_progress")
    lines = [re.sub(r" \(\d+ s\)$", "", line.strip()) for line in done.stdout.splitlines()]
    assert lines == [
        "numpy, 16.9 MB",
        "torch, 184.0 MB",
        "building pyaudio",
        "unpacking 3 packages",
    ]


def test_the_tests_want_a_data_folder_that_exists(checkout: Path) -> None:
    done = subprocess.run(
        [str(checkout / "scripts" / "test"), "--data", "no such folder"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "--data wants a folder that exists" in done.stderr
