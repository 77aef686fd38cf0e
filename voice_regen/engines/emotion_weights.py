"""The tone head's file: safetensors, with its settings as JSON in the header.

Tensors, float32 or float16 (D = POOLED * encoder width + width of the prosody):

- ``standardise.mean``, ``standardise.scale`` (D,): of the training features.
- ``layers.N.weight`` (out, in), ``layers.N.bias`` (out,): N from 0; ReLU between layers.
- ``usual.components`` (k, D), ``usual.scale`` (k,): principal directions of standardised
  training features and their standard deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from voice_regen.engines.emotion_pooling import POOLED
from voice_regen.engines.prosody import WIDTH as PROSODY_WIDTH
from voice_regen.errors import MissingExtraError, ModelError
from voice_regen.types import EmotionLabel, FloatArray

FILE_NAME = "model.safetensors"
HEADER_KEY = "tone_head"
FORMAT = 2
FARTHEST = 5.0


class HeadSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What belongs to the weights and is no tensor."""

    format: int
    encoder: str
    """Source of the frames it was trained on, as in EncodedSpeech.source."""
    labels: tuple[EmotionLabel, ...]
    """In the order of the last layer's rows."""
    temperature: float
    """Divides the logits; fitted on development speakers."""
    least_confidence: float
    """Below this the answer is "cannot tell"."""
    most_unusual: float
    """Bound of :func:`unusualness`: a quantile over development speakers."""


@dataclass(frozen=True, slots=True)
class HeadWeights:
    """A whole head; every array finite and of fitting shape."""

    settings: HeadSettings
    mean: FloatArray
    scale: FloatArray
    layers: tuple[tuple[FloatArray, FloatArray], ...]
    components: FloatArray
    component_scale: FloatArray

    @property
    def encoder_width(self) -> int:
        """Columns of the frames that it reads."""
        return (len(self.mean) - PROSODY_WIDTH) // POOLED


def standardised(head: HeadWeights, pooled: FloatArray) -> FloatArray:
    """(..., D) to the same shape; a wild value counts as :data:`FARTHEST` spreads."""
    scaled = np.clip((pooled - head.mean) / head.scale, -FARTHEST, FARTHEST)
    return np.asarray(scaled, np.float32)


def logits(head: HeadWeights, features: FloatArray) -> FloatArray:
    """Standardised (..., D) to (..., labels), before the temperature."""
    values = features
    for index, (weight, bias) in enumerate(head.layers):
        values = values @ weight.T + bias
        if index < len(head.layers) - 1:
            values = np.maximum(values, 0.0)
    return values


def unusualness(head: HeadWeights, features: FloatArray) -> FloatArray:
    """How far standardised (..., D) lie from the training speech, (...,).

    Mean squared score along the principal directions (Mahalanobis) plus the mean square of
    what they leave over; about 2 for speech like that of training.
    """
    scores = features @ head.components.T
    along = np.square(scores / head.component_scale).mean(axis=-1)
    size = features.shape[-1] - len(head.components)
    rest = np.square(features).sum(axis=-1) - np.square(scores).sum(axis=-1)
    left = np.maximum(rest, 0.0) / max(size, 1)
    return np.asarray(along + left, np.float32)


def probabilities(head: HeadWeights, values: FloatArray) -> FloatArray:
    """Logits (..., labels) to calibrated probabilities that sum to 1."""
    scaled = values.astype(np.float64) / head.settings.temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    raised = np.exp(scaled)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def save_head(head: HeadWeights, folder: Path) -> Path:
    """Write ``folder``/model.safetensors; the layers in float32, the directions in float16."""
    from safetensors.numpy import save_file

    tensors = {
        "standardise.mean": head.mean.astype(np.float32),
        "standardise.scale": head.scale.astype(np.float32),
        "usual.components": head.components.astype(np.float16),
        "usual.scale": head.component_scale.astype(np.float32),
    }
    for index, (weight, bias) in enumerate(head.layers):
        tensors[f"layers.{index}.weight"] = np.ascontiguousarray(weight, np.float32)
        tensors[f"layers.{index}.bias"] = bias.astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE_NAME
    header = {HEADER_KEY: msgspec.json.encode(head.settings).decode()}
    save_file(tensors, str(path), metadata=header)
    path.chmod(0o644)  # safetensors leaves it to its owner alone
    return path


