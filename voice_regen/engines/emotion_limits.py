"""When an utterance must not be judged at all: what the signal itself says."""

from __future__ import annotations

import numpy as np

from voice_regen.types import STREAM_RATE_HZ, FloatArray

LEAST_SPEECH_S = 0.6
"""Below this a tone is mostly one syllable; Whisper's frames then tell the word, not the mood."""
NEAR_SILENCE_DB = -60.0
"""Loudest 20 ms below this (re full scale): room noise, or a muted microphone."""
CLIPPED_LEVEL = 0.995
MOST_CLIPPED = 0.02
"""Share of samples at full scale above which loudness and timbre are the converter's."""
_WINDOW_SAMPLES = STREAM_RATE_HZ // 50
_FLOOR = 1e-7


def level_db(samples: FloatArray) -> float:
    """Level of the loudest 20 ms, in dB re full scale; -140 for nothing."""
    if not len(samples):
        return -140.0
    whole = len(samples) // _WINDOW_SAMPLES * _WINDOW_SAMPLES
    windows = samples[:whole].reshape(-1, _WINDOW_SAMPLES) if whole else samples[np.newaxis]
    loudest = float(np.sqrt(np.square(windows).mean(axis=1)).max())
    return 20.0 * float(np.log10(max(loudest, _FLOOR)))


def clipped_share(samples: FloatArray) -> float:
    """Share of samples at full scale, 0 to 1."""
    return float((np.abs(samples) >= CLIPPED_LEVEL).mean()) if len(samples) else 0.0


def reason_not_to_judge(speech_s: float, level: float, clipped: float) -> str | None:
    """Why tone cannot be read from a signal like this; ``None`` when it can.

    ``level`` in dB re full scale as by :func:`level_db`, ``clipped`` as by
    :func:`clipped_share`.
    """
    if not np.isfinite((speech_s, level, clipped)).all():
        return "the measures of the signal are not numbers"
    if level < NEAR_SILENCE_DB:
        return "near silence"
    if speech_s < LEAST_SPEECH_S:
        return f"too little speech ({speech_s:.1f} s)"
    if clipped > MOST_CLIPPED:
        return f"clipped ({100.0 * clipped:.0f} % of the samples at full scale)"
    return None
