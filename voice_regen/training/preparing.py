"""Which recordings are extracted in which conditions, and doing it with a progress bar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from voice_regen.training.augmentation import TRAINING_VARIANTS
from voice_regen.training.corpora import Clip, read_corpus
from voice_regen.training.extraction import Job, extract_all, jobs_for
from voice_regen.training.feature_cache import FeatureCache

if TYPE_CHECKING:
    from rich.console import Console

TRAINING_CORPUS = "crema_d"
"""The one corpus whose licence (ODbL and DbCL) clearly allows weights to be shipped."""
UNSEEN_CORPORA = ("ravdess", "emodb", "emovo", "urdu")
NO_SPEECH_CORPUS = "deeply_nonverbal"
TEST_CONDITIONS = ("telephone", "babble10")


def training_jobs(clips: Sequence[Clip], copies: bool) -> list[Job]:
    """All clips plain, one varied copy of every training clip, and of every third development
    clip (calibration needs fewer).

    The conditions are taken in turn; babble is of speakers of the same split.
    """
    jobs = jobs_for(clips, "plain")
    for split, step in (("train", 1), ("val", 3)) if copies else ():
        own = [clip for clip in clips if clip.split == split][::step]
        for index, variant in enumerate(TRAINING_VARIANTS):
            jobs += jobs_for(own[index :: len(TRAINING_VARIANTS)], variant, own)
    return jobs


def evaluation_jobs(data: Path, own: str = TRAINING_CORPUS) -> list[Job]:
    """The test speakers in every test condition, and every corpus never trained on."""
    test = [clip for clip in read_corpus(data / own) if clip.split == "test"]
    jobs = jobs_for(test, "plain")
    for name in (*UNSEEN_CORPORA, NO_SPEECH_CORPUS):
        if (data / name / "metadata.csv").is_file():
            jobs += jobs_for(read_corpus(data / name), "plain")
    for variant in TEST_CONDITIONS:
        jobs += jobs_for(test, variant, test)
    return jobs


def fill(
    cache: FeatureCache, jobs: Sequence[Job], whisper: Path, processes: int, console: Console
) -> int:
    """Extract what the cache lacks; safe to stop and start again. Returns how many were done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    missing = [job for job in jobs if job.key not in cache]
    if not missing:
        return 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("listening to recordings", total=len(missing))
        for heard in extract_all(missing, whisper, processes):
            cache.append(
                heard.key,
                heard.frames,
                heard.pauses,
                heard.level_db,
                heard.clipped_share,
                heard.prosody,
            )
            progress.advance(task)
    return len(missing)
