"""Real devices, as far as a machine without any has them: PyAudio through PulseAudio.

Nothing here is judged by time: a loaded machine may be slow. What is waited for has a bound
of minutes, so that a hang is a failure and not a hang.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pulse_server import PATIENCE_S, SERVER_RATE_HZ, PulseServer
from scipy.signal import correlate
from voices import envelope, level_db, voice

from voice_regen.audio.resampling import resample
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ, FloatArray

pytestmark = pytest.mark.pulse
PROGRAM = Path(__file__).with_name("laptop_program.py")


class Laptop:
    """The program under test and what it says."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.heard_file = folder / "heard.npy"
        self.played_file = folder / "played.npy"
        self.lines: list[dict[str, Any]] = []
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(json.loads(line))
        self._queue.put(None)

    def wait_for(self, what: str) -> dict[str, Any]:
        """The next line of that kind."""
        while True:
            line = self._queue.get(timeout=2 * PATIENCE_S)
            assert line is not None, f"ended without {what!r}: {self.lines}"
            self.lines.append(line)
            if line["what"] == what:
                return line

    def end(self, number: int = signal.SIGINT) -> dict[str, Any]:
        """Press Ctrl-C; the last line."""
        self.process.send_signal(number)
        line = self.wait_for("ended")
        assert self.process.wait(PATIENCE_S) == 0
        return line


@contextmanager
def laptop(
    folder: Path,
    env: dict[str, str],
    *,
    says: FloatArray | None = None,
    echo: str = "none",
    rate_hz: int | None = None,
    input_device: str | None = None,
) -> Iterator[Laptop]:
    plan = {
        "says": None,
        "keep": str(folder / "heard.npy"),
        "keep_played": str(folder / "played.npy"),
        "input": input_device,
        "output": None,
        "echo": echo,
        "rates_hz": rate_hz and [rate_hz],
    }
    if says is not None:
        plan["says"] = str(folder / "says.npy")
        np.save(folder / "says.npy", says)
    (folder / "plan.json").write_text(json.dumps(plan))
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder / "plan.json")],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Laptop(process, folder)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def intact_share(heard: FloatArray, said: FloatArray, rate_hz: int) -> float:
    """Share of stretches of a tenth of a second of ``said`` that came, wave for wave, in order.

    Each is looked for within 10 ms of where the last one was, since two clocks need not agree,
    and between samples; failing that, within three seconds: a loaded machine leaves gaps (one of
    2 s was seen), and what comes after a gap is whole again.
    """
    heard, said = (resample(each, rate_hz, 4 * rate_hz) for each in (heard, said))
    far, step, slack = 12 * rate_hz, 4 * rate_hz // 10, 4 * rate_hz // 100
    lag = int(np.argmax(correlate(heard, said, "valid", method="fft")))
    earliest, same = 0, []
    for at in range(0, len(said) - step, step):
        piece = said[at : at + step]
        if level_db(piece) < -45:
            continue
        found = None
        for reach in (slack, far):
            begin = max(at + lag - reach, earliest)
            found = found or place_of(piece, heard[begin : at + lag + step + reach], begin)
        same.append(found is not None)
        if found is not None:
            lag, earliest = found - at, found + step - slack
    assert len(same) > 10
    return float(np.mean(same))


