"""Candidates trained on training speakers, the better one chosen on development speakers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from voice_regen.engines.emotion_weights import HeadWeights, logits, standardised
from voice_regen.training.brain import TrainingSet, train_layers
from voice_regen.training.heads import (
    finished_head,
    logistic_layers,
    unfinished_head,
)
from voice_regen.training.measures import unweighted_accuracy
from voice_regen.training.pooled_data import Rows
from voice_regen.types import EmotionLabel

LABELS = tuple(
    EmotionLabel(name) for name in ("neutral", "happy", "sad", "angry", "fearful", "disgust")
)
"""CREMA-D's six classes."""
STRENGTHS = (0.001, 0.003, 0.01)
"""C of the logistic regression, chosen on development speakers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained head and how it did on development speakers."""

    name: str
    head: HeadWeights
    dev_ua: float


def logistic_candidate(
    train: Rows,
    dev: Rows,
    labels: Sequence[EmotionLabel],
    encoder: str,
    strengths: Sequence[float] = STRENGTHS,
    finish_on: Rows | None = None,
) -> Candidate:
    """The first baseline: multinomial logistic regression.

    ``finish_on``: development speakers, in more conditions than ``dev``, for the temperature
    and the bound of the unusual.
    """
    shell = unfinished_head(train, (), labels, encoder)
    features = standardised(shell, train.pooled)
    best: Candidate | None = None
    for strength in strengths:
        layers = logistic_layers(features, train.truth, strength)
        head = replace(shell, layers=layers)
        found = Candidate(f"logistic regression (C={strength:g})", head, dev_accuracy(head, dev))
        if best is None or found.dev_ua > best.dev_ua:
            best = found
    assert best is not None
    return replace(best, head=finished_head(best.head, finish_on or dev))


def speechbrain_candidate(
    train: Rows,
    dev: Rows,
    labels: Sequence[EmotionLabel],
    encoder: str,
    overrides: str,
    report: Callable[[str], None],
    finish_on: Rows | None = None,
) -> Candidate:
    """Two layers trained by the SpeechBrain recipe; ``finish_on`` as above."""
    shell = unfinished_head(train, (), labels, encoder)
    layers = train_layers(
        TrainingSet(standardised(shell, train.pooled), train.truth),
        TrainingSet(standardised(shell, dev.pooled), dev.truth),
        overrides,
        report,
    )
    head = replace(shell, layers=layers)
    finished = finished_head(head, finish_on or dev)
    return Candidate("SpeechBrain, two layers", finished, dev_accuracy(head, dev))


def dev_accuracy(head: HeadWeights, dev: Rows) -> float:
    """Unweighted accuracy in percent."""
    answer = np.argmax(logits(head, standardised(head, dev.pooled)), axis=1)
    return unweighted_accuracy(dev.truth, answer)
