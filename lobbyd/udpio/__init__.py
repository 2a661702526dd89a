"""System calls for datagrams: one for each of them (plain), or one for many (batch)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Protocol

from .addresses import Address, Datagram, place_of
from .batch import NoBatch, open_batch
from .kernel import KernelDrops, ask_for_room
from .plain import Plain

__all__ = [
    "CHOICES",
    "Address",
    "Datagram",
    "KernelDrops",
    "NoBatch",
    "UdpIo",
    "ask_for_room",
    "open_io",
    "place_of",
]

CHOICES = ("auto", "plain", "batched")


class UdpIo(Protocol):
    """Reads and writes the datagrams of one socket that does not block. Nothing raises."""

    def receive(self) -> list[Datagram]:
        """What waits to be read, in order, at most a turn's worth."""

    def send(self, outgoing: Sequence[Datagram]) -> None:
        """Send each datagram now or not at all, in order."""


def open_io(
    choice: str,
    sock: socket.socket,
    count: int,
    size: int,
    on_error: Callable[[str], None],
    on_plain: Callable[[str], None] = lambda why: None,
) -> UdpIo:
    """What reads and writes a socket; raises NoBatch where ``batched`` was asked for in vain.

    At most ``count`` datagrams are read at once, each cut after ``size`` bytes. ``on_error``
    hears the name of each call that failed for a datagram (receive, send); ``on_plain`` why
    ``auto`` became plain.
    """
    if choice != "plain":
        try:
            return open_batch(sock, count, size, on_error)
        except NoBatch as error:
            if choice == "batched":
                raise
            on_plain(str(error))
    return Plain(sock, count, size, on_error)
