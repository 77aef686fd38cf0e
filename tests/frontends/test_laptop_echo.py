"""Echo cancellation in a synthetic room: the echo goes, the person's voice stays."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.signal import fftconvolve
from voices import envelope, level_db, voice

from voice_regen.errors import MissingExtraError, UsageError
from voice_regen.frontends.laptop.echo import STEP_SAMPLES, EchoCanceller, make_echo_canceller
from voice_regen.types import STREAM_RATE_HZ, FloatArray

CANCELLERS = ["livekit", "pywebrtc"]
NEAR_FROM_S, SECONDS = 8, 12


def room(samples: FloatArray, delay_s: float, drift_ppm: float = 0.0) -> FloatArray:
    """What a loudspeaker plays, as a microphone in a room with 0.3 s of reverberation hears it."""
    dice = np.random.default_rng(1)
    n = round(0.25 * STREAM_RATE_HZ)
    response = dice.standard_normal(n) * 10 ** (-3 * np.arange(n) / (0.3 * STREAM_RATE_HZ))
    response[0] = 4.0
    response /= np.sqrt(np.sum(response**2))
    played = np.tanh(samples / 0.6) * 0.6
    if drift_ppm:
        at = np.arange(len(played))
        played = np.interp(at * (1 + drift_ppm * 1e-6), at, played)
    late = np.concatenate((np.zeros(round(delay_s * STREAM_RATE_HZ)), played))
    return (0.5 * fftconvolve(late, response)[: len(samples)]).astype(np.float32)


def cancelled(canceller: EchoCanceller, microphone: FloatArray, far: FloatArray) -> FloatArray:
    """In blocks of 20 ms, as the audio loop does."""
    block = 2 * STEP_SAMPLES
    return np.concatenate(
        [
            canceller.process(microphone[at : at + block], far[at : at + block])
            for at in range(0, len(microphone), block)
        ]
    )


@pytest.mark.parametrize("name", CANCELLERS)
@pytest.mark.parametrize(("delay_s", "drift_ppm"), [(0.06, 0), (0.25, 0), (0.06, 100)])
def test_the_echo_goes_and_the_person_stays(name: str, delay_s: float, drift_ppm: float) -> None:
    far = voice(SECONDS, STREAM_RATE_HZ, pitch_hz=190, seed=1)
    near = np.zeros_like(far)
    said = slice(NEAR_FROM_S * STREAM_RATE_HZ, None)
    near[said] = voice(SECONDS - NEAR_FROM_S, STREAM_RATE_HZ, pitch_hz=110, seed=2)
    noise = np.random.default_rng(3).standard_normal(len(far)).astype(np.float32) * 5e-4
    microphone = room(far, delay_s, drift_ppm) + near + noise

    out = cancelled(make_echo_canceller(name), microphone, far)

    alone = slice(4 * STREAM_RATE_HZ, NEAR_FROM_S * STREAM_RATE_HZ)
    reduction_db = level_db(microphone[alone]) - level_db(out[alone])
    kept = np.corrcoef(envelope(out[said], STREAM_RATE_HZ), envelope(near[said], STREAM_RATE_HZ))[
        0, 1
    ]
    print(f"{name}: {reduction_db:.1f} dB, near voice kept with correlation {kept:.2f}")
    assert reduction_db >= 20
    assert kept > 0.7
    assert abs(level_db(out[said]) - level_db(near[said])) < 6


@pytest.mark.parametrize("name", CANCELLERS)
def test_without_an_echo_the_voice_is_not_touched_much(name: str) -> None:
    near = voice(4, STREAM_RATE_HZ)
    out = cancelled(make_echo_canceller(name), near, np.zeros_like(near))
    assert abs(level_db(out) - level_db(near)) < 1.5
    kept = np.corrcoef(envelope(out, STREAM_RATE_HZ), envelope(near, STREAM_RATE_HZ))[0, 1]
    assert kept > 0.95


def test_none_gives_the_microphone_as_it_is() -> None:
    near = voice(0.1, STREAM_RATE_HZ)
    assert make_echo_canceller("none").process(near, np.zeros_like(near)) is near


@pytest.mark.parametrize("name", [*CANCELLERS, "none"])
def test_lengths_must_fit(name: str) -> None:
    canceller = make_echo_canceller(name)
    with pytest.raises(ValueError, match="multiple"):
        canceller.process(np.zeros(161, np.float32), np.zeros(161, np.float32))
    with pytest.raises(ValueError, match="multiple"):
        canceller.process(np.zeros(160, np.float32), np.zeros(320, np.float32))
    assert len(canceller.process(np.zeros(0, np.float32), np.zeros(0, np.float32))) == 0


@pytest.mark.parametrize("name", CANCELLERS)
def test_nan_and_too_loud_samples_do_no_harm(name: str) -> None:
    wild = np.full(STEP_SAMPLES, np.nan, np.float32)
    wild[::2] = 7.0
    out = make_echo_canceller(name).process(wild, wild)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.001


def test_an_unknown_name_names_the_known() -> None:
    with pytest.raises(UsageError, match="pywebrtc"):
        make_echo_canceller("speex")


@pytest.mark.parametrize(
    ("name", "module"), [("livekit", "livekit"), ("pywebrtc", "pywebrtc_audio")]
)
def test_a_missing_package_is_named(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match="talk"):
        make_echo_canceller(name)


def test_livekit_says_nothing_when_it_starts_and_ends() -> None:
    code = (
        "import numpy as np\n"
        "from voice_regen.frontends.laptop.echo import make_echo_canceller\n"
        "z = np.zeros(160, np.float32)\n"
        "make_echo_canceller('livekit').process(z, z)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
