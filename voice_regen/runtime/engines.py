"""The engines of a conversation, loaded once and shared by all."""

from __future__ import annotations

from dataclasses import dataclass

from voice_regen.engines.base import (
    EmotionEngine,
    Recogniser,
    Synthesiser,
    VoiceActivityEngine,
)


@dataclass(frozen=True, slots=True)
class Engines:
    """One of each kind; names are those the user chose."""

    gate: VoiceActivityEngine
    judge: VoiceActivityEngine
    recogniser: Recogniser
    emotion: EmotionEngine | None
    """``None``: tone is not listened to."""
    synthesiser: Synthesiser
    recogniser_name: str
    emotion_name: str | None
    synthesiser_name: str
