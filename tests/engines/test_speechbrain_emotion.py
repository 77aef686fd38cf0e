"""The SpeechBrain adapter, on tiny models written in SpeechBrain's own format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice_regen.engines.speechbrain_emotion import SpeechBrainEmotion
from voice_regen.errors import EngineError, ModelError
from voice_regen.types import EmotionLabel, Pauses

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore")]

PAUSES = Pauses(None, 0.0, 0.0, 0, 2.0)
LABELS = ("neu", "ang", "hap", "sad")

ENCODER = """
compute_features: !new:speechbrain.lobes.features.Fbank
  n_mels: 8
mean_var_norm: !new:speechbrain.processing.features.InputNormalization
  norm_type: sentence
embedding_model: !new:speechbrain.lobes.models.Xvector.Xvector
  in_channels: 8
  tdnn_blocks: 1
  tdnn_channels: [8]
  tdnn_kernel_sizes: [3]
  tdnn_dilations: [1]
  lin_neurons: 6
classifier: !new:speechbrain.lobes.models.Xvector.Classifier
  input_shape: [null, null, 6]
  lin_blocks: 0
  lin_neurons: 6
  out_neurons: 4
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
modules:
  compute_features: !ref <compute_features>
  mean_var_norm: !ref <mean_var_norm>
  embedding_model: !ref <embedding_model>
  classifier: !ref <classifier>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
  loadables:
    embedding_model: !ref <embedding_model>
    classifier: !ref <classifier>
    label_encoder: !ref <label_encoder>
"""

# Shaped like speechbrain/emotion-recognition-wav2vec2-IEMOCAP, with a convolution for wav2vec2.
WAV2VEC = """
wav2vec2: !new:speechbrain.lobes.features.Fbank
  n_mels: 8
avg_pool: !new:speechbrain.nnet.pooling.StatisticsPooling
  return_std: False
output_mlp: !new:speechbrain.nnet.linear.Linear
  input_size: 8
  n_neurons: 4
  bias: False
label_encoder: !new:speechbrain.dataio.encoder.CategoricalEncoder
modules:
  wav2vec2: !ref <wav2vec2>
  avg_pool: !ref <avg_pool>
  output_mlp: !ref <output_mlp>
pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer
  loadables:
    output_mlp: !ref <output_mlp>
    label_encoder: !ref <label_encoder>
"""


def write_model(folder: Path, yaml: str, labels: tuple[str, ...] = LABELS) -> Path:
    """A model folder with random weights, saved as SpeechBrain saves them."""
    import torch
    from hyperpyyaml import load_hyperpyyaml
    from speechbrain.dataio.encoder import CategoricalEncoder

    folder.mkdir()
    (folder / "hyperparams.yaml").write_text(yaml)
    torch.manual_seed(1)
    recipe = load_hyperpyyaml(yaml)
    for name, module in recipe["pretrainer"].loadables.items():
        if name != "label_encoder":
            torch.save(module.state_dict(), folder / f"{name}.ckpt")
    encoder = CategoricalEncoder()
    for place, label in enumerate(labels):
        encoder.enforce_label(label, place)
    encoder.save(str(folder / "label_encoder.ckpt"))
    return folder


def voice(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(32_000)
    return (0.1 * noise).astype(np.float32)


@pytest.mark.parametrize("yaml", [ENCODER, WAV2VEC], ids=["encoder-classifier", "wav2vec2"])
def test_a_local_model_answers_with_a_distribution(tmp_path: Path, yaml: str) -> None:
    engine = SpeechBrainEmotion(write_model(tmp_path / "model", yaml))
    found = engine.feel(voice(), None, PAUSES)
    assert set(found.probabilities) == {
        EmotionLabel.NEUTRAL,
        EmotionLabel.ANGRY,
        EmotionLabel.HAPPY,
        EmotionLabel.SAD,
    }
    assert sum(found.probabilities.values()) == pytest.approx(1.0)
    assert found.confidence == max(found.probabilities.values())
    assert -1.0 <= found.valence <= 1.0
    assert engine.feel(voice(), None, PAUSES) == found


def test_the_answer_is_speechbrains_own(tmp_path: Path) -> None:
    import torch
    from speechbrain.inference.classifiers import EncoderClassifier

    folder = write_model(tmp_path / "model", ENCODER)
    found = SpeechBrainEmotion(folder).feel(voice(), None, PAUSES)
    theirs = EncoderClassifier.from_hparams(source=str(folder))
    scores = theirs.classify_batch(torch.from_numpy(voice())[None])[0].exp()[0]
    # The weights are random, but the label encoder's order must have been kept.
    assert found.probabilities[EmotionLabel.ANGRY] == pytest.approx(float(scores[1]), abs=1e-4)
    assert found.probabilities[EmotionLabel.SAD] == pytest.approx(float(scores[3]), abs=1e-4)


def test_it_abstains_on_too_little_speech_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    engine = SpeechBrainEmotion(write_model(tmp_path / "model", WAV2VEC))
    short = engine.feel(voice(), None, Pauses(None, 0.0, 0.0, 0, 0.3))
    assert short.cannot_tell
    assert short.confidence == 0.0
    broken = voice()
    broken[5] = np.nan
    with pytest.raises(EngineError, match="not numbers"):
        engine.feel(broken, None, PAUSES)


def test_a_model_that_knows_no_feelings_is_refused(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", WAV2VEC, ("anna", "ben", "cem", "dora"))
    with pytest.raises(ModelError, match="does not tell feelings apart"):
        SpeechBrainEmotion(folder)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"hyperparams\.yaml is missing"):
        SpeechBrainEmotion(tmp_path)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", WAV2VEC)
    (folder / "output_mlp.ckpt").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        SpeechBrainEmotion(folder)


def test_a_hub_that_cannot_be_reached_is_said_plainly() -> None:
    with pytest.raises(ModelError, match="speechbrain/no-such-model") as caught:
        SpeechBrainEmotion("speechbrain/no-such-model")
    assert "--emotion tone" in str(caught.value)
