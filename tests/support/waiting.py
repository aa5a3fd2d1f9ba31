"""Waits for what another process or thread does, with a deadline instead of a guess."""

from __future__ import annotations

import time
from collections.abc import Callable

POLL_SECONDS = 0.02


def becomes(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true within so many seconds; returns as soon as it is."""
    until = time.monotonic() + seconds
    while not (is_true := true()) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    return is_true
