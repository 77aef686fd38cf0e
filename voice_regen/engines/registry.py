"""Engines by name: `whisper:base`, `tone`, `kokoro`, `piper:en_US-joe-medium`, `coqui:FOLDER`.

Nothing heavy is imported until an engine is made.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from voice_regen.config import EngineConfig
from voice_regen.engines.base import EmotionEngine, Recogniser, Synthesiser
from voice_regen.errors import UsageError

ModelFolder: TypeAlias = Callable[[str], Path]
"""Folder of the model with this name in the manifest; raises ModelError if it is not there."""

RECOGNISERS = ("whisper",)
EMOTION_ENGINES = ("auto", "tone", "speechbrain", "none")
SYNTHESISERS = ("kokoro", "piper", "coqui")

DEFAULT_MODELS = {
    "whisper": "base",
    "tone": "crema-d",
    "piper": "en_US-joe-medium",
    "speechbrain": "speechbrain/emotion-recognition-wav2vec2-IEMOCAP",
}
"""Model of an engine that was named alone."""
TONE_RECOGNISER = "whisper:base"
"""The shipped tone head was trained on this one's encoder."""


def split_choice(choice: str, known: tuple[str, ...], stage: str) -> tuple[str, str]:
    """`NAME:MODEL` to (NAME, MODEL); MODEL is the engine's default, or "", where not given.

    Raises UsageError for an unknown engine, with the ones there are.
    """
    name, _, model = choice.partition(":")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"There is no {stage} engine called {name!r}.",
            f"{hint}Choose one of: {', '.join(known)}.",
        )
    return name, model or DEFAULT_MODELS.get(name, "")


def make_recogniser(config: EngineConfig, folder_of: ModelFolder) -> Recogniser:
    """The chosen recogniser, loaded. Raises UsageError, ModelError or MissingExtraError."""
    from voice_regen.engines.whisper import WhisperRecogniser

    name, model = split_choice(config.recogniser, RECOGNISERS, "recognition")
    return WhisperRecogniser(
        _folder(f"{name}:{model}", model, folder_of),
        name=f"whisper-{Path(model).name}",
        language=None if config.language == "auto" else config.language,
        threads=config.recogniser_threads,
    )


def make_emotion(config: EngineConfig, folder_of: ModelFolder) -> EmotionEngine | None:
    """The chosen emotion engine, loaded; ``None`` for "none".

    "auto" is the tone head where it fits the recogniser, else none. Raises UsageError where one
    was chosen that does not fit.
    """
    name, model = split_choice(config.emotion, EMOTION_ENGINES, "emotion")
    if name == "auto":
        name, model = "tone" if _tone_fits(config) else "none", DEFAULT_MODELS["tone"]
    if name == "none":
        return None
    if name == "speechbrain":
        from voice_regen.engines.speechbrain_emotion import SpeechBrainEmotion

        return SpeechBrainEmotion(model, threads=config.recogniser_threads)
    if not _tone_fits(config):
        raise UsageError(
            f"The tone head reads the encoder of {TONE_RECOGNISER}, not of {config.recogniser}.",
            f"Choose --recogniser {TONE_RECOGNISER}, or --emotion none.",
        )
    from voice_regen.engines.emotion import ToneEmotion

    return ToneEmotion(_folder(f"{name}:{model}", model, folder_of))


def _tone_fits(config: EngineConfig) -> bool:
    return ":".join(split_choice(config.recogniser, RECOGNISERS, "recognition")) == TONE_RECOGNISER


def make_synthesiser(config: EngineConfig, folder_of: ModelFolder) -> Synthesiser:
    """The chosen voice, loaded."""
    name, model = split_choice(config.synthesiser, SYNTHESISERS, "synthesis")
    threads = config.synthesiser_threads
    if name == "kokoro":
        from voice_regen.engines.kokoro import KokoroSynthesiser

        folder = _folder("kokoro", model, folder_of)
        return KokoroSynthesiser(folder, voice=config.voice, threads=threads)
    if name == "piper":
        from voice_regen.engines.piper import PiperSynthesiser

        folder = _folder(f"{name}:{model}", model, folder_of)
        return PiperSynthesiser(folder, voice=config.voice, threads=threads)
    from voice_regen.engines.coqui import CoquiSynthesiser

    if not model:
        raise UsageError(
            "The engine coqui needs a model.",
            "Name one, as in --synthesiser coqui:tts_models/en/ljspeech/vits, or give the "
            "folder of a checkpoint: --synthesiser coqui:FOLDER.",
        )
    return CoquiSynthesiser(model, voice=config.voice, threads=threads)


def _folder(name: str, model: str, folder_of: ModelFolder) -> Path:
    """A local folder given as the model is taken as it is; any other name is looked up."""
    local = Path(model)
    if model and (local.is_dir() or local.is_absolute() or model.startswith(".")):
        return local
    return folder_of(name)
