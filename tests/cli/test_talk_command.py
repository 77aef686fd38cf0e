"""`voice-regen talk` as a user runs it: real models, real recordings, and everything wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from spoken import heard_again, word_errors

from voice_regen.audio.resampling import resample
from voice_regen.demo import recorded_caller
from voice_regen.runtime.records import (
    EmotionRecord,
    PlanRecord,
    Record,
    ReplyRecord,
    SessionRecord,
    SummaryRecord,
    UtteranceRecord,
    decode_record,
)
from voice_regen.types import PLAYOUT_RATE_HZ, STREAM_RATE_HZ

COMMAND = str(Path(sys.executable).with_name("voice-regen"))
NO_SOUND = {"PULSE_SERVER": "unix:/nowhere/at/all", "JACK_NO_START_SERVER": "1"}


def run(
    *words: str, timeout_s: float = 300, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *words],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, **environment},
        check=False,
    )


def records_in(path: Path) -> list[Record]:
    return [decode_record(line) for line in path.read_bytes().splitlines()]


@dataclass(frozen=True)
class Conversation:
    """One run, and what it left."""

    done: subprocess.CompletedProcess[str]
    records: list[Record]
    reply: Path

    def of(self, kind: type) -> list:  # type: ignore[type-arg]
        return [each for each in self.records if isinstance(each, kind)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    """The bundled conversation, as a machine without microphone holds it."""
    folder = tmp_path_factory.mktemp("demo")
    reply, events = folder / "reply.wav", folder / "events.jsonl"
    done = run("talk", "--out", str(reply), "--json", str(events), **NO_SOUND)
    assert done.returncode == 0, done.stderr
    return Conversation(done, records_in(events), reply)


@pytest.mark.real_models
def test_without_a_microphone_it_says_so_and_holds_the_recorded_conversation(
    demo: Conversation,
) -> None:
    assert "No microphone" in demo.done.stdout
    assert "recorded caller" in demo.done.stdout
    for word in ("heard", "tone", "plan", "says", "summary"):
        assert word in demo.done.stdout
    assert isinstance(demo.records[0], SessionRecord)
    assert isinstance(demo.records[-1], SummaryRecord)


@pytest.mark.real_models
def test_a_real_person_is_understood(demo: Conversation) -> None:
    heard = " ".join(each.text for each in demo.of(UtteranceRecord))
    said = (
        "I think I have a doctor's appointment. That is exactly what happened. "
        "I wonder what this is about. Maybe tomorrow it will be cold. "
        "I think I've seen this before."
    )
    assert word_errors(said, heard) <= 0.1
    for each in demo.of(UtteranceRecord):
        starts = [word.start_s for word in each.words]
        assert starts == sorted(starts)
        assert all(each.start_s - 0.5 <= start <= each.end_s + 0.5 for start in starts)
        assert isinstance(each.emotion, EmotionRecord)
        assert sum(each.emotion.probabilities.values()) == pytest.approx(1, abs=0.01)


@pytest.mark.real_models
def test_the_reply_heard_again_says_what_the_plan_says(demo: Conversation) -> None:
    samples, rate_hz = soundfile.read(demo.reply, dtype="float32")
    assert rate_hz == PLAYOUT_RATE_HZ
    plans, replies = demo.of(PlanRecord), demo.of(ReplyRecord)
    assert [each.planned_text for each in replies] == [each.text for each in plans]
    for reply in replies:
        start = round(reply.stream_start_s * rate_hz)
        spoken = samples[max(0, start - 2400) : start + reply.played_samples + 2400]
        again = heard_again(resample(spoken, rate_hz, STREAM_RATE_HZ))
        assert word_errors(reply.planned_text, again) <= 0.1, again


@pytest.mark.real_models
@pytest.mark.parametrize("synthesiser", ["piper"])
def test_another_voice(tmp_path: Path, synthesiser: str) -> None:
    samples, rate_hz = soundfile.read(recorded_caller(), dtype="float32")
    clip, reply, events = (tmp_path / name for name in ("a.wav", "r.wav", "e.jsonl"))
    soundfile.write(clip, samples[: 4 * rate_hz], rate_hz)
    done = run(
        *("talk", "--wav", str(clip), "--out", str(reply), "--json", str(events)),
        *("--synthesiser", synthesiser, "--emotion", "none"),
    )
    assert done.returncode == 0, done.stderr
    (plan,) = [each for each in records_in(events) if isinstance(each, PlanRecord)]
    spoken, rate_hz = soundfile.read(reply, dtype="float32")
    again = heard_again(resample(spoken, rate_hz, STREAM_RATE_HZ))
    assert word_errors(plan.text, again) <= 0.15, again


@pytest.mark.real_models
def test_silence_is_told(tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.wav"
    soundfile.write(quiet, np.zeros(3 * 16_000), 16_000)
    done = run("talk", "--wav", str(quiet), "--out", str(tmp_path / "r.wav"))
    assert done.returncode == 0
    assert "No speech was heard" in done.stdout
    assert "silent" in done.stdout
    assert soundfile.info(str(tmp_path / "r.wav")).frames > 0


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A second of tone."""
    path = tmp_path / "clip.wav"
    time_s = np.arange(16_000) / 16_000
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 200 * time_s), 16_000)
    return path


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (["--wav", "nowhere.wav"], 3, "does not exist"),
        (["--wav", "{folder}"], 3, "is a folder"),
        (["--wav", "{clip}", "--recogniser", "wisper"], 2, "whisper"),
        (["--wav", "{clip}", "--recogniser", "whisper:huge"], 5, "whisper:huge"),
        (["--wav", "{clip}", "--synthesiser", "parrot"], 2, "kokoro"),
        (["--wav", "{clip}", "--synthesiser", "coqui"], 2, "coqui:FOLDER"),
        (["--wav", "{clip}", "--synthesiser", "piper:nobody"], 5, "piper:nobody"),
        (["--wav", "{clip}", "--emotion", "telepathy"], 2, "tone"),
        (["--wav", "{clip}", "--voice", "nobody"], 5, "af_heart"),
        (["--wav", "{clip}", "--language", "klingon"], 2, "klingon"),
        (["--wav", "{clip}", "--out", "{folder}"], 3, "is a folder"),
        (["--wav", "{clip}", "--out", "{folder}/no/r.wav"], 3, "does not exist"),
        (["--wav", "{clip}", "--out", "{clip}"], 2, "the recording itself"),
        (["--wav", "{clip}", "--json", "{folder}/no/e.jsonl"], 3, "cannot be written"),
        (["--wav", "{clip}", "--channel", "3"], 3, "no channel 3"),
        (["--input", "no such microphone"], 4, "No microphone was found"),
    ],
)
def test_what_is_wrong_is_told_in_words(
    words: list[str], code: int, problem: str, clip: Path, tmp_path: Path
) -> None:
    filled = [word.format(clip=clip, folder=tmp_path) for word in words]
    before = clip.read_bytes()
    done = run("talk", *filled, **NO_SOUND)
    assert done.returncode == code, done.stderr
    assert problem in done.stderr
    assert "Traceback" not in done.stderr
    assert clip.read_bytes() == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB: 4 s of reply."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.real_models
