"""What is measured: lobbyd and the relays beside it, each with players to load it with."""

from __future__ import annotations

import math
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import attrs

from ..processes import cpu_seconds, hurry, kept_on, resident, waited_seconds
from ..row import Options
from ..supervisor import ROOM, Supervisor
from .baselines import Baseline
from .joining import AT_ONCE, Guests
from .swarm import PER_SOCKET, Seen, Swarm, swarm_program

SERVER, GENERATOR = 1, 0
"""Cores."""
MOST = 20_000
"""Players who are tried at most."""
DISTURBED = 0.03
"""Share of the time that others may have the server's core while it has work."""


@attrs.frozen
class Load:
    """W(L, P, Hz) without L: ``players`` of a lobby, samples and snapshots a second."""

    players: int
    hz: int

    @property
    def tick(self) -> float:
        """Seconds."""
        return 1 / self.hz

    @property
    def words(self) -> str:
        """For tables."""
        return f"P = {self.players}, {self.hz} Hz"

    def whole(self, players: float) -> int:
        """At most so many players in whole lobbies, and on whole sockets where there are enough;
        at least one lobby."""
        unit = math.lcm(self.players, PER_SOCKET) if players >= PER_SOCKET else self.players
        return max(1, int(players / unit)) * unit


class Crowd(Protocol):
    """Players of one kind."""

    def add(self, count: int) -> None:
        """Have more of them, in whole lobbies."""

    def measure(self, seconds: float) -> Seen:
        """What they see from now on."""


@attrs.frozen
class Point:
    """So many players, what they saw, and the share of its core that the server used.

    ``waited`` is the share of the time that it was ready while others had its core.
    """

    seen: Seen
    cpu: float
    waited: float = 0.0

    @property
    def disturbed(self) -> bool:
        """Whether others were at work on the server's core."""
        return self.waited > DISTURBED

    @property
    def doubt(self) -> str:
        """Why this says more of the machine than of the server; empty where it does not."""
        if self.disturbed:
            return f"the server waited for its core {100 * self.waited:.0f} % of the time"
        return self.seen.doubt

    @property
    def words(self) -> str:
        """For the terminal."""
        seen = self.seen
        doubt = f"; {self.doubt}" if self.doubt else ""
        return (
            f"{seen.players} players: {100 * seen.delivered:.2f} % delivered, staleness p99 "
            f"{1000 * seen.stale_p99:.1f} ms, server {100 * self.cpu:.0f} % of its core, "
            f"generator {100 * seen.cpu:.0f} %{doubt}"
        )


class Arena:
    """A running server with its players."""

    def __init__(self, pid: int, crowd: Crowd) -> None:
        self.pid = pid
        self._crowd = crowd
        self.players = 0
        self.empty = resident(pid)

    def grow(self, count: int) -> None:
        """Have more players."""
        self._crowd.add(count)
        self.players += count

    def measure(self, seconds: float) -> Point:
        """What the players see, and what the server does, from now on."""
        began, used, waited = time.monotonic(), cpu_seconds(self.pid), waited_seconds(self.pid)
        seen = self._crowd.measure(seconds)
        passed = time.monotonic() - began
        return Point(
            seen,
            (cpu_seconds(self.pid) - used) / passed,
            (waited_seconds(self.pid) - waited) / passed,
        )

    @property
    def memory(self) -> float:
        """Bytes that each player has added."""
        return (resident(self.pid) - self.empty) / max(1, self.players)


Start = Callable[[Load, int, Options], AbstractContextManager[Arena]]
"""Runs a server that can hold so many players."""


@attrs.frozen
class Contender:
    """Something that relays; ``id`` names it in rows, ``most`` is how many players are tried."""

    id: str
    what: str
    start: Start
    most: int = MOST


class LobbydCrowd:
    """Authenticated clients of a lobbyd; ``sources`` are the addresses that they join from."""

    def __init__(
        self, swarm: Swarm, http_port: int, load: Load, sources: Sequence[str] = ("127.0.0.1",)
    ) -> None:
        self._swarm, self._load = swarm, load
        self._guests = Guests(http_port, swarm.sockets, sources=sources)

    def add(self, count: int) -> None:
        """Have more of them, in whole lobbies, by some at a time."""
        players = self._load.players
        most = max(1, AT_ONCE // players)
        for begin in range(0, count // players, most):
            guests = self._guests.enter(min(most, count // players - begin), players)
            lines, ahead = [guest.line() for guest in guests], self._guests.timeline.ahead
            self._swarm.add("lobbyd", players, self._load.hz, len(guests), lines, ahead)

    def measure(self, seconds: float) -> Seen:
        """What they see from now on."""
        return self._swarm.measure(seconds)


class PlainCrowd:
    """Clients of the plain protocol, which just begin to send."""

    def __init__(self, swarm: Swarm, wire: str, load: Load) -> None:
        self._swarm, self._wire, self._load = swarm, wire, load

    def add(self, count: int) -> None:
        """Have more of them."""
        self._swarm.add(self._wire, self._load.players, self._load.hz, count, [])

    def measure(self, seconds: float) -> Seen:
        """What they see from now on."""
        return self._swarm.measure(seconds)


def lobbyd(id: str, what: str, *flags: str) -> Contender:
    """A twistd lobbyd with more flags."""

    @contextmanager
    def start(load: Load, most: int, options: Options) -> Iterator[Arena]:
        program = swarm_program("lobbyd")
        with tempfile.TemporaryDirectory() as state:
            words = ["--store", "memory", "--test-lobby", "off", "--tick-hz", str(load.hz)]
            words += [*ROOM, *flags]
            server = Supervisor(state, options.alone, *words, core=SERVER)
            server.start()
            try:
                server.wait_up()
                # whole sockets for each of the times that players come in
                sockets = most + most // 4 + 64 * PER_SOCKET
                with kept_on(GENERATOR):
                    swarm = Swarm(program, server.udp_port, sockets)
                    hurry(15 if options.alone else 0, swarm.pid)
                    try:
                        yield Arena(server.pid, LobbydCrowd(swarm, server.http_port, load))
                    finally:
                        swarm.close()
            finally:
                server.close()

    return Contender(id, what, start)


def relay(baseline: Baseline) -> Contender:
    """A relay of the plain protocol."""
    wire = baseline.mode.replace(" ", "_")

    @contextmanager
    def start(load: Load, most: int, options: Options) -> Iterator[Arena]:
        program, port = swarm_program(wire), _free_port()
        with baseline.running(port, load.hz, most, SERVER) as pid, kept_on(GENERATOR):
            swarm = Swarm(program, port, 0 if wire.startswith("enet") else most)
            for each in (pid, swarm.pid):
                hurry(15 if options.alone else 0, each)
            try:
                yield Arena(pid, PlainCrowd(swarm, wire, load))
            finally:
                swarm.close()

    most = baseline.max_clients or MOST
    return Contender(baseline.name, baseline.what, start, most)


def _free_port() -> int:
    """A UDP port that nobody uses just now."""
    with socket.socket(type=socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        port: int = link.getsockname()[1]
        return port
