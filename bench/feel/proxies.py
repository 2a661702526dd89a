"""A process with a netsim proxy for each client, told what to do on stdin.

    python -m bench.feel.proxies HOST PORT

Commands, each answered with a line of JSON: "open" a proxy, give it other "weather", "rebind" its
socket or "move" it, "tell" what it carried. Times are unix seconds, as engines have them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs

from lobbyd.fairport import FairPort
from lobbyd.netsim.conditions import Conditions
from lobbyd.netsim.ledger import DOWN, UP, WAYS
from lobbyd.netsim.proxy import ADDRESSES, HEADERS, Proxy

from ..processes import Child

HOST = "127.0.0.1"
_LOST = frozenset({"lost", "burst", "blackhole", "queue", "full"})


@attrs.frozen
class Carried:
    """What one direction of a proxy carried.

    ``entered`` has a moment, a size with headers, and whether it was lost, for each datagram;
    ``left`` a moment and a size of those that arrived at the other end, in order.
    """

    entered: list[tuple[float, int, bool]] = attrs.Factory(list)
    left: list[tuple[float, int]] = attrs.Factory(list)


class Proxies:
    """The bench's side: a proxy for each client, by name, in a process of their own."""

    def __init__(self, port: int) -> None:
        self._child = Child(__name__, HOST, str(port))
        self.pid = self._child.pid

    def open(
        self, name: str, up: Conditions, down: Conditions, seed: int, port: int | None = None
    ) -> int:
        """A proxy for one client, to the server or another proxy's port; returns the port that
        the client is to send to."""
        return int(self._child.ask("open", name, up.as_json(), down.as_json(), seed, port))

    def weather(self, name: str, up: Conditions, down: Conditions) -> float:
        """Other conditions; returns since when."""
        return float(self._child.ask("weather", name, up.as_json(), down.as_json()))

    def rebind(self, name: str) -> float:
        """The client comes from another port; returns since when."""
        return float(self._child.ask("rebind", name))

    def move(self, name: str) -> float:
        """Clients that are new to a proxy come from another address; returns since when."""
        return float(self._child.ask("move", name))

    def carried(self, name: str) -> dict[str, Carried]:
        """What was carried so far, by direction."""
        told = self._child.ask("tell", name)
        return {
            way: Carried([(at, size, lost) for at, size, lost in entered], [*map(tuple, left)])
            for way, (entered, left) in told.items()
        }

    def close(self) -> None:
        """End all."""
        self._child.close()


class MovingProxy(Proxy):
    """Gives clients that come later another address, and leaves the others theirs."""

    def move(self) -> None:
        """From now on."""
        self._address = ADDRESSES[self._addresses % len(ADDRESSES)]
        self._addresses += 1


class NotedPort(FairPort):
    """Notes when datagrams leave the proxy."""

    def __init__(self, *args: Any, noted: dict[str, Carried], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the clients' side is read by the proxy itself
        self._noted = noted[DOWN if isinstance(self.protocol, Proxy) else UP]

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Send, and note when."""
        super().write(datagram, addr)
        self._noted.left.append((time.time(), len(datagram) + HEADERS))


class Host:
    """The process's side: all proxies, by name."""

    def __init__(self, reactor: Any, server: tuple[str, int]) -> None:
        self._reactor = reactor
        self._server = server
        self._proxies: dict[str, tuple[MovingProxy, dict[str, Carried]]] = {}
        self.commands: dict[str, Callable[..., Any]] = {
            "open": self.open,
            "weather": self.weather,
            "rebind": self.rebind,
            "move": self.move,
            "tell": self.tell,
        }

    def open(
        self, name: str, up: dict[str, Any], down: dict[str, Any], seed: int, port: int | None
    ) -> int:
        """Listen; returns the port."""
        noted = {way: Carried() for way in WAYS}
        proxy = MovingProxy(
            self._reactor,
            self._server if port is None else (self._server[0], port),
            Conditions(**up),
            Conditions(**down),
            clock=time.monotonic,
            seed=seed,
            trace=partial(_note, noted),
            port=partial(NotedPort, noted=noted),
        )
        self._proxies[name] = proxy, noted
        return proxy.listen((HOST, 0))[1]

    def weather(self, name: str, up: dict[str, Any], down: dict[str, Any]) -> float:
        """Other conditions from now on."""
        self._proxies[name][0].weather(Conditions(**up), Conditions(**down))
        return time.time()

    def rebind(self, name: str) -> float:
        """Another socket towards the server."""
        self._proxies[name][0].rebind()
        return time.time()

    def move(self, name: str) -> float:
        """Another address for those who come."""
        self._proxies[name][0].move()
        return time.time()

    def tell(self, name: str) -> dict[str, Any]:
        """What was carried."""
        return {way: [each.entered, each.left] for way, each in self._proxies[name][1].items()}


def _note(noted: dict[str, Carried], line: str) -> None:
    told = json.loads(line)
    if "fate" in told:
        lost = told["fate"] in _LOST
        noted[told["direction"]].entered.append((time.time(), told["size"] + HEADERS, lost))


def main(arguments: list[str]) -> None:
    """Carry until stdin ends."""
    from twisted.internet import reactor as installed
    from twisted.internet.stdio import StandardIO
    from twisted.protocols.basic import LineOnlyReceiver

    reactor: Any = installed
    host = Host(reactor, (arguments[0], int(arguments[1])))

    class Commands(LineOnlyReceiver):
        delimiter = b"\n"

        def lineReceived(self, line: bytes) -> None:
            name, *given = json.loads(line)
            # by its own buffer: the pipe may be full
            self.sendLine(json.dumps(host.commands[name](*given)).encode())

        def connectionLost(self, reason: Any = None) -> None:
            reactor.stop()

    StandardIO(Commands())
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1:])