def place_of(piece: FloatArray, around: FloatArray, begin: int) -> int | None:
    """Where the same wave is in ``around``, counted from ``begin`` before it; None if nowhere."""
    if len(around) < len(piece):
        return None
    power = np.cumsum(np.square(np.concatenate([[0.0], around]), dtype=np.float64))
    energy = np.sqrt(power[len(piece) :] - power[: -len(piece)] + 1e-6)
    best = int(np.argmax(correlate(around, piece, "valid", method="fft") / energy))
    there = around[best : best + len(piece)]
    alike = np.corrcoef(there, piece)[0, 1] if there.any() else 0.0
    return begin + best if alike > 0.95 else None


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_what_is_said_comes_through_intact(
    pulse: PulseServer, tmp_path: Path, rate_hz: int
) -> None:
    """Microphone to session to loudspeaker and back to us, at each rate of a device."""
    said = resample(voice(4, STREAM_RATE_HZ), STREAM_RATE_HZ, SERVER_RATE_HZ)
    with laptop(tmp_path, pulse.env, rate_hz=rate_hz) as program:
        program.wait_for("ready")
        with pulse.recording() as speaker, pulse.recording("mic_feed.monitor") as feed:
            assert pulse.play(said).wait(PATIENCE_S) == 0
            time.sleep(2)
            repeated, fed = speaker.samples, feed.samples
        program.end()

    heard = np.load(program.heard_file)
    said_16k = resample(said, SERVER_RATE_HZ, STREAM_RATE_HZ)
    to_session = intact_share(heard, said_16k, STREAM_RATE_HZ)
    around = intact_share(repeated, said, SERVER_RATE_HZ)
    delay_s = (
        np.argmax(correlate(repeated, said, "valid", method="fft"))
        - np.argmax(correlate(fed, said, "valid", method="fft"))
    ) / SERVER_RATE_HZ
    print(
        f"{rate_hz} Hz: {to_session:.0%} intact at the session, {around:.0%} at the "
        f"loudspeaker, {1000 * delay_s:.0f} ms around, half a second of it the session's own"
    )
    # A loaded machine may drop a block or two; a fault of ours would be in every stretch.
    assert to_session > 0.8
    assert around > 0.8


