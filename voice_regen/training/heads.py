"""Heads from pooled features: logistic regression, and what every head is finished with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from voice_regen.engines.emotion_weights import (
    FORMAT,
    HeadSettings,
    HeadWeights,
    logits,
    standardised,
    unusualness,
)
from voice_regen.training.measures import IntArray, fitted_temperature
from voice_regen.training.pooled_data import Rows
from voice_regen.types import EmotionLabel, FloatArray

DIRECTIONS = 64
KNOWN_SHARE = 0.98
"""Share of development speech that must count as usual."""
LEAST_CONFIDENCE = 0.30
"""Below about twice chance of six classes a label is no help; set beforehand, not tuned."""
Layers = tuple[tuple[FloatArray, FloatArray], ...]


def logistic_layers(train: FloatArray, truth: IntArray, strength: float) -> Layers:
    """One layer by multinomial logistic regression on standardised rows.

    ``strength``: scikit-learn's C. Classes weigh alike.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=400, class_weight="balanced", tol=1e-3)
    model.fit(train, truth)
    return ((model.coef_.astype(np.float32), model.intercept_.astype(np.float32)),)


def standardiser(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and scale of the columns; a column that never changes keeps the scale 1."""
    mean = rows.mean(axis=0)
    scale = rows.std(axis=0)
    return mean.astype(np.float32), np.where(scale > 1e-6, scale, 1.0).astype(np.float32)


def principal_directions(features: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(k, D) and (k,): directions of most variance and their standard deviations."""
    count = min(DIRECTIONS, features.shape[1] - 1, len(features) - 1)
    values, vectors = np.linalg.eigh(np.cov(features.astype(np.float64), rowvar=False))
    top = np.argsort(values)[::-1][:count]
    spread = np.sqrt(np.maximum(values[top], 1e-12))
    # Stored in half precision: round here, so that the bound is set with what is stored.
    components = vectors[:, top].T.astype(np.float16).astype(np.float32)
    return components, spread.astype(np.float32)


def unfinished_head(
    train: Rows, layers: Layers, labels: Sequence[EmotionLabel], encoder: str
) -> HeadWeights:
    """A head with its standardiser and directions, uncalibrated; ``layers`` take
    features standardised by ``train``."""
    mean, scale = standardiser(train.pooled)
    components, spread = principal_directions((train.pooled - mean) / scale)
    settings = HeadSettings(FORMAT, encoder, tuple(labels), 1.0, 0.0, np.inf)
    return HeadWeights(settings, mean, scale, layers, components, spread)


def finished_head(head: HeadWeights, dev: Rows) -> HeadWeights:
    """Temperature and bound of the unusual, both from development speakers alone."""
    features = standardised(head, dev.pooled)
    known = dev.truth >= 0
    temperature = fitted_temperature(logits(head, features)[known], dev.truth[known])
    bound = float(np.quantile(unusualness(head, features), KNOWN_SHARE))
    settings = replace_settings(head.settings, temperature, bound)
    return replace(head, settings=settings)


def replace_settings(settings: HeadSettings, temperature: float, bound: float) -> HeadSettings:
    """The same settings with the calibration filled in."""
    return HeadSettings(
        settings.format,
        settings.encoder,
        settings.labels,
        round(temperature, 4),
        LEAST_CONFIDENCE,
        round(bound, 4),
    )
