"""The real session behind this front end, with scripted engines and a made-up sound card."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
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
from voice_regen.runtime.records import (
    PlanRecord,
    Record,
    ReplyRecord,
    ReplyStartedRecord,
    UtteranceRecord,
)
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
    """Says ``lines`` into the microphone, each once ``may_say(n)``, and silence in between.

    Three times as fast as real; what is played is kept.
    """

    def __init__(self, lines: list[FloatArray], may_say: Callable[[int], bool]) -> None:
        super().__init__([Card("both", inputs=1, outputs=1, rates_hz=(16_000,))])
        self._lines = lines
        self._may_say = may_say
        self._begun = 0
        self._saying = np.zeros(0, np.int16)
        self.played: list[bytes] = []

    def drive(self) -> None:
        for stream in list(self.opened):
            if stream.closed:
                continue
            n = stream.settings["frames_per_buffer"]
            if stream.settings["output"]:
                self.played.append(stream.callback(None, n, {}, 0)[0])
            else:
                stream.callback(self._next(n).tobytes(), n, {}, 0)

    def _next(self, n: int) -> npt.NDArray[np.int16]:
        more = self._begun < len(self._lines)
        if not len(self._saying) and more and self._may_say(self._begun):
            self._saying = (self._lines[self._begun] * 32767).astype(np.int16)
            self._begun += 1
        block = np.zeros(n, np.int16)
        said, self._saying = self._saying[:n], self._saying[n:]
        block[: len(said)] = said
        return block


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
    view = View()
    # The second line is said as soon as the answer to the first is heard.
    card = TalkingCard(
        [talk(0.5, 1.5), talk(0.2, 1.5)],
        lambda n: n == 0 or view.count(ReplyStartedRecord) > 0,
    )
    monkeypatch.setattr(laptop, "start_portaudio", lambda: card)
    give_up_at_s = time.monotonic() + 120

    class QuitAtTheEnd:
        usable = True

        def wait(self, timeout_s: float) -> list[Key]:
            threading.Event().wait(0.01)
            over = view.count(ReplyRecord) >= 2 or time.monotonic() > give_up_at_s
            return [Key.QUIT] if over else []

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
