"""Sentence embeddings: the real network, and files that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from voice_regen.engines.sentence_embedding import MODEL, SentenceEmbedder
from voice_regen.errors import ModelError
from voice_regen.runtime.models import ModelStore


@pytest.fixture(scope="module")
def embedder() -> SentenceEmbedder:
    store = ModelStore()
    if not store.installed(MODEL):
        pytest.skip(f"{MODEL} is not installed: the real network is not run")
    return SentenceEmbedder(store.path(MODEL))


@pytest.mark.real_models
def test_meaning_is_near_and_company_changes_nothing(embedder: SentenceEmbedder) -> None:
    texts = ["I feel so alone.", "Nobody is there for me.", "The bus leaves at nine."]
    together = embedder.encode(texts)
    assert together.shape == (3, embedder.width)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert together[0] @ together[1] > together[0] @ together[2] + 0.2
    for row, text in enumerate(texts):
        assert np.array_equal(together[row], embedder.encode([text])[0])


@pytest.mark.real_models
def test_any_text_has_a_finite_embedding(embedder: SentenceEmbedder) -> None:
    texts = ["", " ", "\ud800", "\x00", "word " * 5000, "我很难过", "🙂"]
    assert np.isfinite(embedder.encode(texts)).all()
    assert embedder.encode([]).shape == (0, embedder.width)


def _folder(tmp_path: Path, weights: bytes | None) -> Path:
    if weights is not None:
        (tmp_path / "model.safetensors").write_bytes(weights)
    return tmp_path


def _tensors(entries: dict[str, object]) -> bytes:
    header = json.dumps(entries).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + bytes(64)


@pytest.mark.parametrize(
    "weights",
    [None, b"", b"abc", b"\xff" * 64, _tensors({})],
    ids=["missing", "empty", "short", "no header", "no tensors"],
)
def test_a_folder_that_does_not_fit_is_refused(tmp_path: Path, weights: bytes | None) -> None:
    with pytest.raises(ModelError, match="The sentence model") as caught:
        SentenceEmbedder(_folder(tmp_path, weights))
    assert caught.value.remedy is not None
