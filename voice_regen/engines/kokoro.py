"""Synthesis: Kokoro-82M (Apache-2.0) in ONNX, its style vectors mixed by breathiness."""

from __future__ import annotations

import json
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from voice_regen.engines.english_g2p import EnglishPhonemes
from voice_regen.engines.level import at_level
from voice_regen.engines.onnx_session import open_session
from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import FloatArray, Prosody

RATE_HZ = 24_000
DEFAULT_VOICE = "af_heart"
SOFT_VOICE = "af_nicole"
"""Near a whisper: a little of it makes a voice breathy."""
SOFT_SHARE = 0.35
"""Share of the soft voice at full breathiness; more loses consonants."""
STYLE_WIDTH = 256
LONGEST_TOKENS = 400
"""The model takes 510; styles for long inputs are poor, so phrases are cut well before."""
SLOWEST, FASTEST = 0.7, 1.4
SILENT_MARKS = ' .,!?;:—…"()“”'


class KokoroSynthesiser:
    """Kokoro; one object serves all calls, one phrase at a time."""

    rate_hz = RATE_HZ

    def __init__(self, model_path: Path, *, voice: str | None = None, threads: int = 2) -> None:
        """Load model.onnx and voices/*.bin from a folder.

        Raises MissingExtraError, or ModelError for a missing or damaged file and for an
        unknown voice.
        """
        self.voice = voice or DEFAULT_VOICE
        self._style = _load_voice(model_path, self.voice)
        soft = model_path / "voices" / f"{SOFT_VOICE}.bin"
        self._soft_style = _load_voice(model_path, SOFT_VOICE) if soft.is_file() else self._style
        self._session = open_session(
            model_path / "model.onnx",
            threads,
            "The voice kokoro",
            "Fetch it again: voice-regen models fetch kokoro",
        )
        self._vocabulary = _load_vocabulary()
        self._silent = frozenset(self._vocabulary.get(mark) for mark in SILENT_MARKS)
        self._phonemes = EnglishPhonemes()
        # The session is thread-safe, but two phrases at once would only slow each other.
        self._lock = threading.Lock()

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        """Speak a phrase; shape (n,) at 24 kHz. Text without a speakable word gives nothing."""
        pieces = [
            self._speak(tokens, prosody)
            for tokens in _cut(self._tokens(text), self._vocabulary[" "])
            if not self._silent.issuperset(tokens)
        ]
        if not pieces:
            return np.zeros(0, np.float32)
        return at_level(np.concatenate(pieces), prosody)

    def _tokens(self, text: str) -> list[int]:
        sounds = self._phonemes.phonemes(text)
        return [self._vocabulary[each] for each in sounds if each in self._vocabulary]

    def _speak(self, tokens: list[int], prosody: Prosody) -> FloatArray:
        row = min(len(tokens), len(self._style)) - 1
        share = SOFT_SHARE * min(max(prosody.breathiness, 0.0), 1.0)
        style = (1 - share) * self._style[row] + share * self._soft_style[row]
        speed = min(max(prosody.rate_ratio, SLOWEST), FASTEST)
        feed = {
            self._token_input: np.array([[0, *tokens, 0]], np.int64),
            "style": style.astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        try:
            with self._lock:
                audio = self._session.run(None, feed)[0]
        except Exception as error:  # onnxruntime raises several unrelated types
            raise EngineError(f"Kokoro could not speak a phrase: {error}") from error
        samples = np.asarray(audio, np.float32).ravel()
        if not np.isfinite(samples).all():
            raise EngineError("Kokoro made samples that are not numbers.")
        return samples

    @property
    def _token_input(self) -> str:
        return str(self._session.get_inputs()[0].name)


def voices(model_path: Path) -> tuple[str, ...]:
    """Names of the voices in a model folder."""
    return tuple(sorted(file.stem for file in (model_path / "voices").glob("*.bin")))


def _load_voice(model_path: Path, voice: str) -> FloatArray:
    path = model_path / "voices" / f"{voice}.bin"
    known = voices(model_path)
    if not known:
        raise ModelError(
            f"{model_path} holds no Kokoro voices.",
            "Fetch them again: voice-regen models fetch kokoro",
        )
    if voice not in known:
        raise ModelError(
            f"Kokoro has no voice called {voice!r} here.", f"Choose one of: {', '.join(known)}."
        )
    values = np.fromfile(path, np.float32)
    if not len(values) or len(values) % STYLE_WIDTH or not np.isfinite(values).all():
        raise ModelError(
            f"The voice {voice} is damaged.", "Fetch it again: voice-regen models fetch kokoro"
        )
    return values.reshape(-1, 1, STYLE_WIDTH)


def _load_vocabulary() -> dict[str, int]:
    """Phoneme to token, from kokoro-onnx's data; its code is not imported."""
    spec = find_spec("kokoro_onnx")
    if spec is None or spec.origin is None:
        raise MissingExtraError("The voice kokoro", "talk", "kokoro-onnx")
    config = json.loads((Path(spec.origin).parent / "config.json").read_text("utf-8"))
    return {str(sound): int(token) for sound, token in config["vocab"].items()}


def _cut(tokens: list[int], space: int) -> list[list[int]]:
    """Pieces that the model can take, cut between words; only a longer word is cut within."""
    pieces: list[list[int]] = []
    while len(tokens) > LONGEST_TOKENS:
        end = LONGEST_TOKENS
        while end and tokens[end] != space:
            end -= 1
        end = end or LONGEST_TOKENS
        pieces.append(tokens[:end])
        tokens = tokens[end:]
    return [*pieces, tokens] if tokens else pieces
