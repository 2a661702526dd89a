"""A real twistd on a core of its own, and what it costs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from ..processes import cpu_seconds, pin
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
def apart() -> Iterator[None]:
    """A time on the callers' core, once the server is on its own; what is started stays there."""
    before = os.sched_getaffinity(0)
    pin(CALLERS)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def served(alone: bool, *flags: str, state: str | None = None) -> Iterator[Server]:
    """A server with these options, without limits by address; we are kept off its core."""
    with tempfile.TemporaryDirectory() as made:
        process = Supervisor(state or made, alone, *flags, core=SERVER)
        process.start()
        try:
            process.wait_up()
            with apart():
                yield Server(process)
        finally:
            process.close()
