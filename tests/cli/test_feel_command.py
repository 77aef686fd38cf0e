"""`voice-regen feel` as a user runs it: real models on real and on bad recordings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voice_regen.audio.resampling import resample
from voice_regen.demo import recorded_caller
from voice_regen.types import STREAM_RATE_HZ

pytestmark = pytest.mark.real_models
COMMAND = str(Path(sys.executable).with_name("voice-regen"))
KEYS = {"file", "label", "probabilities", "valence", "arousal", "confidence", "reason"}


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "feel", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "COLUMNS": "200"},
        check=False,
    )


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled caller in several forms, and what is no speech."""
    folder = tmp_path_factory.mktemp("recordings")
    samples, rate_hz = soundfile.read(recorded_caller(), dtype="float32")
    speech = resample(samples, rate_hz, STREAM_RATE_HZ)
    seconds = np.arange(4 * STREAM_RATE_HZ) / STREAM_RATE_HZ
    music = sum(
        0.1 * np.sin(2 * np.pi * hz * seconds) * np.exp(-2.0 * np.mod(seconds, 0.5))
        for hz in (220, 277, 330, 440)
    )
    telephone = resample(speech, STREAM_RATE_HZ, 8000)
    soundfile.write(folder / "telephone.wav", telephone, 8000, subtype="ULAW")
    soundfile.write(folder / "silence.wav", np.zeros(3 * STREAM_RATE_HZ), STREAM_RATE_HZ)
    soundfile.write(folder / "music.wav", music, STREAM_RATE_HZ)
    soundfile.write(folder / "short.wav", speech[16_000:20_000], STREAM_RATE_HZ)
    soundfile.write(folder / "clipped.wav", np.clip(40 * speech, -1, 1), STREAM_RATE_HZ)
    (folder / "damaged.wav").write_bytes(b"RIFF nothing of the kind")
    return folder


def test_one_line_a_file_and_the_others_go_on(recordings: Path) -> None:
    names = ["telephone", "silence", "music", "damaged", "short", "clipped", "missing"]
    done = run("--json", *(recordings / f"{name}.wav" for name in names))
    assert done.returncode == 3, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    by_name = {Path(line["file"]).stem: line for line in lines}
    assert list(by_name) == names
    for name, line in by_name.items():
        assert line.keys() >= KEYS
        assert np.isfinite([line["valence"], line["arousal"], line["confidence"]]).all()
        assert (line["error"] is not None) == (name in ("damaged", "missing"))
        if not line["error"]:
            assert sum(line["probabilities"].values()) == pytest.approx(1.0, abs=1e-3)
    told = by_name["telephone"]
    assert told["label"] in told["probabilities"]
    assert len(told["utterances"]) == 4
    assert "I think I have a doctor" in told["utterances"][0]["heard"]["text"]
    assert by_name["silence"]["reason"] == "no speech was heard"
    for name in set(names) - {"telephone"}:
        assert by_name[name]["label"] == "cannot tell", name
        assert by_name[name]["reason"], name
    assert "Traceback" not in done.stderr


def test_people_see_a_table_and_the_arc(tmp_path: Path) -> None:
    picture, page = tmp_path / "arc.png", tmp_path / "arc.html"
    done = run(recorded_caller(), "--plot", picture, "--every-s", "0.5")
    assert done.returncode == 0, done.stderr
    for said in ("appointment", "sure", "on the way", "silences", "picture", "distress"):
        assert said in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert run(recorded_caller(), "--plot", page).returncode == 0
    text = page.read_text("utf-8")
    assert "<svg" in text
    assert "appointment" in text
    for fetched in ("<script", "src=", 'href="http', "url(http", "@import"):
        assert fetched not in text


def test_the_tone_is_told_while_the_utterance_goes_on() -> None:
    done = run(recorded_caller(), "--json", "--every-s", "0.5")
    (line,) = [json.loads(each) for each in done.stdout.splitlines()]
    longest = line["utterances"][2]
    times = [each["at_s"] for each in longest["on_the_way"]]
    assert len(times) >= 4
    assert np.diff(times) == pytest.approx(0.5, abs=0.01)
    assert longest["heard"]["start_s"] + 0.5 < times[0] < longest["heard"]["end_s"]


def test_without_tone_the_words_and_pauses_are_left() -> None:
    done = run(recorded_caller(), "--json", "--emotion", "none")
    (line,) = [json.loads(each) for each in done.stdout.splitlines()]
    assert line["reason"] == "tone was not listened to"
    assert line["probabilities"] == {}
    assert line["utterances"][0]["heard"]["emotion"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--plot", "arc.gif"), "Choose a name that ends in"),
        (("--plot", "/nowhere/arc.png"), "is no folder"),
        (("--emotion", "mood"), "There is no emotion engine"),
    ],
)
def test_what_cannot_be_done_is_told_first(words: tuple[str, ...], said: str) -> None:
    done = run(recorded_caller(), *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
