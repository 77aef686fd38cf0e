"""From what was heard to one vector; the same in training and in a conversation."""

from __future__ import annotations

import numpy as np

from voice_regen.types import FloatArray

POOLED = 5
"""Statistics over time of each column of the frames."""


def pool(frames: FloatArray) -> FloatArray:
    """Statistics over time: (time, width) to (POOLED * width,).

    Mean, standard deviation, maximum, and the means of the first and of the last third: how a
    feeling rises and falls within an utterance tells more than its mean.
    """
    third = max(len(frames) // 3, 1)
    found = (
        *(frames.mean(axis=0), frames.std(axis=0), frames.max(axis=0)),
        *(frames[:third].mean(axis=0), frames[-third:].mean(axis=0)),
    )
    return np.concatenate(found).astype(np.float32)


def features_of(frames: FloatArray, prosody: FloatArray) -> FloatArray:
    """The head's input: pooled frames (time, width), then prosody (k,)."""
    return np.concatenate((pool(frames), prosody)).astype(np.float32)
