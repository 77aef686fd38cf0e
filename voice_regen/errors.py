"""Errors that a user can act on: each says what is wrong and names the remedy."""

from __future__ import annotations


class VoiceRegenError(Exception):
    """Base of every error meant for the user.

    ``problem`` is one sentence, ``remedy`` what mends it (often a command).
    ``exit_code`` is what the command line ends with.
    """

    exit_code = 1

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem if remedy is None else f"{problem}\n{remedy}")
        self.problem = problem
        self.remedy = remedy


class UsageError(VoiceRegenError):
    """The caller asked for something that does not exist or does not fit together."""

    exit_code = 2


class AudioFileError(VoiceRegenError):
    """A file that cannot be read as audio, or a reply that cannot be written."""

    exit_code = 3


class DeviceError(VoiceRegenError):
    """A microphone or loudspeaker that is missing, refused or unplugged."""

    exit_code = 4


class ModelError(VoiceRegenError):
    """A model that is missing, damaged or of another kind."""

    exit_code = 5


class FetchError(ModelError):
    """A model that could not be fetched: no network, no disk, a wrong hash."""


class MissingExtraError(VoiceRegenError):
    """A part whose optional packages are not installed."""

    exit_code = 6

    def __init__(self, part: str, extra: str, package: str) -> None:
        super().__init__(
            f"{part} needs the package {package!r}, which is not installed.",
            f"Install it with: pip install 'voice_regen[{extra}]'",
        )
        self.extra = extra


class EngineError(VoiceRegenError):
    """An engine failed on an input it should have taken."""
