"""Measures, calibration, and training on a small made-up problem."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from voice_regen.engines.emotion_pooling import POOLED
from voice_regen.engines.emotion_weights import load_head, save_head, standardised, unusualness
from voice_regen.engines.prosody import WIDTH as PROSODY_WIDTH
from voice_regen.training.corpora import Clip
from voice_regen.training.evaluation import (
    evaluate,
    fixed_fold,
    in_corpus,
    left_out_folds,
    without_speech,
)
from voice_regen.training.fitting import logistic_candidate, speechbrain_candidate
from voice_regen.training.measures import (
    calibration_error,
    fitted_temperature,
    recalls,
    unweighted_accuracy,
    with_interval,
)
from voice_regen.training.pooled_data import Rows
from voice_regen.training.report import class_table, results_table
from voice_regen.types import EmotionLabel

LABELS = (EmotionLabel.NEUTRAL, EmotionLabel.SAD, EmotionLabel.ANGRY)
WIDTH = 2 * POOLED + PROSODY_WIDTH


def made_rows(seed: int, each: int = 40, speakers: int = 4, apart: float = 1.5) -> Rows:
    """Three clouds, ``apart`` from each other along their own columns."""
    chance = np.random.default_rng(seed)
    truth = np.repeat(np.arange(3), each)
    pooled = chance.standard_normal((3 * each, WIDTH))
    pooled[np.arange(3 * each), truth] += 2 * apart
    clips = tuple(
        Clip("made", f"c{i}", Path("none"), f"s{seed}-{i % speakers}", "fm"[i % 2], str(LABELS[t]))
        for i, t in enumerate(truth)
    )
    keys = tuple(f"made/{clip.name}/plain" for clip in clips)
    return Rows(clips, keys, pooled.astype(np.float32), truth.astype(np.int64))


def test_unweighted_accuracy_weighs_classes_alike() -> None:
    truth = np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    answer = np.zeros(10, np.int64)
    assert unweighted_accuracy(truth, answer) == 50.0
    assert recalls(truth, answer, 3)[:2] == [100.0, 0.0]
    assert np.isnan(recalls(truth, answer, 3)[2])


def test_an_interval_holds_its_value_and_widens_with_fewer_speakers() -> None:
    chance = np.random.default_rng(0)
    truth = np.tile(np.arange(2), 300)
    speakers = np.repeat(np.arange(30), 20)
    skill = chance.uniform(0.5, 0.9, 30)[speakers]
    answer = np.where(chance.uniform(size=600) < skill, truth, 1 - truth)
    many = with_interval(truth, answer, [str(s) for s in speakers])
    few = with_interval(truth, answer, [str(s // 10) for s in speakers])
    assert many.low < many.value < many.high
    assert few.high - few.low != many.high - many.low
    assert many == with_interval(truth, answer, [str(s) for s in speakers])


def test_calibration_error_of_the_honest_and_of_the_boastful() -> None:
    chance = np.random.default_rng(1)
    right = chance.uniform(size=20_000) < 0.7
    truth = np.where(right, 0, 1)
    honest = np.tile([0.7, 0.3], (20_000, 1))
    boastful = np.tile([0.99, 0.01], (20_000, 1))
    assert calibration_error(honest, truth) < 0.01
    assert calibration_error(boastful, truth) == pytest.approx(0.29, abs=0.02)


def test_the_temperature_undoes_boasting() -> None:
    chance = np.random.default_rng(2)
    values = chance.standard_normal((5000, 4))
    odds = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    truth = np.array([chance.choice(4, p=row) for row in odds])
    assert fitted_temperature(3.0 * values, truth) == pytest.approx(3.0, rel=0.15)


def test_no_speaker_is_on_both_sides() -> None:
    groups = ["a", "b", "c", "a", "b", "c"]
    folds = left_out_folds(groups)
    assert len(folds) == 3
    for train, dev, test in folds:
        sides = [{groups[i] for i in side} for side in (train, dev, test)]
        assert not sides[0] & sides[1]
        assert not sides[0] & sides[2]
        assert not sides[1] & sides[2]
    ((train, dev, test),) = fixed_fold(["train"] * 20 + ["test"] * 5)
    assert len(train) == 18
    assert len(dev) == 2
    assert test.tolist() == [20, 21, 22, 23, 24]


def test_logistic_regression_learns_and_is_finished(tmp_path: Path) -> None:
    train, dev, test = made_rows(1), made_rows(2), made_rows(3)
    found = logistic_candidate(train, dev, LABELS, "whisper-base", strengths=(0.1,))
    assert found.dev_ua > 80.0
    save_head(found.head, tmp_path)
    head = load_head(tmp_path)
    result = evaluate("made", head, test, LABELS, None)
    assert result.ua.value > 80.0
    assert result.calibration_error < 0.15
    assert result.abstained < 20.0
    assert set(result.by_sex) == {"f", "m"}
    usual = unusualness(head, standardised(head, dev.pooled)) <= head.settings.most_unusual
    assert usual.mean() == pytest.approx(0.98, abs=0.02)
    table = results_table([result]) + class_table([result])
    assert f"{result.ua.value:.1f}" in table


def test_in_corpus_training_tests_every_row_once() -> None:
    rows = made_rows(5)
    folds = left_out_folds([clip.speaker for clip in rows.clips])
    result = in_corpus("made", rows, [str(label) for label in LABELS], folds, "logistic")
    assert result.recordings == len(rows.keys)
    assert result.ua.value > 70.0


def test_sounds_far_from_speech_are_mostly_refused(tmp_path: Path) -> None:
    from voice_regen.training.feature_cache import FeatureCache
    from voice_regen.types import Pauses

    head = logistic_candidate(made_rows(1), made_rows(2), LABELS, "w", strengths=(0.1,)).head
    strange = made_rows(6)
    strange = Rows(strange.clips, strange.keys, 6.0 * strange.pooled, strange.truth)
    cache = FeatureCache(tmp_path)
    for key in strange.keys:
        frames = np.zeros((1, 2), np.float32)
        cache.append(key, frames, Pauses(None, 0.0, 0.0, 0, 2.0), -20.0, 0.0, ())
    everything = without_speech(head, strange, cache)[-1]
    assert everything.kind == "all"
    assert everything.abstained > 95.0
    assert everything.confident < 5.0


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
def test_the_speechbrain_recipe_learns_exports_and_repeats() -> None:
    train, dev = made_rows(1), made_rows(2)
    overrides = (
        f"inputs: {WIDTH}\nclasses: 3\nhidden: 8\nepochs: 20\nlearning_rate: 0.01\n"
        "input_dropout: 0.0\ndropout: 0.1"
    )
    lines: list[str] = []
    found = speechbrain_candidate(train, dev, LABELS, "whisper-base", overrides, lines.append)
    assert found.dev_ua > 75.0
    assert any("differ by at most" in line for line in lines)
    again = speechbrain_candidate(train, dev, LABELS, "whisper-base", overrides, lines.append)
    np.testing.assert_array_equal(found.head.layers[0][0], again.head.layers[0][0])
