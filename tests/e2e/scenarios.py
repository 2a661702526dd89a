"""The end-to-end scenarios; both runners play each of them once.

Each is ``async def name(reactor)`` and fails by raising.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any
from unittest import SkipTest

from lobbyd.client.session import Connected, Disconnected, Snapshot
from lobbyd.client.udp import UdpClient
from lobbyd.wire.catalogue import DisconnectReason, PlayerFlags
from lobbyd.wire.messages import LobbyState, PlayerJoined, PlayerLeft

from .support import (
    Process,
    call,
    daemon,
    ended_well,
    has_ipv6,
    join,
    pause,
    server,
    spawn,
    twistd,
    until,
    within,
)


def _is(kind: type, **values: Any) -> Any:
    """A predicate for events of a class with these attributes."""
    return lambda event: (
        isinstance(event, kind) and all(getattr(event, n) == v for n, v in values.items())
    )


def _records(client: UdpClient, slot: int) -> list[tuple[int, int, int]]:
    snapshots = [event for event in client.events if isinstance(event, Snapshot)]
    return [(r.x, r.y, r.z) for s in snapshots for r in s.records if r.slot == slot]


async def a_player_sees_the_dummy_walk_its_circle(reactor: Any) -> None:
    """HTTP join, UDP handshake and snapshots of TEST over real sockets."""
    async with server(reactor) as (_, url):
        joined, client = await join(reactor, url, "TEST", "Ann")
        welcome = (await within(reactor, client.wait(_is(Connected)))).welcome
        assert welcome["player_id"] == joined["player"]["player_id"]
        state = await within(reactor, client.wait(_is(LobbyState)))
        assert state.host_player_id == welcome["player_id"]
        dummy = await within(
            reactor, client.wait(lambda e: isinstance(e, PlayerJoined) and e.flags == 1)
        )
        await until(reactor, lambda: len(_records(client, dummy.slot)) >= 20, "20 snapshots")
        places = _records(client, dummy.slot)
        assert len(set(places)) == len(places), "the dummy stood still"
        for x, y, z in places:
            off = abs((x * x + z * z) ** 0.5 - 4 * 512)
            assert y == 0 and off <= 1, (x, y, z)
        await client.close()


async def two_players_see_each_other_join_move_and_leave(reactor: Any) -> None:
    """Events and positions cross between two real clients."""
    async with server(reactor) as (service, url):
        _, first = await join(reactor, url, "test", "First")
        await within(reactor, first.wait(_is(Connected)))
        answer, second = await join(reactor, url, "TEST", "Second")
        player_id, slot = answer["player"]["player_id"], answer["player"]["slot"]
        met = await within(reactor, first.wait(_is(PlayerJoined, player_id=player_id)))
        assert met.name == "Second" and not met.flags & PlayerFlags.DUMMY
        await within(reactor, second.wait(_is(PlayerJoined, name="First")))
        steps = iter(range(10_000))

        def walk(now: float) -> None:
            if second.session.connected:
                second.session.sample((next(steps) * 0.01, 0.0, -3.0), (0.0, 0.0, 0.0, 1.0), now)

        second.before_poll = walk
        await until(
            reactor,
            lambda: any(x > 256 and z == -3 * 512 for x, _, z in _records(first, slot)),
            "half a metre of walk",
        )
        xs = [x for x, _, _ in _records(first, slot)]
        assert xs == sorted(xs), "positions came out of order"
        status, body, _ = await call(reactor, "GET", f"{url}/lobbies/TEST")
        assert (status, body["lobby"]["member_count"]) == (200, 2)
        await second.close()
        await within(reactor, first.wait(_is(PlayerLeft, player_id=player_id)))
        await first.close()
        await until(reactor, lambda: not list(service.lobbies.find("TEST").members()), "empty")


async def a_lobby_over_ipv6(reactor: Any) -> None:
    """HTTP and UDP on ::1, the ticket names the address that the client used."""
    if not has_ipv6():
        raise SkipTest("this machine has no IPv6 loopback")
    places = {"http": "tcp:0:interface=\\:\\:1", "udp_interface": "::1"}
    async with server(reactor, **places) as (_, url):
        joined, client = await join(reactor, url, "TEST", "Six")
        assert joined["ticket"]["udp"]["host"] == "::1"
        await within(reactor, client.wait(_is(Snapshot)))
        await client.close()


async def the_host_ends_a_lobby_and_its_players_are_told(reactor: Any) -> None:
    """DELETE with the host's token: DISCONNECT over UDP, 404 over HTTP."""
    async with server(reactor) as (_, url):
        status, made, headers = await call(reactor, "POST", f"{url}/lobbies", {"max_players": 2})
        code = made["lobby"]["code"]
        assert status == 201
        assert headers.getRawHeaders("location") == [f"/lobbies/{code}"]
        host_answer, host = await join(reactor, url, code, "Host")
        _, guest = await join(reactor, url, code, "Guest")
        await within(reactor, guest.wait(_is(Connected)))
        await within(reactor, host.wait(_is(Connected)))
        status, full, _ = await call(reactor, "POST", f"{url}/lobbies/{code}/join", {})
        assert (status, full["code"]) == (409, "lobby_full")
        status, refused, _ = await call(reactor, "DELETE", f"{url}/lobbies/{code}")
        assert (status, refused["code"]) == (409, "lobby_not_empty")
        token = f"Bearer {host_answer['player_token']}"
        status, _, _ = await call(reactor, "DELETE", f"{url}/lobbies/{code}", authorization=token)
        assert status == 204
        for client in (host, guest):
            over = await within(reactor, client.wait(_is(Disconnected)))
            assert over.reason == DisconnectReason.CLOSED
            await client.close()
        status, gone, _ = await call(reactor, "GET", f"{url}/lobbies/{code}")
        assert (status, gone["code"]) == (404, "lobby_not_found")


