"""The sockets: datagrams read and written on loopback, and a turn of the reactor around them."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from functools import partial

from twisted.internet.testing import MemoryReactorClock

from lobbyd.fairport import DATAGRAMS_A_TURN, BatchProtocol, FairPort
from lobbyd.testing import World
from lobbyd.udp import RelayProtocol, Ticker
from lobbyd.udpio import Datagram, NoBatch

from .meter import NotHere, Piece, Stage

UP, DOWN = b"u" * 102, b"d" * 192
"""As large as an UPDATE of 3 samples and a snapshot of 8 records."""
HOST = "127.0.0.1"
_TURNS = 4
"""Turns of a port in one piece: what its socket's buffer holds at any rate."""


class Listener(BatchProtocol):
    """Takes what a port reads, and does nothing."""

    noisy = False
    came = 0

    def datagrams_received(self, batch: list[Datagram]) -> None:
        """The datagrams of a turn."""
        self.came += len(batch)


def ports() -> list[Stage]:
    """Most of it is the kernel."""

    def stage(name: str, what: str, pieces: Callable[[int, bool], Iterator[Piece]]) -> Stage:
        return Stage(name, what, "datagram", pieces, 80)

    slice_of_ticker = "a turn of the reactor for one slice of the ticker, with no lobby"
    return [
        stage("receive", "FairPort.doRead by recvfrom", _receive("plain")),
        stage("receive-batched", "FairPort.doRead by recvmmsg", _receive("batched")),
        stage("send", "FairPort.write_all by sendto", _send("plain")),
        stage("send-batched", "FairPort.write_all by sendmmsg", _send("batched")),
        Stage("turn", slice_of_ticker, "turn", _turn, 100),
    ]


def _port(listener: Listener, io: str) -> tuple[FairPort, int]:
    def failed(what: str) -> None:
        raise AssertionError(f"cannot {what}")

    try:
        port = FairPort.listen(MemoryReactorClock(), 0, listener, HOST, failed, io)
    except NoBatch as error:
        raise NotHere(str(error)) from error
    return port, port.socket.getsockname()[1]


def _receive(io: str) -> Callable[[int, bool], Iterator[Piece]]:
    def pieces(count: int, small: bool) -> Iterator[Piece]:
        listener = Listener()
        port, number = _port(listener, io)
        many = _TURNS * DATAGRAMS_A_TURN
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect((HOST, number))
            for _ in range(count):
                for _ in range(many):
                    sender.send(UP)
                listener.came = 0
                yield _times(_TURNS, port.doRead), many
                if listener.came != many:
                    raise AssertionError(f"{listener.came} of {many} came")
        port.socket.close()

    return pieces


def _send(io: str) -> Callable[[int, bool], Iterator[Piece]]:
    def pieces(count: int, small: bool) -> Iterator[Piece]:
        port, _ = _port(Listener(), io)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
            sink.bind((HOST, 0))
            sink.setblocking(False)
            outgoing = [(DOWN, sink.getsockname())] * DATAGRAMS_A_TURN
            for _ in range(count):
                yield partial(port.write_all, outgoing), DATAGRAMS_A_TURN
                for _ in outgoing:
                    sink.recv(2048)
        port.socket.close()

    return pieces


def _turn(count: int, small: bool) -> Iterator[Piece]:
    """A reactor of its own, so that nothing else is in it; waiting costs no processor time."""
    from twisted.internet.epollreactor import EPollReactor

    reactor = EPollReactor()
    world = World(seed=1)
    offset = world.now - time.monotonic()

    def clock() -> float:
        return time.monotonic() + offset

    protocol = RelayProtocol(world.relay, clock)
    schedule = world.relay.schedule
    port = FairPort.listen(reactor, 0, protocol, HOST, lambda what: None)
    ticker = Ticker(reactor, protocol.tick, lambda: schedule.wait(clock()))
    ticker.start()

    def work() -> None:
        reactor.iterate(reactor.timeout() or 0.0)

    for _ in range(count):
        yield work, 1
    ticker.stop()
    port.stopListening()
    reactor.iterate(0)


def _times(count: int, call: Callable[[], object]) -> Callable[[], None]:
    def work() -> None:
        for _ in range(count):
            call()

    return work
