"""R9, R10: kill -9 of a real twistd under players, and a supervisor that starts it again.

64 players in a process of their own, each behind links of its own (RTT 100 ms, jitter 20 ms).
The supervisor starts the new process at once. Time runs from the kill to the first snapshot
of the new process that a player got, so the start of Python is in it.
"""

from __future__ import annotations

import itertools
import random
import secrets
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from typing import Any

import attrs

from lobbyd.client.events import Connected, Denied
from lobbyd.client.ticket import session_of
from lobbyd.wire.catalogue import DeniedCode, WelcomeFlags

from ..processes import Child, call
from ..row import Options, Row, at_most, exactly, percentile, told
from ..supervisor import Supervisor
from ..weather import percent

PLAYERS, KILLS = 64, 20
SETTLE = 2.0
"""Seconds of play between two kills."""
PATIENCE = 15.0
"""Seconds after the server is up again after which who is not back has failed."""
LIMITS = {0.05: (1.5, 3.0), 0.3: (3.0, 6.0)}
"""Loss to seconds, p95 and worst."""
CONTINUITY = 0.01
"""Metres between where a player is and where it is shown."""
PLAYERS_CORE = 1
_COUNTER = itertools.count(1)


@attrs.define
class Result:
    """Of one series of kills: seconds from the kill, one for each player and kill."""

    fresh: list[float] = attrs.Factory(list)
    welcomed: list[float] = attrs.Factory(list)
    up: list[float] = attrs.Factory(list)
    expected: int = 0
    resumed: int = 0
    others: int = 0
    off: float = 0.0
    kicked_tries: int = 0
    kicked_in: int = 0
    tracebacks: int = 0


def series(loss: float, kills: int, players: int, options: Options) -> Result:
    """Kill a server again and again under its players."""
    rng, result = random.Random(options.seed), Result()
    with tempfile.TemporaryDirectory() as state:
        server = Supervisor(state, options.alone)
        server.start()
        crowd = None
        try:
            server.wait_up()
            made = call("POST", f"{server.url}/lobbies", {"max_players": players})
            code = made["lobby"]["code"]
            crowd = Child("bench.netcode.crowd", str(PLAYERS_CORE))
            crowd.ask("join", server.url, code, players, loss)
            for number in range(kills):
                # at any moment of a tick
                time.sleep(SETTLE + rng.random() / 20)
                _kill(server, crowd, result)
                last = result.fresh[-players:]
                options.say(
                    f"kill {number + 1} of {kills}: up {result.up[-1]:.2f} s, "
                    f"fresh p50 {percentile(last, 0.5):.2f} s, max {max(last, default=0):.2f} s, "
                    f"resumed {result.resumed} of {result.expected}"
                )
            _kick_and_kill(server, result)
            result.tracebacks = sum("Traceback" in line for line in server.output)
        finally:
            if crowd is not None:
                crowd.close()
            server.close()
    return result


def _kill(server: Supervisor, crowd: Child, result: Result) -> None:
    """One kill: wait until all are back, then look at what they saw."""
    killed = server.kill()
    up = server.wait_up()
    result.up.append(up - killed)
    time.sleep(0.5)
    while True:
        seen = crowd.ask("tell", killed, time.monotonic())
        missing = [player for player in seen if player["fresh"] is None]
        if not missing or time.monotonic() - up > PATIENCE:
            break
        time.sleep(0.25)
    # what is shown of a player needs a sample of it first
    time.sleep(0.5)
    seen = crowd.ask("tell", killed, time.monotonic())
    for player in seen:
        result.expected += 1
        connects = [(at, told_of) for at, what, told_of in player["log"] if what == "Connected"]
        if not connects or player["fresh"] is None:
            continue
        at, welcome = connects[0]
        same = {**welcome, "flags": 0} == {**player["identity"], "flags": 0}
        if same and welcome["flags"] & WelcomeFlags.RESUMED:
            result.resumed += 1
        else:
            result.others += 1
        result.welcomed.append(at)
        result.fresh.append(player["fresh"])
        # a player who is not shown at all is nowhere
        result.off = max(result.off, 1e9 if player["off"] is None else player["off"])


