"""Feeling from a pretrained SpeechBrain classifier, from a local folder or the hub.

Two kinds of SpeechBrain model are known: those with the modules of EncoderClassifier, and those
with `wav2vec2`, `avg_pool` and `output_mlp`, such as
speechbrain/emotion-recognition-wav2vec2-IEMOCAP. The latter ship a Python file for their
interface; it is neither fetched nor run here, the few lines it takes are below. A model's
hyperparams.yaml can still make any Python object: use only models that you trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.base import EncodedSpeech
from voice_regen.engines.emotion_limits import clipped_share, level_db, reason_not_to_judge
from voice_regen.engines.emotion_space import no_judgement, placed
from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import Emotion, EmotionLabel, FloatArray, Pauses

NAMES: Mapping[str, EmotionLabel] = {
    **dict.fromkeys(("neu", "neutral", "calm"), EmotionLabel.NEUTRAL),
    **dict.fromkeys(("hap", "happy", "happiness", "joy", "exc", "excited"), EmotionLabel.HAPPY),
    **dict.fromkeys(("sad", "sadness"), EmotionLabel.SAD),
    **dict.fromkeys(("ang", "angry", "anger"), EmotionLabel.ANGRY),
    **dict.fromkeys(("fea", "fear", "fearful"), EmotionLabel.FEARFUL),
    **dict.fromkeys(("dis", "disgust", "disgusted"), EmotionLabel.DISGUST),
    **dict.fromkeys(("sur", "surprise", "surprised"), EmotionLabel.SURPRISED),
}
"""Names that models give to our labels."""
LEAST_TIMES_CHANCE = 1.5
"""A label less than this times as likely as chance is no answer."""
_WAV2VEC_MODULES = ("wav2vec2", "avg_pool", "output_mlp")


class SpeechBrainEmotion:
    """Emotion engine over a SpeechBrain model; it makes its own pass over the samples.

    Its confidence is the model's own probability, which nobody has calibrated.
    """

    def __init__(self, model: str | Path, *, threads: int = 2) -> None:
        """``model``: a folder with hyperparams.yaml, or a repository's name on the hub.

        Raises MissingExtraError without speechbrain, ModelError for a model that cannot be
        had, is damaged or does not name feelings.
        """
        try:
            import torch
            from speechbrain.inference.classifiers import EncoderClassifier
            from speechbrain.inference.interfaces import Pretrained
        except ImportError as error:
            raise MissingExtraError("A SpeechBrain model", "train", "speechbrain") from error
        torch.set_num_threads(threads)
        self._torch = torch
        self._name = str(model)
        self._model: Any = _load(self._name, Pretrained, EncoderClassifier)
        self._places = _label_places(self._model, self._name)
        self.labels = tuple(dict.fromkeys(self._places.values()))

    def feel(self, samples: FloatArray, encoded: EncodedSpeech | None, pauses: Pauses) -> Emotion:
        """Judge one utterance from its samples, shape (n,); ``encoded`` is not used.

        Raises EngineError if the samples are not numbers or the model fails on them.
        """
        if not np.isfinite(samples).all():
            raise EngineError("The audio holds samples that are not numbers.")
        reason = reason_not_to_judge(pauses.speech_s, level_db(samples), clipped_share(samples))
        if reason is not None:
            return no_judgement(self.labels, reason)
        found = self._probabilities(samples)
        by_label = dict.fromkeys(self.labels, 0.0)
        for place, label in self._places.items():
            by_label[label] += float(found[place])
        total = sum(by_label.values())
        if not total > 0.0:
            return no_judgement(self.labels, "the model named no feeling that we know")
        by_label = {label: p / total for label, p in by_label.items()}
        confidence = min(1.0, max(by_label.values()))
        weak = confidence < LEAST_TIMES_CHANCE / len(self.labels)
        reason = f"no feeling stands out ({100.0 * confidence:.0f} % at most)" if weak else None
        valence, arousal = placed(by_label)
        return Emotion(by_label, valence, arousal, confidence, reason)

    def _probabilities(self, samples: FloatArray) -> FloatArray:
        """Over the model's own classes, summing to 1."""
        batch = self._torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None]
        try:
            # SpeechBrain's pooling adds a little random noise: the same audio, the same answer.
            with self._torch.no_grad(), self._torch.random.fork_rng(devices=[]):
                self._torch.manual_seed(0)
                scores = _scores(self._model, batch)
            values = np.asarray(scores.detach().cpu().numpy(), np.float64).reshape(-1)
        except (RuntimeError, ValueError, TypeError, AttributeError) as error:
            raise EngineError(f"The SpeechBrain model {self._name} failed: {error}") from error
        if len(values) <= max(self._places) or not np.isfinite(values).all():
            raise EngineError(f"The SpeechBrain model {self._name} gave no usable scores.")
        if (values >= 0.0).all() and abs(values.sum() - 1.0) < 1e-3:
            return np.asarray(values / values.sum())
        # Log posteriors come back as they were; other scores become a distribution.
        raised = np.exp(values - values.max())
        return np.asarray(raised / raised.sum())


def _scores(model: Any, batch: Any) -> Any:
    """Scores of one waveform, whatever form the model gives them in."""
    if all(hasattr(model.mods, name) for name in _WAV2VEC_MODULES):
        outputs = model.mods.wav2vec2(batch)
        lengths = outputs.new_ones(1)
        pooled = model.mods.avg_pool(outputs, lengths)
        return model.mods.output_mlp(pooled.view(pooled.shape[0], -1))
    return model.classify_batch(batch)[0]


def _load(name: str, pretrained: Any, encoder_classifier: Any) -> Any:
    """The model with the interface that fits its modules."""
    folder = Path(name)
    local = folder.is_dir()
    if local and not (folder / "hyperparams.yaml").is_file():
        raise ModelError(
            f"{name} holds no SpeechBrain model (hyperparams.yaml is missing).",
            "Give the folder of a SpeechBrain model: --emotion speechbrain:FOLDER",
        )
    try:
        base = pretrained.from_hparams(source=name, run_opts={"device": "cpu"})
        if all(hasattr(base.mods, module) for module in _WAV2VEC_MODULES):
            return base
        return encoder_classifier(
            modules=dict(base.mods.items()), hparams=vars(base.hparams), run_opts={"device": "cpu"}
        )
    except Exception as error:  # speechbrain, hyperpyyaml, torch and the hub raise all sorts
        if local:
            remedy = "Give the folder of a whole SpeechBrain classifier."
        else:
            remedy = (
                "It is neither a folder here nor could it be fetched from the hub (no network, "
                "or HF_HUB_OFFLINE is set). The built-in --emotion tone needs neither."
            )
        raise ModelError(
            f"The SpeechBrain model {name} cannot be loaded: {_first_line(error)}", remedy
        ) from error


def _label_places(model: Any, name: str) -> dict[int, EmotionLabel]:
    """Which of the model's classes are feelings that we know."""
    encoder = getattr(model.hparams, "label_encoder", None)
    known = getattr(encoder, "ind2lab", None) or {}
    places = {
        int(place): NAMES[str(label).strip().lower()]
        for place, label in known.items()
        if str(label).strip().lower() in NAMES
    }
    if len(set(places.values())) < 2:
        raise ModelError(
            f"The SpeechBrain model {name} does not tell feelings apart: its classes are "
            f"{', '.join(map(str, known.values())) or 'not named'}.",
            "Give a model whose label_encoder names feelings such as neutral, happy, sad, angry.",
        )
    return places


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
