"""What a head does on speakers and corpora it never saw."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from voice_regen.engines.emotion import judge
from voice_regen.engines.emotion_limits import reason_not_to_judge
from voice_regen.engines.emotion_pooling import features_of
from voice_regen.engines.emotion_weights import (
    HeadWeights,
    logits,
    probabilities,
    standardised,
)
from voice_regen.engines.prosody import prosody
from voice_regen.training.feature_cache import FeatureCache
from voice_regen.training.fitting import logistic_candidate, speechbrain_candidate
from voice_regen.training.measures import (
    Interval,
    calibration_error,
    recalls,
    unweighted_accuracy,
    with_interval,
)
from voice_regen.training.pooled_data import Rows
from voice_regen.types import STREAM_RATE_HZ, EmotionLabel, FloatArray, Pauses

SHARED = tuple(EmotionLabel(name) for name in ("neutral", "happy", "sad", "angry"))
"""The four classes that all corpora have."""


@dataclass(frozen=True, slots=True)
class Result:
    """Forced choice on every recording, and what abstaining would have changed."""

    name: str
    recordings: int
    ua: Interval
    weighted: float
    by_class: dict[str, float]
    by_sex: dict[str, float]
    calibration_error: float
    abstained: float
    """Percent on which the engine says "cannot tell"."""
    ua_when_told: float
    """Unweighted accuracy over the others."""


def class_probabilities(
    head: HeadWeights, rows: Rows, labels: Sequence[EmotionLabel]
) -> FloatArray:
    """(n, labels), over these classes alone (the others left out and the rest made to sum to 1)."""
    found = probabilities(head, logits(head, standardised(head, rows.pooled)))
    places = [head.settings.labels.index(label) for label in labels]
    kept = found[:, places]
    return np.asarray(kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-12))


def evaluate(
    name: str,
    head: HeadWeights,
    rows: Rows,
    labels: Sequence[EmotionLabel],
    cache: FeatureCache | None,
) -> Result:
    """Figures of one head on rows whose ``truth`` are places in ``labels``.

    With a cache, abstention is judged as in a conversation (speech, level, clipping too).
    """
    found = class_probabilities(head, rows, labels)
    told = np.array([not abstains(head, rows, i, cache) for i in range(len(rows.keys))])
    return scored(name, found, rows, [label.value for label in labels], told)


def scored(
    name: str,
    found: FloatArray,
    rows: Rows,
    labels: Sequence[str],
    told: npt.NDArray[np.bool_] | None = None,
) -> Result:
    """Figures from probabilities (n, labels)."""
    answer = found.argmax(axis=1).astype(np.int64)
    told = np.ones(len(answer), bool) if told is None else told
    sexes = np.array([clip.sex for clip in rows.clips])
    by_class = recalls(rows.truth, answer, len(labels))
    return Result(
        name=name,
        recordings=len(answer),
        ua=with_interval(rows.truth, answer, rows.speakers),
        weighted=100.0 * float((answer == rows.truth).mean()),
        by_class=dict(zip(labels, by_class, strict=True)),
        by_sex={
            sex: unweighted_accuracy(rows.truth[sexes == sex], answer[sexes == sex])
            for sex in ("f", "m")
            if (sexes == sex).any()
        },
        calibration_error=calibration_error(found, rows.truth),
        abstained=100.0 * float(1.0 - told.mean()),
        ua_when_told=unweighted_accuracy(rows.truth[told], answer[told]) if told.any() else np.nan,
    )


def abstains(head: HeadWeights, rows: Rows, place: int, cache: FeatureCache | None) -> bool:
    """Whether the engine would say "cannot tell" of this row."""
    if cache is not None:
        entry = cache.entries[rows.keys[place]]
        if reason_not_to_judge(entry.pauses.speech_s, entry.level_db, entry.clipped_share):
            return True
    return judge(head, rows.pooled[place]).cannot_tell


@dataclass(frozen=True, slots=True)
class Sounds:
    """What happens with sounds of one kind that are no speech."""

    kind: str
    recordings: int
    abstained: float
    """Percent."""
    confident: float
    """Percent answered with a confidence of at least 0.5."""


def without_speech(head: HeadWeights, rows: Rows, cache: FeatureCache) -> list[Sounds]:
    """Coughing, laughing and the like, by kind, and all together."""
    quiet = np.array([abstains(head, rows, i, cache) for i in range(len(rows.keys))])
    sure = np.array([judge(head, each).confidence >= 0.5 for each in rows.pooled]) & ~quiet
    kinds = np.array([clip.label for clip in rows.clips])
    found = []
    for kind in (*sorted(set(kinds)), "all"):
        chosen = (kinds == kind) | (kind == "all")
        found.append(
            Sounds(
                str(kind),
                int(chosen.sum()),
                100.0 * float(quiet[chosen].mean()),
                100.0 * float(sure[chosen].mean()),
            )
        )
    return found


def crowd_agreement(head: HeadWeights, rows: Rows) -> tuple[float, float]:
    """Mean correlation of the predicted distribution with the listeners' votes, and the same for
    one listener (drawn from the votes) against the others."""
    labels = list(head.settings.labels)
    chance = np.random.default_rng(0)
    found = class_probabilities(head, rows, labels)
    ours, theirs = [], []
    for probability, clip in zip(found, rows.clips, strict=True):
        votes = np.zeros(len(labels))
        for label, count in clip.votes:
            votes[labels.index(label)] = count
        if votes.sum() < 3:
            continue
        one = np.zeros(len(labels))
        one[chance.choice(len(labels), p=votes / votes.sum())] = 1.0
        ours.append(_correlation(probability, votes - one))
        theirs.append(_correlation(one, votes - one))
    return float(np.mean(ours)), float(np.mean(theirs))


def _correlation(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> float:
    if np.std(one) == 0.0 or np.std(other) == 0.0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


Places: TypeAlias = npt.NDArray[np.intp]
Groups: TypeAlias = Sequence[tuple[Places, Places, Places]]
"""(train, development, test) row places of each fold."""


def left_out_folds(groups: Sequence[str]) -> Groups:
    """Each group once the test, the next one to choose on, all others to train on."""
    names = sorted(set(groups))
    place_of = np.asarray(groups)
    folds = []
    for turn, test in enumerate(names):
        dev = names[(turn + 1) % len(names)]
        train = np.flatnonzero((place_of != test) & (place_of != dev))
        folds.append((train, np.flatnonzero(place_of == dev), np.flatnonzero(place_of == test)))
    return folds


def fixed_fold(splits: Sequence[str]) -> Groups:
    """One given split; every tenth training row is kept to choose on."""
    train = np.flatnonzero(np.asarray(splits) == "train")
    dev = train[::10]
    return [(np.setdiff1d(train, dev), dev, np.flatnonzero(np.asarray(splits) == "test"))]


def in_corpus(name: str, rows: Rows, labels: Sequence[str], folds: Groups, recipe: str) -> Result:
    """The same recipe trained anew in each fold; nothing is chosen on the fold's test rows.

    ``recipe``: "logistic" or "speechbrain".
    """
    found = np.zeros((len(rows.keys), len(labels)), np.float32)
    # Other corpora have classes that EmotionLabel lacks; training only counts them.
    counted = [EmotionLabel.NEUTRAL] * len(labels)
    tested = []
    for train_at, dev_at, test_at in folds:
        train, dev = rows.chosen(train_at), rows.chosen(dev_at)
        if recipe == "logistic":
            head = logistic_candidate(train, dev, counted, name).head
        else:
            overrides = f"classes: {len(labels)}"
            head = speechbrain_candidate(train, dev, counted, name, overrides, _silent).head
        features = standardised(head, rows.pooled[test_at])
        found[test_at] = probabilities(head, logits(head, features))
        tested.append(test_at)
    places = np.sort(np.concatenate(tested))
    return scored(name, found[places], rows.chosen(places), labels)


def _silent(line: str) -> None:
    del line


def head_cost_ms(head: HeadWeights, seconds: float = 5.0, rounds: int = 200) -> float:
    """Median time to pool, measure the prosody of, and judge an utterance this long."""
    chance = np.random.default_rng(0)
    frames = chance.standard_normal((int(50 * seconds), head.encoder_width)).astype(np.float32)
    times_s = np.arange(int(seconds * STREAM_RATE_HZ)) / STREAM_RATE_HZ
    buzz = np.mod(130.0 * times_s, 1.0) - 0.5  # voiced throughout: the dearest case for Praat
    samples = (0.2 * buzz * np.abs(np.sin(12.0 * times_s))).astype(np.float32)
    pauses = Pauses(None, 0.0, 0.0, 0, seconds)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        judge(head, features_of(frames, prosody(samples, pauses)))
        times.append(time.perf_counter() - began)
    return 1e3 * float(np.median(times))
