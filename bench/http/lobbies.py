"""What 1,000 to 100,000 lobbies with two members each cost: time of calls, memory, how it grows.

    python -m bench.http.lobbies [--sizes 1000,10000,100000] [--games 20]

Each size has a process of its own. Calls go through the real HTTP stack in memory, so the
times are a server's own, without sockets: processor time of its thread. A figure is the
median of 5 with the worst of 5 in brackets; a slice is what a search does between two turns
of the reactor.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from lobbyd.config import load
from lobbyd.http.api import LobbyApi
from lobbyd.http.site import LobbydSite
from lobbyd.lobby.model import Identity
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import CreateLobby, JoinLobby
from lobbyd.testing import World, run

RUNS = 5
PEER = IPv4Address("TCP", "192.0.2.7", 50000)
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty")
PAGE_LIMIT, SLICE_LIMIT, SEARCH_LIMIT = 10.0, 2.0, 150.0
"""Milliseconds."""
Samples = list[float]


class Server:
    """Lobbies behind HTTP in memory; ``slices`` are the seconds between turns of the last call."""

    def __init__(self, most: int) -> None:
        self.world = World(max_lobbies=most)
        self.world.lobbies._max_per_address = most
        self.slices: Samples = []
        self._waiting: Deferred[None] | None = None
        config = load({"rate-limit": "off"}, {})
        api = LobbyApi(
            self.world.operations, config, lambda: self.world.now, lambda: 9000, self._breathe
        )
        resource: Any = api.resource
        self._site = LobbydSite(resource, reactor=Clock(), per_address=None)

    async def _breathe(self) -> None:
        self._waiting = Deferred()
        await self._waiting

    def call(self, request: bytes) -> tuple[float, bytes]:
        """(seconds of work, answer) of one request."""
        transport = StringTransport(peerAddress=PEER, hostAddress=PEER)
        protocol = self._site.buildProtocol(PEER)
        protocol.makeConnection(transport)
        self.slices = []
        step: Callable[[], None] | None = lambda: protocol.dataReceived(request)  # noqa: E731
        while step is not None:
            began = time.thread_time()
            step()
            self.slices.append(time.thread_time() - began)
            waiting, self._waiting = self._waiting, None
            step = None if waiting is None else _fire(waiting)
        answer: bytes = transport.value()
        protocol.connectionLost(Failure(ConnectionDone()))
        return sum(self.slices), answer


def _fire(waiting: Deferred[None]) -> Callable[[], None]:
    return lambda: waiting.callback(None)


def fill(server: Server, count: int, games: int) -> dict[str, Samples]:
    """Make the lobbies in ``RUNS`` parts; seconds for each create and each join."""
    world, rng = server.world, random.Random(7)
    spent: dict[str, Samples] = {"create": [], "join": []}
    done = 0
    for _ in range(RUNS):
        codes = []
        share = count // RUNS
        wanted = [_lobby(rng, games, done + i) for i in range(share)]
        began = time.thread_time()
        for number, request in enumerate(wanted, done):
            # lobbies of one moment would all have the same place in the list
            world.now += 0.001
            caller = Caller(Identity(None, number.to_bytes(4, "big")))
            made = run(world.operations.create(request, caller, world.now))
            codes.append(made.lobby.code)
        spent["create"].append((time.thread_time() - began) / share)
        joins = [(code, JoinLobby(f"Player {i}")) for code in codes for i in range(2)]
        began = time.thread_time()
        for number, (code, join) in enumerate(joins):
            caller = Caller(Identity(None, number.to_bytes(4, "big")), None, ("192.0.2.1", 9000))
            run(world.operations.join(code, join, caller, world.now))
        spent["join"].append((time.thread_time() - began) / len(joins))
        done += share
        print(f"  {done} of {count} lobbies", file=sys.stderr)
    return spent


def _lobby(rng: random.Random, games: int, number: int) -> CreateLobby:
    name = " ".join(rng.choice(WORDS) for _ in range(3))
    return CreateLobby(
        name=f"{name} {number}",
        game=f"game {rng.randrange(games)}",
        version=rng.choice(("1.0", "1.1")),
        max_players=rng.choice((2, 4, 8)),
        metadata={"map": rng.choice(WORDS), "level": rng.randrange(100), "ranked": True},
    )


QUERIES = {
    "page, any": "",
    "page by game, version, state, free slots": (
        "&game=game%203&version=1.0&state=open&free_slots=2"
    ),
    "page by state, free slots; any game": "&state=open&free_slots=2",
    "page, fullest": "&state=open&free_slots=1&sort=fullest",
    "text, found often": "&text=fjord",
    "text, found nowhere": "&text=zebra",
    "metadata, found often": "&meta.map=amber",
    "metadata, found nowhere": "&meta.map=zebra&meta.level=7",
}


FULL = "text, 100 lobbies of 64 players"


def measure(count: int, games: int) -> dict[str, Any]:
    """All figures for one number of lobbies, times in ms, memory in bytes."""
    server = Server(count + 1000)
    server.call(b"GET /lobbies HTTP/1.1\r\nHost: a\r\n\r\n")
    gc.collect()
    before = _resident()
    spent = fill(server, count, games)
    gc.collect()
    figures: dict[str, Any] = {"memory": (_resident() - before) / count}
    began = time.thread_time()
    gc.collect()
    figures["collection"] = [1000 * (time.thread_time() - began)]
    figures["objects"] = len(gc.get_objects()) / count
    for name, samples in spent.items():
        figures[name] = [1000 * s for s in samples]
    for name, query in QUERIES.items():
        request = f"GET /lobbies?limit=50{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        totals, slices = [], []
        for _ in range(RUNS):
            seconds, answer = server.call(request)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            totals.append(1000 * seconds)
            slices.append(1000 * max(server.slices))
        figures[name], figures[f"slice of {name}"] = totals, slices
        print(f"  {name}: {statistics.median(totals):.1f} ms", file=sys.stderr)
    _fill_up(server)
    request = b"GET /lobbies?limit=100&text=full+house HTTP/1.1\r\nHost: a\r\n\r\n"
    taken = [(1000 * server.call(request)[0], 1000 * max(server.slices)) for _ in range(RUNS)]
    figures[FULL] = [total for total, _ in taken]
    figures[f"slice of {FULL}"] = [longest for _, longest in taken]
    return figures


def _fill_up(server: Server) -> None:
    """100 lobbies with all 64 places taken."""
    world = server.world
    for number in range(100):
        caller = Caller(Identity(None, number.to_bytes(4, "big")))
        wanted = CreateLobby(name=f"full house {number}", max_players=64)
        code = run(world.operations.create(wanted, caller, world.now)).lobby.code
        for i in range(64):
            run(world.operations.join(code, JoinLobby(f"Player {i}"), caller, world.now))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def _cell(samples: Samples) -> str:
    return f"{statistics.median(samples):.3g} ({max(samples):.3g})"


def table(sizes: list[int], results: list[dict[str, Any]]) -> str:
    """The figures as a Markdown table, with the limits beside."""
    rows = [["", *(f"{size:,} lobbies" for size in sizes), "limit"]]
    for name in ("create", "join"):
        cells = [f"{1000 / statistics.median(r[name]):,.0f}" for r in results]
        rows.append([f"{name}s per second, one core", *cells, ""])
    rows.append(["memory per lobby, bytes", *(f"{r['memory']:,.0f}" for r in results), ""])
    rows.append(
        [
            "objects that the collector walks, per lobby",
            *(f"{r['objects']:.1f}" for r in results),
            "",
        ]
    )
    rows.append(["a full collection, ms", *(_cell(r["collection"]) for r in results), ""])
    for name in (*QUERIES, FULL):
        scans = not name.startswith("page")
        limit = SEARCH_LIMIT if scans else PAGE_LIMIT
        rows.append([f"{name}, ms", *(_cell(r[name]) for r in results), f"{limit:g}"])
        if scans:
            cells = [_cell(r[f"slice of {name}"]) for r in results]
            rows.append(["its longest slice, ms", *cells, f"{SLICE_LIMIT:g}"])
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    """Run each size in a child and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--games", type=int, default=20, help="games that the lobbies are of")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.games)))
        return
    sizes = [int(size) for size in options.sizes.split(",")]
    results = []
    for size in sizes:
        print(f"{size} lobbies", file=sys.stderr)
        command = [
            sys.executable,
            "-m",
            "bench.http.lobbies",
            "--one",
            str(size),
            "--games",
            str(options.games),
        ]
        child = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        results.append(json.loads(child.stdout))
    print(table(sizes, results))


if __name__ == "__main__":
    main()
