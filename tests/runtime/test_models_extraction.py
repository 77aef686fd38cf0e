"""Archives that lie: only the named bytes come out, and never anywhere else."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voice_regen.runtime.models.extraction import ArchiveError, copy_member, open_archive

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")

NAMES = st.sampled_from(
    ["w", "a/w", "../w", "/w", "a/../w", "a//w", "./w", "w\0x", "W", "C:\\w", "..\\w", "w/"]
)
MEMBERS = st.lists(st.tuples(NAMES, st.binary(max_size=40)), max_size=6)


def take(path: Path, member: str, limit_bytes: int = 1 << 20) -> bytes:
    out = io.BytesIO()
    with open_archive(path) as archive:
        count = copy_member(archive, member, out.write, limit_bytes)
    assert count == len(out.getvalue())
    return out.getvalue()


def write_wheel(path: Path, members: list[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name
            archive.writestr(info, data)


def write_tgz(path: Path, members: list[tuple[str, bytes]]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("kind", ["whl", "tgz"])
@given(members=MEMBERS, wanted=st.sampled_from(["w", "a/w"]), limit_bytes=st.integers(0, 40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_the_named_bytes_come_out(
    tmp_path: Path, kind: str, members: list[tuple[str, bytes]], wanted: str, limit_bytes: int
) -> None:
    path = tmp_path / f"archive.{kind}"
    if kind == "tgz":  # the tar format cannot hold these names as they are
        members = [(name, data) for name, data in members if "\0" not in name and name[-1] != "/"]
    (write_wheel if kind == "whl" else write_tgz)(path, members)
    matching = [data for name, data in members if name == wanted]
    if len(matching) == 1 and len(matching[0]) <= limit_bytes:
        assert take(path, wanted, limit_bytes) == matching[0]
    else:
        with pytest.raises(ArchiveError):
            take(path, wanted, limit_bytes)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["whl", "tgz"])
@given(noise=st.binary(max_size=200), at=st.integers(0, 400), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_gives_the_right_bytes_or_an_error(
    tmp_path: Path, kind: str, noise: bytes, at: int, data: st.DataObject
) -> None:
    path = tmp_path / f"archive.{kind}"
    payload = bytes(range(256)) * 2
    (write_wheel if kind == "whl" else write_tgz)(path, [("w", payload)])
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + noise + raw[at + data.draw(st.integers(0, len(noise))) :])
    try:
        taken = take(path, "w")
    except ArchiveError:
        return
    assert len(taken) <= 1 << 20  # the hash, checked by the caller, decides


def test_a_member_that_declares_less_than_it_holds_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bomb.whl"
    write_wheel(path, [("w", b"\0" * 5_000_000)])
    with pytest.raises(ArchiveError, match="larger"):
        take(path, "w", limit_bytes=1000)


def test_links_in_a_tgz_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"not yours")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        path = tmp_path / "links.tgz"
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("w")
            info.type, info.linkname = kind, str(secret)
            archive.addfile(info)
        with pytest.raises(ArchiveError, match="not a plain file"):
            take(path, "w")


def test_links_and_folders_in_a_wheel_are_refused(tmp_path: Path) -> None:
    for name, mode in (("w", stat.S_IFLNK | 0o777), ("w/", stat.S_IFDIR | 0o755)):
        path = tmp_path / "links.whl"
        with zipfile.ZipFile(path, "w") as archive:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, b"/etc/hostname")
        with pytest.raises(ArchiveError, match="not a plain file"):
            take(path, name)


def test_a_file_that_is_no_archive(tmp_path: Path) -> None:
    for name in ("page.whl", "page.tgz"):
        (tmp_path / name).write_bytes(b"<html>please log in to this network</html>")
        with pytest.raises(ArchiveError, match="damaged"):
            take(tmp_path / name, "w")
