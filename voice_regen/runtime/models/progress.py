"""How a fetch tells what it is doing. The command line draws it; a library stays silent."""

from __future__ import annotations

from typing import Protocol


class FetchProgress(Protocol):
    """Told of one step at a time."""

    def start(self, step: str, total_bytes: int | None) -> None:
        """A step begins; ``total_bytes`` is ``None`` where it cannot be known."""
        ...

    def at(self, done_bytes: int) -> None:
        """How far the step is; may stand still, never passes the total by much."""
        ...

    def done(self) -> None:
        """The step has ended, well or not."""
        ...

    def note(self, message: str) -> None:
        """One sentence for the reader."""
        ...


class SilentProgress:
    """Tells nobody."""

    def start(self, step: str, total_bytes: int | None) -> None:
        """Nothing."""

    def at(self, done_bytes: int) -> None:
        """Nothing."""

    def done(self) -> None:
        """Nothing."""

    def note(self, message: str) -> None:
        """Nothing."""
