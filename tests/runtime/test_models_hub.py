"""The hub source: the real huggingface_hub against a small hub on 127.0.0.1."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from voice_regen.errors import FetchError, MissingExtraError, UsageError
from voice_regen.runtime.models import ModelStore, Stage
from voice_regen.runtime.models.manifest import HubFile, HubSource, Manifest, Model

COMMIT = "1" * 40
FILES = {
    "model.bin": bytes(range(256)) * 64,
    "plda/plda.npz": b"plda",
    "custom.py": b"raise SystemExit",
}


class SmallHub:
    """Speaks as much of the hub as `snapshot_download` asks for."""

    def __init__(self) -> None:
        self.served: Counter[str] = Counter()
        self.refuse: tuple[int, str] | None = None
        """Status and X-Error-Code given to everything."""
        self.forbidden: str | None = None
        """A file that is listed but not given."""
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._requests())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def info(self) -> bytes:
        siblings = [{"rfilename": name, "size": len(data)} for name, data in FILES.items()]
        about = {"id": "some/repo", "sha": COMMIT, "siblings": siblings, "private": False}
        return json.dumps({**about, "tags": [], "downloads": 0, "likes": 0}).encode()

    def tree(self) -> bytes:
        return json.dumps(
            [
                {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
                for name, data in FILES.items()
            ]
        ).encode()

    def _requests(hub) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: N805
        class Requests(http.server.BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._answer(with_body=False)

            def do_GET(self) -> None:
                self._answer(with_body=True)

            def _answer(self, with_body: bool) -> None:
                if hub.refuse is not None:
                    self._send(hub.refuse[0], b"{}", {"X-Error-Code": hub.refuse[1]}, with_body)
                    return
                path = self.path.partition("?")[0]
                if path == f"/api/models/some/repo/revision/{COMMIT}":
                    self._send(200, hub.info(), {"Content-Type": "application/json"}, with_body)
                elif path == f"/api/models/some/repo/tree/{COMMIT}":
                    self._send(200, hub.tree(), {"Content-Type": "application/json"}, with_body)
                elif path.startswith(f"/some/repo/resolve/{COMMIT}/"):
                    self._file(path.removeprefix(f"/some/repo/resolve/{COMMIT}/"), with_body)
                else:
                    code = "RevisionNotFound" if path.startswith("/api/models/some/repo") else ""
                    self._send(404, b"{}", {"X-Error-Code": code or "RepoNotFound"}, with_body)

            def _file(self, name: str, with_body: bool) -> None:
                if name not in FILES:
                    self._send(404, b"", {"X-Error-Code": "EntryNotFound"}, with_body)
                    return
                if name == hub.forbidden:
                    self._send(403, b"", {}, with_body)
                    return
                hub.served[name] += with_body
                etag = hashlib.sha1(FILES[name]).hexdigest()
                about = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
                self._send(200, FILES[name], about, with_body)

            def _send(
                self, status: int, body: bytes, headers: dict[str, str], with_body: bool
            ) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if with_body:
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                return

        return Requests


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    pytest.importorskip("huggingface_hub", reason="the extra 'hub' is not installed")
    served = SmallHub()
    yield served
    served.close()


def hub_manifest(
    revision: str | None = COMMIT, sha256: str | None = None, gated: bool = False
) -> Manifest:
    files = (HubFile("model.bin", sha256=sha256), HubFile("plda/plda.npz"))
    source = HubSource("some/repo", files, revision, gated)
    return Manifest(
        1, (Model("hub:one", Stage.TEXT, "for tests", "MIT", ("en",), 20_000, (source,)),)
    )


FETCH = """
import sys, time
from pathlib import Path
import msgspec
time.sleep = lambda _: None  # the library waits between attempts; the test need not
from voice_regen.errors import VoiceRegenError
from voice_regen.runtime.models import Manifest, ModelStore
root, manifest, revision = sys.argv[1:]
store = ModelStore(Path(root), msgspec.json.decode(manifest, type=Manifest))
try:
    store.fetch(["hub:one"], revision=revision or None)
