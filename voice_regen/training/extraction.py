"""From recordings to cached encoder outputs, by the path that a live conversation takes.

Each clip is heard by the same two voice detectors and the same listener, cut to its speech with
the same pre-roll and tail, and encoded by the same recogniser with the same short window.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from voice_regen.audio.files import open_audio
from voice_regen.config import HearingConfig
from voice_regen.engines.emotion_limits import clipped_share, level_db
from voice_regen.engines.prosody import prosody
from voice_regen.events import UtteranceEnded
from voice_regen.hearing.listener import Listener
from voice_regen.hearing.pauses import measure_pauses
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.training.augmentation import vary
from voice_regen.training.corpora import Clip
from voice_regen.types import STREAM_RATE_HZ, FloatArray, Pauses, Transcript, Utterance

if TYPE_CHECKING:
    from voice_regen.engines.silero_vad import SileroVoiceActivity
    from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity
    from voice_regen.engines.whisper import WhisperRecogniser

LEAD_S = 0.3
"""Silence put before a clip, so that pre-roll and voice activity have room; not kept."""
LONGEST_S = 28.0


@dataclass(frozen=True, slots=True)
class Job:
    """One recording in one condition."""

    clip: Clip
    variant: str
    babble: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """Name in the cache."""
        return f"{self.clip.corpus}/{self.clip.name}/{self.variant}"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a job gives."""

    key: str
    frames: FloatArray
    pauses: Pauses
    level_db: float
    clipped_share: float
    prosody: tuple[float, ...]


def read_clip(path: Path) -> FloatArray:
    """A whole clip at STREAM_RATE_HZ. Raises AudioFileError."""
    with open_audio(path) as audio:
        return np.concatenate([block.samples for block in audio.blocks(STREAM_RATE_HZ)])


def cut_to_speech(
    samples: FloatArray, gate: WebRtcVoiceActivity, judge: SileroVoiceActivity
) -> Utterance | None:
    """The clip from its first speech to its last, as one utterance; ``None`` without speech."""
    listener = Listener(SpeechGate(gate, judge), HearingConfig())
    lead = np.zeros(int(LEAD_S * STREAM_RATE_HZ), np.float32)
    stream = np.concatenate((lead, samples))
    events = chain(listener.feed(stream), listener.finish())
    found = [event.utterance for event in events if isinstance(event, UtteranceEnded)]
    if not found:
        return None
    start, end = found[0].start_sample, min(found[-1].end_sample, len(stream))
    return Utterance(
        samples=stream[start:end],
        start_sample=start,
        end_sample=end,
        speech=tuple(span for utterance in found for span in utterance.speech),
        turn_id=1,
        index=0,
    )


class Extractor:
    """Holds the engines of one process."""

    def __init__(self, whisper: Path, threads: int) -> None:
        """``whisper``: folder of the recogniser's model."""
        from voice_regen.engines.silero_vad import SileroVoiceActivity
        from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity
        from voice_regen.engines.whisper import WhisperRecogniser

        self._gate = WebRtcVoiceActivity()
        self._judge = SileroVoiceActivity()
        self._whisper: WhisperRecogniser = WhisperRecogniser(whisper, threads=threads)

    def extract(self, job: Job) -> Heard:
        """Vary, hear, encode; a clip without speech is encoded whole, with 0 s of speech."""
        seed = zlib.crc32(job.key.encode())
        others = [read_clip(path) for path in job.babble]
        samples = vary(read_clip(job.clip.path), job.variant, seed, others)
        utterance = cut_to_speech(samples, self._gate, self._judge)
        if utterance is None:
            pauses = Pauses(None, 0.0, 0.0, 0, 0.0)
        else:
            samples = utterance.samples
            pauses = measure_pauses(utterance, Transcript(""))
        samples = samples[: int(LONGEST_S * STREAM_RATE_HZ)]
        frames = self._whisper.encode(samples).frames
        melody = tuple(float(value) for value in prosody(samples, pauses))
        return Heard(job.key, frames, pauses, level_db(samples), clipped_share(samples), melody)


_extractor: Extractor | None = None


def _start_process(whisper: Path) -> None:
    global _extractor  # one set of engines a process
    _extractor = Extractor(whisper, threads=1)


def _run(job: Job) -> Heard:
    assert _extractor is not None
    return _extractor.extract(job)


def extract_all(jobs: Sequence[Job], whisper: Path, processes: int) -> Iterator[Heard]:
    """Do ``jobs`` in ``processes`` processes of one thread each; answers come in order."""
    with get_context("spawn").Pool(processes, _start_process, (whisper,)) as pool:
        yield from pool.imap(_run, jobs, chunksize=4)


def babble_for(job_clip: Clip, pool: Sequence[Clip], voices: int = 4) -> tuple[Path, ...]:
    """Other speakers of ``pool``, chosen by the clip's name."""
    chance = np.random.default_rng(zlib.crc32(f"babble/{job_clip.name}".encode()))
    speakers = [clip for clip in pool if clip.speaker != job_clip.speaker]
    chosen = chance.choice(len(speakers), voices, replace=False)
    return tuple(speakers[i].path for i in chosen)


def jobs_for(clips: Iterable[Clip], variant: str, babble_pool: Sequence[Clip] = ()) -> list[Job]:
    """One job a clip."""
    noisy = variant.startswith("babble")
    return [Job(clip, variant, babble_for(clip, babble_pool) if noisy else ()) for clip in clips]
