"""The silences of an utterance, from voice activity; and the pace of its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from voice_regen.types import STREAM_RATE_HZ, Pauses, Span, Transcript, Utterance

COUNTED_PAUSE_S = 0.2
"""Shorter silences are closures of stops and other articulation, not pauses.

The usual lower bound in the literature lies between 0.18 and 0.25 s (Goldman-Eisler 1968
set 0.25 s)."""

_VOWEL_GROUP = re.compile(r"[aeiouy]+")
_SILENT_ENDINGS = (
    re.compile(r"[^aeiouy]+ed$(?<![td]ed)"),  # "happened", but "wanted"
    re.compile(r"[^aeiouyscxzg]es$(?<![sc]hes)"),  # "takes", but "wishes", "houses"
    re.compile(r"[^aeiouy]e$(?<![^aeiouy]le)"),  # "make", but "little"
)


def count_syllables(text: str) -> int:
    """Estimated syllables of English text: vowel groups, silent endings left out."""
    return sum(_syllables_of_word(word) for word in re.findall(r"[a-z]+", text.lower()))


def _syllables_of_word(word: str) -> int:
    groups = len(_VOWEL_GROUP.findall(word))
    silent = len(word) > 2 and any(ending.search(word) for ending in _SILENT_ENDINGS)
    return max(1, groups - silent)


def silences_s(speech: Iterable[Span]) -> list[float]:
    """Seconds between stretches of speech that follow each other."""
    return [
        (after.start_sample - before.end_sample) / STREAM_RATE_HZ
        for before, after in pairwise(speech)
    ]


def measure_pauses(utterance: Utterance, transcript: Transcript) -> Pauses:
    """Measure one utterance; seconds throughout."""
    counted = [gap for gap in silences_s(utterance.speech) if gap >= COUNTED_PAUSE_S]
    speech_s = sum(span.duration_s for span in utterance.speech)
    syllables = count_syllables(transcript.text)
    return Pauses(
        response_latency_s=utterance.response_latency_s,
        longest_s=max(counted, default=0.0),
        total_s=sum(counted),
        count=len(counted),
        speech_s=speech_s,
        speech_rate_syll_s=syllables / speech_s if syllables and speech_s > 0 else None,
    )
