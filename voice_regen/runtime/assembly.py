"""Puts a conversation together: engines from settings, a session from engines."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from voice_regen.config import Settings
from voice_regen.dialogue.planner import Planner
from voice_regen.engines.registry import (
    EMOTION_ENGINES,
    RECOGNISERS,
    SYNTHESISERS,
    ModelFolder,
    make_emotion,
    make_recogniser,
    make_synthesiser,
    split_choice,
)
from voice_regen.feeling.state import CallerStateTracker
from voice_regen.runtime.engines import Engines
from voice_regen.runtime.feel import Ears
from voice_regen.runtime.metrics import now_s
from voice_regen.runtime.recording import CallerClock, stream_clock
from voice_regen.runtime.records import Observer
from voice_regen.runtime.session import Session
from voice_regen.runtime.warm_up import likely_openers
from voice_regen.runtime.workers import InlineWorkers, ThreadWorkers, Workers
from voice_regen.speaking.expression import Expression
from voice_regen.speaking.opener_cache import OpenerCache
from voice_regen.speaking.speaker import Speaker
from voice_regen.types import PLAYOUT_RATE_HZ


def check_choices(settings: Settings) -> None:
    """Raise UsageError for an unknown engine before anything is loaded."""
    split_choice(settings.engines.recogniser, RECOGNISERS, "recognition")
    split_choice(settings.engines.emotion, EMOTION_ENGINES, "emotion")
    split_choice(settings.engines.synthesiser, SYNTHESISERS, "synthesis")


def load_engines(settings: Settings, folder_of: ModelFolder) -> tuple[Engines, float]:
    """Load all engines, side by side; returns them and the seconds it took.

    Raises UsageError, ModelError or MissingExtraError of the first that fails.
    """
    from voice_regen.engines.silero_vad import SileroVoiceActivity
    from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity

    began = now_s()
    check_choices(settings)
    config = settings.engines
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="load") as pool:
        synthesiser = pool.submit(make_synthesiser, config, folder_of)
        recogniser = pool.submit(make_recogniser, config, folder_of)
        gate = WebRtcVoiceActivity()
        judge = SileroVoiceActivity()
        emotion = make_emotion(config, folder_of)
        engines = Engines(
            gate=gate,
            judge=judge,
            recogniser=recogniser.result(),
            emotion=emotion,
            synthesiser=synthesiser.result(),
            recogniser_name=config.recogniser,
            emotion_name=None if emotion is None else config.emotion.replace("auto", "tone"),
            synthesiser_name=config.synthesiser,
        )
    return engines, now_s() - began


def load_ears(settings: Settings, folder_of: ModelFolder) -> Ears:
    """What hears and feels, without a voice. Raises as :func:`load_engines`."""
    from voice_regen.engines.silero_vad import SileroVoiceActivity
    from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity

    check_choices(settings)
    config = settings.engines
    return Ears(
        gate=WebRtcVoiceActivity(),
        judge=SileroVoiceActivity(),
        recogniser=make_recogniser(config, folder_of),
        emotion=make_emotion(config, folder_of),
    )


def open_session(
    engines: Engines,
    settings: Settings,
    *,
    live: bool,
    observers: Iterable[Observer] = (),
    source: str,
    clock: CallerClock = stream_clock,
    load_s: float = 0.0,
    seed: int = 0,
) -> Session:
    """A new conversation over loaded engines.

    ``live``: work is done on threads beside the audio. Otherwise each step finishes its work
    before the next, and the same audio gives the same events.
    """
    planner = Planner(settings.care, seed=seed)
    cache = OpenerCache(planner.openers, PLAYOUT_RATE_HZ)
    speaker = Speaker(engines.synthesiser, engines.synthesiser_name, cache, Expression())
    workers: Workers = ThreadWorkers() if live else InlineWorkers()
    return Session(
        engines,
        settings,
        planner=planner,
        tracker=CallerStateTracker(),
        speaker=speaker,
        workers=workers,
        observers=observers,
        source=source,
        clock=clock,
        load_s=load_s,
        warm_up=likely_openers(planner.openers) if live else (),
    )
