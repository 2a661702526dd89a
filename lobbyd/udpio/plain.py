"""One system call for each datagram, which every platform has."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from .addresses import Datagram, place_of


class Plain:
    """Reads and writes the datagrams of one socket."""

    def __init__(
        self, sock: socket.socket, count: int, size: int, on_error: Callable[[str], None]
    ) -> None:
        self._socket = sock
        self._count, self._size = count, size
        self._on_error = on_error
        self._pairs = sock.family == socket.AF_INET

    def receive(self) -> list[Datagram]:
        """What waits to be read, in order."""
        came: list[Datagram] = []
        receive, size = self._socket.recvfrom, self._size
        try:
            for _ in range(self._count):
                came.append(receive(size))
        except BlockingIOError:
            pass
        except OSError:
            # an ICMP error of an earlier datagram, reported here
            self._on_error("receive")
        if self._pairs:
            return came
        return [(datagram, place_of(address)) for datagram, address in came]

    def send(self, outgoing: Sequence[Datagram]) -> None:
        """Send each datagram now or not at all, in order."""
        send_singly(self._socket, outgoing, self._on_error)


def send_singly(
    sock: socket.socket, outgoing: Sequence[Datagram], on_error: Callable[[str], None]
) -> None:
    """Send each datagram by a call of its own."""
    send = sock.sendto
    for datagram, address in outgoing:
        try:
            send(datagram, address)
        except (OSError, OverflowError):
            # OverflowError is of a port beyond 65535
            on_error("send")
