"""A whole conversation over made-up devices: keys, faults, endings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from sound_cards import Card, SoundCards

from voice_regen.errors import DeviceError, UsageError
from voice_regen.frontends.laptop import laptop
from voice_regen.frontends.laptop.keys import Key
from voice_regen.frontends.laptop.laptop import LaptopOptions, hold_conversation
from voice_regen.runtime.records import Record, SummaryRecord
from voice_regen.types import FloatArray

ENDED = SummaryRecord(
    caller_audio_s=0,
    stream_s=0,
    wall_s=0,
    rtf=0,
    load_s=0,
    peak_memory_mb=0,
    turns=0,
    utterances=0,
    replies=0,
    interruptions=0,
    stages_s={},
)


class Session:
    """Notes down what it is asked."""

    def __init__(self) -> None:
        self.held = False
        self.closed = False
        self.assistant_busy = False
        self.asked: list[str] = []
        self.threads: set[str] = set()
        self.fed_samples = 0
        self.fail: Exception | None = None

    def start(self) -> None:
        self.asked.append("start")
        self.threads.add(threading.current_thread().name)

    def feed(self, samples: FloatArray) -> None:
        self.fed_samples += len(samples)
        self.threads.add(threading.current_thread().name)
        if self.fail:
            raise self.fail

    def pull(self, n: int) -> FloatArray:
        return np.zeros(n, np.float32)

    def hold(self) -> None:
        self.held = True
        self.asked.append("hold")

    def resume(self) -> None:
        if self.held:
            self.asked.append("resume")
        self.held = False

    def take_break(self) -> None:
        self.asked.append("break")
        self.threads.add(threading.current_thread().name)

    def note(self, text: str) -> None:
        pass

    def finish(self) -> SummaryRecord:
        self.asked.append("finish")
        return ENDED


class View:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.opened = 0

    def notice(self, record: Record) -> None:
        pass

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        pass

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        pass

    def open(self) -> None:
        self.opened += 1

    def close(self) -> None:
        self.opened -= 1


class DrivenCards(SoundCards):
    """Devices with a driver: a thread that calls back as long as they are plugged in."""

    plugged = True
    silent = False

    def drive(self) -> None:
        for stream in list(self.opened):
            if not self.plugged:
                stream.closed = True
            if not stream.closed and not self.silent:
                n = stream.settings["frames_per_buffer"]
                stream.callback(bytes(2 * n), n, {}, 0)

    def get_device_count(self) -> int:
        return len(self.cards) if self.plugged else 0

    def get_default_input_device_info(self) -> dict[str, object]:
        return self._default(self.default_input if self.plugged else None)

    get_default_output_device_info = get_default_input_device_info


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> Iterator[DrivenCards]:
    sound = DrivenCards([Card("both", inputs=1, outputs=1)])
    monkeypatch.setattr(laptop, "start_portaudio", lambda: sound)
    monkeypatch.setattr(laptop, "LAST_WORDS_S", 0)
    monkeypatch.setattr(laptop, "TRY_EVERY_S", 0.01)
    over = threading.Event()

    def drive() -> None:
        while not over.wait(0.005):
            sound.drive()

    thread = threading.Thread(target=drive)
    thread.start()
    yield sound
    over.set()
    thread.join()


class Script:
    """Keys pressed one after the other, each once its condition holds."""

    usable = True

    def __init__(self, *steps: tuple[Callable[[], bool], Key | Callable[[], None]]) -> None:
        self._steps = list(steps)

    def wait(self, timeout_s: float) -> list[Key]:
        time.sleep(0.005)
        if self._steps and self._steps[0][0]():
            _, what = self._steps.pop(0)
            if isinstance(what, Key):
                return [what]
            what()
        return []


def talk(
    session: Session,
    view: View,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    echo: str = "none",
) -> SummaryRecord:
    @contextmanager
    def keys() -> Iterator[Script]:
        yield script

    monkeypatch.setattr(laptop, "single_keys", keys)
    return hold_conversation(session, view, LaptopOptions(echo=echo))


def test_keys_pause_break_and_quit(cards: DrivenCards, monkeypatch: pytest.MonkeyPatch) -> None:
    session, view = Session(), View()
    script = Script(
        (lambda: session.fed_samples > 0, Key.PAUSE),
        (lambda: session.held, Key.PAUSE),
        (lambda: not session.held, Key.PAUSE),
        (lambda: session.held, Key.BREAK),
        (lambda: "break" in session.asked, Key.QUIT),
    )
    assert talk(session, view, script, monkeypatch) is ENDED
    assert session.asked == ["start", "hold", "resume", "hold", "resume", "break", "finish"]
    assert session.threads == {"session"}
    assert view.opened == 0
    assert all(stream.closed for stream in cards.opened)
    assert not any(thread.name == "session" for thread in threading.enumerate())


def test_it_ends_when_the_goodbye_has_been_said(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session()
    session.closed = session.assistant_busy = True

    def goodbye_played() -> None:
        session.assistant_busy = False

    talk(session, View(), Script((lambda: session.fed_samples > 0, goodbye_played)), monkeypatch)
    assert session.asked == ["start", "finish"]


def test_ctrl_c_ends_it_cleanly(cards: DrivenCards, monkeypatch: pytest.MonkeyPatch) -> None:
    session, view = Session(), View()

    def interrupt() -> None:
        raise KeyboardInterrupt

    talk(session, view, Script((lambda: session.fed_samples > 0, interrupt)), monkeypatch)
    assert session.asked[-1] == "finish"
    assert view.opened == 0


def test_what_the_session_raises_comes_out_and_it_is_finished(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, view = Session(), View()
    session.fail = RuntimeError("a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        talk(session, view, Script(), monkeypatch)
    assert session.asked[-1] == "finish"
    assert view.opened == 0


def test_what_pull_raises_comes_out(cards: DrivenCards, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()

    def fail(n: int) -> FloatArray:
        raise RuntimeError("no reply")

    monkeypatch.setattr(session, "pull", fail)
    with pytest.raises(RuntimeError, match="no reply"):
        talk(session, View(), Script(), monkeypatch)


@pytest.mark.parametrize("how", ["plugged", "silent"])
def test_a_device_that_comes_back_is_used_again(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Unplugged, or its driver falls silent without a word."""
    monkeypatch.setattr(laptop, "STALL_S", 0.3)
    session, view = Session(), View()
    fed_when_lost = 0

    def lose() -> None:
        setattr(cards, how, how == "silent")

    def come_back() -> None:
        nonlocal fed_when_lost
        fed_when_lost = session.fed_samples
        setattr(cards, how, how == "plugged")

    script = Script(
        (lambda: session.fed_samples > 0, lose),
        (lambda: len(view.told) == 1, come_back),
        (lambda: len(view.told) == 2 and session.fed_samples > fed_when_lost + 1600, Key.QUIT),
    )
    talk(session, view, script, monkeypatch)
    assert "is gone" in view.told[0]
    assert view.told[1] == "Sound is back."


