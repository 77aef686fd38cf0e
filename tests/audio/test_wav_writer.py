"""A WAV that is valid whenever the program ends, and a full disk that loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voice_regen.audio import wav_writer
from voice_regen.audio.files import open_audio
from voice_regen.audio.wav_writer import WavWriter
from voice_regen.errors import AudioFileError

RATE_HZ = 24_000
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, RATE_HZ).astype(np.float32)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, RATE_HZ) as writer:
        for start in range(0, RATE_HZ, 777):
            writer.write(NOISE[start : start + 777])
        assert writer.written_s == pytest.approx(1.0)
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == RATE_HZ
    assert np.abs(samples - NOISE).max() < 1e-4


def test_two_channels(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, RATE_HZ, channels=2) as writer:
        writer.write(np.stack((NOISE, -NOISE), axis=1))
    samples, _ = soundfile.read(path, dtype="float32")
    assert samples.shape == (RATE_HZ, 2)
    assert np.abs(samples[:, 0] + samples[:, 1]).max() < 1e-4


def test_an_empty_file_is_valid_and_private(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    writer = WavWriter(path, RATE_HZ)
    writer.close()
    writer.close()
    assert soundfile.info(str(path)).frames == 0
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(AudioFileError, match="closed"):
        writer.write(NOISE)


def test_samples_outside_the_range_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, RATE_HZ) as writer:
        writer.write(np.array([3.0, -3.0, np.nan, 0.0], np.float32))
    samples, _ = soundfile.read(path, dtype="float32")
    assert samples == pytest.approx([1.0, -1.0, 0.0, 0.0], abs=1e-3)


def test_samples_are_rounded_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, RATE_HZ) as writer:
        writer.write(NOISE)
    stored, _ = soundfile.read(path, dtype="int16")
    assert np.abs(stored - NOISE * 32767.0).max() <= 0.51


@pytest.mark.parametrize("where", [".", "missing/a.wav", "missing folder/a.wav", "x" * 300])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, where: str) -> None:
    with pytest.raises(AudioFileError) as raised:
        WavWriter(tmp_path / where, RATE_HZ)
    assert raised.value.remedy


def test_a_device_without_room(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="No space left"):
        WavWriter(Path("/dev/full"), RATE_HZ)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_keeps_what_fitted(small_disk: Path) -> None:
    path = small_disk / "a.wav"
    writer = WavWriter(path, RATE_HZ)
    with pytest.raises(AudioFileError, match=r"first \d+\.\d s are saved") as raised:
        for _ in range(100):
            writer.write(NOISE)
    assert raised.value.remedy
    samples, _ = soundfile.read(path, dtype="float32")
    assert len(samples) > 3 * RATE_HZ
    repeated = np.tile(NOISE, 100)[: len(samples)]
    assert np.abs(samples - repeated).max() < 1e-4
    writer.close()


def test_more_than_a_wav_can_hold_is_refused_and_the_rest_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 36 + wav_writer.LARGEST_BYTES < 2**32
    monkeypatch.setattr(wav_writer, "LARGEST_BYTES", 2 * 5 * RATE_HZ)
    path = tmp_path / "a.wav"
    writer = WavWriter(path, RATE_HZ)
    with pytest.raises(AudioFileError, match=r"4 GiB.*first 5\.0 s are saved"):
        for _ in range(6):
            writer.write(NOISE)
    assert soundfile.info(str(path)).frames == 5 * RATE_HZ
    with pytest.raises(AudioFileError, match="closed"):
        writer.write(NOISE)


def test_the_header_is_put_right_every_second(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, RATE_HZ) as writer:
        for block in range(1, 200):
            writer.write(NOISE[:480])
            on_disk = soundfile.info(str(path)).frames
            assert 480 * block - RATE_HZ < on_disk <= 480 * block


def test_what_a_killed_writer_leaves_is_heard_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    program = (
        "import os, sys; from pathlib import Path; import numpy as np;"
        "from voice_regen.audio.wav_writer import WavWriter;"
        "writer = WavWriter(Path(sys.argv[1]), 16000);"
        "[writer.write(np.full(4000, 0.25, np.float32)) for _ in range(7)];"
        "os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -signal.SIGKILL
    with open_audio(path) as audio:
        heard = sum(len(block.samples) for block in audio.blocks(1000))
    assert heard == 28_000
    assert "0.8 s more than its header says" in audio.info.notes[0]


PROGRAM = """
import sys, time
from pathlib import Path
import numpy as np
from voice_regen.audio.wav_writer import WavWriter
writer = WavWriter(Path(sys.argv[1]), 24000)
for second in range(10_000):
    writer.write(np.full(24000, 0.25, np.float32))
    if second == 5:
        print("written", flush=True)
    if second >= 5:
        time.sleep(0.01)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_program_leaves_a_valid_file(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "a.wav"
    command = [sys.executable, "-c", PROGRAM, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(number)
    samples, _ = soundfile.read(path, dtype="float32")
    assert len(samples) >= 5 * 24_000
    assert np.abs(samples - 0.25).max() < 1e-3