async def a_backlog_of_datagrams_lets_timers_through(reactor: Any) -> None:
    """FairPort: timers run between turns however many datagrams wait, empty ones too."""
    async with server(reactor) as (service, _):
        flood = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # before the reactor turns again, so that all of them wait
        for number in range(1000):
            flood.sendto(b"" if number % 2 else b"x" * 40, ("127.0.0.1", service.udp_port))
        flood.close()
        seen: list[int] = []
        drops = service.stats.drops
        while sum(drops.values()) < 1000 and len(seen) < 1000:
            await pause(reactor, 0)
            seen.append(sum(drops.values()))
        turns = [after - before for before, after in zip([0, *seen], seen, strict=False)]
        assert seen[-1] == 1000, seen
        assert max(turns) <= 64, turns


async def twistd_starts_it_in_three_ways(reactor: Any) -> None:
    """The plugin, the plugin on asyncio, and the tac serve the same."""
    async with daemon(reactor) as url:
        await _serves(reactor, url)
    with tempfile.TemporaryDirectory() as state:
        env = {
            "LOBBYD_STATE_DIR": state,
            "LOBBYD_HTTP": "tcp:0:interface=127.0.0.1",
            "LOBBYD_UDP_PORT": "0",
        }
        quiet = ("--nodaemon", "--pidfile=")
        for arguments in (("-r", "asyncio", *quiet, "lobbyd"), (*quiet, "-y", "lobbyd.tac")):
            process = spawn(reactor, twistd(), *arguments, **env)
            try:
                up = await within(reactor, process.line(r"lobbyd is up: HTTP on (\S+), UDP"))
                await _serves(reactor, f"http://{up[1]}")
            finally:
                process.stop()
                await within(reactor, process.ended)
            ended_well(process)


async def _serves(reactor: Any, url: str) -> None:
    status, info, _ = await call(reactor, "GET", f"{url}/info")
    assert status == 200 and info["wire"] == 1, info
    _, client = await join(reactor, url, "TEST", "Probe")
    await within(reactor, client.wait(_is(Snapshot)))
    await client.close()