def load_head(folder: Path) -> HeadWeights:
    """Read and check a head. Raises ModelError, or MissingExtraError without safetensors."""
    path = folder / FILE_NAME
    if not path.is_file():
        raise ModelError(
            f"{folder} holds no tone model ({FILE_NAME} is missing).",
            "Choose another with --emotion tone:FOLDER, or do without tone: --emotion none",
        )
    settings, tensors = _read(path)
    try:
        head = _assembled(settings, tensors)
    except KeyError as error:
        raise _damaged(path, f"the tensor {error} is missing") from error
    problem = _problem(head)
    if problem is not None:
        raise _damaged(path, problem)
    return head


def _read(path: Path) -> tuple[HeadSettings, dict[str, FloatArray]]:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingExtraError("Vocal tone", "talk", "safetensors") from error
    try:
        with safe_open(str(path), framework="numpy") as file:
            header = (file.metadata() or {}).get(HEADER_KEY)
            tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise _damaged(path, str(error)) from error
    if header is None:
        raise _damaged(path, "it is not a tone head of voice_regen")
    try:
        return msgspec.json.decode(header, type=HeadSettings), tensors
    except msgspec.MsgspecError as error:
        raise _damaged(path, f"its header does not fit: {error}") from error


def _assembled(settings: HeadSettings, tensors: dict[str, FloatArray]) -> HeadWeights:
    count = sum(name.startswith("layers.") and name.endswith(".weight") for name in tensors)
    return HeadWeights(
        settings=settings,
        mean=tensors["standardise.mean"],
        scale=tensors["standardise.scale"],
        layers=tuple(
            (tensors[f"layers.{n}.weight"], tensors[f"layers.{n}.bias"]) for n in range(count)
        ),
        components=tensors["usual.components"],
        component_scale=tensors["usual.scale"],
    )


def _problem(head: HeadWeights) -> str | None:
    """What is wrong with the weights, or ``None``."""
    settings = head.settings
    if settings.format != FORMAT:
        return f"it is of format {settings.format}, this version reads {FORMAT}"
    if len(settings.labels) < 2 or len(set(settings.labels)) != len(settings.labels):
        return "its labels are too few or repeated"
    figures = (settings.temperature, settings.least_confidence, settings.most_unusual)
    if not all(math.isfinite(figure) for figure in figures) or settings.temperature <= 0.0:
        return "its settings are not numbers it can work with"
    arrays = [head.mean, head.scale, head.components, head.component_scale]
    arrays += [array for layer in head.layers for array in layer]
    if not all(np.isfinite(array).all() for array in arrays):
        return "it holds weights that are not numbers"
    if not _shapes_fit(head):
        return "the shapes of its tensors do not fit each other"
    if (head.scale <= 0.0).any() or (head.component_scale <= 0.0).any():
        return "it holds scales that are not positive"
    return None


def _shapes_fit(head: HeadWeights) -> bool:
    pooled = len(head.mean) - PROSODY_WIDTH if head.mean.ndim == 1 else 0
    if pooled <= 0 or pooled % POOLED or not head.layers:
        return False
    width = len(head.mean)
    for weight, bias in head.layers:
        if weight.ndim != 2 or weight.shape[1] != width or bias.shape != weight.shape[:1]:
            return False
        width = weight.shape[0]
    return (
        width == len(head.settings.labels)
        and head.scale.shape == head.mean.shape
        and head.components.ndim == 2
        and head.components.shape[1] == len(head.mean)
        and 0 < len(head.components) < len(head.mean)
        and head.component_scale.shape == head.components.shape[:1]
    )


def _damaged(path: Path, problem: str) -> ModelError:
    return ModelError(
        f"The tone model {path} cannot be used: {problem}.",
        "Check the models with: voice-regen models verify; or do without tone: --emotion none",
    )
