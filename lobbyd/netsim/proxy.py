"""The proxy's sockets: one that clients send to, and one towards the server for each client.

A Link stands in each direction of each client. The upstream sockets can be replaced while
they are used, as a NAT or a change from wireless to mobile does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from ..fairport import BatchProtocol, FairPort
from .conditions import Conditions
from .ledger import DOWN, UP, WAYS, Ledger
from .link import Link

MAX_SIZE = 65535
HEADERS = 28
"""Bytes of IPv4 and UDP headers, which use up a rate as well."""
MAX_ITEMS = 20_000
MAX_BYTES = 16 * 1024 * 1024
"""Under way in one direction of one client."""
ADDRESSES = tuple(f"127.0.0.{last}" for last in range(2, 255))
SWEEP = 1.0
"""Seconds between looks for silent clients."""

Address = tuple[str, int]


class Upstream(BatchProtocol):
    """One socket towards the server."""

    noisy = False
    transport: Any = None

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """From the server, or from whoever found the port."""
        self._flow.came_back(datagram, tuple(addr))


class Flow:
    """One client: its links, its upstream socket, and the timer of what is under way."""

    def __init__(self, proxy: Proxy, number: int, client: Address) -> None:
        self._proxy = proxy
        self.number = number
        self.client = client
        self.heard_at = 0.0
        self._up, self._down = (
            Link(
                proxy.conditions[way],
                random.Random(f"{proxy.seed} {number} {way}"),
                max_items=MAX_ITEMS,
                max_bytes=MAX_BYTES,
            )
            for way in WAYS
        )
        self._timer: Any = None
        self._upstream: Upstream | None = None

    def bind(self, address: str) -> None:
        """A new upstream socket; what the server sends to the one before is lost."""
        upstream = Upstream(self)
        self._proxy.open_port(0, upstream, address)
        earlier, self._upstream = self._upstream, upstream
        if earlier is not None:
            earlier.transport.stopListening()

    def weather(self, conditions: dict[str, Conditions]) -> None:
        """Other conditions from now on."""
        self._up.conditions, self._down.conditions = conditions[UP], conditions[DOWN]

    def send(self, datagram: bytes) -> None:
        """From the client."""
        self.heard_at = self._proxy.clock()
        self._give(self._up, UP, datagram)

    def came_back(self, datagram: bytes, sender: Address) -> None:
        """From upstream; other senders than the server are none of ours."""
        if sender == self._proxy.server:
            self._give(self._down, DOWN, datagram)
        else:
            self._proxy.ledger.counts["strangers"] += 1

    def close(self) -> Any:
        """End; what is under way is lost."""
        self._stop_timer()
        upstream, self._upstream = self._upstream, None
        return None if upstream is None else upstream.transport.stopListening()

    def _give(self, link: Link, way: str, datagram: bytes) -> None:
        now = self._proxy.clock()
        fate = link.send(datagram, now, len(datagram) + HEADERS)
        self._proxy.ledger.note(self.number, way, len(datagram), fate, now)
        self._deliver()

    def _deliver(self) -> None:
        now = self._proxy.clock()
        for datagram in self._up.arrivals(now):
            if self._upstream is not None:
                self._upstream.transport.write(datagram, self._proxy.server)
        for datagram in self._down.arrivals(now):
            self._proxy.answer(datagram, self.client)
        self._stop_timer()
        waits = [at for link in (self._up, self._down) if (at := link.next_at()) is not None]
        if waits:
            wait = max(0.0, min(waits) - now)
            self._timer = self._proxy.reactor.callLater(wait, self._deliver)

    def _stop_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


class Proxy(BatchProtocol):
    """Between clients and ``server``; ``up`` is towards it.

    Times are seconds. At most ``max_clients`` are served; who is silent for ``idle`` is
    forgotten. ``rebind_port`` and ``rebind_address`` are how often every upstream socket is
    replaced, 0 for never. Raises ValueError for addresses that this machine has not.
    """

    noisy = False
    transport: Any = None

    def __init__(
        self,
        reactor: Any,
        server: Address,
        up: Conditions,
        down: Conditions,
        *,
        clock: Callable[[], float],
        seed: int = 1,
        idle: float = 60.0,
        max_clients: int = 1000,
        rebind_port: float = 0.0,
        rebind_address: float = 0.0,
        trace: Callable[[str], object] | None = None,
        port: Callable[..., Any] = FairPort,
    ) -> None:
        if rebind_address and not server[0].startswith("127."):
            raise ValueError(
                "the address can be changed only towards a server at 127.x.x.x: of those this "
                "machine has many, of others none that the server could answer to"
            )
        self.reactor = reactor
        self.server = server
        self.conditions = {UP: up, DOWN: down}
        self.clock = clock
        self.seed = seed
        self.ledger = Ledger(clock(), trace)
        self.ledger.begin(server, seed, self.conditions)
        self.flows: dict[Address, Flow] = {}
        self._idle, self._max_clients = idle, max_clients
        self._rebinds = {"port": rebind_port, "address": rebind_address}
        self._port = port
        self._numbers = 0
        self._address = "::" if ":" in server[0] else ""
        self._addresses = 0
        self._timers: dict[str, Any] = {}

    def listen(self, address: Address) -> Address:
        """Open the clients' side; gives what was bound. Raises CannotListenError."""
        host = self.open_port(address[1], self, address[0]).getHost()
        self._again("sweep", SWEEP, self._sweep)
        for what, every in self._rebinds.items():
            if every:
                self._again(what, every, partial(self.rebind, address=what == "address"))
        return host.host, host.port

    async def close(self) -> None:
        """Stop everything; what is under way is lost."""
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()
        stopped = [self._forget(flow) for flow in list(self.flows.values())]
        if self.transport is not None:
            stopped.append(self.transport.stopListening())
        for each in stopped:
            if each is not None:
                await each

    def weather(self, up: Conditions, down: Conditions | None = None) -> None:
        """Other conditions from now on, for clients that are there and that come."""
        self.conditions = {UP: up, DOWN: down or up}
        for flow in self.flows.values():
            flow.weather(self.conditions)

    def rebind(self, *, address: bool = False) -> None:
        """Replace every upstream socket now, by one at another address if asked."""
        if address:
            self._address = ADDRESSES[self._addresses % len(ADDRESSES)]
            self._addresses += 1
        done = [flow.number for flow in self.flows.values() if self._bind(flow)]
        self.ledger.rebound(done, self._address if address else "", self.clock())

    def report(self) -> str:
        """One line of counters since the start."""
        return self.ledger.report(len(self.flows), self.clock())

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """From a client, known or new."""
        client: Address = tuple(addr)
        flow = self.flows.get(client) or self._new(client)
        if flow is not None:
            flow.send(datagram)

    def answer(self, datagram: bytes, client: Address) -> None:
        """To a client."""
        if self.transport is not None:
            self.transport.write(datagram, client)

    def open_port(self, number: int, protocol: BatchProtocol, address: str) -> Any:
        """A bound socket that reads into a protocol; raises CannotListenError."""
        made = self._port(
            number, protocol, address, MAX_SIZE, self.reactor, on_error=self._socket_error
        )
        made.startListening()
        return made

    def _new(self, client: Address) -> Flow | None:
        if len(self.flows) >= self._max_clients:
            self.ledger.counts["refused"] += 1
            return None
        flow = Flow(self, self._numbers + 1, client)
        if not self._bind(flow):
            return None
        self._numbers += 1
        self.flows[client] = flow
        return flow

    def _bind(self, flow: Flow) -> bool:
        try:
            flow.bind(self._address)
        except Exception:
            # no descriptors left, for one: those who are there go on
            self.ledger.counts["bind_errors"] += 1
            return False
        return True

    def _forget(self, flow: Flow) -> Any:
        del self.flows[flow.client]
        return flow.close()

    def _sweep(self) -> None:
        before = self.clock() - self._idle
        for flow in [flow for flow in self.flows.values() if flow.heard_at < before]:
            self.ledger.counts["forgotten"] += 1
            self._forget(flow)

    def _again(self, name: str, every: float, work: Callable[[], None]) -> None:
        def run() -> None:
            self._again(name, every, work)
            work()

        self._timers[name] = self.reactor.callLater(every, run)

    def _socket_error(self, what: str) -> None:
        self.ledger.counts[f"{what}_errors"] += 1
