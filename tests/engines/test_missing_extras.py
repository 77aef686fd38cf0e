"""A part whose package is not installed names the command that mends it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from voice_regen.engines.coqui import CoquiSynthesiser
from voice_regen.engines.english_g2p import EnglishPhonemes
from voice_regen.engines.espeak import open_espeak
from voice_regen.engines.pyannote_segmentation import PyannoteSegmentation
from voice_regen.engines.silero_vad import SileroVoiceActivity
from voice_regen.engines.webrtc_vad import WebRtcVoiceActivity
from voice_regen.engines.whisper import WhisperRecogniser
from voice_regen.errors import MissingExtraError
from voice_regen.frontends.laptop.echo import make_echo_canceller

NOWHERE = Path("nowhere")


@pytest.mark.parametrize(
    ("package", "extra", "make"),
    [
        ("faster_whisper", "talk", lambda: WhisperRecogniser(NOWHERE)),
        ("webrtcvad", "talk", WebRtcVoiceActivity),
        ("onnxruntime", "talk", SileroVoiceActivity),
        ("misaki", "talk", EnglishPhonemes),
        ("espeakng_loader", "talk", lambda: open_espeak("en-us")),
        ("livekit", "talk", lambda: make_echo_canceller("livekit")),
        ("pywebrtc_audio", "talk", lambda: make_echo_canceller("pywebrtc")),
        ("TTS", "coqui", lambda: CoquiSynthesiser(NOWHERE)),
        ("pyannote.audio", "diarization", lambda: PyannoteSegmentation(NOWHERE)),
    ],
)
def test_what_to_install_is_named(
    package: str, extra: str, make: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    top = package.partition(".")[0]
    for name in [each for each in sys.modules if each.partition(".")[0] == top]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    if package == "TTS":
        monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError) as raised:
        make()
    assert raised.value.remedy == f"Install it with: pip install 'voice_regen[{extra}]'"
