"""Creates and joins a second over keep-alive connections, and the time of a join at half of that.

Lobbies of eight fill up one after the other, so the answer of a join tells of 4.5 players on
average. A creation does not join.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Iterator

from ..row import Options, Row, exactly, percentile, told
from ..supervisor import ROOM
from .callers import Stream, play, post
from .server import served

PLAYERS = 8
SECONDS = 2.5
WHERE = {
    "file": "lobby records on the disk",
    "memory": "lobbies in memory only",
}


def rows(options: Options) -> Iterator[Row]:
    """For each kind of store, medians of the runs."""
    runs = 1 if options.quick else options.runs
    for store, words in WHERE.items():
        results = []
        for number in range(runs):
            results.append(_run(store, options))
            told_of = ", ".join(f"{name} {value:.4g}" for name, value in results[-1].items())
            options.say(f"{store}, run {number + 1} of {runs}: {told_of}")
        yield from _rows(words, results)


def _rows(words: str, results: list[dict[str, float]]) -> Iterator[Row]:
    def middle(name: str) -> float:
        return statistics.median(result[name] for result in results)

    yield told("H1", "creates", words, middle("creates"), "/s")
    yield told("H1", "processor time of a create", words, middle("create_us"), "us")
    yield told("H1", "joins", words, middle("joins"), "/s")
    spread = ", ".join(f"{result['joins']:,.0f}" for result in sorted(results, key=_joins))
    yield told("H1", "joins, each run", words, spread, "/s")
    yield told("H1", "processor time of a join", words, middle("join_us"), "us")
    yield told("H1", "the callers' own core meanwhile", words, middle("callers"), "%")
    half = f"{words}, half as many joins"
    for share in ("p50", "p95", "p99"):
        yield told("H1", f"join {share}", half, middle(share), "ms")
    yield exactly("H1", "calls that failed, all runs", words, sum(r["bad"] for r in results), 0)


def _joins(result: dict[str, float]) -> float:
    return result["joins"]


def _run(store: str, options: Options) -> dict[str, float]:
    """One server, from empty."""
    seconds = SECONDS / 5 if options.quick else SECONDS
    with served(options.alone, "--store", store, *ROOM) as server:
        play(server.port, [Stream(creates(), 1)], 0.2)
        before = server.cpu
        made = Stream(creates(), keep=True)
        play(server.port, [made], seconds)
        create_cost = (server.cpu - before) / len(made.seconds)
        codes = [json.loads(body)["lobby"]["code"] for body in made.bodies]
        wanted = joins(codes)
        before = server.cpu
        most = Stream(wanted)
        play(server.port, [most], seconds)
        join_cost = (server.cpu - before) / len(most.seconds)
        half = Stream(wanted, rate=most.each_second / 2)
        play(server.port, [half], seconds)
    return {
        "creates": made.each_second,
        "create_us": 1e6 * create_cost,
        "joins": most.each_second,
        "join_us": 1e6 * join_cost,
        "callers": 100 * most.cpu,
        **{f"p{p}": 1000 * percentile(half.seconds, p / 100) for p in (50, 95, 99)},
        "bad": made.bad + most.bad + half.bad,
    }


def creates() -> Iterator[bytes]:
    """Lobbies as games make them."""
    for number in itertools.count():
        wanted = {
            "name": f"Lobby {number}",
            "game": "bench",
            "version": "1.0",
            "max_players": PLAYERS,
            "metadata": {"map": "amber", "level": number % 100, "ranked": True},
        }
        yield post("/lobbies", json.dumps(wanted).encode())


def joins(codes: list[str]) -> Iterator[bytes]:
    """Every lobby is filled, one after the other."""
    for code in codes:
        for number in range(PLAYERS):
            yield post(f"/lobbies/{code}/join", b'{"name": "Player %d"}' % number)
