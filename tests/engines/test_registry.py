"""Engines by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from voice_regen.config import EngineConfig
from voice_regen.engines.registry import (
    RECOGNISERS,
    SYNTHESISERS,
    make_emotion,
    make_synthesiser,
    split_choice,
)
from voice_regen.errors import ModelError, UsageError


def test_names_and_models() -> None:
    assert split_choice("whisper", RECOGNISERS, "x") == ("whisper", "base")
    assert split_choice("whisper:small", RECOGNISERS, "x") == ("whisper", "small")
    assert split_choice("coqui:a/b:c", SYNTHESISERS, "x") == ("coqui", "a/b:c")


@pytest.mark.parametrize(("choice", "hint"), [("kokoroo", "kokoro"), ("pipper:x", "piper")])
def test_a_near_name_is_suggested(choice: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no synthesis engine") as raised:
        split_choice(choice, SYNTHESISERS, "synthesis")
    assert raised.value.remedy
    assert f"Did you mean '{hint}'?" in raised.value.remedy


def nowhere(name: str) -> Path:
    raise AssertionError(f"{name} was looked up")


def test_a_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no Piper voice"):
        make_synthesiser(EngineConfig(synthesiser=f"piper:{tmp_path}"), nowhere)


def test_none_listens_to_no_tone() -> None:
    assert make_emotion(EngineConfig(emotion="none"), nowhere) is None


def test_tone_is_listened_to_only_through_the_encoder_it_was_trained_on(tmp_path: Path) -> None:
    other = EngineConfig(recogniser="whisper:tiny.en")
    assert make_emotion(other, nowhere) is None
    with pytest.raises(UsageError, match="not of whisper:tiny"):
        make_emotion(EngineConfig(recogniser="whisper:tiny.en", emotion="tone"), nowhere)
    asked = []

    def empty(name: str) -> Path:
        asked.append(name)
        return tmp_path

    with pytest.raises(ModelError):
        make_emotion(EngineConfig(recogniser="whisper"), empty)
    assert asked == ["tone:crema-d"]


def test_coqui_wants_a_model() -> None:
    with pytest.raises(UsageError, match="needs a model"):
        make_synthesiser(EngineConfig(synthesiser="coqui"), nowhere)


def test_nothing_heavy_comes_with_the_names() -> None:
    program = (
        "import sys, voice_regen.engines.registry;"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & {
        "torch",
        "onnxruntime",
        "faster_whisper",
        "TTS",
        "misaki",
    }
