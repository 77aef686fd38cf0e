"""A recorded conversation for a machine without a microphone; see README.md beside this file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def recorded_caller() -> Path:
    """The bundled caller: 16 kHz mono FLAC, four turns of one human speaker (CREMA-D).

    The package is always installed as files, so the path is a real one.
    """
    return Path(str(files(__name__).joinpath("recorded_caller.flac")))
