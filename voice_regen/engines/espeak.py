"""espeak-ng (GPL-3, a shared library of the package espeakng-loader) through phonemizer."""

from __future__ import annotations

import logging
from typing import Any

from voice_regen.errors import EngineError, MissingExtraError


def open_espeak(language: str, *, keep_punctuation: bool = False) -> Any:
    """A phonemizer backend with stress marks for an espeak-ng voice such as "en-us".

    Raises MissingExtraError without the packages, EngineError for an unknown voice.
    """
    try:
        import espeakng_loader
        from phonemizer.backend import EspeakBackend
        from phonemizer.backend.espeak.wrapper import EspeakWrapper
    except ImportError as error:
        raise MissingExtraError("This voice", "talk", "kokoro-onnx") from error
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    quiet = logging.getLogger("voice_regen.phonemizer")
    quiet.setLevel(logging.CRITICAL)
    try:
        return EspeakBackend(
            language,
            with_stress=True,
            preserve_punctuation=keep_punctuation,
            language_switch="remove-flags",
            logger=quiet,
        )
    except RuntimeError as error:
        raise EngineError(f"espeak-ng has no voice {language!r}: {error}") from error
