"""A conversation on real devices with a scripted session; run as a program by the tests.

    python laptop_program.py PLAN.json

The plan names what the session says, where it keeps what it heard, and the options. It prints
one JSON object a line: ready, told, note, error, ended. A process of its own keeps PortAudio's
threads, and whatever a killed sound server leaves hanging, out of the tests.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from voice_regen.audio.resampling import Resampler
from voice_regen.errors import VoiceRegenError
from voice_regen.frontends.laptop.laptop import LaptopOptions, hold_conversation
from voice_regen.runtime.records import Record, SummaryRecord
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ, FloatArray

BEHIND_S = 0.5
"""The repeating session keeps this much, so that a late block makes no gap of its own."""


_telling = threading.Lock()


def tell(what: str, **more: Any) -> None:
    with _telling:
        print(json.dumps({"what": what, **more}), flush=True)


class ScriptedSession:
    """Repeats what it hears, or says what it was given; keeps all it heard."""

    held = False
    assistant_busy = False
    closed = False

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._heard: list[FloatArray] = []
        self._lock = threading.Lock()
        self._repeats = plan["says"] is None
        self._resampler = Resampler(STREAM_RATE_HZ, PLAYOUT_RATE_HZ)
        says = np.zeros(0, np.float32) if self._repeats else np.load(plan["says"])
        self._to_say: FloatArray = says
        self._flowing = not self._repeats

    def start(self) -> None:
        tell("started")

    def feed(self, samples: FloatArray) -> None:
        if not self._heard:
            tell("ready")
        self._heard.append(samples.copy())
        if self._repeats:
            again = self._resampler.feed(samples)
            with self._lock:
                self._to_say = np.concatenate((self._to_say, again))
                self._flowing |= len(self._to_say) > BEHIND_S * PLAYOUT_RATE_HZ

    def pull(self, n: int) -> FloatArray:
        # Nothing is said before anything is heard, so that both begin together.
        if not self._heard:
            return np.zeros(n, np.float32)
        with self._lock:
            if not self._flowing:
                return np.zeros(n, np.float32)
            said, self._to_say = self._to_say[:n], self._to_say[n:]
        return np.concatenate((said, np.zeros(n - len(said), np.float32)))

    def hold(self) -> None:
        self.held = True

    def resume(self) -> None:
        self.held = False

    def take_break(self) -> None:
        tell("break")

    def note(self, text: str) -> None:
        tell("note", text=text)

    def finish(self) -> SummaryRecord:
        if self._heard and self._plan["keep"]:
            np.save(self._plan["keep"], np.concatenate(self._heard))
        samples = sum(len(each) for each in self._heard)
        return SummaryRecord(
            caller_audio_s=samples / STREAM_RATE_HZ,
            stream_s=samples / STREAM_RATE_HZ,
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


class TellingView:
    """Tells what the front end says."""

    def notice(self, record: Record) -> None:
        pass

    def levels(self, heard: FloatArray, played: FloatArray) -> None:
        pass

    def tell(self, text: str) -> None:
        tell("told", text=text)

    def show_state(self, *, held: bool, assistant_busy: bool, keys_usable: bool) -> None:
        pass

    def open(self) -> None:
        tell("open")

    def close(self) -> None:
        pass


class PlayedTap:
    """Keeps what the front end believes was played beside each block."""

    def __init__(self) -> None:
        self.played: list[FloatArray] = []

    def write(self, heard: FloatArray, played: FloatArray) -> None:
        self.played.append(played.copy())


def main() -> int:
    plan = json.loads(Path(sys.argv[1]).read_text())
    options = LaptopOptions(
        input_device=plan["input"],
        output_device=plan["output"],
        echo=plan["echo"],
        rates_hz=plan["rates_hz"] and tuple(plan["rates_hz"]),
    )
    tap = PlayedTap()
    try:
        summary = hold_conversation(ScriptedSession(plan), TellingView(), options, (tap,))
    except VoiceRegenError as error:
        tell("error", kind=type(error).__name__, problem=error.problem, remedy=error.remedy)
        return error.exit_code
    if plan["keep_played"] and tap.played:
        np.save(plan["keep_played"], np.concatenate(tap.played))
    tell("ended", heard_s=summary.caller_audio_s, threads=threading.active_count())
    return 0


if __name__ == "__main__":
    sys.exit(main())
