"""Files of a Hugging Face repository at one commit, by huggingface_hub (the extra ``hub``)."""

from __future__ import annotations

import os
from pathlib import Path

from voice_regen.errors import FetchError, MissingExtraError
from voice_regen.runtime.models import failures
from voice_regen.runtime.models.manifest import HubSource

OFFLINE_REMEDY = "Unset HF_HUB_OFFLINE, or fetch it on another machine and copy its folder."


def fetch_snapshot(source: HubSource, revision: str, folder: Path) -> None:
    """Bring the named files of ``source`` at commit ``revision`` into ``folder``.

    What has arrived before is kept there and not fetched again.

    Raises:
        MissingExtraError: huggingface_hub is not installed.
        SourceFailedError: offline, no network, no such commit or file, or terms not accepted.
    """
    try:
        import huggingface_hub as hub
        from huggingface_hub import constants
        from huggingface_hub import errors as hub_errors
        from huggingface_hub.utils import disable_progress_bars
    except ImportError as error:
        raise MissingExtraError("The model hub", "hub", "huggingface_hub") from error
    what = f"{source.repository} at {revision[:12]}"
    if constants.HF_HUB_OFFLINE:
        raise failures.SourceFailedError(f"{what}: the hub is set to offline.", OFFLINE_REMEDY)
    disable_progress_bars()  # ours is drawn from the bytes that arrive
    try:
        hub.snapshot_download(
            source.repository,
            revision=revision,
            local_dir=folder,
            allow_patterns=[file.path for file in source.files],
            max_workers=2,
        )
    except hub_errors.OfflineModeIsEnabled as error:
        raise failures.SourceFailedError(
            f"{what}: the hub is set to offline.", OFFLINE_REMEDY
        ) from error
    except hub_errors.GatedRepoError as error:
        raise _gated(source) from error
    except hub_errors.RevisionNotFoundError as error:
        raise failures.SourceFailedError(
            f"{source.repository} has no commit {revision}.", "Check the revision."
        ) from error
    except hub_errors.RepositoryNotFoundError as error:
        raise (_gated(source) if source.gated else _no_repository(source)) from error
    except (hub_errors.LocalEntryNotFoundError, hub_errors.HfHubHTTPError) as error:
        raise _refused_or_away(what, error) from error
    except Exception as error:
        # The library lets its HTTP client's errors through, and which client it is has changed.
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpcore", "requests"):
            raise
        raise failures.no_network(what, failures.HUB_MIRROR) from error
    missing = [file.path for file in source.files if not (folder / file.path).is_file()]
    if missing:
        raise failures.SourceFailedError(
            f"{what} lacks {', '.join(missing)}.", "Choose another revision."
        )


def _no_repository(source: HubSource) -> FetchError:
    return failures.SourceFailedError(
        f"The hub has no repository {source.repository}, or not for you.",
        "If it is private, log in with: hf auth login",
    )


def _refused_or_away(what: str, error: BaseException) -> FetchError:
    """Tell a hub that says no from one that cannot be reached: its answer is in the chain."""
    link: BaseException | None = error
    while link is not None:
        status = getattr(getattr(link, "response", None), "status_code", 0)
        if 400 <= status < 500:
            return failures.SourceFailedError(
                f"{what}: the hub refused it (status {status}).",
                "Run the command again; if it stays so, log in with: hf auth login",
            )
        link = link.__cause__
    return failures.no_network(what, failures.HUB_MIRROR)


def _gated(source: HubSource) -> FetchError:
    token = "" if os.environ.get("HF_TOKEN") else " and log in with: hf auth login"
    return failures.SourceFailedError(
        f"{source.repository} asks for its terms to be accepted first.",
        f"Accept them on its page at the hub{token}, then run the command again.",
    )
