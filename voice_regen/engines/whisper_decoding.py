"""What can be decided about a Whisper decode without the model: windows and wrong answers."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass

FULL_WINDOW_S = 30.0
"""What Whisper was trained on."""
MEL_FRAMES_PER_S = 100
TOKENS_PER_S = 12
"""Bound on text tokens per second: fast speech has about 4 words, 6 tokens, a second."""
TOKENS_ALLOWANCE = 12
"""Added to it: timestamps and a short utterance's punctuation."""


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How much the encoder is given: what was said, some silence, and no less than a floor."""

    slack_s: float
    floor_s: float = 0.0

    def window_s(self, speech_s: float) -> float:
        """Seconds for an utterance of ``speech_s``; at most the full window."""
        return min(FULL_WINDOW_S, max(self.floor_s, speech_s + self.slack_s))

    def mel_frames(self, speech_s: float) -> int:
        """An even number of mel frames (the encoder halves them)."""
        return 2 * math.ceil(self.window_s(speech_s) * MEL_FRAMES_PER_S / 2)


@dataclass(frozen=True, slots=True)
class Decode:
    """One decode, before it is believed."""

    text: str
    token_count: int
    average_log_probability: float
    no_speech_probability: float
    last_timestamp_s: float | None
    """Where the model says the speech ends; ``None`` if it gave no timestamp."""


@dataclass(frozen=True, slots=True)
class TrustLimits:
    """Beyond these a short-window decode is done again with the full window.

    Compression ratio and log-probability are Whisper's own limits for trying again
    (Radford et al. 2022, section 4.5); the others catch what short windows do wrong.
    """

    compression_ratio: float = 2.4
    average_log_probability: float = -1.0
    timestamp_overrun_s: float = 1.0


def compression_ratio(text: str) -> float:
    """Length of the text over its zlib-compressed length; repetition makes it large."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def repeats(text: str) -> bool:
    """True when the same run of one to six words stands at least four times in a row."""
    return re.search(r"\b((?:[\w']+\W+){0,5}[\w']+)(?:\W+\1\b){3,}", text.lower()) is not None


def token_limit(speech_s: float) -> int:
    """More tokens than this cannot have been said in ``speech_s``."""
    return math.ceil(TOKENS_PER_S * speech_s) + TOKENS_ALLOWANCE


def reason_to_redo(decode: Decode, speech_s: float, limits: TrustLimits) -> str | None:
    """Why a short-window decode is not to be believed; ``None`` if it is."""
    if compression_ratio(decode.text) > limits.compression_ratio or repeats(decode.text):
        return "repetition"
    if decode.token_count >= token_limit(speech_s):
        return "too many tokens for the time"
    if decode.average_log_probability < limits.average_log_probability:
        return "low log-probability"
    if (
        decode.last_timestamp_s is not None
        and decode.last_timestamp_s > speech_s + limits.timestamp_overrun_s
    ):
        return "timestamp past the end"
    return None


def nothing_was_said(decode: Decode) -> bool:
    """Silence or noise: what the model wrote is made up.

    Whisper's own rule: probably no speech, and unsure of its words. A second line catches the
    phrases it invents for silence with middling certainty.
    """
    if decode.no_speech_probability > 0.6 and decode.average_log_probability < -1.0:
        return True
    return decode.no_speech_probability > 0.85 and decode.average_log_probability < -0.6