async def a_bad_start_ends_with_one_line(reactor: Any) -> None:
    """Busy ports, an unusable secret, a bad value: status 1 and a line that names the option."""
    with tempfile.TemporaryDirectory() as state:
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held.bind(("127.0.0.1", 0))
        udp = str(held.getsockname()[1])
        taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        http = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        blocker = Path(state) / "file"
        blocker.write_text("not a secret")
        free = ("--http", "tcp:0:interface=127.0.0.1", "--udp-port", "0", "--state-dir", state)
        cases = {
            "--udp-port": (*free, "--udp-port", udp, "--udp-interface", "127.0.0.1"),
            "--http": (*free, "--http", http),
            "--secret-file": (*free, "--secret-file", str(blocker)),
            "--state-dir": (*free, "--state-dir", str(blocker / "below")),
            "--tick-hz": (*free, "--tick-hz", "fast"),
        }
        for option, arguments in cases.items():
            process = spawn(reactor, twistd(), "-n", "--pidfile=", "lobbyd", *arguments)
            status = await within(reactor, process.ended)
            last = process.output.strip().splitlines()[-1]
            assert status == 1, (option, process.output)
            assert option in last, (option, process.output)
            assert "Traceback" not in process.output, process.output
        held.close()
        taken.close()


async def a_daemon_runs_in_the_background_and_a_bad_one_says_why(reactor: Any) -> None:
    """twistd without --nodaemon: pid file, log, SIGTERM; a busy port ends it with status 1."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)

        def start(name: str, *arguments: str) -> Process:
            files = (f"--pidfile={place / name}.pid", f"--logfile={place / name}.log")
            common = ("lobbyd", "--udp-port", "0", "--state-dir", str(place / name))
            return spawn(reactor, twistd(), *files, *common, *arguments)

        good = start("good", "--http", "tcp:0:interface=127.0.0.1")
        assert await within(reactor, good.ended) == 0, good.output
        up = re.search(r"up: HTTP on (\S+):(\d+),", (place / "good.log").read_text())
        assert up is not None
        await _serves(reactor, f"http://{up[1]}:{up[2]}")
        bad = start("bad", "--http", f"tcp:{up[2]}:interface=127.0.0.1")
        status = await within(reactor, bad.ended)
        assert status == 1 and "--http" in bad.output, (status, bad.output)
        log = (place / "bad.log").read_text()
        assert "cannot be bound" in log and "Traceback" not in log + bad.output, log
        assert not (place / "bad.pid").exists()
        pid = place / "good.pid"
        os.kill(int(pid.read_text()), signal.SIGTERM)
        await until(reactor, lambda: not pid.exists(), "the daemon's end")


async def a_second_server_on_the_same_state_ends_with_one_line(reactor: Any) -> None:
    """The lock of the state directory."""
    with tempfile.TemporaryDirectory() as state:
        common = ("-n", "--pidfile=", "lobbyd", "--udp-port", "0", "--state-dir", state)
        where = ("--http", "tcp:0:interface=127.0.0.1")
        first = spawn(reactor, twistd(), *common, *where)
        await within(reactor, first.line("lobbyd is up"))
        second = spawn(reactor, twistd(), *common, *where)
        status = await within(reactor, second.ended)
        first.stop()
        await within(reactor, first.ended)
        last = second.output.strip().splitlines()[-1]
        assert status == 1 and "--state-dir" in last and "in use" in last, second.output


SCENARIOS = [
    a_player_sees_the_dummy_walk_its_circle,
    two_players_see_each_other_join_move_and_leave,
    a_lobby_over_ipv6,
    the_host_ends_a_lobby_and_its_players_are_told,
    a_backlog_of_datagrams_lets_timers_through,
    twistd_starts_it_in_three_ways,
    a_bad_start_ends_with_one_line,
    a_daemon_runs_in_the_background_and_a_bad_one_says_why,
    a_second_server_on_the_same_state_ends_with_one_line,
]
