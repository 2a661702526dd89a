"""FairPort on real loopback sockets: bounded turns, and no datagram or address that raises.

The reactor is one in memory that only keeps what is to be read; the tests give the turns.
"""

from __future__ import annotations

import errno
import socket
from types import SimpleNamespace
from typing import Any

from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.tcp import Port as TcpPort
from twisted.internet.testing import MemoryReactorClock
from twisted.internet.udp import Port
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from lobbyd import fairport
from lobbyd.fairport import ACCEPTS_A_TURN, DATAGRAMS_A_TURN, MAX_READ, BatchProtocol, FairPort
from lobbyd.udpio import Datagram, NoBatch, batch


class Listener(BatchProtocol):
    """Keeps what came."""

    noisy = False

    def __init__(self) -> None:
        self.came: list[tuple[bytes, Any]] = []
        self.calls = 0

    def datagrams_received(self, batch: list[Datagram]) -> None:
        self.calls += 1
        super().datagrams_received(batch)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.came.append((datagram, addr))


class FairPortCase(SynchronousTestCase):
    host = "127.0.0.1"
    family = socket.AF_INET
    io = "plain"

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.listener = Listener()
        self.errors: list[str] = []
        self.port = self.listen(0)
        self.place = (self.host, self.port.getHost().port)
        self.peer = socket.socket(self.family, socket.SOCK_DGRAM)
        self.addCleanup(self.peer.close)
        self.peer.bind((self.host, 0))
        self.peer.settimeout(5)

    def listen(self, number: int) -> FairPort:
        port = FairPort.listen(
            self.reactor, number, self.listener, self.host, self.errors.append, self.io
        )
        self.addCleanup(port.socket.close)
        return port

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.peer.sendto(datagram, self.place)

    @property
    def came(self) -> list[bytes]:
        return [datagram for datagram, _ in self.listener.came]


class ReadTests(FairPortCase):
    def test_a_datagram_comes_with_its_address(self) -> None:
        self.send(b"hello")
        self.port.doRead()
        self.assertEqual(self.listener.came, [(b"hello", self.peer.getsockname()[:2])])

    def test_datagrams_come_in_order(self) -> None:
        sent = [bytes([number]) for number in range(10)]
        self.send(*sent)
        self.port.doRead()
        self.assertEqual(self.came, sent)

    def test_nothing_there_is_nothing(self) -> None:
        self.port.doRead()
        self.assertEqual((self.came, self.errors, self.listener.calls), ([], [], 0))

    def test_a_turn_reads_64_datagrams_at_most(self) -> None:
        self.send(*[b"x"] * 100)
        self.port.doRead()
        self.assertEqual((len(self.came), DATAGRAMS_A_TURN), (64, 64))

    def test_a_turn_is_one_call(self) -> None:
        self.send(*[b"x"] * 5)
        self.port.doRead()
        self.assertEqual((len(self.came), self.listener.calls), (5, 1))

    def test_the_next_turn_reads_the_rest(self) -> None:
        self.send(*[b"x"] * 100)
        self.port.doRead()
        self.port.doRead()
        self.assertEqual(len(self.came), 100)

    def test_empty_datagrams_count_too(self) -> None:
        """Twisted's own port counts bytes, and would read them without an end."""
        self.send(*[b""] * 100)
        self.port.doRead()
        self.assertEqual(len(self.came), 64)

    def test_an_oversized_datagram_is_seen_as_such(self) -> None:
        self.send(b"x" * 1201, b"x" * 9000)
        self.port.doRead()
        self.assertEqual([len(datagram) for datagram in self.came], [1201, MAX_READ])

    def test_it_waits_to_be_read_and_never_to_write(self) -> None:
        self.assertIn(self.port, self.reactor.getReaders())
        self.assertEqual(self.reactor.getWriters(), [])


class WriteTests(FairPortCase):
    def test_a_datagram_goes_out_at_once(self) -> None:
        self.port.write(b"hello", self.peer.getsockname()[:2])
        self.assertEqual(self.peer.recvfrom(100)[0], b"hello")

    def test_it_comes_from_the_bound_port(self) -> None:
        self.port.write(b"hello", self.peer.getsockname()[:2])
        self.assertEqual(self.peer.recvfrom(100)[1][:2], self.place)

    def test_port_0_is_counted_and_raises_nothing(self) -> None:
        """Anybody can send with a forged source port."""
        self.port.write(b"hello", (self.host, 0))
        self.assertEqual(self.errors, ["send"])

    def test_a_datagram_too_large_is_counted(self) -> None:
        self.port.write(b"x" * 70_000, self.peer.getsockname()[:2])
        self.assertEqual(self.errors, ["send"])

    def test_the_next_address_is_written_to_all_the_same(self) -> None:
        for address in ((self.host, 0), self.peer.getsockname()[:2]):
            self.port.write(b"hello", address)
        self.assertEqual(self.peer.recvfrom(100)[0], b"hello")

    def test_several_go_out_in_order_whatever_becomes_of_one(self) -> None:
        here = self.peer.getsockname()[:2]
        self.port.write_all([(b"1", here), (b"2", (self.host, 0)), (b"3", here)])
        self.assertEqual([self.peer.recvfrom(100)[0] for _ in range(2)], [b"1", b"3"])
        self.assertEqual(self.errors, ["send"])

    def test_a_client_that_is_gone_does_not_end_reading(self) -> None:
        gone = socket.socket(self.family, socket.SOCK_DGRAM)
        gone.bind((self.host, 0))
        address = gone.getsockname()[:2]
        gone.close()
        self.port.write(b"hello", address)
        self.send(b"still here")
        self.port.doRead()
        self.port.doRead()
        self.assertEqual(self.came, [b"still here"])


