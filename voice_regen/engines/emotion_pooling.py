"""From an encoder's frames to one vector; the same in training and in a conversation."""

from __future__ import annotations

import numpy as np

from voice_regen.types import FloatArray


def pool(frames: FloatArray) -> FloatArray:
    """Mean, standard deviation and maximum over time: (time, width) to (3 * width,)."""
    return np.concatenate((frames.mean(axis=0), frames.std(axis=0), frames.max(axis=0))).astype(
        np.float32
    )
