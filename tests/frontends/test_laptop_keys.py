"""Single keys, and a terminal that is put back whatever happens."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.frontends.laptop.keys import Key, NoKeys, keys_in, single_keys


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"", []),
        (b"p", [Key.PAUSE]),
        (b" ", [Key.PAUSE]),
        (b"B", [Key.BREAK]),
        (b"xq", [Key.QUIT]),
        (b"\x1b[A", []),
        (b"\x1b[1;5Pp", [Key.PAUSE]),
        (b"\x1bOP", []),
        (b"\x1b", []),
        (b"\x1bq", [Key.QUIT]),
        ("épb".encode(), [Key.PAUSE, Key.BREAK]),
    ],
)
def test_what_keys_mean(typed: bytes, keys: list[Key]) -> None:
    assert keys_in(typed) == keys


@given(st.binary(max_size=64))
def test_whatever_is_typed_is_read(typed: bytes) -> None:
    assert len(keys_in(typed)) <= len(typed)


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with single_keys() as keys:
            assert isinstance(keys, NoKeys)
            assert keys.wait(0) == []
            assert not keys.usable


def test_without_any_stdin_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with single_keys() as keys:
        assert not keys.usable


PROGRAM = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # its own terminal, as in a shell's window
from voice_regen.frontends.laptop.keys import single_keys
with single_keys() as keys:
    print("usable", keys.usable, flush=True)
    while True:
        for key in keys.wait(0.1):
            print(key.name, flush=True)
            if key.name == "QUIT": sys.exit()
            if key.name == "BREAK": raise RuntimeError("boom")
"""


@pytest.mark.parametrize("ending", ["q", "b", "interrupt"])
def test_the_terminal_is_put_back(ending: str) -> None:
    parent, child = pty.openpty()
    before = termios.tcgetattr(child)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=child,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "usable True\n"
        assert not termios.tcgetattr(child)[3] & termios.ICANON
        os.write(parent, b"p")
        assert process.stdout.readline() == "PAUSE\n"
        if ending == "interrupt":
            process.send_signal(signal.SIGINT)
        else:
            os.write(parent, ending.encode())
        process.communicate(timeout=60)
        assert (process.returncode == 0) is (ending == "q")
        assert termios.tcgetattr(child) == before
    finally:
        process.kill()
        process.wait()
        os.close(parent)
        os.close(child)