@pytest.mark.parametrize("echo", ["livekit", "pywebrtc"])
def test_the_assistant_does_not_hear_itself_but_hears_the_person(
    pulse: PulseServer, tmp_path: Path, echo: str
) -> None:
    """The loudspeaker comes back into the microphone after 60 ms, as in a room."""
    pulse.pactl(
        "load-module",
        "module-loopback",
        "source=speaker.monitor",
        "sink=mic_feed",
        "latency_msec=60",
        "adjust_time=0",
    )
    says = voice(20, PLAYOUT_RATE_HZ, pitch_hz=190, seed=1)
    near = resample(voice(4, STREAM_RATE_HZ, pitch_hz=110, seed=2), STREAM_RATE_HZ, SERVER_RATE_HZ)
    with laptop(tmp_path, pulse.env, says=says, echo=echo) as program:
        program.wait_for("ready")
        with pulse.recording("mic_feed.monitor") as microphone:
            time.sleep(10)
            echo_db = level_db(microphone.samples[-5 * SERVER_RATE_HZ :])
            assert pulse.play(near).wait(PATIENCE_S) == 0
            time.sleep(1)
        program.end()

    heard = np.load(program.heard_file)
    played = resample(np.load(program.played_file), PLAYOUT_RATE_HZ, STREAM_RATE_HZ)
    reductions_db = [
        level_db(played[at : at + STREAM_RATE_HZ // 2])
        - level_db(heard[at : at + STREAM_RATE_HZ // 2])
        for at in range(3 * STREAM_RATE_HZ, 10 * STREAM_RATE_HZ, STREAM_RATE_HZ // 2)
    ]
    # The median: where a loaded machine leaves a gap in the loop, the echo comes anew.
    reduction_db = float(np.median(reductions_db))
    shape = envelope(resample(near, SERVER_RATE_HZ, STREAM_RATE_HZ), STREAM_RATE_HZ)
    shape_heard = envelope(heard[9 * STREAM_RATE_HZ :], STREAM_RATE_HZ)
    kept = max(
        float(np.corrcoef(shape_heard[at : at + len(shape)], shape)[0, 1])
        for at in range(len(shape_heard) - len(shape))
    )
    print(
        f"{echo}: echo of {echo_db:.1f} dB reduced by {reduction_db:.1f} dB, "
        f"near voice kept with correlation {kept:.2f}"
    )
    assert echo_db > -35, "no echo was there to be cancelled"
    assert reduction_db >= 20
    assert kept > 0.6


def test_what_was_played_is_known_beside_what_was_heard(pulse: PulseServer, tmp_path: Path) -> None:
    """The tap, from which a conversation is written to a file."""
    says = voice(4, PLAYOUT_RATE_HZ, seed=3)
    with laptop(tmp_path, pulse.env, says=says) as program:
        program.wait_for("ready")
        time.sleep(6)
        heard_s = program.end()["heard_s"]
    played = np.load(program.played_file)
    assert len(played) / PLAYOUT_RATE_HZ >= heard_s
    assert intact_share(played, says, PLAYOUT_RATE_HZ) > 0.8


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_any_way_of_ending_it_is_clean(pulse: PulseServer, tmp_path: Path, number: int) -> None:
    with laptop(tmp_path, pulse.env) as program:
        program.wait_for("ready")
        ended = program.end(number)
    assert ended["threads"] == 1
    assert program.heard_file.exists()


def test_a_server_that_dies_is_told_and_does_not_hang(pulse: PulseServer, tmp_path: Path) -> None:
    with laptop(tmp_path, pulse.env) as program:
        program.wait_for("ready")
        pulse.kill()
        assert "is gone" in program.wait_for("told")["text"]
        error = program.wait_for("error")
        assert error["kind"] == "DeviceError"
        assert "did not come back" in error["problem"]
        assert program.process.wait(PATIENCE_S) == 4
    assert program.heard_file.exists(), "the session was not finished"


def test_a_server_that_comes_back_goes_on(pulse: PulseServer, tmp_path: Path) -> None:
    said = resample(voice(3, STREAM_RATE_HZ, seed=4), STREAM_RATE_HZ, SERVER_RATE_HZ)
    with laptop(tmp_path, pulse.env) as program:
        program.wait_for("ready")
        pulse.kill()
        assert "is gone" in program.wait_for("told")["text"]
        pulse.start()
        assert program.wait_for("told")["text"] == "Sound is back."
        assert pulse.play(said).wait(PATIENCE_S) == 0
        time.sleep(2)
        program.end()
    heard = np.load(program.heard_file)
    said_16k = resample(said, SERVER_RATE_HZ, STREAM_RATE_HZ)
    assert intact_share(heard, said_16k, STREAM_RATE_HZ) > 0.8


def test_all_devices_unplugged_is_told(pulse: PulseServer, tmp_path: Path) -> None:
    with laptop(tmp_path, pulse.env) as program:
        program.wait_for("ready")
        for module in ("module-remap-source", "sink_name=mic_feed", "sink_name=speaker"):
            pulse.unload(module)
        assert "is gone" in program.wait_for("told")["text"]
        assert program.wait_for("error")["kind"] == "DeviceError"
        assert program.process.wait(PATIENCE_S) == 4


def test_no_sound_server_at_all_is_told(pulse: PulseServer, tmp_path: Path) -> None:
    pulse.kill()
    env = {**pulse.env, "PULSE_SERVER": f"unix:{tmp_path}/nowhere"}
    with laptop(tmp_path, env) as program:
        error = program.wait_for("error")
        assert program.process.wait(PATIENCE_S) == 4
    assert error["kind"] == "DeviceError"
    assert error["remedy"]


def test_an_unknown_device_is_told(pulse: PulseServer, tmp_path: Path) -> None:
    with laptop(tmp_path, pulse.env, input_device="theremin") as program:
        error = program.wait_for("error")
    assert error["problem"] == "No microphone has 'theremin' in its name."


def test_devices_are_listed_quietly(pulse: PulseServer) -> None:
    code = (
        "from voice_regen.frontends.laptop.devices import *\n"
        "print(bool(devices_available()), [row.name for row in list_devices()])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=pulse.env, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("True")
    assert "pulse" in done.stdout
    assert done.stderr == ""


def test_a_machine_without_sound_is_told_quietly() -> None:
    code = (
        "from voice_regen.frontends.laptop.devices import devices_available\n"
        "print(devices_available().reason)"
    )
    env = {**os.environ, "PULSE_SERVER": "unix:/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    if not list(Path("/proc/asound").glob("card*")):  # else this machine has sound after all
        assert done.stdout.strip() == "No microphone was found."
