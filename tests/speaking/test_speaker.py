"""Rendering, expression and the cache of openers, over a scripted voice."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.engines.fakes import ToneSynthesiser
from voice_regen.errors import EngineError
from voice_regen.speaking import opener_cache
from voice_regen.speaking.expression import LARGEST_STEP, Expression, Targets
from voice_regen.speaking.opener_cache import OpenerCache, PhraseKey
from voice_regen.speaking.speaker import RenderedPause, RenderedSpeech, Speaker
from voice_regen.types import (
    PLAYOUT_RATE_HZ,
    CallerState,
    FloatArray,
    Pause,
    PauseKind,
    Prosody,
    ReplyPlan,
    Say,
    Strategy,
)

OPENER = "I hear you."
STATE = CallerState()


def plan(*moves: Say | Pause, warmth: float = 0.5) -> ReplyPlan:
    return ReplyPlan(1, Strategy.QUESTION, moves, warmth)


PLAN = plan(Say(OPENER), Pause(0.5, PauseKind.RECEIVING), Say("My name is Ann. What now?"))


def speaker(folder: Path, voice: ToneSynthesiser | None = None) -> tuple[Speaker, ToneSynthesiser]:
    voice = voice or ToneSynthesiser()
    cache = OpenerCache(frozenset([OPENER]), PLAYOUT_RATE_HZ, folder)
    return Speaker(voice, "tone", cache, Expression()), voice


def test_speech_and_pauses_in_order_each_made_when_asked_for(tmp_path: Path) -> None:
    made, voice = speaker(tmp_path)
    rendering = made.render(PLAN, STATE)
    first = next(rendering)
    assert isinstance(first, RenderedSpeech)
    assert voice.spoken == [OPENER]
    assert next(rendering) == RenderedPause(PLAYOUT_RATE_HZ // 2)
    assert [each.text for each in rendering if isinstance(each, RenderedSpeech)] == [
        "My name is Ann.",
        "What now?",
    ]


def test_what_was_prepared_is_not_made_again(tmp_path: Path) -> None:
    made, voice = speaker(tmp_path)
    made.prepare(PLAN, STATE)
    assert voice.spoken == [OPENER]
    list(made.render(PLAN, STATE))
    assert voice.spoken.count(OPENER) == 1


def test_only_openers_reach_the_disk(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path)
    list(made.render(PLAN, STATE))
    files = list(tmp_path.iterdir())
    assert len(files) == 1
    assert files[0].suffix == ".flac"
    again, voice = speaker(tmp_path)
    again.prepare(PLAN, STATE)
    assert voice.spoken == []


def test_a_damaged_cache_file_is_made_anew(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path)
    made.prepare(PLAN, STATE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"damaged")
    again, voice = speaker(tmp_path)
    again.prepare(PLAN, STATE)
    assert voice.spoken == [OPENER]
    third, voice = speaker(tmp_path)
    third.prepare(PLAN, STATE)
    assert voice.spoken == []


def test_an_unwritable_cache_warns_once_and_costs_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    made, _ = speaker(file / "openers")
    with pytest.warns(UserWarning, match="cannot be kept"):
        made.prepare(PLAN, STATE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(made.render(plan(Say(OPENER), warmth=0.25), STATE))) == 1


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opener_cache, "DISK_BYTES", 30_000)
    monkeypatch.setattr(opener_cache, "MEMORY_PHRASES", 5)
    texts = [f"opener {number}" for number in range(30)]
    cache = OpenerCache(frozenset(texts), PLAYOUT_RATE_HZ, tmp_path)
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 2000).astype(np.float32)
    for text in texts:
        cache.put(PhraseKey("e", "v", text, Prosody(), 0.5), noise)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 30_000
    assert len(cache._memory) == 5


class OddVoice(ToneSynthesiser):
    """Another rate, with silence at both ends."""

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        quiet = np.zeros(22_050, np.float32)
        tone = 2.0 * np.sin(np.arange(22_050) * 0.1).astype(np.float32)
        return np.concatenate((quiet, tone, quiet))


def test_another_rate_is_resampled_trimmed_and_kept_from_clipping(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path, OddVoice(rate_hz=22_050))
    (rendered,) = made.render(plan(Say(OPENER)), STATE)
    assert isinstance(rendered, RenderedSpeech)
    assert len(rendered.samples) / PLAYOUT_RATE_HZ == pytest.approx(1.08, abs=0.03)
    assert np.abs(rendered.samples).max() <= 0.9


class BrokenVoice(ToneSynthesiser):
    """Makes what is no sound."""

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        return np.full(100, np.nan, np.float32)


def test_what_is_no_number_is_never_played(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path, BrokenVoice())
    with pytest.raises(EngineError, match="not numbers"):
        list(made.render(PLAN, STATE))


class FailingVoice(ToneSynthesiser):
    """Cannot say one of the phrases."""

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        if "Ann" in text:
            raise EngineError("The voice failed.", "Choose another voice.")
        return super().synthesise(text, prosody, warmth)


def test_a_phrase_that_fails_is_named_by_number_not_by_its_words(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path, FailingVoice())
    rendering = made.render(PLAN, STATE)
    assert isinstance(next(rendering), RenderedSpeech)
    assert isinstance(next(rendering), RenderedPause)
    with pytest.raises(EngineError, match=r"Phrase 2 .* The voice failed\.") as raised:
        next(rendering)
    assert raised.value.remedy == "Choose another voice."
    assert "Ann" not in str(raised.value)


class AbruptVoice(ToneSynthesiser):
    """Starts and ends in mid-sound."""

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        return np.full(2400, 0.5, np.float32)


def test_a_phrase_that_starts_in_mid_sound_does_not_click(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path, AbruptVoice())
    (rendered,) = made.render(plan(Say("Well now.")), STATE)
    assert isinstance(rendered, RenderedSpeech)
    assert len(rendered.samples) == 2400
    around = np.concatenate(([0.0], rendered.samples, [0.0]))
    assert np.abs(np.diff(around)).max() < 0.02
    assert np.all(rendered.samples[100:-100] == 0.5)


class MuteVoice(ToneSynthesiser):
    """Makes silence only."""

    def synthesise(self, text: str, prosody: Prosody, warmth: float) -> FloatArray:
        return np.zeros(2400, np.float32)


def test_a_voice_that_makes_nothing_leaves_nothing_on_the_disk(tmp_path: Path) -> None:
    made, _ = speaker(tmp_path, MuteVoice())
    (rendered,) = made.render(plan(Say(OPENER)), STATE)
    assert isinstance(rendered, RenderedSpeech)
    assert len(rendered.samples) == 0
    assert list(tmp_path.iterdir()) == []


KEY = PhraseKey("e", "v", OPENER, Prosody(), 0.5)
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, 24_000).astype(np.float32)


def test_a_cache_that_may_not_be_read_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, *_: object, **__: object) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    cache = OpenerCache(frozenset([OPENER]), PLAYOUT_RATE_HZ, tmp_path)
    monkeypatch.setattr(Path, "is_file", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    assert cache.get(KEY) is None


def test_without_a_home_phrases_are_kept_in_memory_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    cache = OpenerCache(frozenset([OPENER]), PLAYOUT_RATE_HZ)
    assert cache.get(KEY) is None
    cache.put(KEY, NOISE)
    assert cache.get(KEY) is NOISE


def test_conversations_of_one_process_share_the_folder(tmp_path: Path) -> None:
    caches = [OpenerCache(frozenset([OPENER]), PLAYOUT_RATE_HZ, tmp_path) for _ in range(4)]

    def write_often(cache: OpenerCache) -> None:
        for _ in range(20):
            cache.put(KEY, NOISE)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write_often, caches))
    (file,) = tmp_path.iterdir()
    fresh = OpenerCache(frozenset([OPENER]), PLAYOUT_RATE_HZ, tmp_path)
    known = fresh.get(KEY)
    assert known is not None
    assert np.abs(known - NOISE).max() < 1e-4
    assert file.suffix == ".flac"


def test_what_was_used_longest_ago_leaves_the_disk_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["one", "two", "three", "four"]
    openers = frozenset(texts)
    keys = [PhraseKey("e", "v", text, Prosody(), 0.5) for text in texts]
    cache = OpenerCache(openers, PLAYOUT_RATE_HZ, tmp_path)
    for age, key in enumerate(keys[:3]):
        cache.put(key, NOISE)
        os.utime(tmp_path / key.file_name, (age + 1, age + 1))
    (tmp_path / "killed.partial").write_bytes(b"x" * 1000)
    os.utime(tmp_path / "killed.partial", (0, 0))
    assert OpenerCache(openers, PLAYOUT_RATE_HZ, tmp_path).get(keys[0]) is not None
    size = (tmp_path / keys[0].file_name).stat().st_size
    monkeypatch.setattr(opener_cache, "DISK_BYTES", 3 * size + 500)
    cache.put(keys[3], NOISE)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {keys[0].file_name, keys[2].file_name, keys[3].file_name}


unit = st.floats(0, 1)


@given(st.lists(unit, min_size=2, max_size=10), unit)
def test_delivery_is_bounded_and_never_lurches(warmths: list[float], hesitation: float) -> None:
    expression, table = Expression(), Targets()
    state = CallerState(hesitation=hesitation)
    last = None
    for warmth in warmths:
        reply = plan(Say("x"), warmth=warmth)
        prosody = expression.prosody(reply, state)
        assert prosody == expression.prosody(reply, state)
        assert table.slowest <= prosody.rate_ratio <= 1.0
        assert table.energy_db[1] <= prosody.energy_db <= 0.0
        assert 0 <= prosody.breathiness <= 0.5
        now = expression.warmth(reply)
        assert last is None or abs(now - last) <= LARGEST_STEP + 1e-9
        last = now
        expression.spoken(reply)


def test_warmer_is_slower_softer_and_breathier() -> None:
    made = [Expression().prosody(plan(Say("x"), warmth=w / 4), STATE) for w in range(5)]
    assert [p.rate_ratio for p in made] == sorted((p.rate_ratio for p in made), reverse=True)
    assert [p.energy_db for p in made] == sorted((p.energy_db for p in made), reverse=True)
    assert [p.breathiness for p in made] == sorted(p.breathiness for p in made)
    assert made[0] != made[4]
