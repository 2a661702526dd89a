"""GET /lobbies with 100,000 lobbies in the server, alone and while others join.

The lobbies come from records in the state directory, as after a restart: 20 games, two players
in each, who are away.
"""

from __future__ import annotations

import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from urllib.parse import quote

from lobbyd.lobby import record
from lobbyd.lobby.model import Identity, Lobby, Player, Seat, SeatState
from lobbyd.lobbylog import LobbyLog
from lobbyd.wire.catalogue import LobbyStateCode
from lobbyd.wire.keys import protocol_id

from ..row import Options, Row, at_most, exactly, percentile, told
from ..supervisor import ROOM
from .callers import Stream, get, play
from .joins import joins
from .server import Server, served

LOBBIES = 100_000
GAMES = 20
WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty")
SECONDS = 1.0
"""Of one kind of call."""
JOINS = 100
"""A second, meanwhile."""
PAGE_LIMIT, SEARCH_LIMIT = 10.0, 150.0
"""Milliseconds at p50, without joins."""
FLAGS = (*ROOM, "--seat-hold", "86400")
CALLS = {
    "page of 50": ("", PAGE_LIMIT),
    "page of 50 by game, version, state, free slots": (
        "&game=game%203&version=1.0&state=open&free_slots=1",
        PAGE_LIMIT,
    ),
    "page after page": ("", PAGE_LIMIT),
    "text, found often": ("&text=fjord", SEARCH_LIMIT),
    "text, found nowhere": ("&text=zebra", SEARCH_LIMIT),
}
WALK = "page after page"


def rows(options: Options) -> Iterator[Row]:
    """For each kind of call, medians of the runs."""
    count = LOBBIES // 50 if options.quick else LOBBIES
    found: dict[str, list[tuple[float, float]]] = {}
    starts, bad = [], 0
    with tempfile.TemporaryDirectory() as state:
        codes = write_lobbies(state, count)
        for number in range(1 if options.quick else options.runs):
            began = time.monotonic()
            with served(options.alone, *FLAGS, state=state) as server:
                starts.append(time.monotonic() - began)
                options.say(f"run {number + 1}: {count:,} lobbies after {starts[-1]:.1f} s")
                for what in CALLS:
                    for together in (False, True):
                        stream = _run(server, what, codes if together else [])
                        name = f"{what}, {JOINS} joins a second meanwhile" if together else what
                        times = (percentile(stream.seconds, 0.5), percentile(stream.seconds, 0.99))
                        found.setdefault(name, []).append(times)
                        bad += stream.bad
    yield told("H2", "start to the first call", f"{count:,} lobbies", _middle(starts), "s")
    for name, results in found.items():
        p50, p99 = (1000 * _middle([result[n] for result in results]) for n in (0, 1))
        if name in CALLS:
            yield at_most("H2", "p50", name, p50, CALLS[name][1], "ms")
        else:
            yield told("H2", "p50", name, p50, "ms")
        yield told("H2", "p99", name, p99, "ms")
    yield exactly("H2", "calls that failed, all runs", "all of these", bad, 0)


def _middle(values: list[float]) -> float:
    return statistics.median(values)


def _run(server: Server, what: str, codes: list[str]) -> Stream:
    """One kind of call, one after the other, while others join where there are ``codes``."""
    query = CALLS[what][0]
    stream = Stream(itertools.repeat(get(f"/lobbies?limit=50{query}")), 1, keep=what == WALK)
    if what == WALK:
        stream.calls = _pages(stream)
    streams = [stream]
    if codes:
        streams.append(Stream(joins(random.Random(3).sample(codes, 100)), 4, JOINS))
    play(server.port, streams, SECONDS)
    return stream


def _pages(stream: Stream) -> Iterator[bytes]:
    """The next page each time, and the first one after the last."""
    while True:
        cursor = json.loads(stream.bodies[-1])["next_cursor"] if stream.bodies else None
        stream.bodies.clear()
        yield get("/lobbies?limit=50" + (f"&cursor={quote(cursor)}" if cursor else ""))


def write_lobbies(state: str, count: int) -> list[str]:
    """A log of lobby records in a state directory; returns the lobbies' codes."""
    rng, now = random.Random(7), time.time()
    log = LobbyLog(state)
    log.load()
    codes = []
    entries = []
    for number in range(count):
        lobby = _lobby(rng, number, now - count + number)
        codes.append(lobby.code)
        entries.append((lobby.lobby_id, record.encode(lobby)))
    log.append(entries)
    log.close()
    return codes


def _lobby(rng: random.Random, number: int, made: float) -> Lobby:
    game, version = f"game {rng.randrange(GAMES)}", rng.choice(("1.0", "1.1"))
    lobby = Lobby(
        number + 1,
        # codes have no U, I, L and O; digits are enough
        f"{number:06}",
        f"{' '.join(rng.choice(WORDS) for _ in range(3))} {number}",
        game,
        version,
        protocol_id(game, version),
        8,
        made,
        state=LobbyStateCode.OPEN,
        metadata={"map": rng.choice(WORDS), "level": rng.randrange(100), "ranked": True},
        host_player_id=1,
        next_player_id=3,
        rev=2,
    )
    for player_id in (1, 2):
        seat = Seat(
            rng.getrandbits(64), 2 * number + player_id, rng.randbytes(32), made,
            Identity(rng.randbytes(32), bytes((192, 0, 2, 1))), SeatState.AWAY, announced=True,
        )  # fmt: skip
        seat.since = made
        lobby.players[player_id] = Player(player_id, player_id - 1, f"Player {player_id}", seat)
    return lobby
