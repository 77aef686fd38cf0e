"""What can go wrong in fetching, as errors that say what mends it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voice_regen.errors import FetchError

_NO_DISK = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


class SourceFailedError(FetchError):
    """This source did not give the model; another one may."""


class WrongHashError(SourceFailedError):
    """Bytes that are not those of the manifest."""


class NoDiskError(FetchError):
    """No space left for the model."""


PACKAGE_MIRROR = "the index of pip (PIP_INDEX_URL) or npm (npm_config_registry)"
HUB_MIRROR = "the hub's address (HF_ENDPOINT)"


def no_network(what: str, mirror: str = PACKAGE_MIRROR) -> SourceFailedError:
    """The registry or hub cannot be reached; ``mirror`` is what a user behind one would set."""
    return SourceFailedError(
        f"{what} could not be fetched: its server cannot be reached.",
        f"Check the network; behind a proxy set HTTPS_PROXY, behind a mirror set {mirror}. "
        "Then run the command again: what has arrived is kept.",
    )


def stalled(what: str, after_s: float) -> SourceFailedError:
    """The client ran but nothing arrived."""
    return SourceFailedError(
        f"{what} could not be fetched: nothing arrived for {after_s:.0f} s.",
        "Check the network and its proxy (HTTPS_PROXY), then run the command again.",
    )


def not_there(what: str) -> SourceFailedError:
    """The registry answers, but does not have it."""
    return SourceFailedError(
        f"{what} is not in the package index that this machine uses.",
        "A mirror may not carry it: check the index set for pip (PIP_INDEX_URL) or npm "
        "(npm_config_registry).",
    )


def wrong_hash(what: str, set_aside: Path | None) -> WrongHashError:
    """``what`` is not what the manifest says; ``set_aside`` is where it was put, if anywhere."""
    where = "It was refused and not kept." if set_aside is None else f"Set aside as {set_aside}."
    return WrongHashError(
        f"{what} does not have the hash that the manifest gives. {where}",
        "It was changed on its way or at its source, and is not used. Run the command again; "
        "if it fails in the same way, do not trust that index.",
    )


def no_disk(
    root: Path, needed_bytes: int | None = None, free_bytes: int | None = None
) -> NoDiskError:
    """The disk of the store is full, or would be."""
    measure = ""
    if needed_bytes is not None and free_bytes is not None:
        measure = f": {needed_bytes / 1e6:.0f} MB needed, {free_bytes / 1e6:.0f} MB free"
    return NoDiskError(
        f"Not enough space in {root}{measure}.",
        "Free some, or name another folder with VOICE_REGEN_MODELS, then run the command again.",
    )


@contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turn errors of the file system below ``root`` into ones that say what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_DISK:
            raise no_disk(root) from error
        if error.errno in _NOT_WRITABLE:
            raise FetchError(
                f"The models folder {root} cannot be written: {error.strerror}.",
                "Name another folder with VOICE_REGEN_MODELS, or mend its permissions.",
            ) from error
        raise FetchError(
            f"Writing in the models folder {root} failed: {error.strerror or error}.",
            "Name another folder with VOICE_REGEN_MODELS, then run the command again.",
        ) from error
