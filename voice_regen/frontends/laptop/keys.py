"""Single keys of the terminal, without Enter; the terminal is put back whatever happens."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Protocol


class Key(Enum):
    """What a key asks for."""

    PAUSE = "p"
    BREAK = "b"
    QUIT = "q"


class Keys(Protocol):
    """Where keys come from."""

    @property
    def usable(self) -> bool:
        """False where there is no terminal to read from."""
        ...

    def wait(self, timeout_s: float) -> list[Key]:
        """The keys pressed, after at most ``timeout_s`` of waiting for the first."""
        ...


def keys_in(typed: bytes) -> list[Key]:
    """The keys that mean something, in order; escape sequences (arrows, pastes) mean nothing."""
    found: list[Key] = []
    at = 0
    while at < len(typed):
        if typed[at] == 0x1B:
            at = _end_of_escape(typed, at)
            continue
        letter = chr(typed[at]).lower()
        at += 1
        if letter == " ":
            found.append(Key.PAUSE)
        elif letter in _LETTERS:
            found.append(_LETTERS[letter])
    return found


_LETTERS = {key.value: key for key in Key}


def _end_of_escape(typed: bytes, at: int) -> int:
    """One past an escape sequence: ESC [ ... letter, ESC O letter, or ESC alone."""
    introducer = typed[at + 1 : at + 2]
    if introducer not in (b"[", b"O"):
        return at + 1
    at += 2
    while at < len(typed) and not 0x40 <= typed[at] <= 0x7E:
        at += 1
    return at + 1


class NoKeys:
    """No terminal: time passes, nobody presses a key."""

    usable = False

    def wait(self, timeout_s: float) -> list[Key]:
        """Nothing, later."""
        select.select([], [], [], timeout_s)
        return []


class TerminalKeys:
    """Reads what was typed on a terminal that is in single-key mode."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor`` is open for reading."""
        self._descriptor = descriptor
        self.usable = True

    def wait(self, timeout_s: float) -> list[Key]:
        """As the protocol says; a terminal that has gone away gives no more keys."""
        if not self.usable:
            return NoKeys().wait(timeout_s)
        readable, _, _ = select.select([self._descriptor], [], [], timeout_s)
        if not readable:
            return []
        try:
            typed = os.read(self._descriptor, 1024)
        except OSError:
            typed = b""
        if not typed:
            self.usable = False
        return keys_in(typed)


@contextmanager
def single_keys() -> Iterator[Keys]:
    """Keys of this terminal for as long as the block runs; :class:`NoKeys` without one."""
    descriptor = _terminal()
    if descriptor is None:
        yield NoKeys()
        return
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield TerminalKeys(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _terminal() -> int | None:
    """Descriptor of the terminal, if there is one and this program is in its foreground."""
    try:
        import termios  # noqa: F401

        descriptor = sys.stdin.fileno()
        # In the background, touching the terminal would stop the whole program.
        in_front = os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except (ImportError, OSError, ValueError, AttributeError):
        return None
    return descriptor if in_front else None
