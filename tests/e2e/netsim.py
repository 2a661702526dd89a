"""Scenarios of bad networks: the proxy on real sockets."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import SkipTest

from twisted.internet.protocol import DatagramProtocol

from lobbyd.client.events import Connected, Disconnected, Pong, Snapshot
from lobbyd.client.udp import UdpClient
from lobbyd.netsim.conditions import Conditions
from lobbyd.netsim.proxy import Proxy

from .support import call, has_ipv6, pause, server, spawn, until, within

ROUGH = Conditions(latency=0.02, jitter=0.01, loss=0.1, duplicate=0.1, reorder=0.1)
MOVES = 5
"""Changes of address that a connection may make at once; a sixth would have to wait."""


class Echo(DatagramProtocol):
    """Answers what comes; ``senders`` are the addresses that it came from."""

    noisy = False
    transport: Any

    def __init__(self) -> None:
        self.senders: list[Any] = []

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.senders.append(tuple(addr[:2]))
        self.transport.write(datagram, addr)


class Asker(DatagramProtocol):
    """Sends numbers to a place and keeps what comes back."""

    noisy = False
    transport: Any

    def __init__(self, place: tuple[str, int]) -> None:
        self.place = place
        self.heard: list[bytes] = []

    def ask(self, text: bytes) -> None:
        self.transport.write(text, self.place)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        assert tuple(addr[:2]) == self.place, addr
        self.heard.append(datagram)


@asynccontextmanager
async def proxied(
    reactor: Any, place: tuple[str, int], **more: Any
) -> AsyncIterator[tuple[Proxy, tuple[str, int]]]:
    """A proxy ``at`` a port, else a free one; gives it and its address."""
    up, down = more.pop("up", Conditions()), more.pop("down", Conditions())
    at = more.pop("at", 0)
    proxy = Proxy(reactor, place, up, down, clock=reactor.seconds, **more)
    try:
        yield proxy, proxy.listen(("::1" if ":" in place[0] else "127.0.0.1", at))
    finally:
        await proxy.close()


def _heard(clients: list[Asker], number: int) -> bool:
    return all(len(client.heard) == number for client in clients)


async def _round_trips(reactor: Any, host: str) -> None:
    echo = Echo()
    port = reactor.listenUDP(0, echo, interface=host)
    async with proxied(reactor, (host, port.getHost().port)) as (proxy, place):
        clients = [Asker(place), Asker(place)]
        sockets = [reactor.listenUDP(0, client, interface=host) for client in clients]
        for turn in range(3):
            for number, client in enumerate(clients):
                client.ask(b"%d of %d" % (turn, number))
            await until(reactor, partial(_heard, clients, turn + 1), "the answers")
            proxy.rebind(address=host == "127.0.0.1")
        for number, client in enumerate(clients):
            assert client.heard == [b"%d of %d" % (turn, number) for turn in range(3)]
        assert len(set(echo.senders)) == 6, echo.senders
        if host == "127.0.0.1":
            hosts = [sender[0] for sender in echo.senders]
            assert hosts == ["127.0.0.1"] * 2 + ["127.0.0.2"] * 2 + ["127.0.0.3"] * 2, hosts
        for each in sockets:
            await each.stopListening()
    await port.stopListening()


async def the_proxy_carries_any_udp_and_changes_ports_and_addresses(reactor: Any) -> None:
    """Two clients and an echo server over IPv4; each turn comes from somewhere else."""
    await _round_trips(reactor, "127.0.0.1")


async def the_proxy_carries_ipv6(reactor: Any) -> None:
    """The same over IPv6, where ports change and addresses cannot."""
    if not has_ipv6():
        raise SkipTest("no IPv6 loopback here")
    await _round_trips(reactor, "::1")


def _walk(client: UdpClient, steps: Iterator[int], now: float) -> None:
    if client.session.connected:
        client.session.sample((next(steps) * 0.01, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), now)


def _snapshots(client: UdpClient) -> int:
    return sum(1 for event in client.events if isinstance(event, Snapshot))


def _shown(client: UdpClient, number: int) -> bool:
    return _snapshots(client) >= number


async def a_session_survives_a_rough_link_that_is_rebound(reactor: Any) -> None:
    """A real client joins through the proxy; ports and addresses change under it."""
    async with (
        server(reactor) as (service, url),
        proxied(
            reactor,
            ("127.0.0.1", service.udp_port),
            up=ROUGH,
            down=ROUGH,
        ) as (proxy, place),
    ):
        _, joined, _ = await call(reactor, "POST", f"{url}/lobbies/TEST/join", {"name": "Ann"})
        joined["ticket"]["udp"] = {"host": place[0], "port": place[1]}
        client = UdpClient(joined["ticket"])
        client.open(reactor)
        await within(reactor, client.wait(lambda event: isinstance(event, Connected)))

        client.before_poll = partial(_walk, client, count())
        for move in range(MOVES):
            await until(reactor, partial(_shown, client, _snapshots(client) + 5), "snapshots")
            proxy.rebind(address=bool(move % 2))
        await until(reactor, partial(_shown, client, _snapshots(client) + 10), "the last ones")
        gone = [event for event in client.events if isinstance(event, Disconnected)]
        assert not gone, gone
        assert sum(1 for event in client.events if isinstance(event, Connected)) == 1
        assert proxy.ledger.counts["rebinds"] == MOVES
        assert proxy.ledger.fates("up")["lost"] and proxy.ledger.fates("down")["lost"]
        await client.close()


async def the_command_prints_counters_and_writes_a_trace(reactor: Any) -> None:
    """``python -m lobbyd.netsim`` as a process, ended as from a keyboard."""
    echo = Echo()
    port = reactor.listenUDP(0, echo, interface="127.0.0.1")
    with tempfile.TemporaryDirectory() as directory:
        trace = Path(directory, "trace.jsonl")
        process = spawn(
            reactor,
            *(sys.executable, "-m", "lobbyd.netsim", "--listen", "0", "--trace", str(trace)),
            *("--server", f"127.0.0.1:{port.getHost().port}", "--duplicate", "100%"),
        )
        up = await within(reactor, process.line(r"netsim: (127\.0\.0\.1):(\d+) to 127"))
        client = Asker((up[1], int(up[2])))
        socket = reactor.listenUDP(0, client, interface="127.0.0.1")
        client.ask(b"hello")
        await until(reactor, lambda: client.heard == [b"hello"] * 4, "twice in each direction")
        await within(reactor, process.line(r"1 client; up 1 packets, 5 bytes.*duplicated 1"))
        process.stop("INT")
        status = await within(reactor, process.ended)
        assert "Traceback" not in process.output, process.output
        assert status == 0, (status, process.output)
        lines = [json.loads(line) for line in trace.read_text().splitlines()]
        assert [(line["direction"], line["fate"]) for line in lines[1:]] == [
            ("up", "duplicated"),
            ("down", "duplicated"),
            ("down", "duplicated"),
        ]
        await socket.stopListening()
    await port.stopListening()


async def a_host_makes_the_network_bad_and_good_again(reactor: Any) -> None:
    """Conditions over HTTP delay and then lose a real connection, and end when they are told to."""
    async with server(reactor, allow_conditions="on") as (_, url):
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", {"player": {"name": "Ann"}})
        path = f"{url}/lobbies/{made['lobby']['code']}/conditions"
        bearer = f"Bearer {made['player_token']}"
        client = UdpClient(made["ticket"])
        client.before_poll = partial(_walk, client, count())
        client.open(reactor)
        await within(reactor, client.wait(lambda event: isinstance(event, Connected)))
        await until(reactor, partial(_shown, client, 5), "snapshots")

        async def put(body: Any) -> None:
            status, answer, _ = await call(reactor, "PUT", path, body, authorization=bearer)
            assert status == 200, (status, answer)

        async def round_trip() -> float:
            """Of a PING, by this machine's clock."""
            client.events.clear()
            began = reactor.seconds()
            client.session.ping(time.monotonic())
            await within(reactor, client.wait(lambda event: isinstance(event, Pong)))
            took: float = reactor.seconds() - began
            return took

        await put({"up": {"latency": 0.15}, "down": {"latency": 0.15}})
        assert await round_trip() >= 0.3
        await put({"down": {"loss": 1}})
        await pause(reactor, 0.3)
        before = _snapshots(client)
        await pause(reactor, 0.5)
        assert _snapshots(client) == before
        status, answer, _ = await call(reactor, "GET", path, authorization=bearer)
        assert [one["down"]["loss"] for one in answer["conditions"]] == [1], answer
        status, _, _ = await call(reactor, "DELETE", path, authorization=bearer)
        assert status == 204, status
        await until(reactor, partial(_shown, client, _snapshots(client) + 5), "snapshots again")
        await client.close()


SCENARIOS = (
    a_host_makes_the_network_bad_and_good_again,
    the_proxy_carries_any_udp_and_changes_ports_and_addresses,
    the_proxy_carries_ipv6,
    a_session_survives_a_rough_link_that_is_rebound,
    the_command_prints_counters_and_writes_a_trace,
)
