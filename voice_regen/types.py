"""The central types of voice_regen: plain, frozen, and the same in all three uses.

Time inside the core is counted in samples of the stream, at :data:`STREAM_RATE_HZ`.
Attributes that count seconds end in ``_s``; they are relative to the utterance unless said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]

STREAM_RATE_HZ = 16_000
"""Rate of the stream that the core hears; every ``*_sample`` index counts these."""

PLAYOUT_RATE_HZ = 24_000
"""Rate of the reply; synthesis of any other rate is resampled to it once."""


class EmotionLabel(StrEnum):
    """The feelings told apart in vocal tone. An engine may know only some of them."""

    NEUTRAL = "neutral"
    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    FEARFUL = "fearful"
    DISGUST = "disgust"
    SURPRISED = "surprised"


class Speaker(StrEnum):
    """Who holds the turn."""

    CALLER = "caller"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """What a device, socket or file delivers at once."""

    samples: FloatArray
    """Mono, shape (n,), in [-1, 1]."""
    start_sample: int
    """Index of ``samples[0]`` in its stream."""
    rate_hz: int = STREAM_RATE_HZ


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of the stream, in samples: ``start_sample <= i < end_sample``."""

    start_sample: int
    end_sample: int

    @property
    def samples(self) -> int:
        """Length in samples."""
        return self.end_sample - self.start_sample

    @property
    def duration_s(self) -> float:
        """Length in seconds of the stream."""
        return self.samples / STREAM_RATE_HZ


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech by one party, with pre-roll and a short tail of silence."""

    samples: FloatArray
    """Mono at :data:`STREAM_RATE_HZ`, shape (end_sample - start_sample,), in [-1, 1]."""
    start_sample: int
    """Stream index of ``samples[0]``: the onset less the pre-roll."""
    end_sample: int
    """Stream index one past the last sample kept: the offset plus a short tail."""
    speech: tuple[Span, ...]
    """The stretches judged to be speech, in stream samples, in order. Never empty."""
    turn_id: int
    """The caller's turn this belongs to; counts from 1."""
    index: int
    """Place of the utterance in its turn; counts from 0."""
    response_latency_s: float | None = None
    """From the end of the assistant's playout to the first speech of the turn.

    ``None`` where nothing was said before, or for a later utterance of the same turn.
    Negative when the caller spoke over the assistant."""
    channel: int = 0

    @property
    def duration_s(self) -> float:
        """Length of ``samples`` in seconds."""
        return (self.end_sample - self.start_sample) / STREAM_RATE_HZ


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word; times count from the first sample of its utterance."""

    text: str
    start_s: float
    end_s: float
    probability: float
    """The recogniser's own, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was recognised in one utterance."""

    text: str
    words: tuple[Word, ...] = ()
    language: str = "en"
    """ISO 639-1 code."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The silences of an utterance, measured on voice activity (not on word times)."""

    response_latency_s: float | None
    """As in :class:`Utterance`."""
    longest_s: float
    """Longest silence between two stretches of speech; 0 when there is none."""
    total_s: float
    """Sum of the silences between stretches of speech."""
    count: int
    """Number of silences of at least 0.2 s between stretches of speech."""
    speech_s: float
    """Sum of the stretches of speech."""
    speech_rate_syll_s: float | None = None
    """Syllables per second of speech with pauses left out; ``None`` without words."""


@dataclass(frozen=True, slots=True)
class Emotion:
    """How an utterance sounds, and how sure that is."""

    probabilities: Mapping[EmotionLabel, float]
    """Over the engine's labels; sums to 1."""
    valence: float
    """Unpleasant -1 to pleasant +1."""
    arousal: float
    """Calm -1 to activated +1."""
    confidence: float
    """Calibrated chance in [0, 1] that the most probable label is right."""
    reason: str | None = None
    """Set when the engine cannot tell, and why ("too little speech"); then do not rely on it."""

    @property
    def label(self) -> EmotionLabel:
        """The most probable label."""
        return max(self.probabilities, key=lambda label: self.probabilities[label])

    @property
    def cannot_tell(self) -> bool:
        """True when the engine abstains; ``reason`` says why."""
        return self.reason is not None


