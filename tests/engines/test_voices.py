"""The real voices: what they say is understood, follows the prosody, and survives any text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from spoken import heard_again, word_errors

from voice_regen.audio.resampling import resample
from voice_regen.dialogue import wording
from voice_regen.engines.base import Synthesiser
from voice_regen.engines.kokoro import LONGEST_TOKENS, KokoroSynthesiser, _cut, voices
from voice_regen.engines.piper import PiperSynthesiser
from voice_regen.errors import ModelError
from voice_regen.runtime.models import ModelStore
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Prosody

pytestmark = pytest.mark.real_models
PLAIN = Prosody()
WARMEST = Prosody(rate_ratio=0.88, energy_db=-2.0, breathiness=0.5)
SENTENCES = (
    "I hear you.",
    wording.REFLECTIONS[wording.Mood.HEAVY][0],
    wording.QUESTIONS[wording.Mood.HEAVY][0],
    "You think you have a doctor's appointment.",
    wording.HELP_OFFERS[0],
    wording.NOT_HUMAN,
    wording.CHECK_INS[0],
)


@cache
def voice(name: str) -> Synthesiser:
    if name == "kokoro":
        return KokoroSynthesiser(ModelStore().path("kokoro"))
    return PiperSynthesiser(ModelStore().path("piper:en_US-joe-medium"))


def say(name: str, text: str, prosody: Prosody = PLAIN) -> FloatArray:
    return voice(name).synthesise(text, prosody, 0.5)


NAMES = ("kokoro", "piper")


@pytest.mark.parametrize("prosody", [Prosody(), WARMEST], ids=["neutral", "warmest"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_is_understood(name: str, prosody: Prosody) -> None:
    again = [
        heard_again(resample(say(name, text, prosody), voice(name).rate_hz, STREAM_RATE_HZ))
        for text in SENTENCES
    ]
    assert word_errors(" ".join(SENTENCES), " ".join(again)) <= 0.05, again
    assert again[0].startswith("I "), "the voice swallows its first word"


@pytest.mark.parametrize("name", NAMES)
def test_prosody_is_heard(name: str) -> None:
    text = "It sounds as if this is weighing on you."
    plain, slow, soft = (
        say(name, text, each) for each in (Prosody(), Prosody(0.8), Prosody(energy_db=-6))
    )
    assert len(slow) > 1.1 * len(plain)
    levels = [float(np.sqrt(np.mean(np.square(each)))) for each in (plain, soft)]
    assert levels[1] < 0.8 * levels[0]


def test_breathiness_changes_kokoro_s_voice() -> None:
    plain, breathy = (say("kokoro", "I hear you.", Prosody(breathiness=b)) for b in (0.0, 1.0))
    n = min(len(plain), len(breathy))
    assert not np.allclose(plain[:n], breathy[:n], atol=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!…",
        "🙂🙂🙂",
        "https://example.org/x?y=1",
        "<b>bold</b> & [sighs]",
        "日本語のテキスト",
        "Привет, как дела?",
        "\x00\x01\x1b[31m",
        "a" * 300,
        "1" * 60,
        "lone \ud800 surrogate",
        "I hear you. " * 20,
        "1234567890 $5.50 50% 3rd 1,000",
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_any_text_is_survived(name: str, text: str) -> None:
    samples = say(name, text)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.isfinite(samples).all()
    assert np.abs(samples).max(initial=0.0) <= 1.0
    if not any(char.isalnum() for char in text):
        assert len(samples) == 0


@pytest.mark.parametrize("name", NAMES)
def test_tags_and_pictures_are_not_read_out(name: str) -> None:
    samples = say(name, "<speak>I'm 😀 listening.</speak>")
    again = heard_again(resample(samples, voice(name).rate_hz, STREAM_RATE_HZ))
    assert word_errors("I'm listening.", again) == 0, again


@pytest.mark.parametrize("text", ["日本語のテキスト", "Привет, как дела?", "🙂"])
@pytest.mark.parametrize("name", NAMES)
def test_other_scripts_are_not_spelt_out(name: str, text: str) -> None:
    assert len(say(name, text)) == 0


def test_kokoro_s_long_texts_are_cut_between_words() -> None:
    space, letter = 16, 50
    words = [letter] * 9 + [space]
    pieces = _cut(words * 100, space)
    assert [token for piece in pieces for token in piece] == words * 100
    assert all(len(piece) <= LONGEST_TOKENS for piece in pieces)
    assert all(piece.count(letter) % 9 == 0 for piece in pieces)
    assert [len(piece) for piece in _cut([letter] * 900, space)] == [400, 400, 100]
    assert _cut([], space) == []


def test_kokoro_names_its_voices(tmp_path: Path) -> None:
    folder = ModelStore().path("kokoro")
    assert {"af_heart", "af_nicole", "am_michael", "bf_emma"} <= set(voices(folder))
    with pytest.raises(ModelError, match="af_heart"):
        KokoroSynthesiser(folder, voice="nobody")
    with pytest.raises(ModelError, match="models fetch kokoro"):
        KokoroSynthesiser(tmp_path)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices" / "af_heart.bin").write_bytes(b"short")
    with pytest.raises(ModelError, match="af_heart is damaged"):
        KokoroSynthesiser(tmp_path)
    np.zeros(512, np.float32).tofile(tmp_path / "voices" / "af_heart.bin")
    (tmp_path / "model.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match="cannot be loaded"):
        KokoroSynthesiser(tmp_path)


def test_piper_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no Piper voice"):
        PiperSynthesiser(tmp_path)
    (tmp_path / "a.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"a\.onnx\.json"):
        PiperSynthesiser(tmp_path)
    with pytest.raises(ModelError, match="Choose one of: a"):
        PiperSynthesiser(tmp_path, voice="b")


WHOLE_CONFIG = (
    '{"audio": {"sample_rate": 22050}, "espeak": {"voice": "en-us"}, "inference": {},'
    ' "phoneme_id_map": {"_": [0], "^": [1], "$": [2]}, "num_speakers": 1}'
)


@pytest.mark.parametrize(
    "config",
    [
        "[]",
        '{"audio": {}, "espeak": {}, "phoneme_id_map": {"_": [0], "^": [1], "$": [2]}}',
        '{"audio": {"sample_rate": 1}, "espeak": {}, "phoneme_id_map": {}}',
        '{"audio": {"sample_rate": "x"}, "espeak": {"voice": "en"}, "phoneme_id_map": {}}',
        WHOLE_CONFIG.replace("22050", "0"),
        WHOLE_CONFIG.replace("{}", "null"),
        WHOLE_CONFIG.replace("{}", '{"noise_scale": "loud"}'),
        WHOLE_CONFIG.replace("{}", '{"length_scale": NaN}'),
        WHOLE_CONFIG.replace("1}", "null}"),
    ],
)
def test_piper_refuses_another_kind_of_config(tmp_path: Path, config: str) -> None:
    (tmp_path / "a.onnx").write_bytes(b"x")
    (tmp_path / "a.onnx.json").write_text(config)
    with pytest.raises(ModelError, match=r"a\.onnx\.json"):
        PiperSynthesiser(tmp_path)
