"""Synthesis: Coqui TTS (the kept-up package coqui-tts), by model name or checkpoint folder."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.engines.level import at_level
from voice_regen.engines.openmp import wait_without_spinning
from voice_regen.engines.plain_text import plain_text
from voice_regen.errors import EngineError, MissingExtraError, ModelError
from voice_regen.types import FloatArray, Prosody

CHECKPOINTS = ("best_model.pth", "model.pth")
LICENSED = "xtts"
"""Models whose name holds this may be used under Coqui's own licence only."""


class CoquiSynthesiser:
    """Any Coqui model; one object serves all calls, one phrase at a time."""

    def __init__(
        self,
        model: str | Path,
        *,
        voice: str | None = None,
        language: str = "en",
        threads: int = 2,
    ) -> None:
        """``model``: a Coqui name (tts_models/en/ljspeech/vits) or a folder that holds
        config.json and a checkpoint (best_model.pth, model.pth or one other .pth file).

        ``voice``: a speaker of the model, or (XTTS and its like) a WAV file to sound like.
        Raises MissingExtraError without coqui-tts, ModelError for everything that is wrong
        with the model, its licence or the voice.
        """
        _import_coqui(threads)
        folder = Path(model)
        local = folder.is_dir() or str(model).startswith((".", "/"))
        self._synthesiser: Any = _from_folder(folder) if local else _from_name(str(model))
        self._name = folder.name if local else str(model)
        network = self._synthesiser.tts_model
        self.rate_hz = int(self._synthesiser.output_sample_rate)
        self._speaker_wav = voice if voice and Path(voice).is_file() else None
        self._speaker = None if self._speaker_wav else self._chosen_speaker(voice)
        self._language = language if getattr(network, "language_manager", None) else None
        self._length_scale = float(getattr(network, "length_scale", 1.0))
        self.voice = f"{self._name}/{self._speaker or self._speaker_wav or 'only'}"
        self._lock = threading.Lock()

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        """Speak a phrase; shape (n,) at ``rate_hz``. Nothing speakable gives an empty array."""
        text = plain_text(text, latin_only=False)
        if not any(char.isalnum() for char in text):
            return np.zeros(0, np.float32)
        try:
            with self._lock:
                audio = self._speak(text, prosody)
        except Exception as error:  # models raise whatever torch and they please
            if self._knows_no_letter_of(text):
                return np.zeros(0, np.float32)
            raise EngineError(f"Coqui could not speak a phrase: {error}") from error
        samples = np.asarray(audio, np.float32).ravel()
        if not np.isfinite(samples).all():
            raise EngineError("Coqui made samples that are not numbers.")
        return at_level(samples, prosody)

    def _speak(self, text: str, prosody: Prosody) -> Any:
        network = self._synthesiser.tts_model
        more: dict[str, Any] = {}
        if hasattr(network, "length_scale"):
            network.length_scale = self._length_scale / max(prosody.rate_ratio, 0.3)
        elif LICENSED in self._name.lower():
            more["speed"] = prosody.rate_ratio
        return self._synthesiser.tts(
            text,
            speaker_name=self._speaker,
            language_name=self._language,
            speaker_wav=self._speaker_wav,
            split_sentences=False,
            **more,
        )

    def _knows_no_letter_of(self, text: str) -> bool:
        """True if the model's own tokens of the text are none but blanks."""
        tokenizer: Any = getattr(self._synthesiser.tts_model, "tokenizer", None)
        if not hasattr(tokenizer, "text_to_ids"):
            return False
        with contextlib.suppress(Exception):  # asked after a failure, which is then told instead
            return len(set(tokenizer.text_to_ids(text, language=self._language))) <= 1
        return False

    def _chosen_speaker(self, voice: str | None) -> str | None:
        speakers = getattr(self._synthesiser.tts_model, "speaker_manager", None)
        names = sorted(getattr(speakers, "name_to_id", None) or ())
        if voice is None:
            return names[0] if names else None
        if voice not in names:
            known = f"Choose one of: {', '.join(names)}." if names else "It has one voice only."
            raise ModelError(f"{self._name} has no voice called {voice!r}.", known)
        return voice


def _import_coqui(threads: int) -> None:
    wait_without_spinning()
    try:
        import torch
        import TTS.api  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("The voice coqui", "coqui", "coqui-tts") from error
    except OSError as error:
        raise EngineError(
            f"torchaudio cannot load its extension: {error}",
            "Its wheel wants CUDA beside a CPU build of torch. scripts/test sets both up; or move "
            "torchaudio's lib/_torchaudio*.so aside.",
        ) from error
    torch.set_num_threads(threads)
    # Coqui logs what it speaks, as a warning where it lacks a character; speech is private.
    logging.getLogger("TTS").setLevel(logging.ERROR)


def _from_folder(folder: Path) -> Any:
    from TTS.utils.synthesizer import Synthesizer

    config = folder / "config.json"
    if not folder.is_dir():
        raise ModelError(f"{folder} is no folder.", "Name one with config.json and a checkpoint.")
    if not config.is_file():
        raise ModelError(f"{folder} has no config.json.", "Name the folder of a Coqui checkpoint.")
    checkpoint = _checkpoint(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return Synthesizer(tts_checkpoint=str(checkpoint), tts_config_path=str(config))
    except Exception as error:  # damaged checkpoints raise anything
        raise ModelError(
            f"The Coqui model in {folder} cannot be loaded: {error}",
            "Check that config.json and the checkpoint belong together.",
        ) from error


def _checkpoint(folder: Path) -> Path:
    for name in CHECKPOINTS:
        if (folder / name).is_file():
            return folder / name
    others = sorted(folder.glob("*.pth"))
    if len(others) != 1:
        found = "none" if not others else ", ".join(each.name for each in others)
        raise ModelError(
            f"{folder} needs one checkpoint (.pth); it has {found}.",
            "Name the one to use best_model.pth.",
        )
    return others[0]


def _from_name(name: str) -> Any:
    from TTS.api import TTS

    if LICENSED in name.lower() and os.environ.get("COQUI_TOS_AGREED") != "1":
        raise ModelError(
            f"{name} may be used only under the Coqui Public Model License (non-commercial).",
            "Read it at https://coqui.ai/cpml; if you agree, set COQUI_TOS_AGREED=1 yourself.",
        )
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return TTS(model_name=name, progress_bar=False).synthesizer
    except (ValueError, KeyError) as error:
        raise ModelError(
            f"Coqui knows no model called {name!r}.",
            "Its names look like tts_models/en/ljspeech/vits; `tts --list_models` lists them.",
        ) from error
    except Exception as error:
        raise ModelError(
            f"The Coqui model {name} could not be fetched: {error}",
            "Check the network, or give the folder of a checkpoint: coqui:FOLDER.",
        ) from error