except VoiceRegenError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def fetch(
    hub: SmallHub, root: Path, manifest: Manifest, revision: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """In a process of its own: huggingface_hub reads its settings once, when imported."""
    settings = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_HUB_OFFLINE": "0",
        "HF_HOME": str(root.parent / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        **environment,
    }
    written = msgspec.json.encode(manifest).decode()
    return subprocess.run(
        [sys.executable, "-c", FETCH, str(root), written, revision],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_named_files_at_a_commit_and_no_others(hub: SmallHub, tmp_path: Path) -> None:
    done = fetch(hub, tmp_path / "store", hub_manifest())
    assert done.returncode == 0, done.stdout + done.stderr
    store = ModelStore(tmp_path / "store", hub_manifest())
    folder = store.path("hub:one")
    found = sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())
    assert found == [".installed.json", "model.bin", "plda/plda.npz"]
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    assert hub.served["custom.py"] == 0


def test_what_was_got_is_recorded(hub: SmallHub, tmp_path: Path) -> None:
    manifest = hub_manifest(revision=None)
    done = fetch(hub, tmp_path / "store", manifest, revision=COMMIT)
    assert done.returncode == 0, done.stdout + done.stderr
    store = ModelStore(tmp_path / "store", manifest)
    record = json.loads((store.path("hub:one") / ".installed.json").read_bytes())
    assert record["revision"] == COMMIT
    hashes = {file["path"]: file["sha256"] for file in record["files"]}
    assert hashes["model.bin"] == hashlib.sha256(FILES["model.bin"]).hexdigest()
    (store.path("hub:one") / "plda/plda.npz").write_bytes(b"other")
    assert [damage.problem for damage in store.verify()] == ["has another size"]


def test_without_a_pinned_revision_it_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "store", hub_manifest(revision=None))
    with pytest.raises(FetchError, match="No revision of hub:one") as caught:
        store.fetch(["hub:one"])
    assert "--revision SHA" in str(caught.value.remedy)


def test_another_revision_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pinned"):
        ModelStore(tmp_path / "store", hub_manifest()).fetch(["hub:one"], revision="2" * 40)


def test_a_wrong_hash_is_set_aside(hub: SmallHub, tmp_path: Path) -> None:
    done = fetch(hub, tmp_path / "store", hub_manifest(sha256="0" * 64))
    assert done.returncode == 5
    assert "model.bin.bad" in done.stdout
    assert not ModelStore(tmp_path / "store", hub_manifest()).installed("hub:one")


def test_a_second_fetch_goes_on(hub: SmallHub, tmp_path: Path) -> None:
    hub.forbidden = "plda/plda.npz"
    done = fetch(hub, tmp_path / "store", hub_manifest())
    assert done.returncode == 5, done.stderr
    assert "status 403" in done.stdout
    hub.forbidden = None
    done = fetch(hub, tmp_path / "store", hub_manifest())
    assert done.returncode == 0, done.stdout + done.stderr
    assert hub.served["model.bin"] == 1


@pytest.mark.parametrize(
    ("status", "code", "gated", "said"),
    [
        (403, "GatedRepo", True, "terms to be accepted"),
        (401, "RepoNotFound", True, "terms to be accepted"),
        (404, "RepoNotFound", False, "no repository some/repo"),
        (404, "RevisionNotFound", False, "has no commit"),
        (500, "", False, "cannot be reached"),
    ],
)
def test_refusals_are_told_apart(
    hub: SmallHub, tmp_path: Path, status: int, code: str, gated: bool, said: str
) -> None:
    hub.refuse = (status, code)
    done = fetch(hub, tmp_path / "store", hub_manifest(gated=gated))
    assert done.returncode == 5, done.stderr
    assert said in done.stdout


def test_a_file_that_the_commit_lacks_is_named(hub: SmallHub, tmp_path: Path) -> None:
    manifest = hub_manifest()
    (one,) = manifest.models
    source = HubSource("some/repo", (HubFile("model.bin"), HubFile("other.bin")), COMMIT)
    wanting = Manifest(1, (msgspec.structs.replace(one, sources=(source,)),))
    done = fetch(hub, tmp_path / "store", wanting)
    assert done.returncode == 5, done.stderr
    assert "lacks other.bin" in done.stdout


def test_no_hub_to_be_reached(hub: SmallHub, tmp_path: Path) -> None:
    done = fetch(hub, tmp_path / "store", hub_manifest(), HF_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 5, done.stderr
    assert "cannot be reached" in done.stdout
    assert "HF_ENDPOINT" in done.stdout


def test_offline_is_respected(hub: SmallHub, tmp_path: Path) -> None:
    done = fetch(hub, tmp_path / "store", hub_manifest(), HF_HUB_OFFLINE="1")
    assert done.returncode == 5, done.stderr
    assert "offline" in done.stdout
    assert "HF_HUB_OFFLINE" in done.stdout
    assert not hub.served


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"voice_regen\[hub\]"):
        ModelStore(tmp_path / "store", hub_manifest()).fetch(["hub:one"])
