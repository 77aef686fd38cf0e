"""Settings of the core, with the reason for each default. Durations are in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HearingConfig:
    """How speech is told from silence, and how an utterance and a turn end."""

    onset_probability: float = 0.5
    """Speech begins when voice activity reaches this."""
    offset_probability: float = 0.35
    """Speech goes on while it stays above this; the gap between the two stops flutter."""
    onset_s: float = 0.096
    """Speech shorter than this is a click, not an onset (three windows of 32 ms)."""
    pre_roll_s: float = 0.3
    """Kept before the onset: soft first consonants come before voice activity does."""
    tail_s: float = 0.2
    """Kept after the offset, and the silence after which speech has 'stopped'."""
    endpoint_silence_s: float = 0.8
    """Silence that ends a turn of a caller at ease."""
    endpoint_patience_s: float = 1.0
    """Added to it, in full, for a caller who is most hesitant or sad."""
    split_after_s: float = 10.0
    """An utterance this long is ended at its next pause of `split_pause_s`: the turn goes on."""
    split_pause_s: float = 0.35
    longest_utterance_s: float = 28.0
    """Ended here whatever happens: Whisper's window is 30 s."""


@dataclass(frozen=True, slots=True)
class BargeInConfig:
    """When the caller's speech silences the assistant."""

    after_s: float = 0.25
    """Speech over the assistant of this length stops it; shorter is a cough or an 'mm'."""


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Which engine serves each stage, as NAME or NAME:MODEL, and with how many threads."""

    recogniser: str = "whisper:base"
    emotion: str = "auto"
    """"auto" listens to tone where a head fits the recogniser."""
    synthesiser: str = "kokoro"
    voice: str | None = None
    language: str = "en"
    recogniser_threads: int = 2
    synthesiser_threads: int = 2
    """On two cores both are wanted in turn, not at once: recognition comes first."""


@dataclass(frozen=True, slots=True)
class CareConfig:
    """What is owed to the person whatever the front end."""

    greet: bool = True
    """Say first that this is not a human."""
    country: str | None = None
    """ISO 3166 code; chooses helplines."""
    check_in_silence_s: tuple[float, ...] = (12.0, 30.0, 75.0)
    """Silences after which the assistant says it is still there; each once, then no more."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one conversation."""

    hearing: HearingConfig = field(default_factory=HearingConfig)
    barge_in: BargeInConfig = field(default_factory=BargeInConfig)
    engines: EngineConfig = field(default_factory=EngineConfig)
    care: CareConfig = field(default_factory=CareConfig)
    speculate: bool = True
    """Recognise at every likely end of speech rather than at the decided one only."""
