"""What can be decided about a Whisper decode without the model: windows and wrong answers."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass

import numpy as np

from voice_regen.types import STREAM_RATE_HZ, FloatArray

FULL_WINDOW_S = 30.0
"""What Whisper was trained on."""
MEL_FRAMES_PER_S = 100
TOKENS_PER_S = 12
"""Bound on text tokens per second: fast speech has about 4 words, 6 tokens, a second."""
TOKENS_ALLOWANCE = 12
"""Added to it: timestamps and a short utterance's punctuation."""


LONGEST_TOKENS = 224
"""Half of Whisper's text context; the other half is for what was said before."""


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

    Compression ratio and the first log-probability are Whisper's own limits for trying again
    (Radford et al. 2022, section 4.5); the others catch what short windows do wrong.
    """

    compression_ratio: float = 2.4
    average_log_probability: float = -1.0
    phrase_log_probability: float = -0.7
    """The same for ``phrase_s`` or more; single words are less sure though right. On 153 clips of
    CREMA-D's training split 5 % were below, and the full window took WER from 8.0 to 5.9 %."""
    phrase_s: float = 2.0
    timestamp_overrun_s: float = 2.0
    """Whisper likes whole seconds: right answers of half a second end at "2.00"."""
    unheard_tail_s: float = 2.0
    """Sound this long after the last timestamp: the decode stopped too early."""
    surely_speech: float = 0.3
    """Of speech to develop on (CREMA-D's training split, telephone prompts) no clip had a higher
    no-speech probability; below it an answer without words is doubted."""


def compression_ratio(text: str) -> float:
    """Length of the text over its zlib-compressed length; repetition makes it large."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def repeats(text: str) -> bool:
    """True when the same run of one to six words stands at least four times in a row."""
    return re.search(r"\b((?:[\w']+\W+){0,5}[\w']+)(?:\W+\1\b){3,}", text.lower()) is not None


def token_limit(speech_s: float) -> int:
    """More tokens than this cannot have been said in ``speech_s``; at most LONGEST_TOKENS."""
    return min(math.ceil(TOKENS_PER_S * speech_s) + TOKENS_ALLOWANCE, LONGEST_TOKENS)


def repetitive(text: str, limits: TrustLimits) -> bool:
    """True for what a decoder in a loop writes."""
    return compression_ratio(text) > limits.compression_ratio or repeats(text)


def last_sound_s(samples: FloatArray) -> float:
    """Where the last 20 ms that are within 30 dB of the loudest end; 0 for silence."""
    size = STREAM_RATE_HZ // 50
    whole = len(samples) // size
    if not whole:
        return 0.0
    power = np.square(samples[: whole * size].reshape(whole, size)).mean(axis=1)
    loud = np.flatnonzero(power > max(power.max() * 1e-3, 1e-10))
    return float(loud[-1] + 1) / 50 if len(loud) else 0.0


def reason_to_redo(
    decode: Decode, speech_s: float, sound_until_s: float, limits: TrustLimits
) -> str | None:
    """Why a short-window decode is not to be believed; ``None`` if it is.

    ``sound_until_s`` as by :func:`last_sound_s`.
    """
    if repetitive(decode.text, limits):
        return "repetition"
    if decode.token_count >= token_limit(speech_s):
        return "too many tokens for the time"
    phrase = speech_s >= limits.phrase_s
    surest = limits.phrase_log_probability if phrase else limits.average_log_probability
    if decode.average_log_probability < surest:
        return "low log-probability"
    if not decode.text and decode.no_speech_probability < limits.surely_speech:
        return "no words for clear speech"
    if decode.last_timestamp_s is None:
        return None
    if decode.last_timestamp_s > speech_s + limits.timestamp_overrun_s:
        return "timestamp past the end"
    if decode.text and decode.last_timestamp_s < sound_until_s - limits.unheard_tail_s:
        return "stopped before the end"
    return None


def nothing_was_said(decode: Decode) -> bool:
    """Silence or noise: what the model wrote ("Thank you.") is made up.

    Whisper's own rule (no-speech above 0.6 and log-probability below -1) lets most such phrases
    through. Here the less probable speech is, the surer the words must be: with a no-speech
    probability of 0.3 a log-probability of -0.95, with 0.9 one of -0.55. Chosen on 190 clips of
    speech (none lost), 110 of coughs, laughs and the like, and synthetic noise.
    """
    doubt = decode.no_speech_probability - 0.3
    return doubt > 0.0 and decode.average_log_probability < -0.95 + doubt * (0.4 / 0.6)


def ran_away(decode: Decode, speech_s: float, limits: TrustLimits) -> bool:
    """A loop that only the bound on tokens ended, as on laughter: no words at all.

    Repetition that ends by itself ("no, no, no, no") is believed.
    """
    return decode.token_count >= token_limit(speech_s) and repetitive(decode.text, limits)
