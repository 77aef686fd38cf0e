"""Hashing, setting aside, and moving whole folders into place."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """Hash of a file, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def set_aside(path: Path) -> Path:
    """Rename a file that must not be used to ``NAME.bad``, and return that path."""
    bad = path.with_name(path.name + ".bad")
    os.replace(path, bad)
    return bad


def folder_bytes(folder: Path) -> int:
    """Bytes in all files below ``folder``; files that vanish meanwhile are not counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total


@contextmanager
def growth_of(folder: Path, on_bytes: Callable[[int], None]) -> Iterator[None]:
    """Tell the bytes below ``folder`` a few times a second, from a thread, while inside."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.25):
            on_bytes(folder_bytes(folder))

    thread = threading.Thread(target=watch, name="fetch-growth", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def sync_folder(folder: Path) -> None:
    """Ask the system to make the names in ``folder`` last, where it can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_in_place(ready: Path, target: Path, aside: Path) -> None:
    """Make the folder ``ready`` be ``target``; one that was there goes by way of ``aside``.

    A reader sees the old folder, for an instant none, then the whole new one: never a mixture.
    """
    shutil.rmtree(aside, ignore_errors=True)
    if target.exists():
        os.rename(target, aside)
    os.rename(ready, target)
    sync_folder(target.parent)
    shutil.rmtree(aside, ignore_errors=True)
