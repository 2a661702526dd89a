"""What a game in a real Godot engine sees of a server, a network and a process that fail."""

from __future__ import annotations

import json
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lobbyd.client.events import Connected
from lobbyd.netsim.conditions import Conditions
from lobbyd.wire.catalogue import LeftReason
from lobbyd.wire.messages import Away, PlayerJoined, PlayerLeft

from .engine import ENGINE_DEADLINE, clean, lines, play, project, scene, start
from .netsim import MOVES, proxied
from .restarts import Server, free_port
from .support import Process, daemon, ended_well, join, pause, within

LATENCY = 0.02
"""Seconds each way through the proxy whose port and address change."""
STOP = 2.0
"""Seconds for which a process stands still."""
RENDER_SPEED = 1.1
"""The most that the render clock may run faster than time."""
DELAY_GROWTH = 1.25
"""The most that the interpolation delay may have grown after a stop."""


class Walker:
    """A Godot process that plays survive.tscn, and what its game saw."""

    def __init__(self, reactor: Any, url: str, directory: str, name: str, others: int) -> None:
        self._reactor = reactor
        self._until = Path(directory, "end")
        more = (f"--role={name}", f"--others={others}", f"--until={self._until}")
        self.process: Process = start(reactor, *scene("survive", url), *more)

    async def says(self, word: str) -> dict[str, Any]:
        """The line with ``word``, when it comes."""
        await within(self._reactor, self.process.line(rf'\{{.*"{word}":true.*\}}'))
        return next(line for line in lines(self.process) if line.get(word) is True)

    async def ends(self) -> dict[str, Any]:
        """Let it come to its end; gives its figures."""
        self._until.touch()
        await within(self._reactor, self.process.ended, ENGINE_DEADLINE)
        clean(self.process)
        return next(line for line in lines(self.process) if "figures" in line)

    def since(self, begin: dict[str, Any]) -> list[dict[str, Any]]:
        """What it noted after a line of its own."""
        noted = [line for line in lines(self.process) if "unix" in line]
        return noted[noted.index(begin) + 1 :]


@asynccontextmanager
async def restartable(reactor: Any, *more: str) -> AsyncIterator[tuple[Server, str]]:
    """A server that can be killed, and a directory for the game's programs."""
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory() as directory:
        server = Server(reactor, state, *more)
        await server.start()
        try:
            yield server, directory
        finally:
            await server.stop()
        ended_well(server.process)


def same_world(walker: Walker, begin: dict[str, Any]) -> None:
    """Check that the game was never told of anybody leaving or coming, nor of other ids."""
    for line in walker.since(begin):
        assert "left" not in line and "joined" not in line, line
        assert line.get("signal") != "disconnected", line
        for name in ("player_id", "slot"):
            assert line[name] == begin[name], (name, line, begin)
        assert sorted(line["players"]) == sorted(begin["players"]), (line, begin)


async def two_godots_go_on_after_kill_9(reactor: Any) -> None:
    """The same ids, slots and players, signals that say what happened, and motion again."""
    await project(reactor)
    async with restartable(reactor) as (server, directory):
        people = [Walker(reactor, server.url, directory, name, 1) for name in ("Ann", "Ben")]
        ready = [await person.says("ready") for person in people]
        killed = time.time()
        await server.kill()
        await server.start()
        for person in people:
            await person.says("back")
        for person, begin in zip(people, ready, strict=True):
            figures = await person.ends()
            same_world(person, begin)
            told = person.since(begin)
            assert len(begin["players"]) == 2, begin
            _once_lost_and_found(told)
            assert figures["now"] == "CONNECTED" and figures["reconnects"] >= 1, figures
            fresh = next(line for line in told if "fresh" in line)
            print(json.dumps({"kill_to_fresh_snapshot_s": round(fresh["unix"] - killed, 3)}))


def _once_lost_and_found(told: list[dict[str, Any]]) -> None:
    """Check the order: state, signal of the same, both ways, and a snapshot only then."""
    words = [
        line.get("state") or line.get("signal") or "fresh"
        for line in told
        if "state" in line or "signal" in line or "fresh" in line
    ]
    assert words == ["RECONNECTING", "reconnecting", "CONNECTED", "reconnected", "fresh"], words
    reasons = {line["reason"] for line in told if line.get("state") == "RECONNECTING"}
    assert reasons <= {"silence", "restart"}, reasons
    assert [line["reason"] for line in told if line.get("state") == "CONNECTED"] == [""], told
    assert [line["reason"] for line in told if line.get("signal") == "reconnecting"] == [*reasons]


