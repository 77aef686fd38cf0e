"""Cached recordings as rows of pooled features with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voice_regen.engines.emotion_pooling import features_of
from voice_regen.errors import UsageError
from voice_regen.training.corpora import Clip
from voice_regen.training.feature_cache import FeatureCache
from voice_regen.training.measures import IntArray
from voice_regen.types import FloatArray


@dataclass(frozen=True, slots=True)
class Rows:
    """Recordings in one or more conditions; all sequences of one length."""

    clips: tuple[Clip, ...]
    keys: tuple[str, ...]
    pooled: FloatArray
    """(n, D)"""
    truth: IntArray
    """(n,), places in the list of labels; -1 for a label that is not in it."""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Speaker of each row, told apart between corpora."""
        return tuple(f"{clip.corpus}/{clip.speaker}" for clip in self.clips)

    def chosen(self, wanted: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Rows:
        """Some of the rows, by mask or by place."""
        places = np.flatnonzero(wanted) if wanted.dtype == bool else wanted
        return Rows(
            tuple(self.clips[each] for each in places),
            tuple(self.keys[each] for each in places),
            self.pooled[places],
            self.truth[places],
        )


def gather(
    cache: FeatureCache, clips: Sequence[Clip], labels: Sequence[str], variant: str = "plain"
) -> Rows:
    """Rows of all clips that the cache holds in this condition.

    Raises UsageError when it holds none.
    """
    held = [(clip, f"{clip.corpus}/{clip.name}/{variant}") for clip in clips]
    held = [(clip, key) for clip, key in held if key in cache]
    if not held:
        raise UsageError(
            f"The cache holds no recording in the condition {variant!r}.",
            "Fill it first: scripts/train-emotion --extract-only",
        )
    place = {label: index for index, label in enumerate(labels)}
    return Rows(
        tuple(clip for clip, _ in held),
        tuple(key for _, key in held),
        np.stack([_features(cache, key) for _, key in held]),
        np.array([place.get(clip.label, -1) for clip, _ in held], np.int64),
    )


def _features(cache: FeatureCache, key: str) -> FloatArray:
    prosody = np.array(cache.entries[key].prosody, np.float32)
    return features_of(cache.frames(key), prosody)


def joined(parts: Sequence[Rows]) -> Rows:
    """Several sets as one."""
    return Rows(
        tuple(clip for part in parts for clip in part.clips),
        tuple(key for part in parts for key in part.keys),
        np.concatenate([part.pooled for part in parts]),
        np.concatenate([part.truth for part in parts]),
    )
