"""Sentence embeddings: all-MiniLM-L6-v2 (Apache-2.0) by ONNX Runtime, 384 numbers a text.

The model comes as safetensors; its network is written as ONNX with int8 weights when it is
loaded. The embeddings of the vocabulary stay in the file and only the rows in use are read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.minilm_graph import INPUT, WIDTH, minilm_network
from voice_regen.engines.onnx_session import open_session
from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import FloatArray

MODEL = "sentences:all-MiniLM-L6-v2"
"""Its name in the manifest."""
MOST_TOKENS = 128
"""Of a text, the start and end marks included; what comes after is not read."""
_REMEDY = f"Fetch it again with: voice-regen models fetch {MODEL}"
_PART = "The sentence model"


class SentenceEmbedder:
    """Texts to unit vectors; one object serves all calls, from any thread."""

    def __init__(self, model_path: Path, *, threads: int = 1, most_tokens: int = MOST_TOKENS):
        """Load a folder with model.safetensors and tokenizer.json.

        Raises ModelError for files that are missing or do not fit, MissingExtraError without
        onnxruntime or tokenizers.
        """
        tensors = _Tensors(model_path / "model.safetensors")
        self._tokenizer = _open_tokenizer(model_path / "tokenizer.json", most_tokens)
        self._words = tensors("embeddings.word_embeddings.weight")
        kinds = tensors("embeddings.token_type_embeddings.weight")
        places = tensors("embeddings.position_embeddings.weight")
        self._places = np.asarray(places + kinds[0], np.float32)
        self._session = open_session(minilm_network(tensors), threads, _PART, _REMEDY)

    @property
    def width(self) -> int:
        """Numbers in an embedding: 384."""
        return WIDTH

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Unit vectors of shape (len(texts), 384); the cosine of two is their dot product.

        Each text is taken by itself: rounding to int8 looks at all that is computed at once, so
        in a padded batch a text would have another embedding in other company.
        Raises EngineError if the network fails.
        """
        out = np.zeros((len(texts), WIDTH), np.float32)
        for row, text in enumerate(texts):
            out[row] = self._encode_one(text)
        return out

    def _encode_one(self, text: str) -> FloatArray:
        # A lone surrogate is no text to the tokenizer.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        numbers = np.asarray(self._tokenizer.encode(clean).ids, np.int64)
        embedded = np.asarray(self._words[numbers] + self._places[: len(numbers)], np.float32)
        try:
            (hidden,) = self._session.run(None, {INPUT: embedded})
        except Exception as error:  # onnxruntime raises several unrelated types
            raise EngineError(f"{_PART} failed: {error}") from error
        mean = hidden.mean(axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


class _Tensors:
    """The float32 tensors of a safetensors file, read where they lie."""

    def __init__(self, path: Path) -> None:
        try:
            raw = np.memmap(path, np.uint8, mode="r")
            start = 8 + int(raw[:8].view("<u8")[0])
            self._header = json.loads(bytes(raw[8:start]))
        except (OSError, ValueError, IndexError) as error:
            raise ModelError(f"{_PART} cannot be read: {error}", _REMEDY) from error
        self._data = raw[start:]

    def __call__(self, name: str) -> FloatArray:
        try:
            entry = self._header[name]
            first, last = entry["data_offsets"]
            if entry["dtype"] != "F32":
                raise ValueError(f"{entry['dtype']} instead of F32")
            return np.asarray(self._data[first:last].view("<f4").reshape(entry["shape"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{_PART} has no fitting tensor {name}: {error}", _REMEDY) from error


def _open_tokenizer(path: Path, most_tokens: int) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError(_PART, "talk", "tokenizers") from error
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # its errors have no type of their own
        raise ModelError(f"{_PART} has no fitting {path.name}: {error}", _REMEDY) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(most_tokens)
    return tokenizer
