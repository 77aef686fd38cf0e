"""Coqui's own package on a tiny VITS with random weights, built and saved by Coqui's own code."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from voice_regen.engines.coqui import CoquiSynthesiser
from voice_regen.errors import EngineError, ModelError
from voice_regen.types import Prosody

pytestmark = [
    pytest.mark.torch,
    # torch, its audio packages and Coqui warn on import about each other's futures.
    pytest.mark.filterwarnings("ignore"),
]
TEXT = "I hear you."


@pytest.fixture(scope="module")
def tiny_vits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with config.json and a checkpoint."""
    import torch
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    torch.manual_seed(1)
    arguments = VitsArgs(
        hidden_channels=16,
        hidden_channels_ffn_text_encoder=16,
        num_heads_text_encoder=2,
        num_layers_text_encoder=1,
        num_layers_flow=1,
        num_layers_posterior_encoder=1,
        upsample_initial_channel_decoder=16,
        upsample_rates_decoder=[8, 8, 2, 2],
        upsample_kernel_sizes_decoder=[16, 16, 4, 4],
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]],
        init_discriminator=False,
        use_sdp=False,
    )
    config = VitsConfig(
        model_args=arguments,
        audio=BaseAudioConfig(sample_rate=22050, do_trim_silence=False),
        text_cleaner="english_cleaners",
        use_phonemes=False,
    )
    model = Vits.init_from_config(config)
    folder = tmp_path_factory.mktemp("vits")
    config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict()}, folder / "best_model.pth")
    return folder


@pytest.fixture(scope="module")
def voice(tiny_vits: Path) -> CoquiSynthesiser:
    return CoquiSynthesiser(tiny_vits, threads=1)


def test_a_local_checkpoint_speaks(voice: CoquiSynthesiser) -> None:
    samples = voice.synthesise(TEXT, Prosody(), 0.5)
    assert voice.rate_hz == 22050
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert len(samples) > 2205
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1.0


def test_slower_is_longer(voice: CoquiSynthesiser) -> None:
    import torch

    lengths = []
    for rate in (1.2, 0.3):
        torch.manual_seed(3)
        lengths.append(len(voice.synthesise("a long enough text to tell", Prosody(rate), 0.5)))
    assert lengths[1] > lengths[0]


@pytest.mark.parametrize("text", ["", "   ", "?!", "…"])
def test_nothing_speakable_gives_nothing(voice: CoquiSynthesiser, text: str) -> None:
    assert len(voice.synthesise(text, Prosody(), 0.5)) == 0


def test_what_is_said_is_in_no_log(
    voice: CoquiSynthesiser, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        assert len(voice.synthesise("Privately — Ж said.", Prosody(), 0.5))
    out, err = capfd.readouterr()
    assert "rivately" not in caplog.text + out + err


def test_others_may_print_while_it_speaks(
    voice: CoquiSynthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seen = sys.stdout, []
    speak = voice._synthesiser.tts

    def looking(*args: object, **more: object) -> object:
        seen.append(sys.stdout)
        return speak(*args, **more)

    monkeypatch.setattr(voice._synthesiser, "tts", looking)
    voice.synthesise(TEXT, Prosody(), 0.5)
    assert seen == [before], "the live picture of the terminal would be lost"


@pytest.mark.parametrize("text", ["\ud800 hello", "\x00 hello", "hello " * 100])
def test_any_text_is_survived(voice: CoquiSynthesiser, text: str) -> None:
    samples = voice.synthesise(text, Prosody(), 0.5)
    assert np.isfinite(samples).all()


def test_letters_that_the_model_lacks_are_silent(voice: CoquiSynthesiser) -> None:
    assert len(voice.synthesise("Привет 😀", Prosody(), 0.5)) == 0


def test_a_failing_model_is_an_error(
    voice: CoquiSynthesiser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: object, **more: object) -> object:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(voice._synthesiser, "tts", failing)
    with pytest.raises(EngineError, match="out of memory"):
        voice.synthesise(TEXT, Prosody(), 0.5)


def test_a_folder_without_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json"):
        CoquiSynthesiser(tmp_path)


def test_a_damaged_checkpoint_is_named(tiny_vits: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny_vits / "config.json").read_bytes())
    (tmp_path / "best_model.pth").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="cannot be loaded"):
        CoquiSynthesiser(tmp_path)


def test_two_checkpoints_are_one_too_many(tiny_vits: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny_vits / "config.json").read_bytes())
    for name in ("one.pth", "two.pth"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(ModelError, match=r"one\.pth, two\.pth"):
        CoquiSynthesiser(tmp_path)


def test_an_unknown_voice_is_named(tiny_vits: Path) -> None:
    with pytest.raises(ModelError, match="no voice called 'nobody'"):
        CoquiSynthesiser(tiny_vits, voice="nobody")


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ModelError, match="no model called"):
        CoquiSynthesiser("tts_models/en/nowhere/nothing")


def test_the_licence_is_never_agreed_to_silently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COQUI_TOS_AGREED", raising=False)
    with pytest.raises(ModelError, match="License"):
        CoquiSynthesiser("tts_models/multilingual/multi-dataset/xtts_v2")
