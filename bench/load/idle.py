"""Lobbies of one player who does nothing: a keep-alive a second, and two snapshots.

python -m bench.load.idle      this row alone, without a compiler
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ..command import say
from ..processes import cpu_seconds, kept_on, resident
from ..row import Row, at_least, at_most, told
from ..supervisor import ROOM, Supervisor
from .contenders import GENERATOR, SERVER
from .idlers import Idlers
from .joining import AT_ONCE, Guests
from .options import Options
from .pictures import idle_lobbies
from .swarm import PER_SOCKET, link_to

SIZES = (100, 500, 1000, 2000, 5000, 10_000)
JUDGED = 2000
MOST_CPU, MOST_MEMORY = 0.10, 6 * 1024
"""Share of a core, and bytes for each lobby, of JUDGED of them."""
SETTLES = 12.0
"""Seconds after which all have what they are told at first, and the first token of each 10 s."""
WINDOW = 5.0


@attrs.frozen
class Point:
    """What so many lobbies cost: shares of a core, bytes each, snapshots a second to each."""

    lobbies: int
    cpu: list[float]
    memory: float
    snapshots: float


def rows(options: Options) -> Iterator[Row]:
    """One server that gets more and more of them."""
    sizes = SIZES[:2] if options.quick else SIZES
    points = []
    for point in _points(options, sizes):
        points.append(point)
        where = f"{point.lobbies:,} lobbies"
        cpu = 100 * statistics.median(point.cpu)
        each = f"{1e6 * statistics.median(point.cpu) / point.lobbies:.1f} us a second for each"
        worst = f"{each}, worst window {100 * max(point.cpu):.1f} %"
        if point.lobbies == JUDGED:
            yield at_most(f"cpu_{point.lobbies}", worst, where, cpu, 100 * MOST_CPU, "% of a core")
            yield at_most(
                f"memory_{point.lobbies}", "memory of each", where, point.memory, MOST_MEMORY, "B"
            )
        else:
            yield told(f"cpu_{point.lobbies}", worst, where, cpu, "% of a core")
            yield told(f"memory_{point.lobbies}", "memory of each", where, point.memory, "B")
        yield at_least(
            f"snapshots_{point.lobbies}", "snapshots to each a second", where, point.snapshots, 1.95
        )
    if options.plots is not None:
        _draw(options.plots, points)


def _points(options: Options, sizes: Sequence[int]) -> Iterator[Point]:
    words = ["--store", "memory", "--test-lobby", "off", *ROOM]
    with tempfile.TemporaryDirectory() as state:
        server = Supervisor(state, options.alone, *words, core=SERVER)
        server.start()
        try:
            server.wait_up()
            with kept_on(GENERATOR):
                yield from _grow(server, options, sizes)
        finally:
            server.close()


def _grow(server: Supervisor, options: Options, sizes: Sequence[int]) -> Iterator[Point]:
    groups = math.ceil(sizes[-1] / AT_ONCE) + len(sizes)
    links = [link_to(server.udp_port) for _ in range(groups * math.ceil(AT_ONCE / PER_SOCKET))]
    # they do not move, so that limits of movement are not for them
    guests = Guests(server.http_port, links, {})
    idlers = Idlers(links, guests.timeline)
    empty = resident(server.pid)
    for size in sizes:
        while len(idlers) < size:
            idlers.add(guests.enter(min(AT_ONCE, size - len(idlers)), 1), links)
            # who is silent for 5 s is away
            idlers.live(1.0)
        options.say(f"{size:,} lobbies")
        idlers.live(2.0 if options.quick else SETTLES)
        yield _measured(server, idlers, empty, options)
    for link in links:
        link.close()


def _measured(server: Supervisor, idlers: Idlers, empty: int, options: Options) -> Point:
    shares, before, began = [], idlers.snapshots, time.monotonic()
    for _ in range(1 if options.quick else options.runs):
        used, at = cpu_seconds(server.pid), time.monotonic()
        idlers.live(WINDOW)
        shares.append((cpu_seconds(server.pid) - used) / (time.monotonic() - at))
    memory = (resident(server.pid) - empty) / len(idlers)
    each = (idlers.snapshots - before) / (time.monotonic() - began) / len(idlers)
    return Point(len(idlers), shares, memory, each)


def _draw(folder: Path, points: Sequence[Point]) -> None:
    shares = {point.lobbies: [100 * share for share in point.cpu] for point in points}
    memory = {point.lobbies: point.memory / 1024 for point in points}
    idle_lobbies(folder, shares, memory, 100 * MOST_CPU / JUDGED, MOST_MEMORY / 1024)


if __name__ == "__main__":
    for row in rows(Options(quick="--quick" in sys.argv, say=say)):
        print(row.line(), flush=True)
