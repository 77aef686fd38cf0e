"""Training of the tone head with SpeechBrain; exported to the layers that numpy runs."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from voice_regen.errors import EngineError, MissingExtraError
from voice_regen.training.heads import Layers
from voice_regen.training.measures import IntArray, unweighted_accuracy
from voice_regen.types import FloatArray

PARITY = 1e-4
"""Most that numpy's answer may differ from SpeechBrain's, in probability."""


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Standardised rows (n, D) with their classes (n,) and, optionally, soft targets (n, K)."""

    features: FloatArray
    truth: IntArray
    soft: FloatArray | None = None


def read_recipe(overrides: str = "") -> dict[str, Any]:
    """The recipe with its modules made; HyperPyYAML in ``overrides`` replaces values."""
    try:
        import torch
        from hyperpyyaml import load_hyperpyyaml
    except ImportError as error:
        raise MissingExtraError("Training", "train", "speechbrain") from error
    text = files("voice_regen.training").joinpath("recipes/tone_head.yaml").read_text("utf-8")
    plain = load_hyperpyyaml(text, overrides)
    # The modules draw their first weights when the recipe is read: so seed, and read again.
    torch.manual_seed(int(plain["seed"]))
    return dict(load_hyperpyyaml(text, overrides))


def train_layers(
    train: TrainingSet,
    dev: TrainingSet,
    overrides: str = "",
    report: Callable[[str], None] = lambda line: None,
) -> Layers:
    """Train on ``train``, keep the epoch that is best on ``dev``, export and check.

    Raises EngineError if the exported layers do not answer as the SpeechBrain modules do.
    """
    recipe = read_recipe(overrides)
    brain = _make_brain(recipe)
    best: dict[str, Any] = brain.fit_early_stopping(train, dev, report)
    layers = _exported(best)
    gap = _parity(brain, layers, dev.features)
    report(f"numpy and SpeechBrain differ by at most {gap:.1e}")
    if not gap < PARITY:
        raise EngineError(f"The exported head differs from SpeechBrain's by {gap:.1e}.")
    return layers


def _make_brain(recipe: dict[str, Any]) -> Any:
    import speechbrain
    import torch

    class ToneBrain(speechbrain.Brain):  # type: ignore[misc]
        """Cross-entropy with smoothing and class weights on pooled rows."""

        def compute_forward(self, batch: Any, stage: Any) -> Any:
            """Logits of a batch."""
            modules = self.modules
            values = modules.hidden_layer(modules.input_dropout(batch[0]))
            return modules.output_layer(modules.dropout(modules.activation(values)))

        def compute_objectives(self, predictions: Any, batch: Any, stage: Any) -> Any:
            """The loss of a batch, rows weighed by class."""
            losses = torch.nn.functional.cross_entropy(
                predictions, batch[1], label_smoothing=self.hparams.smoothing, reduction="none"
            )
            return (losses * batch[2]).mean()

        def logits(self, features: FloatArray) -> Any:
            """All rows at once, without dropout."""
            self.modules.eval()
            with torch.no_grad():
                rows = torch.from_numpy(np.ascontiguousarray(features, np.float32))
                return self.compute_forward((rows,), speechbrain.Stage.TEST).numpy()

        def fit_early_stopping(
            self, train: TrainingSet, dev: TrainingSet, report: Callable[[str], None]
        ) -> dict[str, Any]:
            """Epochs of SpeechBrain's own loop until development stops getting better."""
            batches = _batches(train, int(self.hparams.batch_size), int(self.hparams.seed))
            best, best_score, waited = copy.deepcopy(self.modules.state_dict()), -1.0, 0
            for epoch in range(int(self.hparams.epochs)):
                self.fit(range(epoch, epoch + 1), batches, progressbar=False)
                answer = self.logits(dev.features).argmax(axis=1)
                score = unweighted_accuracy(dev.truth, answer)
                if score > best_score:
                    best, best_score, waited = copy.deepcopy(self.modules.state_dict()), score, 0
                    report(f"epoch {epoch}: development UA {score:.2f}")
                else:
                    waited += 1
                if waited >= int(self.hparams.patience):
                    break
            self.modules.load_state_dict(best)
            return dict(best)

    return ToneBrain(
        modules=recipe["modules"],
        opt_class=recipe["opt_class"],
        hparams={key: recipe[key] for key in ("smoothing", "batch_size", "epochs", "patience")}
        | {"seed": recipe["seed"]},
        run_opts={"device": "cpu"},
    )


def _batches(train: TrainingSet, size: int, seed: int) -> Any:
    import torch

    counts = np.bincount(train.truth)
    weights = (len(train.truth) / (len(counts) * np.maximum(counts, 1)))[train.truth]
    data = torch.utils.data.TensorDataset(
        torch.from_numpy(train.features),
        torch.from_numpy(train.truth),
        torch.from_numpy(weights.astype(np.float32)),
    )
    generator = torch.Generator().manual_seed(seed)
    return torch.utils.data.DataLoader(data, batch_size=size, shuffle=True, generator=generator)


def _exported(state: dict[str, Any]) -> Layers:
    """SpeechBrain's Linear wraps torch's as `w`."""
    return tuple(
        (
            state[f"{name}.w.weight"].numpy().astype(np.float32),
            state[f"{name}.w.bias"].numpy().astype(np.float32),
        )
        for name in ("hidden_layer", "output_layer")
    )


def _parity(brain: Any, layers: Layers, features: FloatArray) -> float:
    """Largest difference in probability between the two forms of the same head."""
    (hidden, hidden_bias), (out, out_bias) = layers
    ours = np.maximum(features @ hidden.T + hidden_bias, 0.0) @ out.T + out_bias
    return float(np.abs(_softmax(ours) - _softmax(brain.logits(features))).max())


def _softmax(values: FloatArray) -> FloatArray:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)
