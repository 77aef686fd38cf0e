"""Feeling from vocal tone: a small head over the encoder output that recognition left behind.

The encoder pass is paid for already; what is added is a pooling, the melody and energy of the
voice (:mod:`voice_regen.engines.prosody`), and a few matrix products.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voice_regen.engines.base import EncodedSpeech
from voice_regen.engines.emotion_limits import clipped_share, level_db, reason_not_to_judge
from voice_regen.engines.emotion_pooling import features_of
from voice_regen.engines.emotion_space import no_judgement, placed
from voice_regen.engines.emotion_weights import (
    HeadWeights,
    load_head,
    logits,
    probabilities,
    standardised,
    unusualness,
)
from voice_regen.engines.prosody import prosody
from voice_regen.errors import EngineError, ModelError
from voice_regen.types import Emotion, FloatArray, Pauses


class ToneEmotion:
    """Emotion engine over the frames of one encoder; one object serves all calls."""

    def __init__(self, model_path: Path) -> None:
        """Load a folder with model.safetensors.

        Raises ModelError for missing, damaged or foreign weights, MissingExtraError without
        the package safetensors.
        """
        self._head = load_head(model_path)
        self.labels = self._head.settings.labels

    @property
    def encoder(self) -> str:
        """Name of the recogniser's model whose frames it reads, as in EncodedSpeech.source."""
        return self._head.settings.encoder

    def feel(self, samples: FloatArray, encoded: EncodedSpeech | None, pauses: Pauses) -> Emotion:
        """Judge one utterance; ``samples`` (n,) tell only whether it can be judged at all.

        Raises ModelError for the output of another encoder, EngineError for frames or samples
        that are not numbers.
        """
        if not np.isfinite(samples).all():
            raise EngineError("The audio holds samples that are not numbers.")
        if encoded is not None:
            self._check(encoded)
        reason = reason_not_to_judge(pauses.speech_s, level_db(samples), clipped_share(samples))
        if reason is None and (encoded is None or not len(encoded.frames)):
            reason = "the recogniser gave nothing to listen to"
        if reason is not None or encoded is None:
            return no_judgement(self.labels, reason or "")
        return judge(self._head, features_of(encoded.frames, prosody(samples, pauses)))

    def _check(self, encoded: EncodedSpeech) -> None:
        """Raise for frames that this head was not made for."""
        frames = encoded.frames
        if (
            encoded.source != self.encoder
            or frames.ndim != 2
            or frames.shape[1] != self._head.encoder_width
        ):
            raise ModelError(
                f"This tone model reads the encoder of {self.encoder}, "
                f"but recognition runs {encoded.source}.",
                f"Choose --recogniser {self.encoder.replace('-', ':', 1)}, a tone model made for "
                f"{encoded.source} (scripts/train-emotion), or do without tone: --emotion none",
            )
        if not np.isfinite(frames).all():
            raise EngineError("The encoder's output holds values that are not numbers.")


def judge(head: HeadWeights, heard: FloatArray) -> Emotion:
    """The head's answer for one utterance, shape (D,), as by :func:`features_of`."""
    features = standardised(head, heard)
    found = probabilities(head, logits(head, features))
    by_label = {label: float(p) for label, p in zip(head.settings.labels, found, strict=True)}
    valence, arousal = placed(by_label)
    confidence = float(found.max())
    reason = None
    if float(unusualness(head, features)) > head.settings.most_unusual:
        reason = "it does not sound like the speech this model knows"
    elif confidence < head.settings.least_confidence:
        reason = f"no feeling stands out ({100.0 * confidence:.0f} % at most)"
    return Emotion(by_label, valence, arousal, confidence, reason)
