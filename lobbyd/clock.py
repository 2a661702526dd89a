"""The server timeline: unix time at the start plus monotonic time since, so it never steps."""

from __future__ import annotations

import time
from collections.abc import Callable


class Timeline:
    """Call it for now, in seconds; comparable with unix time and never going back."""

    def __init__(
        self,
        unix: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._offset = unix() - monotonic()

    def __call__(self) -> float:
        return self._offset + self._monotonic()
