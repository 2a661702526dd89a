"""A reactor in memory that has UDP ports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock


class FakePort:
    """A UDP port in memory: what was written is in ``written``."""

    def __init__(self, port: int, protocol: Any, interface: str) -> None:
        self.port, self.protocol, self.interface = port, protocol, interface
        self.written: list[tuple[bytes, tuple[str, int]]] = []
        self.stopped = False
        protocol.makeConnection(self)

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Keep a datagram."""
        self.written.append((datagram, addr))

    def write_all(self, outgoing: Iterable[tuple[bytes, tuple[str, int]]]) -> None:
        """Keep several."""
        self.written += outgoing

    def dropped(self) -> int:
        """Nothing was."""
        return 0

    def getHost(self) -> Any:
        """The bound address."""
        return IPv4Address("UDP", self.interface or "0.0.0.0", self.port or 40000)

    def stopListening(self) -> None:
        """Close."""
        self.stopped = True


class UDPMemoryReactor(MemoryReactorClock):
    """MemoryReactorClock whose UDP ports exist: pass ``listen`` to ``service.build``."""

    def __init__(self) -> None:
        super().__init__()
        self.fake_ports: list[FakePort] = []

    def listen(
        self,
        reactor: Any,
        port: int,
        protocol: Any,
        interface: str,
        on_error: Any,
        io: str = "plain",
    ) -> FakePort:
        """In place of ``FairPort.listen``."""
        fake = FakePort(port, protocol, interface)
        self.fake_ports.append(fake)
        return fake
