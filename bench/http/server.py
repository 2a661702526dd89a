"""A real twistd on a core of its own, and what it costs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..supervisor import Supervisor

CORES = sorted(os.sched_getaffinity(0))
OURS, ITS = CORES[0], CORES[min(1, len(CORES) - 1)]
"""The cores of callers and server."""
_TICK = os.sysconf("SC_CLK_TCK")


class Server:
    """A server that is up; ``port`` is its HTTP port."""

    def __init__(self, process: Supervisor) -> None:
        self.port = int(process.url.rpartition(":")[2])
        self._pid = process.pid

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it took so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


@contextmanager
def served(alone: bool, *flags: str, state: str | None = None) -> Iterator[Server]:
    """A server with these options, without limits by address; we are kept off its core."""
    with tempfile.TemporaryDirectory() as made:
        process = Supervisor(state or made, alone, *flags)
        before = os.sched_getaffinity(0)
        try:
            process.start()
            os.sched_setaffinity(process.pid, {ITS})
            os.sched_setaffinity(0, {OURS})
            process.wait_up()
            yield Server(process)
        finally:
            os.sched_setaffinity(0, before)
            process.close()
