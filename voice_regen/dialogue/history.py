"""What was said in this call, by whom, and how much of it was heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_regen.types import Perception, Speaker, Turn


@dataclass(frozen=True, slots=True)
class CallerTurn:
    """The turn that is being answered."""

    turn_id: int
    perceptions: tuple[Perception, ...]
    """Its utterances, in order; their texts may be empty."""

    @property
    def text(self) -> str:
        """All that was recognised, joined."""
        texts = (each.transcript.text.strip() for each in self.perceptions)
        return " ".join(text for text in texts if text)


@dataclass(slots=True)
class History:
    """Turns in the order they ended; only ever added to."""

    _turns: list[Turn] = field(default_factory=list)

    def add(self, turn: Turn) -> None:
        """One more turn."""
        self._turns.append(turn)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns."""
        return tuple(self._turns)

    def said_by(self, speaker: Speaker) -> tuple[Turn, ...]:
        """One party's turns."""
        return tuple(turn for turn in self._turns if turn.speaker is speaker)

    @property
    def last_reply(self) -> Turn | None:
        """The assistant's last turn."""
        replies = self.said_by(Speaker.ASSISTANT)
        return replies[-1] if replies else None

    def times_said(self, sentence: str) -> int:
        """How often the assistant has said this sentence in this call."""
        return sum(sentence in turn.planned_text for turn in self.said_by(Speaker.ASSISTANT))
