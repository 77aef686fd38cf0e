"""Recordings of every kind, whole and broken."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from voice_regen.audio.files import OpenAudio, open_audio
from voice_regen.errors import AudioFileError
from voice_regen.types import STREAM_RATE_HZ, FloatArray

RATES = (8_000, 11_025, 16_000, 22_050, 44_100, 48_000)


def signal(rate_hz: int = STREAM_RATE_HZ, seconds: float = 1.0) -> FloatArray:
    time_s = np.arange(round(rate_hz * seconds)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * 300 * time_s)).astype(np.float32)


def read(path: Path, block_samples: int = 1000, **options: int) -> tuple[FloatArray, OpenAudio]:
    with open_audio(path, **options) as audio:
        parts = [block.samples for block in audio.blocks(block_samples)]
    return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), audio


def wav(
    data: bytes,
    *,
    rate: int = 16_000,
    channels: int = 1,
    bits: int = 16,
    data_size: int | None = None,
    riff_size: int | None = None,
    align: int | None = None,
) -> bytes:
    block = channels * bits // 8
    return (
        struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF",
            36 + len(data) if riff_size is None else riff_size,
            b"WAVE",
            b"fmt ",
            16,
            1,
            channels,
            rate,
            rate * block,
            block if align is None else align,
            bits,
            b"data",
            len(data) if data_size is None else data_size,
        )
        + data
    )


PCM = (signal() * 32767).astype("<i2").tobytes()


@pytest.mark.parametrize("rate_hz", RATES)
def test_any_rate_becomes_the_stream_s(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, signal(rate_hz), rate_hz)
    samples, audio = read(path)
    assert audio.info.rate_hz == rate_hz
    assert len(samples) == pytest.approx(STREAM_RATE_HZ, abs=40)
    wanted = signal()[: len(samples)]
    middle = slice(2000, len(wanted) - 2000)
    assert np.abs(samples[: len(wanted)] - wanted)[middle].max() < 0.02


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_U8", 0.01),
        ("a.wav", "PCM_16", 1e-3),
        ("a.wav", "PCM_24", 1e-3),
        ("a.wav", "PCM_32", 1e-3),
        ("a.wav", "FLOAT", 1e-3),
        ("a.wav", "DOUBLE", 1e-3),
        ("a.wav", "ULAW", 0.03),
        ("a.wav", "ALAW", 0.03),
        ("a.flac", "PCM_16", 1e-3),
        ("a.ogg", "VORBIS", 0.1),
        ("a.ogg", "OPUS", 0.1),
        ("a.mp3", "MPEG_LAYER_III", 0.1),
        ("a.aiff", "PCM_16", 1e-3),
    ],
)
def test_any_kind_of_file(tmp_path: Path, name: str, subtype: str, tolerance: float) -> None:
    path = tmp_path / name
    soundfile.write(path, signal(), STREAM_RATE_HZ, subtype=subtype)
    samples, _ = read(path)
    wanted = signal()
    n = min(len(samples), len(wanted))
    assert n > 0.9 * len(wanted)
    if name != "a.mp3":  # an MP3 is delayed by its coder
        assert np.abs(samples[:n] - wanted[:n])[400:-400].max() < tolerance


def test_stereo_is_averaged_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack((signal(), np.zeros_like(signal())), axis=1), STREAM_RATE_HZ)
    samples, audio = read(path)
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.01)
    assert "2 channels" in audio.info.notes[0]
    right, audio = read(path, channel=1)
    assert not right.any()
    assert audio.info.notes == ()
    with pytest.raises(AudioFileError, match="no channel 2"):
        open_audio(path, channel=2)


@given(sizes=st.lists(st.integers(1, 20_000), min_size=2, max_size=4))
def test_the_block_size_changes_nothing(
    sizes: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("f") / "a.wav"
    soundfile.write(path, signal(44_100, 0.7), 44_100)
    heard = [read(path, size)[0] for size in sizes]
    assert all(np.array_equal(heard[0], each) for each in heard[1:])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"this is a letter, not a song", "cannot be read as audio"),
        (wav(PCM)[:30], "cannot be read as audio"),
        (wav(b""), "holds no audio"),
        (wav(PCM, rate=0), "cannot be read as audio"),
        (wav(PCM, rate=10**9), "sampling rate"),
        (wav(PCM, rate=100), "sampling rate"),
        (wav(PCM, channels=0), "cannot be read as audio"),
        (b"RIFF", "cannot be read as audio"),
        (b"\0" * 5000, "cannot be read as audio"),
    ],
)
def test_what_is_no_audio_is_named_with_a_remedy(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(AudioFileError, match=problem) as raised:
        open_audio(path)
    assert raised.value.remedy


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="does not exist"):
        open_audio(tmp_path / "nowhere.wav")
    with pytest.raises(AudioFileError, match="is a folder"):
        open_audio(tmp_path)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (wav(PCM, data_size=0, riff_size=36), "no length"),
        (wav(PCM, data_size=0, riff_size=0xFFFFFFFF), "no length"),
        (wav(PCM, data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF), "no length"),
        (wav(PCM, data_size=0x7FFFFFFF, riff_size=0x7FFFFFFF), "no length"),
        (wav(PCM, data_size=0x7FFFF000, riff_size=0x7FFFF024), "no length"),
        (wav(PCM, data_size=3 * len(PCM)), "promises 2.0 s more"),
        (wav(PCM, data_size=len(PCM) // 2, riff_size=36 + len(PCM) // 2), "0.5 s more than"),
        (wav(PCM + b"x"), None),
        (wav(PCM, riff_size=0), None),
        (wav(PCM, align=0), None),
    ],
)
def test_a_lying_header_loses_no_audio(tmp_path: Path, content: bytes, note: str | None) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    samples, audio = read(path)
    assert len(samples) == len(PCM) // 2
    assert np.abs(samples - signal()).max() < 1e-3
    assert (note is None) == (audio.info.notes == ())
    if note:
        assert note in audio.info.notes[0]


def test_a_file_that_breaks_off_gives_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(PCM)[:-6001])
    samples, audio = read(path)
    assert len(samples) == (len(PCM) - 6001) // 2
    assert "0.2 s more" in audio.info.notes[0]
    flac = tmp_path / "a.flac"
    soundfile.write(flac, np.random.default_rng(1).normal(0, 0.1, 160_000), STREAM_RATE_HZ)
    flac.write_bytes(flac.read_bytes()[:-100_000])
    with open_audio(flac) as broken:
        heard = 0
        try:
            for block in broken.blocks(1000):
                heard += len(block.samples)
            said = " ".join(broken.closing_notes())
        except AudioFileError as error:
            said = str(error)
    assert 0 < heard < 160_000
    assert "breaks off" in said or "damaged" in said


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    bad = signal()
    bad[100:110] = np.nan
    bad[200] = np.inf
    bad[300] = -np.inf
    bad[400] = 1e30
    soundfile.write(path, bad, STREAM_RATE_HZ, subtype="FLOAT")
    samples, audio = read(path)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1.0
    assert not samples[100:110].any()
    assert any("12 samples were not numbers" in note for note in audio.closing_notes())


def test_clipping_and_silence_are_told(tmp_path: Path) -> None:
    loud, quiet = tmp_path / "loud.wav", tmp_path / "quiet.wav"
    soundfile.write(loud, np.clip(signal() * 10, -1, 1), STREAM_RATE_HZ)
    soundfile.write(quiet, np.zeros(16_000), STREAM_RATE_HZ)
    assert any("clipped" in note for note in read(loud)[1].closing_notes())
    assert any("silent" in note for note in read(quiet)[1].closing_notes())
    assert "telephone" not in " ".join(read(loud)[1].info.notes)


def test_a_two_hour_file_is_never_held_at_once(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        hour = np.zeros(8_000 * 600, np.int16)
        for _ in range(12):
            file.write(hour)
    import tracemalloc

    tracemalloc.start()
    with open_audio(path) as audio:
        total = sum(len(block.samples) for block in audio.blocks(16_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 7200 * STREAM_RATE_HZ
    assert peak < 20_000_000


LIST = b"LIST" + struct.pack("<I", 18) + b"INFOISFT" + struct.pack("<I", 6) + b"Lavf58"


def test_what_follows_the_samples_is_not_heard(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    many = LIST * 400
    path.write_bytes(wav(PCM, data_size=len(PCM), riff_size=36 + len(PCM) + len(many)) + many)
    samples, audio = read(path)
    assert len(samples) == len(PCM) // 2
    assert audio.info.notes == ()
    path.write_bytes(wav(b"") + many)
    with pytest.raises(AudioFileError, match="holds no audio"):
        open_audio(path)


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_any_header_is_audio_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes, data_size: int, riff_size: int
) -> None:
    path = tmp_path_factory.mktemp("f") / "a.wav"
    path.write_bytes(wav(PCM[:2000], data_size=data_size, riff_size=riff_size) + tail)
    problem: AudioFileError | None = None
    samples = np.zeros(0, np.float32)
    try:
        samples, _ = read(path)
    except AudioFileError as error:
        problem = error
    assert (problem is None) == (len(samples) > 0)
    assert problem is None or problem.remedy
    assert len(samples) <= (2000 + len(tail)) // 2


@pytest.mark.parametrize("name", ["a.raw", "a.au", "a.snd", "a.gsm", "a.vox"])
def test_samples_without_a_header_are_not_guessed_at(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PCM)
    with pytest.raises(AudioFileError, match="no header") as raised:
        open_audio(path)
    assert "ffmpeg" in str(raised.value.remedy)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    with pytest.raises(AudioFileError, match="a pipe"):
        open_audio(pipe)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/under"])
def test_a_name_that_cannot_be_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(AudioFileError) as raised:
        open_audio(tmp_path / name)
    assert raised.value.remedy


def test_the_command_in_the_remedy_can_be_pasted(tmp_path: Path) -> None:
    path = tmp_path / "my talk.wav"
    path.write_bytes(b"no sound at all, but long enough to be looked at" * 10)
    with pytest.raises(AudioFileError) as raised:
        open_audio(path)
    assert "ffmpeg -i 'my talk.wav' 'my talk_converted.wav'" in str(raised.value.remedy)


def test_noise_named_mp3_is_not_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(np.random.default_rng(1).bytes(2000))
    with pytest.raises(AudioFileError, match="cannot be read as audio") as raised:
        open_audio(path)
    assert "does not exist" not in str(raised.value)


def test_a_flac_that_gives_no_length_is_heard_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, signal(), STREAM_RATE_HZ)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # STREAMINFO: the number of samples is its last 36 bits before the MD5
    data[22:26] = bytes(4)
    path.write_bytes(data)
    samples, audio = read(path)
    assert np.abs(samples - signal()).max() < 1e-3
    assert "gives no length" in audio.info.notes[0]
    assert audio.info.duration_s == 0.0
    assert audio.closing_notes() == ()


def test_one_bad_channel_does_not_spoil_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    left, right = signal(), np.clip(signal() * 10, -1, 1)
    left[100], right[100] = np.inf, -np.inf
    left[200:300] = np.nan
    left[400], right[400] = 3e38, 3e38
    soundfile.write(path, np.stack((left, right), axis=1), STREAM_RATE_HZ, subtype="FLOAT")
    samples, audio = read(path)
    assert samples[200:300] == pytest.approx(right[200:300] / 2, abs=1e-6)
    assert samples[100] == 0
    notes = " ".join(audio.closing_notes())
    assert "102 samples were not numbers" in notes
    assert "clipped" in notes


def test_blocks_have_a_size(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, signal(), STREAM_RATE_HZ)
    with open_audio(path) as audio, pytest.raises(ValueError, match="at least 1"):
        next(audio.blocks(0))
