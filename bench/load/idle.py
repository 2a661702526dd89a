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
from typing import Any

import attrs

from ..command import say
from ..processes import ROOT, cpu_seconds, kept_on, resident
from ..row import Options, Row, at_least, at_most, told
from ..supervisor import Supervisor
from .contenders import AT_ONCE, GENERATOR, SERVER
from .idlers import Idlers
from .joining import Door, Entrance, Timeline, take_seats
from .swarm import PER_SOCKET, link_to

SIZES = (100, 500, 1000, 2000, 5000, 10_000)
JUDGED = 2000
MOST_CPU, MOST_MEMORY = 0.10, 6 * 1024
"""Share of a core, and bytes for each lobby, of JUDGED of them."""
SETTLES = 12.0
"""Seconds after which all have what they are told at first, and the first token of each 10 s."""
WINDOW = 5.0
PICTURE = ROOT / "docs" / "pictures" / "idle.png"


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
            yield at_most(f"memory_{point.lobbies}", "each", where, point.memory, MOST_MEMORY, "B")
        else:
            yield told(f"cpu_{point.lobbies}", worst, where, cpu, "% of a core")
            yield told(f"memory_{point.lobbies}", "each", where, point.memory, "B")
        yield at_least(
            f"snapshots_{point.lobbies}", "to each a second", where, point.snapshots, 1.95
        )
    if not options.quick and draw(PICTURE, points):
        options.say(f"drew {PICTURE.name}")


def _points(options: Options, sizes: Sequence[int]) -> Iterator[Point]:
    words = ["--store", "memory", "--test-lobby", "off", "--max-lobbies", "1000000"]
    words += ["--max-players", "1000000", "--max-lobbies-per-address", "1000000"]
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
    timeline = Timeline()
    groups = math.ceil(sizes[-1] / AT_ONCE) + len(sizes)
    links = [link_to(server.udp_port) for _ in range(groups * math.ceil(AT_ONCE / PER_SOCKET))]
    idlers, places = Idlers(links, timeline), 0
    empty = resident(server.pid)
    for size in sizes:
        while len(idlers) < size:
            # the server hangs up on who says nothing for a while
            door = Door(server.http_port)
            count = min(AT_ONCE, size - len(idlers))
            guests = list(take_seats(door, count, 1, len(idlers), {}))
            door.close()
            for at, guest in enumerate(guests):
                guest.place = places + at // PER_SOCKET
            places += math.ceil(len(guests) / PER_SOCKET)
            Entrance(guests, links, timeline).open()
            idlers.add(guests, links)
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


def draw(path: Path, points: Sequence[Point]) -> bool:
    """The curve of both costs; False without matplotlib."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.6, 3.6), layout="constrained")
    lobbies = [point.lobbies for point in points]
    shares = [[100 * share for share in point.cpu] for point in points]
    _curve(left, lobbies, [statistics.median(some) for some in shares], "% of a core")
    left.fill_between(lobbies, [min(s) for s in shares], [max(s) for s in shares], alpha=0.2)
    left.plot([0, lobbies[-1]], [0, 100 * MOST_CPU * lobbies[-1] / JUDGED], ":", color="#8a8f98")
    _curve(right, lobbies, [point.memory / 1024 for point in points], "KiB each")
    right.axhline(MOST_MEMORY / 1024, linestyle=":", color="#8a8f98")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100, metadata={"Software": None})
    pyplot.close(figure)
    return True


def _curve(axes: Any, lobbies: list[int], values: list[float], unit: str) -> None:
    axes.plot(lobbies, values, marker="o", color="#1d4ed8")
    axes.set(xlabel="lobbies of one idle player", ylabel=unit, xlim=(0, None), ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    for row in rows(Options(quick="--quick" in sys.argv, say=say)):
        print(row.line(), flush=True)
