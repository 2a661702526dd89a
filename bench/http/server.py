"""A real twistd on a core of its own, and what it costs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ..processes import cpu_seconds, kept_on
from ..supervisor import Supervisor

CALLERS, SERVER = 0, 1
"""Cores."""


class Server:
    """A server that is up; ``port`` is its HTTP port."""

    def __init__(self, process: Supervisor) -> None:
        self.port = process.http_port
        self._pid = process.pid

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it took so far."""
        return cpu_seconds(self._pid)


@contextmanager
def served(alone: bool, *flags: str, state: str | None = None) -> Iterator[Server]:
    """A server with these options, without limits by address; we are kept off its core."""
    with tempfile.TemporaryDirectory() as made:
        process = Supervisor(state or made, alone, *flags, core=SERVER)
        process.start()
        try:
            process.wait_up()
            with kept_on(CALLERS):
                yield Server(process)
        finally:
            process.close()
