"""The generator as seen from Python: the native program, its sockets, what it measured."""

from __future__ import annotations

import contextlib
import math
import socket
import tempfile
from pathlib import Path
from typing import Any

import attrs

from ..processes import Program
from .baselines import enet_swarm
from .building import built

PER_SOCKET = 64
"""Players who share a socket; a connection is told by its id, not by where it comes from."""
SPEED = 4.0
"""Metres a second that a player moves."""
STEPS_A_METRE = 512
BUSY = 0.95
"""Share of its core above which the generator is what was measured."""
LATE = 0.005
"""Seconds at p99 that samples may leave too late."""
MISSED = 0.001
"""Share of samples that may not have left at all, because the generator was a period behind."""


@attrs.frozen
class Seen:
    """What the players saw in a span of time. Times are seconds, ``cpu`` shares of a core.

    ``delivered`` is the share of all records of others that were due; staleness is from the
    moment a sample left to the moment when the datagram with its record was read.
    """

    players: int
    delivered: float
    stale_p50: float
    stale_p95: float
    stale_p99: float
    stale_max: float
    late_p99: float
    missed: float
    cpu: float
    bad: int
    corrections: int
    lost: int
    dropped_here: int
    ended: int
    records: int = 0
    looked_at: int = 0

    @property
    def doubt(self) -> str:
        """Why this says more of the generator than of the server; empty where it does not."""
        if self.cpu > BUSY:
            return f"the generator was at {100 * self.cpu:.0f} % of its core"
        if self.late_p99 > LATE:
            return f"samples left {1000 * self.late_p99:.1f} ms late"
        if self.missed > MISSED:
            return f"{100 * self.missed:.1f} % of the samples never left"
        if self.dropped_here:
            return f"{self.dropped_here} datagrams were lost at the generator's sockets"
        return ""


class Swarm:
    """A generator. ``most`` players at one time; ``port`` is the server's.

    Raises NotBuilt where it cannot be compiled.
    """

    def __init__(self, program: Path, port: int, most: int) -> None:
        self.sockets = [link_to(port) for _ in range(math.ceil(most / PER_SOCKET))]
        self._port = port
        words = [str(link.fileno()) for link in self.sockets]
        fds = tuple(link.fileno() for link in self.sockets)
        self._program = Program("the generator", str(program), *words, fds=fds)
        self.players = 0

    @property
    def pid(self) -> int:
        """The process."""
        return self._program.pid

    def add(
        self, wire: str, players: int, hz: int, count: int, lines: list[str], offset: int = 0
    ) -> None:
        """Have ``count`` more players, in lobbies of ``players``; ``lines`` are those of the file
        that ``native/swarm.c`` describes."""
        head = f"wire {wire} hz {hz} players {players} port {self._port} count {count}"
        head += f" offset {offset} speed {SPEED * STEPS_A_METRE}"
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join([head, *lines, ""]))
            file.flush()
            self._program.say(f"add {file.name}")
            self.players = self._program.hear()["clients"]

    def measure(self, seconds: float) -> Seen:
        """What all see from now on."""
        self.begin(seconds)
        return seen(self._program.hear(seconds + 30))

    def begin(self, seconds: float) -> None:
        """Begin to measure; returns at once."""
        self._program.say(f"measure {seconds}")

    def stop(self) -> Seen:
        """What was seen since ``begin``."""
        self._program.say("stop")
        return seen(self._program.hear())

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._program.say("quit")
        self._program.close()
        for link in self.sockets:
            link.close()


def swarm_program(wire: str) -> Path:
    """The generator for a wire; raises NotBuilt."""
    return enet_swarm() if wire.startswith("enet") else built("swarm.c")


def seen(told: dict[str, Any]) -> Seen:
    """An answer to ``measure``."""
    return Seen(
        players=told["clients"],
        delivered=told["delivered"],
        stale_p50=told["stale_p50_us"] / 1e6,
        stale_p95=told["stale_p95_us"] / 1e6,
        stale_p99=told["stale_p99_us"] / 1e6,
        stale_max=told["stale_max_us"] / 1e6,
        late_p99=told["sent_late_p99_us"] / 1e6,
        missed=told["missed"] / max(1, told["sent"] + told["missed"]),
        cpu=told["cpu"],
        bad=told["bad"] + told["off_grid"],
        corrections=told["corrections"],
        lost=told["lost"],
        dropped_here=told["dropped_here"],
        ended=told["ended"] + told["errors"],
        records=told["records"],
        looked_at=told["looked_at"],
    )


def link_to(port: int) -> socket.socket:
    """A socket towards a port of this machine, with room for what comes while nobody reads."""
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setblocking(False)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    link.bind(("127.0.0.1", 0))
    link.connect(("127.0.0.1", port))
    return link