def test_while_a_device_is_away_silence_is_fed(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, view = Session(), View()
    fed: list[int] = []

    def lose() -> None:
        cards.plugged = False

    script = Script(
        (lambda: session.fed_samples > 0, lose),
        (lambda: len(view.told) == 1, lambda: fed.append(session.fed_samples)),
        (lambda: session.fed_samples > fed[0] + 8000, Key.QUIT),
    )
    talk(session, view, script, monkeypatch)
    assert session.asked[-1] == "finish"


def test_a_device_that_stays_away_is_an_error(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(laptop, "TRY_AGAIN_S", 0.2)
    session, view = Session(), View()

    def lose() -> None:
        cards.plugged = False

    script = Script((lambda: session.fed_samples > 0, lose))
    with pytest.raises(DeviceError, match="was lost during the conversation"):
        talk(session, view, script, monkeypatch)
    assert session.asked[-1] == "finish"
    assert view.opened == 0


def test_no_device_finishes_the_session_too(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards.plugged = False
    session = Session()
    with pytest.raises(DeviceError, match="No microphone was found"):
        talk(session, View(), Script(), monkeypatch)
    assert session.asked == ["finish"]


def test_an_unknown_echo_cancellation_is_told_before_anything_is_opened(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError):
        talk(Session(), View(), Script(), monkeypatch, "magic")
    assert cards.opened == []


def test_a_loudspeaker_is_closed_if_the_microphone_refuses(
    cards: DrivenCards, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards.cards = [Card("mic", inputs=1, busy=True), Card("speaker", outputs=2)]
    cards.default_output = 1
    monkeypatch.setattr(
        cards, "get_default_output_device_info", lambda: cards.get_device_info_by_index(1)
    )
    with pytest.raises(DeviceError, match="busy"):
        talk(Session(), View(), Script(), monkeypatch)
    assert [stream.closed for stream in cards.opened] == [True]