async def a_godot_does_not_notice_other_ports_and_addresses(reactor: Any) -> None:
    """The network puts it elsewhere five times; the dummy walks on in every frame."""
    await project(reactor)
    port = free_port(socket.SOCK_DGRAM)
    link = Conditions(latency=LATENCY)
    async with (
        restartable(reactor, "--advertise-port", str(port)) as (server, directory),
        proxied(reactor, ("127.0.0.1", server.udp_port), at=port, up=link, down=link) as proxy,
    ):
        walker = Walker(reactor, server.url, directory, "Ann", 0)
        begin = await walker.says("ready")
        for move in range(MOVES):
            proxy[0].rebind(address=bool(move % 2))
            await pause(reactor, 0.7)
        figures = await walker.ends()
        assert proxy[0].ledger.counts["rebinds"] == MOVES
    same_world(walker, begin)
    assert [line for line in walker.since(begin) if "state" in line or "signal" in line] == []
    assert figures["reconnects"] == 0, figures
    assert figures["frames"] > 60, figures
    assert figures["frozen_frames"] == 0, figures
    limit = 2 * figures["rtt_ms"] + figures["interval_ms"]
    print(json.dumps({"largest_snapshot_gap_ms": figures["snapshot_gap_ms"], "limit_ms": limit}))


async def a_godot_that_stood_still_goes_on(reactor: Any) -> None:
    """SIGSTOP for two seconds: no reconnect, no growing delay or buffer, no fast forward."""
    await project(reactor)
    async with restartable(reactor) as (server, directory):
        walker = Walker(reactor, server.url, directory, "Ann", 0)
        begin = await walker.says("ready")
        await pause(reactor, 1.0)
        walker.process.stop("STOP")
        try:
            await pause(reactor, STOP)
        finally:
            walker.process.stop("CONT")
        await pause(reactor, 2.0)
        figures = await walker.ends()
    same_world(walker, begin)
    assert figures["now"] == "CONNECTED", figures
    assert figures["frame_gap_ms"] >= 0.9 * STOP * 1000, figures
    assert figures["delay_after_ms"] <= DELAY_GROWTH * figures["delay_before_ms"], figures
    assert figures["most_samples"] <= figures["capacity"], figures
    assert 0 < figures["fastest"] <= RENDER_SPEED, figures
    print(json.dumps({name: figures[name] for name in ("fastest", "slowest", "delay_after_ms")}))


async def a_godot_says_goodbye_however_it_ends(reactor: Any) -> None:
    """Quit, a closed window and a freed client: another player hears LEFT, and never AWAY."""
    await project(reactor)
    async with daemon(reactor) as url:
        _, watcher = await join(reactor, url, "TEST", "watcher")
        await within(reactor, watcher.wait(lambda event: isinstance(event, Connected)))
        for role in ("quit", "close", "free"):
            clean(await play(reactor, url, "goodbye", f"--role={role}"))
            left = await within(reactor, watcher.wait(lambda event: isinstance(event, PlayerLeft)))
            assert left.reason == LeftReason.LEFT, (role, left)
            heard = list(watcher.events)
            assert not any(isinstance(event, Away) for event in heard), (role, heard)
            came = [event for event in heard if isinstance(event, PlayerJoined)]
            assert left.player_id == came[-1].player_id, (role, left, came)
            watcher.events.clear()
        await watcher.close()


async def three_clients_live_in_one_godot(reactor: Any) -> None:
    """Each is a player of its own; calls of the host; the way back to a held seat."""
    await project(reactor)
    async with daemon(reactor, "--allow-conditions", "on") as url:
        clean(await play(reactor, url, "several"))


async def games_act_inside_of_signals(reactor: Any) -> None:
    """They leave or connect again in a handler: every call ends, and nobody stays behind."""
    await project(reactor)
    async with daemon(reactor) as url:
        clean(await play(reactor, url, "handlers"))


SCENARIOS = (
    two_godots_go_on_after_kill_9,
    a_godot_does_not_notice_other_ports_and_addresses,
    a_godot_that_stood_still_goes_on,
    a_godot_says_goodbye_however_it_ends,
    three_clients_live_in_one_godot,
    games_act_inside_of_signals,
)
