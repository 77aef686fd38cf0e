"""What a voice said, heard again by the real recogniser; and how near it is to a text."""

from __future__ import annotations

import re
from functools import cache

import jiwer

from voice_regen.engines.whisper import WhisperRecogniser
from voice_regen.runtime.models import ModelStore
from voice_regen.types import STREAM_RATE_HZ, FloatArray

_NUMBERS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split()))  # noqa: B905


@cache
def recogniser() -> WhisperRecogniser:
    """Whisper base, once for all tests."""
    return WhisperRecogniser(ModelStore().path("whisper:base"))


def heard_again(samples: FloatArray) -> str:
    """Words in audio at STREAM_RATE_HZ of any length, piece by piece of at most 25 s."""
    size = 25 * STREAM_RATE_HZ
    pieces = [samples[at : at + size] for at in range(0, len(samples), size)]
    return " ".join(recogniser().recognise(piece).transcript.text for piece in pieces)


def plain_words(text: str) -> str:
    """Lower case, digits as words, no punctuation: what can be heard."""
    text = "".join(f" {_NUMBERS[char]} " if char in _NUMBERS else char for char in text.lower())
    return " ".join(re.sub(r"[^a-z' ]", " ", text.replace("’", "'")).split())


def word_errors(said: str, heard: str) -> float:
    """WER of what was heard against what should have been said."""
    return float(jiwer.wer(plain_words(said), plain_words(heard)))
