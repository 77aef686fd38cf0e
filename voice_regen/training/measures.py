"""Figures of a classifier: unweighted accuracy with intervals, calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voice_regen.types import FloatArray

IntArray = npt.NDArray[np.int64]
BOOTSTRAP_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and its 95 % bootstrap interval, all in percent."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.1f} [{self.low:.1f}, {self.high:.1f}]"


def unweighted_accuracy(truth: IntArray, answer: IntArray) -> float:
    """Mean recall over the classes that occur in ``truth``, in percent; the same as UAR."""
    recalls = [float((answer[truth == each] == each).mean()) for each in np.unique(truth)]
    return 100.0 * float(np.mean(recalls))


def recalls(truth: IntArray, answer: IntArray, classes: int) -> list[float]:
    """Recall of each class in percent; NaN where it does not occur."""
    return [
        100.0 * float((answer[truth == each] == each).mean()) if (truth == each).any() else np.nan
        for each in range(classes)
    ]


def with_interval(
    truth: IntArray, answer: IntArray, groups: Sequence[str], seed: int = 0
) -> Interval:
    """Unweighted accuracy with an interval from drawing whole speakers (``groups``) anew.

    Clips of one speaker are alike, so drawing clips would promise too much.
    """
    chance = np.random.default_rng(seed)
    names = sorted(set(groups))
    members = {name: np.flatnonzero(np.asarray(groups) == name) for name in names}
    drawn = []
    for _ in range(BOOTSTRAP_ROUNDS):
        chosen = chance.choice(len(names), len(names))
        rows = np.concatenate([members[names[each]] for each in chosen])
        drawn.append(unweighted_accuracy(truth[rows], answer[rows]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Interval(unweighted_accuracy(truth, answer), float(low), float(high))


def calibration_error(probabilities: FloatArray, truth: IntArray, bins: int = 15) -> float:
    """Expected calibration error of the top answer, 0 to 1, in bins of equal width."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for each in range(bins):
        inside = place == each
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def fitted_temperature(values: FloatArray, truth: IntArray) -> float:
    """The temperature with the least log-loss, from a grid of 0.5 to 5 (Guo et al. 2017)."""
    best, best_loss = 1.0, np.inf
    for temperature in np.geomspace(0.5, 5.0, 116):
        scaled = values / temperature
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        loss = np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]
        if loss.mean() < best_loss:
            best, best_loss = float(temperature), float(loss.mean())
    return best
