"""Synthesis: voices in Piper's format (a VITS in ONNX beside a JSON file).

An adapter of our own: the ONNX runs without Piper's runtime, which is GPL-3. Phonemes come
from espeak-ng, as in training.
"""

from __future__ import annotations

import json
import threading
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.espeak import open_espeak
from voice_regen.engines.level import at_level
from voice_regen.engines.onnx_session import open_session
from voice_regen.engines.plain_text import cut_at_words, plain_text
from voice_regen.errors import EngineError, ModelError
from voice_regen.types import FloatArray, Prosody

PAD, START, END = "_", "^", "$"
STEADIER_WHEN_WARM = 0.3
"""Share by which full warmth lowers the noise scales: a steadier delivery."""
LONGEST_CHARACTERS = 600
REMEDY = "Fetch it again: voice-regen models fetch piper:en_US-joe-medium"


class PiperSynthesiser:
    """A Piper voice; one object serves all calls, one phrase at a time."""

    def __init__(self, model_path: Path, *, voice: str | None = None, threads: int = 2) -> None:
        """Load NAME.onnx and NAME.onnx.json from a folder; ``voice`` chooses among several.

        Raises MissingExtraError, or ModelError for missing or damaged files.
        """
        network = _find(model_path, voice)
        self.voice = network.stem
        config = _read_config(network)
        self.rate_hz = int(config["audio"]["sample_rate"])
        self._ids: dict[str, list[int]] = config["phoneme_id_map"]
        inference = config.get("inference", {})
        self._noise = float(inference.get("noise_scale", 0.667))
        self._length = float(inference.get("length_scale", 1.0))
        self._noise_w = float(inference.get("noise_w", 0.8))
        self._speakers = int(config.get("num_speakers", 1))
        self._english = config["espeak"]["voice"].startswith("en")
        self._espeak = open_espeak(config["espeak"]["voice"], keep_punctuation=True)
        self._session = open_session(network, threads, "The voice piper", REMEDY)
        self._lock = threading.Lock()

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        """Speak a phrase; shape (n,) at ``rate_hz``. Nothing speakable gives an empty array."""
        plain = plain_text(text, latin_only=self._english)
        pieces = [
            self._speak(piece, prosody, warmth) for piece in cut_at_words(plain, LONGEST_CHARACTERS)
        ]
        if not pieces:
            return np.zeros(0, np.float32)
        return at_level(np.concatenate(pieces), prosody)

    def _speak(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        if not any(char.isalnum() for char in text):
            return np.zeros(0, np.float32)
        ids = self._phoneme_ids(text)
        steadiness = 1 - STEADIER_WHEN_WARM * min(max(warmth, 0.0), 1.0)
        scales = [
            self._noise * steadiness,
            self._length / max(prosody.rate_ratio, 0.3),
            self._noise_w * steadiness,
        ]
        feed: dict[str, Any] = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if self._speakers > 1:
            feed["sid"] = np.array([0], np.int64)
        try:
            with self._lock:
                audio = self._session.run(None, feed)[0]
        except Exception as error:  # onnxruntime raises several unrelated types
            raise EngineError(f"Piper could not speak a phrase: {error}") from error
        samples = np.asarray(audio, np.float32).ravel()
        if not np.isfinite(samples).all():
            raise EngineError("Piper made samples that are not numbers.")
        return samples

    def _phoneme_ids(self, text: str) -> list[int]:
        """Ids with a pad after each phoneme, between start and end marks."""
        with self._lock:
            sounds = str(self._espeak.phonemize([text], strip=True)[0])
        ids = [*self._ids[START], *self._ids[PAD]]
        for sound in unicodedata.normalize("NFD", sounds):
            if sound in self._ids:
                ids += [*self._ids[sound], *self._ids[PAD]]
        return [*ids, *self._ids[END]]


def _find(model_path: Path, voice: str | None) -> Path:
    found = sorted(model_path.glob("*.onnx"))
    if not found:
        raise ModelError(f"{model_path} holds no Piper voice (NAME.onnx).", REMEDY)
    if voice is None:
        return found[0]
    for network in found:
        if network.stem == voice:
            return network
    raise ModelError(
        f"There is no Piper voice called {voice!r} here.",
        f"Choose one of: {', '.join(each.stem for each in found)}.",
    )


def _read_config(network: Path) -> dict[str, Any]:
    path = network.with_suffix(".onnx.json")
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
        _check_numbers(config)
        if not isinstance(config["espeak"]["voice"], str):
            raise TypeError("espeak.voice is no name")
        for mark in (PAD, START, END):
            config["phoneme_id_map"][mark]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"The voice {network.stem} has no usable {path.name}.", REMEDY) from error
    return config


def _check_numbers(config: dict[str, Any]) -> None:
    if int(config["audio"]["sample_rate"]) < 1 or int(config.get("num_speakers", 1)) < 1:
        raise ValueError("no rate, or no speaker")
    inference = config.get("inference", {})
    for scale in ("noise_scale", "length_scale", "noise_w"):
        if not 0.0 <= float(inference.get(scale, 1.0)) < 10.0:
            raise ValueError(f"{scale} is out of range")
