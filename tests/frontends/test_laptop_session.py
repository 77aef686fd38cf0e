"""The real session behind this front end, with scripted engines and a made-up sound card."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from signals import talk
from sound_cards import Card, SoundCards

from voice_regen.config import CareConfig, HearingConfig, Settings
from voice_regen.dialogue.conversation import StateTracker
from voice_regen.engines.fakes import (
    EnergyVoiceActivity,
    ScriptedEmotion,
    ScriptedRecogniser,
    ToneSynthesiser,
)
from voice_regen.frontends.laptop import laptop
from voice_regen.frontends.laptop.keys import Key
from voice_regen.frontends.laptop.laptop import LaptopOptions, hold_conversation
from voice_regen.runtime.engines import Engines
from voice_regen.runtime.records import PlanRecord, Record, ReplyRecord, UtteranceRecord
from voice_regen.runtime.session import Session
from voice_regen.runtime.workers import ThreadWorkers
from voice_regen.speaking.expression import Expression
from voice_regen.speaking.opener_cache import OpenerCache
from voice_regen.speaking.speaker import Speaker
from voice_regen.types import (
    PLAYOUT_RATE_HZ,
    CallerState,
    FloatArray,
    Perception,
    ReplyPlan,
    Say,
    Strategy,
)

REPLY = "Tell me more about it, if you like, I have all the time."


class Planner:
    """Always the same words."""

    def greet(self) -> ReplyPlan:
        return self._say(0)

    def plan(self, turn: object, state: CallerState, history: object) -> ReplyPlan:
        return self._say(turn.turn_id)  # type: ignore[attr-defined]

    def check_in(self, nth: int, history: object, state: CallerState) -> ReplyPlan:
        return self._say(0)

    def take_break(self, history: object, state: CallerState) -> ReplyPlan:
        return self._say(0)

    def _say(self, turn_id: int) -> ReplyPlan:
        return ReplyPlan(turn_id, Strategy.QUESTION, (Say(REPLY),), 0.5)


class Tracker:
    """Believes nothing."""

    state = CallerState()

    def update(self, perception: Perception) -> CallerState:
        return self.state

    def copy(self) -> StateTracker:
        return self


class TalkingCard(SoundCards):
    """Says ``script`` into the microphone at three times real speed; keeps what is played."""

    def __init__(self, script: FloatArray) -> None:
        super().__init__([Card("both", inputs=1, outputs=1, rates_hz=(16_000,))])
        self._pcm = (script * 32767).astype(np.int16)
        self._at = 0
        self.played: list[bytes] = []

    @property
    def said_all(self) -> bool:
        return self._at >= len(self._pcm)

    def drive(self) -> None:
        for stream in list(self.opened):
            if stream.closed:
                continue
            n = stream.settings["frames_per_buffer"]
            if stream.settings["output"]:
                self.played.append(stream.callback(None, n, {}, 0)[0])
            else:
                block = np.zeros(n, np.int16)
                said = self._pcm[self._at : self._at + n]
                block[: len(said)] = said
                self._at += n
                stream.callback(block.tobytes(), n, {}, 0)


class View:
    """Keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def notice(self, record: Record) -> None:
        self.records.append(record)

    def count(self, kind: type) -> int:
        return sum(isinstance(record, kind) for record in list(self.records))

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        pass

    def tell(self, text: str) -> None:
        raise AssertionError(text)

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        pass

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass


def session_for(view: View, folder: Path) -> Session:
    synthesiser = ToneSynthesiser()
    engines = Engines(
        gate=EnergyVoiceActivity(),
        judge=EnergyVoiceActivity(),
        recogniser=ScriptedRecogniser(["I had a hard day.", "Yes.", "No."]),
        emotion=ScriptedEmotion(),
        synthesiser=synthesiser,
        recogniser_name="scripted",
        emotion_name="scripted",
        synthesiser_name="tone",
    )
    cache = OpenerCache(frozenset(), PLAYOUT_RATE_HZ, folder)
    return Session(
        engines,
        Settings(hearing=HearingConfig(), care=CareConfig(greet=False)),
        planner=Planner(),
        tracker=Tracker(),
        speaker=Speaker(synthesiser, "tone", cache, Expression()),
        workers=ThreadWorkers(),
        observers=(view,),
    )


def test_a_turn_is_heard_and_answered_and_the_answer_can_be_interrupted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Speech; time for most of an answer; speech over it; silence for the second answer.
    card = TalkingCard(talk(0.5, 1.5, 3.0, 1.5, 10.0))
    monkeypatch.setattr(laptop, "start_portaudio", lambda: card)
    view = View()

    class QuitAtTheEnd:
        usable = True

        def wait(self, timeout_s: float) -> list[Key]:
            threading.Event().wait(0.01)
            return [Key.QUIT] if view.count(ReplyRecord) >= 2 or card.said_all else []

    @contextmanager
    def keys() -> Iterator[QuitAtTheEnd]:
        yield QuitAtTheEnd()

    monkeypatch.setattr(laptop, "single_keys", keys)
    over = threading.Event()

    def drive() -> None:
        while not over.wait(0.006):
            card.drive()

    driver = threading.Thread(target=drive)
    driver.start()
    try:
        summary = hold_conversation(session_for(view, tmp_path), view, LaptopOptions(echo="none"))
    finally:
        over.set()
        driver.join()

    assert summary.utterances == 2
    heard = [record.text for record in view.records if isinstance(record, UtteranceRecord)]
    assert heard == ["I had a hard day.", "Yes."]
    assert view.count(PlanRecord) >= 2
    replies = [record for record in view.records if isinstance(record, ReplyRecord)]
    assert replies[0].interrupted, "speech over the assistant did not silence it"
    assert replies[0].played_samples > 0
    assert len(replies[0].heard_text) < len(REPLY)
    played = np.frombuffer(b"".join(card.played), np.int16)
    assert np.abs(played).max() > 1000