@dataclass(frozen=True, slots=True)
class Perception:
    """All that was perceived of one utterance."""

    utterance: Utterance
    transcript: Transcript
    pauses: Pauses
    emotion: Emotion | None
    """``None`` when tone was not listened to (no consent, or no engine chosen)."""
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that moved the picture of the caller, in words a person can read."""

    dimension: str
    """Name of the field of :class:`CallerState` that it moved."""
    change: float
    """Signed change on that dimension."""
    reason: str
    """As in "a pause of 3.1 s before answering"."""


@dataclass(frozen=True, slots=True)
class CallerState:
    """What is believed of the caller now. Never stated as a fact to them."""

    valence: float = 0.0
    """-1 to 1."""
    arousal: float = 0.0
    """-1 to 1."""
    distress: float = 0.0
    """0 to 1."""
    frustration: float = 0.0
    """0 to 1; with the assistant or the situation."""
    hesitation: float = 0.0
    """0 to 1; how haltingly they speak."""
    openness: float = 0.5
    """0 to 1; how much they are sharing."""
    trend: float = 0.0
    """Change of (valence - distress) per turn, smoothed; above 0 is getting better."""
    uncertainty: float = 1.0
    """0 (sure) to 1 (nothing known)."""
    evidence: tuple[Evidence, ...] = ()
    """What moved it in the last update, strongest first."""


class PauseKind(StrEnum):
    """Why the assistant is silent."""

    RECEIVING = "receiving"
    REFLECTIVE = "reflective"
    INVITING = "inviting"
    HOLDING = "holding"


@dataclass(frozen=True, slots=True)
class Say:
    """A move: words spoken as one piece of text (it may become several phrases)."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A move: a silence made on purpose."""

    duration_s: float
    kind: PauseKind


Move: TypeAlias = Say | Pause


class Strategy(StrEnum):
    """What a reply is for, after Hill's helping skills as annotated in ESConv, and our own."""

    GREETING = "greeting"
    QUESTION = "question"
    RESTATEMENT = "restatement"
    REFLECTION = "reflection_of_feelings"
    AFFIRMATION = "affirmation"
    SUGGESTION = "suggestion"
    INFORMATION = "information"
    CHECK_IN = "check_in"
    BREAK = "offer_of_a_break"
    REPAIR = "repair"
    RESOURCE = "resource"
    INVITATION = "invitation"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """What the assistant will say, how warmly, and where it will be silent."""

    turn_id: int
    """The caller's turn that it answers; 0 for the greeting."""
    strategy: Strategy
    moves: tuple[Move, ...]
    warmth: float
    """0 (neutral) to 1 (as warm as the voice can be)."""
    reasons: tuple[str, ...] = ()
    """Why this and not another, in words a person can read."""

    @property
    def text(self) -> str:
        """All spoken words, joined by single spaces."""
        return " ".join(move.text for move in self.moves if isinstance(move, Say))


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a phrase is to be spoken, relative to the voice's plain delivery."""

    rate_ratio: float = 1.0
    """1 is the voice's own rate; 0.9 is slower."""
    pitch_shift_semitones: float = 0.0
    pitch_range_ratio: float = 1.0
    energy_db: float = 0.0
    breathiness: float = 0.0
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One party's contribution, as the history keeps it."""

    speaker: Speaker
    planned_text: str
    """What the assistant meant to say; for the caller, what was recognised."""
    heard_text: str
    """What of it was really played before it ended; for the caller, the same text."""
    start_sample: int
    end_sample: int
    interrupted: bool = False
    turn_id: int = 0
    state: CallerState = field(default_factory=CallerState)
    """The picture of the caller when the turn ended."""
    strategy: Strategy | None = None
    """What the turn was for; ``None`` for the caller's."""
