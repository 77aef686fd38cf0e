"""Whisper's errors that need no model: a folder that is none, a package that is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from voice_regen.engines.whisper import WhisperRecogniser
from voice_regen.errors import MissingExtraError, ModelError


def remedy_of(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        WhisperRecogniser(folder)
    return caught.value.remedy or ""


def test_a_folder_that_is_not_there_is_named_with_the_command_that_fetches(tmp_path: Path) -> None:
    assert "voice-regen models fetch whisper:base" in remedy_of(tmp_path / "nowhere")


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_a_missing_file_is_never_looked_for_on_the_hub(tmp_path: Path, missing: str) -> None:
    for file in {"model.bin", "config.json", "tokenizer.json"} - {missing}:
        (tmp_path / file).write_text("{}", "utf-8")
    with pytest.raises(ModelError, match=missing):
        WhisperRecogniser(tmp_path)


def test_a_damaged_model_is_named_as_such(tmp_path: Path) -> None:
    for file in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / file).write_bytes(b"\x00\x01 not a model")
    assert "voice-regen models fetch whisper:base" in remedy_of(tmp_path)


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(MissingExtraError) as caught:
        WhisperRecogniser(tmp_path)
    assert caught.value.extra == "talk"
