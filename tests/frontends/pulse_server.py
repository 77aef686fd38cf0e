"""A PulseAudio server of one's own: a microphone and a loudspeaker made of null sinks.

Each server lives in a private folder with its own socket, so that tests do not meet each
other, nor the sound of the machine they run on. What is played to ``mic_feed`` is what the
microphone ``virt_mic`` hears; what a program says to ``speaker`` can be recorded there.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from voice_regen.types import FloatArray

PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec")
PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins"
SERVER_RATE_HZ = 48_000
PATIENCE_S = 60.0
"""A loaded machine is slow, not wrong."""

_ASOUNDRC = """</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""


def require_pulseaudio() -> None:
    """Fail, naming what to install; skip only if the environment asks for it."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if not missing:
        return
    if os.environ.get("VOICE_REGEN_SKIP_PULSE") == "1":
        pytest.skip(f"VOICE_REGEN_SKIP_PULSE=1 and {', '.join(missing)} not installed")
    pytest.fail(
        f"{', '.join(missing)} not found. Install: apt-get install {PACKAGES} "
        "(or set VOICE_REGEN_SKIP_PULSE=1 to leave the tests on sound devices out)"
    )


class PulseServer:
    """A running server; :meth:`env` is what a program needs to use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "native"
        (folder / "asoundrc").write_text(_ASOUNDRC)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        own = {
            "XDG_RUNTIME_DIR": str(self.folder),
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_STATE_PATH": str(self.folder),
            "PULSE_CONFIG_PATH": str(self.folder),
            "PULSE_SERVER": f"unix:{self.socket}",
            "ALSA_CONFIG_PATH": str(self.folder / "asoundrc"),
        }
        return {**os.environ, **own}

    def start(self) -> None:
        """Start it and wait until it answers; safe after :meth:`kill`."""
        self.socket.unlink(missing_ok=True)
        log = (self.folder / "pulse.log").open("ab")
        sink = f"rate={SERVER_RATE_HZ} channels=1 format=s16le"
        modules = (
            f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}",
            f"module-null-sink sink_name=mic_feed {sink}",
            "module-remap-source master=mic_feed.monitor source_name=virt_mic",
            f"module-null-sink sink_name=speaker {sink}",
        )
        # In the foreground and as our own child: it can be ended by its id, whatever happens.
        self._process = subprocess.Popen(
            [
                *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"),
                *(
                    "--use-pid-file=no",
                    "--realtime=no",
                    "--high-priority=no",
                    "--log-target=stderr",
                ),
                *(part for module in modules for part in ("-L", module)),
            ],
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        self._wait_until_ready()
        self.pactl("set-default-sink", "speaker")
        self.pactl("set-default-source", "virt_mic")

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            assert self._process.poll() is None, self._log()
            asked = subprocess.run(
                ["pactl", "list", "short", "sources"],
                env=self.env,
                capture_output=True,
                text=True,
                check=False,
            )
            if asked.returncode == 0 and "virt_mic" in asked.stdout:
                return
            time.sleep(0.1)
        raise AssertionError(
            "PulseAudio did not answer: " + (self.folder / "pulse.log").read_text()
        )

    def _log(self) -> str:
        return (self.folder / "pulse.log").read_text()

    def pactl(self, *words: str) -> str:
        """Run ``pactl``; what it prints."""
        return subprocess.run(
            ["pactl", *words], env=self.env, capture_output=True, text=True, check=True
        ).stdout.strip()

    def unload(self, module: str) -> None:
        """Take a module away, as when a device is unplugged; ``module`` is part of its line."""
        lines = self.pactl("list", "short", "modules").splitlines()
        (number,) = [line.split()[0] for line in lines if module in line]
        self.pactl("unload-module", number)

    def kill(self) -> None:
        """End the server at once; safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def play(self, samples: FloatArray, sink: str = "mic_feed") -> subprocess.Popen[bytes]:
        """Begin to play ``samples`` (at SERVER_RATE_HZ) into ``sink``; wait() ends with them."""
        pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        source = self.folder / f"feed-{time.monotonic_ns()}.raw"
        source.write_bytes(pcm)
        # A deep buffer: a player that gets no processor for a second must not tear a hole into
        # the sentence, for a hole is heard as a pause and answered as one.
        with source.open("rb") as file:
            return subprocess.Popen(
                ["pacat", "-p", "-d", sink, *_FORMAT, "--latency-msec=2000"],
                env=self.env,
                stdin=file,
            )

    @contextmanager
    def recording(self, source: str = "speaker.monitor") -> Iterator[Recording]:
        """Record ``source`` while the block runs."""
        process = subprocess.Popen(
            ["parec", "-d", source, *_FORMAT, "--latency-msec=50"],
            env=self.env,
            stdout=subprocess.PIPE,
        )
        recording = Recording(process)
        try:
            yield recording
        finally:
            recording.stop()


_FORMAT = ("--raw", "--format=s16le", f"--rate={SERVER_RATE_HZ}", "--channels=1")


class Recording:
    """What a source gives, from when its first samples came."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._bytes = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        give_up_at = time.monotonic() + PATIENCE_S
        while not self._bytes and time.monotonic() < give_up_at:
            time.sleep(0.02)
        assert self._bytes, "the recorder gives nothing"

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read1(9600):
            self._bytes.extend(data)

    @property
    def samples(self) -> FloatArray:
        """At SERVER_RATE_HZ, shape (n,), all since the beginning."""
        whole = bytes(self._bytes)
        return np.frombuffer(whole[: len(whole) // 2 * 2], "<i2").astype(np.float32) / 32768

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def pulse_server() -> Iterator[PulseServer]:
    """A server for as long as the block runs."""
    require_pulseaudio()
    # A socket's path must be short: the folders of pytest can be too long for it.
    folder = Path(tempfile.mkdtemp(prefix="vr-pulse-"))
    server = PulseServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
