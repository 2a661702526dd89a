"""The connection doctor in a real Godot engine, and every fault that it tells apart, produced."""

from __future__ import annotations

import socket
import sys
from contextlib import AsyncExitStack
from typing import Any

from twisted.internet.protocol import DatagramProtocol

from lobbyd.client.events import Connected
from lobbyd.netsim.conditions import Conditions
from lobbyd.service import LobbydService

from .engine import clean, lines, play, project
from .netsim import proxied
from .restarts import free_port
from .support import daemon, join, server, within

LONGEST = 576
"""Bytes of a datagram that gets through the narrow way."""
OTHER_WIRE = """
import sys
from lobbyd.wire import catalogue
wire = int(sys.argv.pop(1))
catalogue.WIRE_VERSION, catalogue.MAGIC_VERSION = wire, 0xB0 | wire
from twisted.scripts.twistd import run
run()
"""
"""A server all of whose packets, and whose /info, are of another version of the protocol."""


class Narrow(DatagramProtocol):
    """A way to a server on which long datagrams get lost."""

    noisy = False
    transport: Any

    def __init__(self, place: tuple[str, int]) -> None:
        self._place = place
        self._client: Any = None

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        if len(datagram) > LONGEST:
            return
        if addr == self._place:
            self.transport.write(datagram, self._client)
        else:
            self._client = addr
            self.transport.write(datagram, self._place)


class Faults:
    """Servers that have one fault each; ``urls`` has them by name."""

    def __init__(self, reactor: Any, stack: AsyncExitStack) -> None:
        self._reactor = reactor
        self._stack = stack
        self.urls: dict[str, str] = {}
        self.blocked, self.closed, self.narrow = (free_port(socket.SOCK_DGRAM) for _ in range(3))

    async def serve(self, name: str, **flags: str) -> LobbydService:
        """A server in this process, on real sockets."""
        running = server(self._reactor, **flags)
        service, self.urls[name] = await self._stack.enter_async_context(running)
        return service

    async def blocked_udp(self) -> None:
        """Every datagram gets lost on the way."""
        service = await self.serve("blocked", advertise_port=str(self.blocked))
        place, lost = ("127.0.0.1", service.udp_port), Conditions(loss=1.0)
        way = proxied(self._reactor, place, at=self.blocked, up=lost, down=lost)
        await self._stack.enter_async_context(way)

    async def narrow_udp(self) -> None:
        """Long datagrams get lost on the way."""
        service = await self.serve("narrow", advertise_port=str(self.narrow))
        way = Narrow(("127.0.0.1", service.udp_port))
        port = self._reactor.listenUDP(self.narrow, way, interface="127.0.0.1")
        self._stack.push_async_callback(port.stopListening)

    async def no_place_for_players(self) -> None:
        """The only place of the server is taken."""
        await self.serve("players", max_players="1")
        _, player = await join(self._reactor, self.urls["players"], "TEST", "Ann")
        await within(self._reactor, player.wait(lambda event: isinstance(event, Connected)))
        self._stack.push_async_callback(player.close)

    async def other_wire(self, name: str, wire: int) -> None:
        """Every packet of the server is of another version."""
        program = (sys.executable, "-c", OTHER_WIRE, str(wire))
        running = daemon(self._reactor, program=program)
        self.urls[name] = await self._stack.enter_async_context(running)


async def the_doctor_names_each_fault(reactor: Any) -> None:
    """Real servers with real faults: each has its verdict, and what to do has its very option.

    * unreachable: nothing listens at the HTTP port.
    * blocked: a proxy on the way to the server's UDP port loses every datagram; closed: there is
      nothing at the UDP port that the server tells; narrow: the way loses long datagrams.
    * elsewhere: the server runs with --advertise-host 127.0.0.9, where nobody is.
    * newer, older: whole servers whose wire version was changed before anything else was loaded,
      because there is only one version yet.
    * lobbies, players: --max-lobbies and --max-players are used up, by TEST and by a player in it.
    """
    await project(reactor)
    async with AsyncExitStack() as stack:
        faults = Faults(reactor, stack)
        good = await faults.serve("good")
        faults.urls["unreachable"] = f"http://127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        await faults.blocked_udp()
        await faults.serve("closed", advertise_port=str(faults.closed))
        await faults.narrow_udp()
        await faults.serve("elsewhere", advertise_host="127.0.0.9")
        await faults.serve("lobbies", max_lobbies="1")
        await faults.no_place_for_players()
        await faults.other_wire("newer", 2)
        await faults.other_wire("older", 0)
        servers = ",".join(f"{name}={url}" for name, url in faults.urls.items())
        process = await play(reactor, faults.urls["good"], "doctor", f"--servers={servers}")
        clean(process)
        clean(await play(reactor, faults.urls["elsewhere"], "doctor_view"))
        # what was tried is gone again
        assert [lobby.code for lobby in good.lobbies.by_id.values()] == ["TEST"]
    found = {line["server"]: line for line in lines(process) if "server" in line}
    assert found.keys() == faults.urls.keys()
    for name, verdict, step, word, advice in (
        ("good", "GOOD", "ROOM", "good", "Nothing is to be done."),
        ("unreachable", "HTTP_UNREACHABLE", "TCP", "refused", "--http tcp:"),
        ("blocked", "UDP_BLOCKED", "UDP", "silent", f'["{faults.blocked}:{faults.blocked}/udp"]'),
        ("closed", "UDP_BLOCKED", "UDP", "refused", "--advertise-port"),
        ("narrow", "DATAGRAMS_CUT", "UDP", "cut", "MTU"),
        ("elsewhere", "WRONG_ADVERTISED_HOST", "UDP", "elsewhere", "--advertise-host 127.0.0.1"),
        ("newer", "VERSION_MISMATCH", "VERSION", "server_newer", "Update the addon"),
        ("older", "VERSION_MISMATCH", "VERSION", "server_older", "Update lobbyd on the server"),
        ("lobbies", "SERVER_FULL", "ROOM", "lobbies", "--max-lobbies"),
        ("players", "SERVER_FULL", "ROOM", "players", "--max-players"),
    ):
        line = found[name]
        assert (line["verdict"], line["words"][step]) == (verdict, word), line
        assert advice in line["operator"] and line["operator"] in line["report"], line
    # every step was shown while it ran
    assert found["good"]["steps"][0] == "ADDRESS" and found["good"]["steps"][-1] == "ROOM", found


SCENARIOS = (the_doctor_names_each_fault,)
