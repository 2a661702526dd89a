"""How much memory a run keeps, and how many lines it writes to the log."""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.logger import ILogObserver, globalLogPublisher

_STATM = Path("/proc/self/statm")


class Growth:
    """Memory while something runs: resident bytes where the system tells, and allocated blocks.

    Resident memory is what an operator sees, but it swings by half a MiB as pages are handed
    back, and hides what fits into memory that was free. So the least of the first and of the last
    quarter of looks are compared, and blocks (``sys.getallocatedblocks``) count small objects
    exactly. ``traced`` is exact for all sizes and too slow for a whole run.
    """

    def __init__(self) -> None:
        gc.collect()
        self._blocks = sys.getallocatedblocks()
        self._looks = [_resident()]

    def look(self) -> None:
        """Take a look at resident memory; call it often."""
        self._looks.append(_resident())

    def figures(self) -> dict[str, int]:
        """``grown_bytes`` over the whole run, and ``grown_blocks``; below zero if it shrank."""
        quarter = max(1, len(self._looks) // 4)
        between = min(self._looks[-quarter:]) - min(self._looks[:quarter])
        gc.collect()
        return {
            # three quarters of the run lie between the two
            "grown_bytes": between * 4 // 3,
            "grown_blocks": sys.getallocatedblocks() - self._blocks,
        }


def traced(work: Callable[[], None]) -> int:
    """Bytes that ``work`` keeps each time it is done, by tracemalloc."""
    tracemalloc.start()
    try:
        # the first time replaces what was allocated untraced
        work()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        work()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def _resident() -> int:
    pages = int(_STATM.read_text().split()[1]) if _STATM.exists() else 0
    return pages * os.sysconf("SC_PAGE_SIZE")


class LogLines:
    """Counts what reaches Twisted's log observers, from when it was made to ``stop``."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._observer: ILogObserver = self._take  # type: ignore[assignment]
        globalLogPublisher.addObserver(self._observer)

    def stop(self) -> list[str]:
        """Stop; the lines, as their formats."""
        globalLogPublisher.removeObserver(self._observer)
        return self.lines

    def _take(self, event: Any) -> None:
        self.lines.append(str(event.get("log_format") or event.get("format") or event))
