"""Godot's own high-level multiplayer over a lobby, and the same scene over Godot's own ENet."""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lobbyd.netsim.conditions import Conditions

from .engine import ENGINE_DEADLINE, clean, lines, project, scene
from .netsim import proxied
from .restarts import free_port
from .support import Process, call, daemon, spawn, within

WEATHER = Conditions(latency=0.02, jitter=0.005, loss=0.05)
"""Each way of each client."""
CRATES = 6
"""What the demo's host spawns before anybody else is there."""


class Table:
    """The processes of one game, by role, and the files that tell them how far it is."""

    def __init__(self, reactor: Any, url: str, directory: str, *arguments: str) -> None:
        self._reactor = reactor
        self._url = url
        self._directory = Path(directory)
        self._arguments = arguments
        self.processes: dict[str, Process] = {}

    def sit(self, role: str, screen: str = "--headless", *more: str) -> None:
        """Start another player, whose ``screen`` is an option of dev/godot."""
        self.processes[role] = spawn(
            self._reactor,
            *("/bin/sh", "dev/godot", screen, "--path", "godot_client"),
            *(*scene("rpc", self._url), *self._arguments, *more),
            *(f"--role={role}", f"--dir={self._directory}"),
        )

    async def says(self, role: str, word: str, times: int = 1) -> dict[str, Any]:
        """The newest line with ``word`` of one, when it has come so often."""
        process = self.processes[role]
        pattern = r"(?:[^\n]*\n)*?".join([rf'\{{[^\n]*"{word}":true[^\n]*\}}\n'] * times)
        await within(self._reactor, process.line(pattern), ENGINE_DEADLINE)
        return [line for line in lines(process) if line.get(word) is True][times - 1]

    async def all_say(self, word: str, times: int = 1) -> dict[str, dict[str, Any]]:
        """The same of all that are still there."""
        there = [role for role, process in self.processes.items() if process.status is None]
        return {role: await self.says(role, word, times) for role in there}

    def tell(self, word: str) -> None:
        """Tell all how far the game is."""
        (self._directory / word).touch()

    async def ended(self, role: str) -> None:
        """Wait for the end of one, which has to be a good one."""
        await within(self._reactor, self.processes[role].ended, ENGINE_DEADLINE)
        clean(self.processes[role])

    def stop(self) -> None:
        """End what a failure left behind."""
        for process in self.processes.values():
            process.stop("KILL")


@asynccontextmanager
async def seated(reactor: Any, url: str, *arguments: str) -> AsyncIterator[Table]:
    """A table whose players are gone at the end."""
    with tempfile.TemporaryDirectory() as directory:
        table = Table(reactor, url, directory, *arguments)
        try:
            yield table
        finally:
            table.stop()


async def _play(table: Table, early: tuple[str, ...]) -> None:
    """The host, some guests, a late one while all is under way; then all that was sent has come."""
    table.sit("host")
    await table.says("host", "began")
    for role in early:
        table.sit(role)
    for role in early:
        await table.says(role, "busy")
    table.sit("late")
    for role, told in (await table.all_say("running")).items():
        assert told["crates"] == CRATES, (role, told)
        assert (told["id"] == 1) == (role == "host"), (role, told)
    table.tell("quiet1")
    _all_came(await table.all_say("settled"))


def _all_came(counts: dict[str, dict[str, Any]]) -> None:
    """Check that calls and bombs came once and in order, and that everybody was seen to walk."""
    for role, told in counts.items():
        assert told["faults"] == [], (role, told)
        assert told["calls"] > 0, (role, told)
        assert told["bombs"] > 0, (role, told)
        assert told["moved"] == len(counts), (role, told)
        assert set(counts) <= set(told["scores"]), (role, told)


def _began_again(told: list[dict[str, Any]], left: float) -> None:
    """Check what one was told since the host left, and in which order."""
    since = [line for line in told if line.get("unix", 0.0) >= left]
    order = ["host_migrated", "server_disconnected", "began", "running"]
    found = [word for line in since for word in order if word in (*line, line.get("signal"))]
    assert found == order, since
    ids = {(line["old"], line["new"]) for line in since if "old" in line}
    assert ids == {(1, 2)}, since


async def rpcs_and_spawns_pass_through_a_lobby_and_outlive_its_host(reactor: Any) -> None:
    """Four engines at 5 % loss each way: exactly once, in order, a late one, another host."""
    await project(reactor)
    async with daemon(reactor) as url:
        _, info, _ = await call(reactor, "GET", f"{url}/info")
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", {})
        async with proxied(
            reactor, ("127.0.0.1", info["udp"]["port"]), up=WEATHER, down=WEATHER, seed=5
        ) as (_, place):
            arguments = (f"--code={made['lobby']['code']}", f"--udp=127.0.0.1:{place[1]}")
            async with seated(reactor, url, *arguments, "--peer=lobbyd", "--peers=4") as table:
                await _play(table, ("second", "third"))
                await _play_on(table)


async def _play_on(table: Table) -> None:
    """The host leaves, and the others have a game again."""
    table.tell("leave")
    left = (await table.says("host", "left"))["unix"]
    await table.ended("host")
    running = await table.all_say("running", 2)
    for role, told in running.items():
        assert told["crates"] == CRATES, (role, told)
        _began_again(lines(table.processes[role]), left)
    # the first guest of a lobby is the oldest that is left; player ids say who that is
    assert sorted(told["id"] == 1 for told in running.values()) == [False, False, True], running
    table.tell("quiet2")
    _all_came(await table.all_say("settled", 2))
    for role in running:
        table.tell(f"end_{role}")
    for role in running:
        await table.ended(role)
    seconds = max(told["unix"] for told in running.values()) - left
    print(json.dumps({"host_left_to_running_again_s": round(seconds, 3)}))


async def the_same_scene_plays_over_enet(reactor: Any) -> None:
    """Only the peer is another one, and nothing else tells the difference."""
    await project(reactor)
    port = free_port(socket.SOCK_DGRAM)
    nowhere = "http://127.0.0.1:1"
    async with seated(reactor, nowhere, "--peer=enet", f"--port={port}", "--peers=3") as table:
        await _play(table, ("second",))
        # one by one: to two that go at once ENet still sends, and complains
        for role in ("second", "late", "host"):
            table.tell(f"end_{role}")
            await table.ended(role)


async def picture(reactor: Any, file: Path) -> None:
    """Take a picture of three players in the demo's arena, for the docs."""
    async with daemon(reactor) as url:
        _, info, _ = await call(reactor, "GET", f"{url}/info")
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", {})
        place = f"127.0.0.1:{info['udp']['port']}"
        arguments = (f"--code={made['lobby']['code']}", f"--udp={place}", "--peers=3")
        async with seated(reactor, url, *arguments, "--peer=lobbyd") as table:
            for role in ("Ann", "Ben"):
                table.sit(role)
                await table.says(role, "began")
            table.sit("Cat", "--picture", f"--out={file}")
            await table.says("Cat", "pictured")


SCENARIOS = (
    rpcs_and_spawns_pass_through_a_lobby_and_outlive_its_host,
    the_same_scene_plays_over_enet,
)