def _kick_and_kill(server: Supervisor, result: Result) -> None:
    """Kick a player and kill the server when that is answered: the player stays out."""
    made = call("POST", f"{server.url}/lobbies", {"max_players": 4})
    lobby = f"{server.url}/lobbies/{made['lobby']['code']}"
    host = call("POST", f"{lobby}/join", {"name": "Host"})
    guest = call("POST", f"{lobby}/join", {"name": "Guest"})
    for joined in (host, guest):
        outcome = attempt(joined["ticket"])
        if outcome != "Connected":
            raise RuntimeError(f"a player could not connect: {outcome}")
    number = guest["player"]["player_id"]
    call(
        "POST",
        f"{lobby}/players/{number}/kick",
        {},
        Authorization=f"Bearer {host['player_token']}",
    )
    server.kill()
    server.wait_up()
    for joined, may in ((guest, False), (host, True)):
        outcome = attempt(joined["ticket"])
        if may:
            if outcome != "Connected":
                raise RuntimeError(f"who was not kicked is out, too: {outcome}")
        else:
            result.kicked_tries += 1
            result.kicked_in += outcome != f"Denied {DeniedCode.KICKED.name}"


def attempt(ticket: dict[str, Any]) -> str:
    """What became of a connection with a ticket."""
    now = time.monotonic()
    # the server takes no counter twice
    unix = time.time() + next(_COUNTER)
    session = session_of(ticket, entropy=secrets.token_bytes, unix=unix, now=now)
    with socket.socket(type=socket.SOCK_DGRAM) as link:
        link.connect(("127.0.0.1", ticket["udp"]["port"]))
        link.settimeout(0.02)
        while time.monotonic() - now < PATIENCE / 3:
            for datagram in session.poll(time.monotonic()):
                link.send(datagram)
            try:
                answer = link.recv(2048)
            except OSError:
                continue
            for event in session.receive(answer, time.monotonic()):
                if isinstance(event, Connected):
                    return "Connected"
                if isinstance(event, Denied):
                    return f"Denied {DeniedCode(event.code).name}"
    return "nothing"


def rows(options: Options) -> Iterator[Row]:
    """Both losses; medians of the runs, counts and worst of all of them."""
    runs, kills = (1, 3) if options.quick else (options.runs, KILLS)
    for loss, (p95_limit, worst_limit) in LIMITS.items():
        found = []
        for run in range(runs):
            options.say(f"{percent(loss)}: run {run + 1} of {runs}, {kills} kills")
            found.append(series(loss, kills, PLAYERS, attrs.evolve(options, seed=run + 1)))
        where = f"{percent(loss)} each way, {PLAYERS} players, {kills} kills"
        yield from _rows(where, found, p95_limit, worst_limit)


def _rows(where: str, found: list[Result], p95_limit: float, worst: float) -> Iterator[Row]:
    def middle(times: str, share: float) -> float:
        return statistics.median(percentile(getattr(result, times), share) for result in found)

    expected, resumed = sum(r.expected for r in found), sum(r.resumed for r in found)
    yield exactly("R9", "resumed in the same lobby, seat and slot", where, resumed, expected)
    shown = "shown away from where it is after the restart, at most"
    yield at_most("R9", shown, where, max(r.off for r in found), CONTINUITY, "m")
    yield told("R9", "kill to the new process's ports p50", where, middle("up", 0.5), "s")
    yield told("R9", "kill to WELCOME p50", where, middle("welcomed", 0.5), "s")
    yield told("R9", "kill to fresh snapshot p50", where, middle("fresh", 0.5), "s")
    yield at_most("R9", "kill to fresh snapshot p95", where, middle("fresh", 0.95), p95_limit, "s")
    yield at_most("R9", "kill to fresh snapshot, worst", where, middle("fresh", 1.0), worst, "s")
    tries, entered = sum(r.kicked_tries for r in found), sum(r.kicked_in for r in found)
    yield exactly("R10", f"kicked before the kill and in after it, of {tries}", where, entered, 0)
    yield exactly("R9", "tracebacks logged", where, sum(r.tracebacks for r in found), 0)
