"""A flood over HTTP beside 200 players: how late ticks are, how stale what the players see.

2,000 requests a second from 254 addresses, 500 sockets that send a byte twice a second, and a
player who joins twice a second amid them. The limits by address are on, as in any server. A
tick's lateness is its start minus when it was due; a turn is what the server does between two
looks at its sockets.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from ..load.contenders import Load, LobbydCrowd
from ..load.swarm import PER_SOCKET, Swarm, swarm_program
from ..processes import ROOT, Child, call, hurry, kept_on
from ..row import Options, Row, at_most, told
from .server import CALLERS, SERVER

LOAD = Load(players=8, hz=20)
PLAYERS = 200
RATE, SLOW = 2000, 500
SECONDS = 5.0
CODE = "F100D"
LATE_LIMIT, JOIN_LIMIT = 10.0, 1000.0
"""Milliseconds: of ticks at p99, and of the slowest join."""
SOURCES = [f"127.0.1.{number}" for number in range(1, 17)]
"""Where the players join from, so that no limit of one address holds them up."""


def rows(options: Options) -> Iterator[Row]:
    """Without and with the flood, medians of the runs."""
    runs = 1 if options.quick else options.runs
    found: dict[str, list[dict[str, float]]] = {"no flood": [], "flood": []}
    for number in range(runs):
        for name, results in found.items():
            results.append(_run(options, name == "flood"))
            told_of = ", ".join(f"{what} {value:.4g}" for what, value in results[-1].items())
            options.say(f"run {number + 1} of {runs}, {name}: {told_of}")
    for name, results in found.items():
        yield from _rows(name, results)


def _rows(name: str, results: list[dict[str, float]]) -> Iterator[Row]:
    def middle(what: str) -> float:
        return statistics.median(result[what] for result in results)

    yield told("H3", "tick lateness p50", name, middle("late_p50"), "ms")
    yield at_most("H3", "tick lateness p99", name, middle("late_p99"), LATE_LIMIT, "ms")
    yield told("H3", "tick lateness, largest", name, middle("late_max"), "ms")
    yield told("H3", "turn p99", name, middle("turn_p99"), "ms")
    yield told("H3", "turn, longest", name, middle("turn_max"), "ms")
    yield told("H3", "staleness p50", name, middle("stale_p50"), "ms")
    yield told("H3", "staleness p99", name, middle("stale_p99"), "ms")
    yield told("H3", "records delivered", name, middle("delivered"), "%")
    yield told("H3", "the server's core", name, middle("cpu"), "%")
    yield at_most("H3", "slowest join", name, middle("join"), JOIN_LIMIT, "ms")
    if name == "flood":
        yield told("H3", "requests answered", name, middle("answered"), "/s")


def _run(options: Options, flooded: bool) -> dict[str, float]:
    seconds = SECONDS / 2.5 if options.quick else SECONDS
    flags = ["--http", "tcp:0:interface=127.0.0.1", "--udp-port", "0", "--tick-hz", str(LOAD.hz)]
    flags += ["--udp-interface", "127.0.0.1", "--store", "memory"]
    with tempfile.TemporaryDirectory() as state:
        words = [str(SERVER), str(15 if options.alone else 0), *flags, "--state-dir", state]
        server = Child("bench.netcode.server", *words)
        try:
            up = server.hear()
            url = f"http://127.0.0.1:{up['http']}"
            call("POST", f"{url}/lobbies", {"code": CODE, "max_players": 64})
            with kept_on(CALLERS):
                return _measure(server, up, seconds, flooded)
        finally:
            server.close()


def _measure(server: Child, up: dict[str, int], seconds: float, flooded: bool) -> dict[str, float]:
    sockets = PLAYERS + 8 * PER_SOCKET
    swarm = Swarm(swarm_program("lobbyd"), up["udp"], sockets)
    # the flood shares its core, and is not to be what makes players stale
    hurry(10, swarm.pid)
    flood = None
    try:
        crowd = LobbydCrowd(swarm, up["http"], LOAD, SOURCES)
        crowd.add(PLAYERS)
        flood = _flood(up["http"], seconds + 3, flooded)
        # slow sockets open, and the first caches fill
        time.sleep(2)
        server.ask("mark")
        seen = crowd.measure(seconds)
        ran = server.ask("tell")
        caused = json.loads(flood.communicate(timeout=60)[0].splitlines()[-1])
    finally:
        if flood is not None:
            flood.kill()
        swarm.close()
    joins = [1000 * s if s is not None else float("inf") for s in caused["joins"]]
    answered = sum(n for status, n in caused["answers"].items() if status.isdigit())
    return {
        **{name: 1000 * ran[name] for name in ("late_p50", "late_p99", "late_max")},
        **{name: 1000 * ran[name] for name in ("turn_p99", "turn_max")},
        "stale_p50": 1000 * seen.stale_p50,
        "stale_p99": 1000 * seen.stale_p99,
        "sent_late": 1000 * seen.late_p99,
        "delivered": 100 * seen.delivered,
        "cpu": 100 * ran["cpu"],
        "join": max(joins),
        "answered": answered / (seconds + 3),
    }


def _flood(port: int, seconds: float, flooded: bool) -> subprocess.Popen[Any]:
    rate, slow = (RATE, SLOW) if flooded else (0, 0)
    command = [sys.executable, "-m", "bench.http.flooder", str(port), CODE]
    command += ["--seconds", str(seconds), "--rate", str(rate), "--slow", str(slow)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
