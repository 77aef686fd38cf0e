"""The shipped tone head on a human voice, over the real encoder."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from voice_regen.audio.files import open_audio
from voice_regen.config import HearingConfig
from voice_regen.demo import recorded_caller
from voice_regen.engines.base import EncodedSpeech
from voice_regen.engines.emotion import ToneEmotion
from voice_regen.engines.silero_vad import SileroVoiceActivity
from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity
from voice_regen.engines.whisper import WhisperRecogniser
from voice_regen.errors import ModelError
from voice_regen.events import UtteranceEnded
from voice_regen.hearing.listener import Listener
from voice_regen.hearing.pauses import measure_pauses
from voice_regen.hearing.speech_gate import SpeechGate
from voice_regen.runtime.models import ModelStore
from voice_regen.types import Emotion, Pauses, Transcript, Utterance

pytestmark = pytest.mark.real_models


@pytest.fixture(scope="module")
def recogniser() -> WhisperRecogniser:
    return WhisperRecogniser(ModelStore().path("whisper:base"))


@pytest.fixture(scope="module")
def engine() -> ToneEmotion:
    return ToneEmotion(ModelStore().path("tone:crema-d"))


@pytest.fixture(scope="module")
def utterances() -> list[Utterance]:
    with open_audio(recorded_caller()) as audio:
        samples = np.concatenate([block.samples for block in audio.blocks(16_000)])
    listener = Listener(SpeechGate(WebRtcVoiceActivity(), SileroVoiceActivity()), HearingConfig())
    events = chain(listener.feed(samples), listener.finish())
    return [event.utterance for event in events if isinstance(event, UtteranceEnded)]


def felt(engine: ToneEmotion, recogniser: WhisperRecogniser, utterance: Utterance) -> Emotion:
    recognition = recogniser.recognise(utterance.samples)
    pauses = measure_pauses(utterance, Transcript(""))
    return engine.feel(utterance.samples, recognition.encoded, pauses)


def test_a_human_voice_is_judged_from_the_recognisers_own_pass(
    engine: ToneEmotion, recogniser: WhisperRecogniser, utterances: list[Utterance]
) -> None:
    assert len(utterances) >= 4
    answers = [felt(engine, recogniser, each) for each in utterances]
    for answer in answers:
        assert sum(answer.probabilities.values()) == pytest.approx(1.0)
    # The first was heard as sad by most listeners, the last as happy by all of them.
    assert answers[0].valence < answers[-1].valence
    assert any(not answer.cannot_tell for answer in answers)


def test_encode_alone_gives_the_same_feeling(
    engine: ToneEmotion, recogniser: WhisperRecogniser, utterances: list[Utterance]
) -> None:
    """Training encodes without decoding; the answer must be that of the live path."""
    utterance = utterances[0]
    pauses = measure_pauses(utterance, Transcript(""))
    alone = engine.feel(utterance.samples, recogniser.encode(utterance.samples), pauses)
    live = felt(engine, recogniser, utterance)
    assert alone.label is live.label
    assert alone.confidence == pytest.approx(live.confidence, abs=1e-3)


@pytest.mark.parametrize("kind", ["hiss", "hum", "clicks"])
def test_noise_is_never_a_confident_feeling(
    engine: ToneEmotion, recogniser: WhisperRecogniser, kind: str
) -> None:
    """Even if the voice detectors were fooled into calling all of it speech."""
    chance = np.random.default_rng(0)
    t = np.arange(32_000) / 16_000
    samples = {
        "hiss": 0.1 * chance.standard_normal(32_000),
        "hum": 0.2 * np.sin(2 * np.pi * 50 * t),
        "clicks": (t % 0.25 < 0.001) * 0.5,
    }[kind].astype(np.float32)
    found = engine.feel(samples, recogniser.encode(samples), Pauses(None, 0.0, 0.0, 0, 2.0))
    assert found.cannot_tell or found.confidence < 0.6


def test_the_encoder_of_another_model_is_refused(
    engine: ToneEmotion, recogniser: WhisperRecogniser, utterances: list[Utterance]
) -> None:
    own = recogniser.encode(utterances[0].samples)
    other = EncodedSpeech(own.frames, own.frame_rate_hz, "whisper-small")
    with pytest.raises(ModelError, match="whisper-small"):
        engine.feel(utterances[0].samples, other, Pauses(None, 0.0, 0.0, 0, 2.0))
