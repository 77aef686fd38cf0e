"""How OpenMP's threads wait for each other; CTranslate2 and torch use it."""

from __future__ import annotations

import os


def wait_without_spinning() -> None:
    """Threads that wait sleep. Call before the library that brings OpenMP is imported.

    By default they spin. On a machine whose cores are all busy (recognition beside synthesis on
    two cores is enough) a spinning thread keeps the one that it waits for from running: single
    recognitions then took up to 30 s instead of 0.3 s. What the user has set is left alone.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
