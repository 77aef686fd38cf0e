"""A real conversation: real sound server, PyAudio, real models, a real human voice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pulse_server import SERVER_RATE_HZ, PulseServer
from spoken import heard_again, word_errors

from voice_regen.audio.resampling import resample
from voice_regen.demo import recorded_caller
from voice_regen.runtime.records import (
    PlanRecord,
    Record,
    ReplyRecord,
    SpeechRecord,
    SummaryRecord,
    UtteranceRecord,
    decode_record,
)
from voice_regen.types import STREAM_RATE_HZ, FloatArray

pytestmark = [pytest.mark.pulse, pytest.mark.real_models]
COMMAND = str(Path(sys.executable).with_name("voice-regen"))
PATIENCE_S = 180.0
FIRST_SENTENCE_S = 3.5


def first_sentence() -> FloatArray:
    """The recorded caller's first sentence, at the server's rate."""
    samples, rate_hz = soundfile.read(recorded_caller(), dtype="float32")
    return resample(samples[: round(FIRST_SENTENCE_S * rate_hz)], rate_hz, SERVER_RATE_HZ)


def records_in(path: Path) -> list[Record]:
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [decode_record(line) for line in whole.splitlines()]


def wait_for(path: Path, kind: type, process: subprocess.Popen[bytes]) -> Record:
    """The first record of a kind, once it is there."""
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at:
        for record in records_in(path):
            if isinstance(record, kind):
                return record
        assert process.poll() is None, "the conversation ended by itself"
        time.sleep(0.1)
    raise AssertionError(f"no {kind.__name__} came: {records_in(path)}")


def test_a_person_speaks_is_heard_and_is_answered(pulse: PulseServer, tmp_path: Path) -> None:
    reply, events = tmp_path / "reply.wav", tmp_path / "events.jsonl"
    process = subprocess.Popen(
        [
            *(COMMAND, "talk", "--plain", "--greeting"),
            *("--out", str(reply), "--json", str(events)),
        ],
        env={**pulse.env, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        greeting = wait_for(events, ReplyRecord, process)
        assert isinstance(greeting, ReplyRecord)
        assert not greeting.interrupted, "it interrupted itself"
        with pulse.recording() as loudspeaker:
            assert pulse.play(first_sentence()).wait(60) == 0
            wait_for(events, UtteranceRecord, process)
            give_up_at = time.monotonic() + PATIENCE_S
            while time.monotonic() < give_up_at:
                replies = [each for each in records_in(events) if isinstance(each, ReplyRecord)]
                if len(replies) > 1:
                    break
                time.sleep(0.2)
            spoken = loudspeaker.samples
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, errors
    records = records_in(events)
    assert isinstance(records[-1], SummaryRecord)

    # One turn; a machine with no time to spare may have torn it into two utterances.
    utterances = [each for each in records if isinstance(each, UtteranceRecord)]
    told = " ".join(each.text for each in utterances)
    assert {each.turn for each in utterances} == {1}, utterances
    assert word_errors("I think I have a doctor's appointment.", told) <= 0.2
    plan = [each for each in records if isinstance(each, PlanRecord)][1]
    (answer,) = [each for each in records if isinstance(each, ReplyRecord)][1:]
    assert answer.turn == plan.turn == 1
    assert answer.heard_text == plan.text
    # Both what left the loudspeaker and what was kept of it say what the plan says.
    on_loudspeaker = resample(spoken, SERVER_RATE_HZ, STREAM_RATE_HZ)
    assert word_errors(plan.text, heard_again(on_loudspeaker)) <= 0.25
    kept, rate_hz = soundfile.read(reply, dtype="float32")
    tail = kept[round(answer.stream_start_s * rate_hz) - rate_hz // 2 :]
    again = heard_again(resample(tail, rate_hz, STREAM_RATE_HZ))
    assert word_errors(plan.text, again) <= 0.2
    assert b"Traceback" not in errors
    assert np.isfinite(kept).all()
    assert os.stat(reply).st_mode & 0o077 == 0
    assert output


def test_the_assistant_does_not_answer_itself(pulse: PulseServer, tmp_path: Path) -> None:
    """In a room the loudspeaker comes back into the microphone; nobody else speaks here.

    The room is made of the same sound server, and a machine with no time to spare tears the
    echo into pieces no room would make: one undisturbed greeting in three is asked for.
    """
    pulse.pactl(
        *("load-module", "module-loopback", "source=speaker.monitor", "sink=mic_feed"),
        *("latency_msec=60", "adjust_time=0"),
    )
    told = []
    while "" not in told and len(told) < 3:
        told.append(greet_oneself(pulse, tmp_path / f"{len(told)}.jsonl"))
    assert "" in told


def greet_oneself(pulse: PulseServer, events: Path) -> str:
    """Let the assistant greet and listen on; what was wrong, "" if nothing was."""
    process = subprocess.Popen(
        [COMMAND, "talk", "--plain", "--greeting", "--json", str(events)],
        env={**pulse.env, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        greeting = wait_for(events, ReplyRecord, process)
        assert isinstance(greeting, ReplyRecord)
        time.sleep(3)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
    if greeting.interrupted:
        return "it interrupted itself"
    spoken = any(isinstance(each, SpeechRecord) for each in records_in(events))
    return "it took its own voice for the caller's" if spoken else ""