def test_a_full_disk_is_told_and_what_fitted_is_kept(small_disk: Path, tmp_path: Path) -> None:
    reply, events = small_disk / "r.wav", tmp_path / "e.jsonl"
    done = run(
        *("talk", "--wav", str(recorded_caller()), "--out", str(reply), "--json", str(events)),
        *("--emotion", "none"),
    )
    assert done.returncode == 3
    assert "s are saved" in done.stderr
    assert soundfile.info(str(reply)).frames > 3 * PLAYOUT_RATE_HZ
    assert isinstance(records_in(events)[-1], SummaryRecord)


@pytest.mark.real_models
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after", ["session", "utterance", "plan"])
def test_ctrl_c_at_any_moment_leaves_valid_files(
    tmp_path: Path, number: signal.Signals, after: str
) -> None:
    reply, events = tmp_path / "r.wav", tmp_path / "e.jsonl"
    words = ["talk", "--wav", str(recorded_caller()), "--out", str(reply), "--json", str(events)]
    with subprocess.Popen(
        [COMMAND, *words, "--emotion", "none"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        while process.poll() is None:
            if events.exists() and f'"type":"{after}"'.encode() in events.read_bytes():
                process.send_signal(number)
                break
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 130, (output, errors)
    assert b"Traceback" not in errors
    assert soundfile.info(str(reply)).samplerate == PLAYOUT_RATE_HZ
    assert isinstance(records_in(events)[-1], SummaryRecord)


def test_help_teaches(tmp_path: Path) -> None:
    done = run("talk", "--help", COLUMNS="120")
    assert done.returncode == 0
    for word in ("--wav", "--out", "--json", "microphone", "--synthesiser", "--voice"):
        assert word in done.stdout
    assert run("--version").stdout.startswith("voice_regen ")
