"""Fixtures of the front ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pulse_server import PulseServer, pulse_server


@pytest.fixture
def pulse() -> Iterator[PulseServer]:
    """A sound server of this test's own."""
    with pulse_server() as server:
        yield server
