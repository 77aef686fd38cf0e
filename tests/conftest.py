"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
# A loaded machine is slow, not wrong: no test has a time limit of its own.
settings.register_profile("voice_regen", deadline=None)
settings.load_profile("voice_regen")

os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of speech data, from VOICE_REGEN_DATA; skips loudly without it."""
    folder = os.environ.get("VOICE_REGEN_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("VOICE_REGEN_DATA names no folder: tests on the speech data are not run")
    return Path(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with torch come last.

    SpeechBrain leaves modules behind that raise when they are looked at, and hypothesis looks
    at every module.
    """
    items.sort(key=lambda item: item.get_closest_marker("torch") is not None)