class BindTests(FairPortCase):
    def test_a_busy_port_is_refused(self) -> None:
        error = self.assertRaises(CannotListenError, self.listen, self.place[1])
        self.assertEqual(error.socketError.errno, errno.EADDRINUSE)

    def test_the_kernel_is_asked_for_room_for_bursts(self) -> None:
        """For less than it gives by itself here: more, it may cut."""
        plain = socket.socket(self.family, socket.SOCK_DGRAM)
        self.addCleanup(plain.close)
        self.patch(fairport, "BUFFER_BYTES", 10_000)
        self.listener = Listener()
        ours = self.listen(0).socket
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            asked = ours.getsockopt(socket.SOL_SOCKET, option)
            self.assertLess(asked, plain.getsockopt(socket.SOL_SOCKET, option))

    def test_closing_stops_reading(self) -> None:
        self.port.stopListening()
        self.assertNotIn(self.port, self.reactor.getReaders())


class IPv6Tests(ReadTests):
    """The same over ::1."""

    host = "::1"
    family = socket.AF_INET6

    def setUp(self) -> None:
        try:
            with socket.socket(self.family, socket.SOCK_DGRAM) as probe:
                probe.bind((self.host, 0))
        except OSError:
            self.skipTest("this machine has no IPv6 loopback")
        super().setUp()


class AutoReadTests(ReadTests):
    """The same with whatever this machine can do."""

    io = "auto"


class AutoWriteTests(WriteTests):
    """The same."""

    io = "auto"


class ChoiceTests(FairPortCase):
    """Where batched calls cannot be had."""

    def setUp(self) -> None:
        super().setUp()

        def lacks() -> Any:
            raise NoBatch("this is not Linux")

        self.patch(batch, "find_libc", lacks)

    def test_auto_says_why_it_is_plain(self) -> None:
        said: list[str] = []
        log = SimpleNamespace(info=lambda text, why: said.append(text.format(why=why)))
        self.patch(fairport, "log", log)
        self.listener, self.io = Listener(), "auto"
        self.listen(0)
        self.assertEqual(said, ["UDP by plain system calls: this is not Linux"])

    def test_batched_leaves_nothing_open(self) -> None:
        made: list[socket.socket] = []
        create = Port.createInternetSocket

        def kept(port: Any) -> socket.socket:
            made.append(create(port))
            return made[-1]

        self.patch(Port, "createInternetSocket", kept)
        self.io = "batched"
        self.assertRaises(NoBatch, self.listen, 0)
        self.assertEqual([sock.fileno() for sock in made], [-1])


class AcceptTests(SynchronousTestCase):
    """The TCP port of HTTP: connections that wait do not hold timers up."""

    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        factory: Any = Factory.forProtocol(Protocol)
        self.port: Any = TcpPort(0, factory, interface="127.0.0.1", reactor=self.reactor)
        self.accepted = 0

        def build(address: Any) -> None:
            self.accepted += 1

        self.patch(factory, "buildProtocol", build)
        self.port.startListening()
        self.addCleanup(self.port.connectionLost, Failure(ConnectionDone()))

    def turns(self, waiting: int) -> list[int]:
        """How many connections each turn takes in."""
        clients = [
            socket.create_connection(("127.0.0.1", self.port.getHost().port))
            for _ in range(waiting)
        ]
        taken: list[int] = []
        while sum(taken) < waiting:
            before = self.accepted
            self.port.doRead()
            taken.append(self.accepted - before)
        for client in clients:
            client.close()
        return taken

    def test_a_turn_takes_in_a_few(self) -> None:
        fairport.accept_fairly(self.port)
        full, rest = divmod(40, ACCEPTS_A_TURN)
        self.assertEqual(self.turns(40), [ACCEPTS_A_TURN] * full + [rest] * bool(rest))

    def test_later_turns_take_in_no_more(self) -> None:
        """Twisted's own port raises its number while connections wait."""
        self.assertGreater(max(self.turns(40)), ACCEPTS_A_TURN)
        fairport.accept_fairly(self.port)
        for _ in range(3):
            self.assertLessEqual(max(self.turns(40)), ACCEPTS_A_TURN)

    def test_what_has_no_socket_is_left_alone(self) -> None:
        fairport.accept_fairly(object())
