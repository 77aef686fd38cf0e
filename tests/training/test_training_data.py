"""Corpora, the cache of encoder outputs, and the conditions recordings are put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.engines.emotion_pooling import POOLED
from voice_regen.errors import UsageError
from voice_regen.training.augmentation import TRAINING_VARIANTS, telephone_band, vary
from voice_regen.training.corpora import read_corpus
from voice_regen.training.extraction import Job, babble_for, jobs_for
from voice_regen.training.feature_cache import FeatureCache
from voice_regen.training.pooled_data import gather
from voice_regen.training.preparing import training_jobs
from voice_regen.types import EmotionLabel, Pauses

HEADER = "file,speaker,gender,emotion,split,voice_A,voice_S,exclude\n"
ROWS = (
    "audio/a1.ogg,1,f,angry,train,6,2,\n"
    "audio/a2.ogg,1,f,calm,train,,,\n"
    "audio/b1.ogg,2,m,sad,val,0,5,\n"
    "audio/c1.ogg,3,m,sad,test,1,5,\n"
    "audio/c2.ogg,3,m,sad,test,1,5,silent\n"
)
SILENCES = Pauses(None, 0.3, 0.5, 2, 1.5)
MELODY = (0.5, 1.5)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "metadata.csv").write_text(HEADER + ROWS)
    return folder


def tone_signal(seconds: float = 1.0) -> np.ndarray:
    t = np.arange(int(16_000 * seconds)) / 16_000
    return (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


def test_a_corpus_is_read_without_its_bad_clips(corpus: Path) -> None:
    clips = read_corpus(corpus)
    assert [clip.name for clip in clips] == ["a1", "a2", "b1", "c1"]
    assert clips[0].emotion is EmotionLabel.ANGRY
    assert clips[1].emotion is None
    assert dict(clips[0].votes) == {EmotionLabel.ANGRY: 6.0, EmotionLabel.SAD: 2.0}
    assert clips[0].path == corpus / "audio" / "a1.ogg"


def test_a_folder_that_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"metadata\.csv"):
        read_corpus(tmp_path)
    (tmp_path / "metadata.csv").write_text("file,speaker\n")
    with pytest.raises(UsageError, match="gender, emotion"):
        read_corpus(tmp_path)


def test_test_speakers_are_never_copied(corpus: Path) -> None:
    jobs = training_jobs(read_corpus(corpus), copies=True)
    varied = [job for job in jobs if job.variant != "plain"]
    assert {job.clip.split for job in varied} == {"train", "val"}
    assert len(varied) == 3
    assert len(jobs) == 7
    for job in varied:
        assert {path.stem for path in job.babble} <= {"a1", "a2"}


def test_babble_never_holds_the_speaker(corpus: Path) -> None:
    clips = read_corpus(corpus)
    chosen = babble_for(clips[0], clips, voices=2)
    assert {path.stem for path in chosen} == {"b1", "c1"}
    assert babble_for(clips[0], clips, voices=2) == chosen
    assert jobs_for(clips[2:], "babble", clips * 2)[0].babble


def test_the_cache_gives_back_what_it_got(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path)
    first = np.arange(12, dtype=np.float32).reshape(3, 4)
    cache.append("a/1/plain", first, SILENCES, -20.0, 0.0, MELODY)
    cache.append("a/2/plain", first[:1] + 1, SILENCES, -30.0, 0.1, MELODY)
    again = FeatureCache(tmp_path)
    np.testing.assert_array_equal(again.frames("a/1/plain"), first)
    np.testing.assert_array_equal(again.frames("a/2/plain"), first[:1] + 1)
    assert again.entries["a/2/plain"].pauses == SILENCES
    assert "a/3/plain" not in again


@pytest.mark.parametrize("damage", ["half a line", "half the frames", "frames without a line"])
def test_an_interrupted_cache_loses_only_its_last_entry(tmp_path: Path, damage: str) -> None:
    cache = FeatureCache(tmp_path)
    frames = np.ones((5, 4), np.float32)
    cache.append("a/1/plain", frames, SILENCES, -20.0, 0.0, MELODY)
    cache.append("a/2/plain", 2 * frames, SILENCES, -20.0, 0.0, MELODY)
    index, data = tmp_path / "index.jsonl", tmp_path / "frames.f16"
    if damage == "half a line":
        index.write_bytes(index.read_bytes()[:-20])
    elif damage == "half the frames":
        data.write_bytes(data.read_bytes()[:-6])
    else:
        data.write_bytes(data.read_bytes() + b"\1" * 30)
    mended = FeatureCache(tmp_path)
    assert "a/1/plain" in mended
    mended.append("a/2/plain", 3 * frames, SILENCES, -20.0, 0.0, MELODY)
    last = FeatureCache(tmp_path)
    np.testing.assert_array_equal(last.frames("a/1/plain"), frames)
    np.testing.assert_array_equal(last.frames("a/2/plain"), 3 * frames)


def test_a_cache_of_another_kind_is_left_as_it_is(tmp_path: Path) -> None:
    """Its lines do not read here; once, that was taken for a half-written end."""
    FeatureCache(tmp_path).append(
        "a/1/plain", np.ones((5, 4), np.float32), SILENCES, -20.0, 0.0, MELODY
    )
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for kind in ("emotion-features-1\n", None):
        if kind is None:
            (tmp_path / "kind.txt").unlink()
        else:
            (tmp_path / "kind.txt").write_text(kind)
        with pytest.raises(UsageError, match="another kind"):
            FeatureCache(tmp_path)
        for name in ("frames.f16", "index.jsonl"):
            assert (tmp_path / name).read_bytes() == kept[name]


def test_rows_are_what_the_cache_holds(tmp_path: Path, corpus: Path) -> None:
    clips = read_corpus(corpus)
    cache = FeatureCache(tmp_path / "cache")
    for clip in clips[:3]:
        key = Job(clip, "plain").key
        cache.append(key, np.full((4, 2), 0.5, np.float32), SILENCES, -20.0, 0.0, MELODY)
    rows = gather(cache, clips, ["angry", "sad"])
    assert rows.pooled.shape == (3, 2 * POOLED + len(MELODY))
    assert rows.truth.tolist() == [0, -1, 1]
    assert rows.chosen(rows.truth >= 0).speakers == ("tiny/1", "tiny/2")
    with pytest.raises(UsageError, match="telephone"):
        gather(cache, clips, ["angry"], "telephone")


@pytest.mark.parametrize("variant", ["plain", "babble10", *TRAINING_VARIANTS])
def test_every_condition_keeps_the_recording_usable(variant: str) -> None:
    signal = tone_signal()
    others = [tone_signal(0.7), tone_signal(1.3)]
    varied = vary(signal, variant, seed=4, others=others)
    assert varied.dtype == np.float32
    assert np.isfinite(varied).all()
    assert np.abs(varied).max() <= 1.01
    assert 0.85 < len(varied) / len(signal) < 1.15
    np.testing.assert_array_equal(varied, vary(signal, variant, seed=4, others=others))
    assert variant == "plain" or not np.array_equal(varied[:1000], signal[:1000])


def test_babble_is_as_loud_as_asked() -> None:
    signal = tone_signal()
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    added = vary(signal, "babble10", seed=0, others=[noise]) - signal
    ratio_db = 10 * np.log10(np.mean(signal**2) / np.mean(added**2))
    assert ratio_db == pytest.approx(10.0, abs=0.3)


def test_the_telephone_has_no_high_notes() -> None:
    noise = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) * 0.1
    power = np.abs(np.fft.rfft(telephone_band(noise)[:15_000])) ** 2
    above = power[len(power) * 9 // 16 :].sum() / power.sum()
    assert above < 0.01


@given(st.integers(0, 2**31), st.sampled_from(TRAINING_VARIANTS))
def test_silence_stays_a_number(seed: int, variant: str) -> None:
    silent = np.zeros(1600, np.float32)
    assert np.isfinite(vary(silent, variant, seed, [tone_signal(0.1)])).all()


def test_an_unknown_condition() -> None:
    with pytest.raises(ValueError, match="no such variant"):
        vary(tone_signal(), "underwater", 0)
