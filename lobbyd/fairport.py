"""Ports that cannot starve the reactor.

Twisted's own port reads until 256 KiB came, and an empty datagram adds nothing to
that: a flood of them stops every timer for as long as it lasts. This one reads at
most 64 datagrams a turn, and no address that cannot be written to raises.

Its TCP port takes in 100 connections a turn and more, which is 10 ms without a timer.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.protocol import DatagramProtocol
from twisted.internet.udp import Port
from twisted.logger import Logger

from .udpio import Datagram, KernelDrops, NoBatch, UdpIo, ask_for_room, open_io

log = Logger()

DATAGRAMS_A_TURN = 64
BUFFER_BYTES = 4 * 1024 * 1024
MAX_READ = 2048
"""More than any datagram may have, so that an oversized one is seen as such."""

ACCEPTS_A_TURN = 8


def accept_fairly(port: Any) -> None:
    """Have a listening TCP port take in at most ACCEPTS_A_TURN connections a turn.

    What is no port of a reactor with sockets is left as it is.
    """
    accept = getattr(port, "doRead", None)
    if accept is None:
        return

    def accept_some() -> None:
        # the port itself raises it while connections wait
        port.numberAccepts = ACCEPTS_A_TURN
        accept()

    port.doRead = accept_some


class BatchProtocol(DatagramProtocol):
    """What a FairPort reads into: all datagrams of a turn in one call."""

    def datagrams_received(self, batch: list[Datagram]) -> None:
        """One by one, where nothing is won by having them together."""
        for datagram, address in batch:
            self.datagramReceived(datagram, address)


class FairPort(Port):
    """``on_error`` hears the name of each socket call that failed; ``io`` is one of CHOICES."""

    _io: UdpIo
    _drops: KernelDrops

    def __init__(
        self, *args: Any, on_error: Callable[[str], None], io: str = "plain", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._on_error = on_error
        self._choice = io

    @classmethod
    def listen(
        cls,
        reactor: Any,
        port: int,
        protocol: Any,
        interface: str,
        on_error: Callable[[str], None],
        io: str = "plain",
    ) -> FairPort:
        """Bind and begin to read; raises CannotListenError, and NoBatch for its kind of io."""
        fair = cls(port, protocol, interface, MAX_READ, reactor, on_error=on_error, io=io)
        fair.startListening()
        return fair

    def createInternetSocket(self) -> socket.socket:
        """The socket, with room for bursts, and what reads and writes it."""
        made: socket.socket = super().createInternetSocket()
        ask_for_room(made, BUFFER_BYTES)
        self._drops = KernelDrops(made)
        try:
            self._io = open_io(
                self._choice,
                made,
                DATAGRAMS_A_TURN,
                self.maxPacketSize,
                self._on_error,
                lambda why: log.info("UDP by plain system calls: {why}", why=why),
            )
        except NoBatch:
            made.close()
            raise
        return made

    def doRead(self) -> None:
        """Read at most DATAGRAMS_A_TURN datagrams; the reactor calls again if more wait."""
        batch = self._io.receive()
        if batch:
            self.protocol.datagrams_received(batch)

    def write(self, datagram: bytes, addr: Any = None) -> None:
        """Send one datagram now or not at all."""
        self._io.send(((datagram, addr),))

    def write_all(self, outgoing: Sequence[Datagram]) -> None:
        """Send each datagram now or not at all, in order."""
        self._io.send(outgoing)

    def dropped(self) -> int:
        """Datagrams since the last call that the kernel had no room for."""
        return self._drops.new()
