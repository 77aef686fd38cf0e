"""What travels inside a conversation: events go up, effects go down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from voice_regen.types import CallerState, Perception, ReplyPlan, Utterance


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak, or went on after a :class:`SpeechStopped`."""

    sample: int
    """Stream index of the onset."""
    decided_sample: int
    """Stream index at which that was known."""
    turn_id: int
    resumed: bool = False
    """True when it continues the turn after a short silence."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The caller has been silent for a moment: a likely, not a decided, end."""

    sample: int
    """Stream index one past the last speech."""
    decided_sample: int
    turn_id: int
    utterance: Utterance
    """What was said so far: exactly what :class:`UtteranceEnded` will carry if this was the end."""


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """One stretch of speech is complete; the turn may go on."""

    utterance: Utterance
    decided_sample: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The caller has finished: the endpointing decision."""

    turn_id: int
    decided_sample: int
    speech_end_sample: int
    """Stream index one past the last speech of the turn."""


HearingEvent: TypeAlias = SpeechStarted | SpeechStopped | UtteranceEnded | TurnEnded


@dataclass(frozen=True, slots=True)
class Perceive:
    """Effect: recognise and feel this utterance."""

    utterance: Utterance
    speculative: bool
    """True when it may yet be thrown away."""


@dataclass(frozen=True, slots=True)
class Perceived:
    """Event: the answer to :class:`Perceive`."""

    perception: Perception
    speculative: bool


@dataclass(frozen=True, slots=True)
class Speak:
    """Effect: play this reply, phrase by phrase."""

    plan: ReplyPlan
    state: CallerState
    """The picture of the caller that the plan was made on."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Effect: have the first phrase of this likely reply ready; it may never be spoken."""

    plan: ReplyPlan
    state: CallerState


@dataclass(frozen=True, slots=True)
class StopPlayout:
    """Effect: be silent at once."""

    reason: str


@dataclass(frozen=True, slots=True)
class PlayoutStarted:
    """Event: the first sample of a reply was played."""

    plan: ReplyPlan
    sample: int
    """Stream index."""


@dataclass(frozen=True, slots=True)
class PlayoutEnded:
    """Event: a reply has been played, or was cut."""

    plan: ReplyPlan
    heard_text: str
    """The words of the plan that were really played."""
    played_samples: int
    """Samples of this reply that left the loudspeaker, at PLAYOUT_RATE_HZ, pauses included."""
    planned_samples: int | None
    """Samples of the whole reply where all of it was synthesised, else ``None``."""
    interrupted: bool
    start_sample: int
    """Stream index at which its first sample was played."""
    end_sample: int


Effect: TypeAlias = Perceive | Speak | Prepare | StopPlayout
