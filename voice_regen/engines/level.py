"""The level of what a voice makes."""

from __future__ import annotations

import numpy as np

from voice_regen.types import FloatArray, Prosody

LOUDEST = 0.97


def at_level(samples: FloatArray, prosody: Prosody) -> FloatArray:
    """Samples at the prosody's energy, turned down where they would clip; same shape."""
    louder = samples * np.float32(10 ** (prosody.energy_db / 20))
    peak = float(np.abs(louder).max(initial=0.0))
    return louder if peak <= LOUDEST else (louder * (LOUDEST / peak)).astype(np.float32)
