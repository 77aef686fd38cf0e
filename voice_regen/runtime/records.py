"""The records of a conversation: what `--json` writes, a line each, and what views show.

This is the one place where the wire format stands. Each line is an object whose ``type``
names its kind; docs/events.md explains every field. Times in ``_s`` count from the first
sample of the caller's audio (for a file: the position in that file, so that they fit the
recording even where the caller was made to wait for a reply). Times in ``stream_*_s``
count from the first sample of the conversation.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

import msgspec

SCHEMA = "voice_regen.events/1"


class _Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of all records; subclasses choose their tag."""


class SessionRecord(_Record, frozen=True, kw_only=True, tag="session"):
    """The first line: what is talking, with which engines."""

    version: str
    recogniser: str
    emotion: str | None
    synthesiser: str
    voice: str
    language: str | None
    source: str
    """"microphone" or "file"; never a path."""
    schema: str = SCHEMA
    stream_rate_hz: int = 16_000
    playout_rate_hz: int = 24_000


class SpeechRecord(_Record, frozen=True, kw_only=True, tag="speech"):
    """The caller began, paused or resumed speaking, or finished the turn."""

    what: str
    """"started", "resumed", "stopped" (a likely end) or "turn_ended" (a decided one)."""
    turn: int
    at_s: float
    """When it happened in the caller's audio."""
    stream_decided_s: float
    """When it was known."""


class WordRecord(_Record, frozen=True, kw_only=True):
    """One word."""

    text: str
    start_s: float
    end_s: float
    probability: float


class PausesRecord(_Record, frozen=True, kw_only=True):
    """The silences inside an utterance and before it."""

    response_latency_s: float | None
    longest_s: float
    total_s: float
    count: int
    speech_s: float
    speech_rate_syll_s: float | None


class EmotionRecord(_Record, frozen=True, kw_only=True):
    """How it sounded."""

    label: str
    """The most probable label, or "cannot tell"."""
    probabilities: dict[str, float]
    valence: float
    arousal: float
    confidence: float
    reason: str | None
    """Why it cannot be told; else null."""


class UtteranceRecord(_Record, frozen=True, kw_only=True, tag="utterance"):
    """What was heard of one stretch of speech."""

    turn: int
    index: int
    text: str
    language: str
    start_s: float
    """First speech."""
    end_s: float
    """End of the last speech."""
    stream_start_s: float
    words: tuple[WordRecord, ...]
    pauses: PausesRecord
    emotion: EmotionRecord | None


class EvidenceRecord(_Record, frozen=True, kw_only=True):
    """One reason for the state."""

    dimension: str
    change: float
    reason: str


class StateRecord(_Record, frozen=True, kw_only=True, tag="state"):
    """What is believed of the caller after a turn."""

    turn: int
    valence: float
    arousal: float
    distress: float
    frustration: float
    hesitation: float
    openness: float
    trend: float
    uncertainty: float
    evidence: tuple[EvidenceRecord, ...]


class SayRecord(_Record, frozen=True, kw_only=True, tag="say"):
    """Words."""

    text: str


class PauseRecord(_Record, frozen=True, kw_only=True, tag="pause"):
    """A silence on purpose."""

    duration_s: float
    kind: str


class PlanRecord(_Record, frozen=True, kw_only=True, tag="plan"):
    """The reply that was decided on."""

    turn: int
    strategy: str
    warmth: float
    text: str
    moves: tuple[SayRecord | PauseRecord, ...]
    reasons: tuple[str, ...]


class ReplyStartedRecord(_Record, frozen=True, kw_only=True, tag="reply_started"):
    """The first sample of a reply is being played."""

    turn: int
    stream_start_s: float


class ReplyRecord(_Record, frozen=True, kw_only=True, tag="reply"):
    """What was really played of a plan."""

    turn: int
    planned_text: str
    heard_text: str
    played_samples: int
    """At ``rate_hz``; the pauses of the plan included."""
    rate_hz: int
    stream_start_s: float
    stream_end_s: float
    interrupted: bool


class LatencyRecord(_Record, frozen=True, kw_only=True, tag="latency"):
    """Where the time of one answer went; wall clock, except ``endpointing_s``."""

    turn: int
    endpointing_s: float
    """End of speech to the decision that the turn ended, in the caller's audio."""
    recognition_tail_s: float
    """From that decision until the words were known (0 when speculation was done)."""
    planning_s: float
    first_phrase_s: float
    """From the plan to the first samples ready to play."""
    after_endpoint_s: float
    """From the decision to the first samples ready: the sum of the three."""
    voice_to_voice_s: float
    """End of the caller's speech to the first reply sample."""
    recognition_s: float
    """All computing of recognition for this turn, speculation included."""
    emotion_s: float


class NoticeRecord(_Record, frozen=True, kw_only=True, tag="notice"):
    """A sentence for the person running it."""

    text: str


class StageRecord(_Record, frozen=True, kw_only=True):
    """Spread of one measured time."""

    median: float
    p95: float
    count: int


class SummaryRecord(_Record, frozen=True, kw_only=True, tag="summary"):
    """The last line."""

    caller_audio_s: float
    stream_s: float
    wall_s: float
    rtf: float
    """wall_s / stream_s."""
    load_s: float
    """From the start of loading until the engines were ready."""
    peak_memory_mb: float
    turns: int
    utterances: int
    replies: int
    interruptions: int
    stages_s: dict[str, StageRecord]


FEEL_SCHEMA = "voice_regen.feel/1"


class EstimateRecord(_Record, frozen=True, kw_only=True):
    """The tone as it was believed while an utterance went on."""

    at_s: float
    emotion: EmotionRecord


class FeltRecord(_Record, frozen=True, kw_only=True):
    """One utterance of a recording, and the picture of the caller after it."""

    heard: UtteranceRecord
    state: StateRecord
    on_the_way: tuple[EstimateRecord, ...] = ()


class FeelRecord(_Record, frozen=True, kw_only=True, tag="feel"):
    """How one recording sounds: the line that `voice-regen feel --json` writes for it."""

    file: str
    label: str
    """The most probable label, or "cannot tell"."""
    probabilities: dict[str, float]
    """Empty where tone was not listened to."""
    valence: float
    arousal: float
    confidence: float
    reason: str | None
    """Why it cannot be told; else null."""
    error: str | None = None
    """Why the file could not be read; else null."""
    duration_s: float = 0.0
    pauses: PausesRecord | None = None
    """Over the whole recording."""
    utterances: tuple[FeltRecord, ...] = ()
    notes: tuple[str, ...] = ()
    schema: str = FEEL_SCHEMA


Record: TypeAlias = (
    SessionRecord
    | SpeechRecord
    | UtteranceRecord
    | StateRecord
    | PlanRecord
    | ReplyStartedRecord
    | ReplyRecord
    | LatencyRecord
    | NoticeRecord
    | SummaryRecord
)


class Observer(Protocol):
    """Whoever wants to know what happens: a view, a file, a test."""

    def notice(self, record: Record) -> None:
        """Called on the session's thread; must be quick and must not raise."""
        ...


_ENCODER = msgspec.json.Encoder()
_DECODER: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def encode_record(record: Record | FeelRecord) -> bytes:
    """One line of JSON, newline included."""
    return _ENCODER.encode(record) + b"\n"


def decode_record(line: bytes) -> Record:
    """The record in one line; raises msgspec.DecodeError if it is not one."""
    return _DECODER.decode(line)
