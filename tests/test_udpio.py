"""Reading and writing datagrams on real loopback sockets: one contract for plain and batched."""

from __future__ import annotations

import errno
import socket
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.udpio import KernelDrops, NoBatch, UdpIo, ask_for_room, batch, open_io, place_of
from lobbyd.udpio.addresses import Addresses
from lobbyd.udpio.batch import FEW, Batch, find_libc, open_batch
from lobbyd.udpio.plain import Plain

COUNT, SIZE = 64, 2048
SIZES = (0, 1, 2, 39, 40, 190, 1199, 1200, 1201, SIZE - 1, SIZE)


def bound(family: int, host: str) -> socket.socket:
    """A socket that does not block; skips the test where the machine has no such address."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.bind((host, 0))
    except OSError:
        made.close()
        raise
    made.setblocking(False)
    return made


class Contract:
    """Whatever the system calls; ``here`` is the socket under test, ``peer`` a plain one."""

    choice = "plain"
    family = socket.AF_INET
    host = "127.0.0.1"
    """Of the peer."""
    bind = "127.0.0.1"
    there = "127.0.0.1"
    """How the peer names the host of the socket under test."""

    addCleanup: Any
    assertEqual: Any
    skipTest: Any

    def setUp(self) -> None:
        self.errors: list[str] = []
        try:
            self.here = bound(self.family, self.bind)
            self.peer = bound(socket.AF_INET6 if ":" in self.host else socket.AF_INET, self.host)
        except OSError:
            self.skipTest(f"this machine has no {self.bind}")
        for sock in (self.here, self.peer):
            ask_for_room(sock, 1 << 20)
            self.addCleanup(sock.close)
        self.place = (self.there, self.here.getsockname()[1])
        self.io = self.open()
        host, port = place_of(self.peer.getsockname())
        self.client = (self.named(host), port)

    def open(self) -> UdpIo:
        return open_io(self.choice, self.here, COUNT, SIZE, self.errors.append)

    def named(self, host: str) -> str:
        """A peer's host as the socket under test tells it."""
        return host

    def send(self, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.peer.sendto(datagram, self.place)

    def arrived(self) -> list[bytes]:
        """What came to the peer."""
        came = []
        while True:
            try:
                came.append(self.peer.recv(65536))
            except BlockingIOError:
                return came

    # -- reading ---------------------------------------------------------------

    def test_a_datagram_comes_with_its_address(self) -> None:
        self.send(b"hello")
        self.assertEqual(self.io.receive(), [(b"hello", self.client)])

    def test_an_address_comes_as_a_plain_call_tells_it(self) -> None:
        self.send(b"1", b"1")
        plain = place_of(self.here.recvfrom(SIZE)[1])
        self.assertEqual(self.io.receive(), [(b"1", plain)])

    def test_they_come_in_order_with_all_sizes(self) -> None:
        sent = [bytes([number % 251]) * size for number, size in enumerate(SIZES)]
        self.send(*sent)
        self.assertEqual(self.io.receive(), [(datagram, self.client) for datagram in sent])

    def test_a_longer_one_is_cut_and_harms_no_other(self) -> None:
        sent = [b"a" * 100, b"b" * (SIZE + 1), b"c" * 9000, b"d" * 100]
        self.send(*sent)
        came = [datagram for datagram, _ in self.io.receive()]
        self.assertEqual(came, [datagram[:SIZE] for datagram in sent])

    def test_a_shorter_one_has_nothing_of_an_earlier(self) -> None:
        self.send(*[b"a" * 500] * COUNT)
        self.io.receive()
        self.send(b"b", b"")
        self.assertEqual([datagram for datagram, _ in self.io.receive()], [b"b", b""])

    def test_at_most_a_turn_and_the_rest_later(self) -> None:
        sent = [b"%d" % number if number % 2 else b"" for number in range(COUNT + 36)]
        self.send(*sent)
        first, second = self.io.receive(), self.io.receive()
        self.assertEqual((len(first), len(second)), (COUNT, 36))
        self.assertEqual([datagram for datagram, _ in first + second], sent)

    def test_what_was_read_stays_as_it_was(self) -> None:
        self.send(b"a" * 100)
        first = self.io.receive()
        self.send(b"b" * 100)
        self.io.receive()
        self.assertEqual(first, [(b"a" * 100, self.client)])

    def test_nothing_there_is_no_error(self) -> None:
        self.assertEqual((self.io.receive(), self.errors), ([], []))

    def test_many_clients_keep_their_addresses(self) -> None:
        others = [bound(self.peer.family, self.host) for _ in range(20)]
        for _ in range(2):
            for number, sock in enumerate(others):
                sock.sendto(b"%d" % number, self.place)
            places = [(self.named(s.getsockname()[0]), s.getsockname()[1]) for s in others]
            expected = [(b"%d" % number, place) for number, place in enumerate(places)]
            self.assertEqual(self.io.receive(), expected)
        for sock in others:
            sock.close()

    def test_a_report_of_an_unreachable_client_is_counted(self) -> None:
        """Linux tells it of connected sockets alone; others might of any."""
        with bound(self.peer.family, self.host) as gone:
            place = (self.named(gone.getsockname()[0]), gone.getsockname()[1])
        self.here.connect(place)
        self.here.send(b"hello")
        self.assertEqual((self.io.receive(), self.errors), ([], ["receive"]))
        self.assertEqual((self.io.receive(), self.errors), ([], ["receive"]))

    def test_a_client_that_is_gone_is_no_error(self) -> None:
        with bound(self.peer.family, self.host) as gone:
            place = (self.named(gone.getsockname()[0]), gone.getsockname()[1])
        self.io.send([(b"hello", place)] * COUNT)
        self.send(b"still here")
        self.assertEqual(self.io.receive(), [(b"still here", self.client)])
        self.assertEqual(self.errors, [])

    def test_a_closed_socket_is_an_error_and_no_more(self) -> None:
        self.here.close()
        self.assertEqual(self.io.receive(), [])
        self.io.send([(b"x", self.client)] * 10)
        self.assertEqual(self.errors, ["receive"] + ["send"] * 10)

    # -- writing ---------------------------------------------------------------

    def test_they_go_out_in_order_with_all_sizes(self) -> None:
        sent = [bytes([number % 251]) * size for number, size in enumerate(SIZES)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual((self.arrived(), self.errors), (sent, []))

    def test_one_alone_goes_out(self) -> None:
        self.io.send([(b"hello", self.client)])
        self.assertEqual(self.arrived(), [b"hello"])

    def test_none_is_nothing(self) -> None:
        self.io.send([])
        self.assertEqual((self.arrived(), self.errors), ([], []))

    def test_more_than_a_call_takes(self) -> None:
        sent = [b"%d" % number for number in range(3 * COUNT + FEW + 7)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual((self.arrived(), self.errors), (sent, []))

    def test_they_come_from_the_bound_port(self) -> None:
        self.io.send([(b"x", self.client)] * (FEW + 1))
        for _ in range(FEW + 1):
            self.assertEqual(place_of(self.peer.recvfrom(SIZE)[1]), self.place)

    def test_each_goes_to_its_own(self) -> None:
        others = [bound(self.peer.family, self.host) for _ in range(20)]
        places = [(self.named(s.getsockname()[0]), s.getsockname()[1]) for s in others]
        for _ in range(2):
            self.io.send([(b"%d" % number, place) for number, place in enumerate(places)])
            self.assertEqual([s.recv(9) for s in others], [b"%d" % n for n in range(20)])
        for sock in others:
            sock.close()

    def test_an_answer_reaches_who_asked(self) -> None:
        self.send(b"ask")
        [(_, address)] = self.io.receive()
        self.io.send([(b"answer", address)] * 10)
        self.assertEqual(self.arrived(), [b"answer"] * 10)

    def test_port_0_costs_the_others_nothing(self) -> None:
        """Anybody can send with a forged source port."""
        nobody = (self.client[0], 0)
        for bad in ([0], [9], [0, 1, 5, 9], list(range(10))):
            self.errors.clear()
            sent = [(b"%d" % n, nobody if n in bad else self.client) for n in range(10)]
            self.io.send(sent)
            self.assertEqual(self.arrived(), [b"%d" % n for n in range(10) if n not in bad])
            self.assertEqual(self.errors, ["send"] * len(bad))

    def test_an_address_that_is_none_costs_the_others_nothing(self) -> None:
        other_family = "127.0.0.1" if ":" in self.bind else "::1"
        nowhere = [(self.client[0], 65536), (self.client[0], -1), (other_family, 7)]
        sent = [(b"1", self.client), *[(b"x", place) for place in nowhere]] * 3
        for outgoing in (sent, sent[:2]):
            self.errors.clear()
            self.io.send(outgoing)
            good = sum(datagram == b"1" for datagram, _ in outgoing)
            self.assertEqual(self.arrived(), [b"1"] * good)
            self.assertEqual(self.errors, ["send"] * (len(outgoing) - good))

    def test_one_too_large_costs_the_others_nothing(self) -> None:
        sent = [(b"%d" % n, self.client) for n in range(10)]
        sent[4] = (b"x" * 70_000, self.client)
        self.io.send(sent)
        self.assertEqual(self.arrived(), [b"%d" % n for n in range(10) if n != 4])
        self.assertEqual(self.errors, ["send"])

    def test_too_large_beside_no_address_are_one_error_each(self) -> None:
        sent = [(b"%d" % n, self.client) for n in range(10)]
        sent[4], sent[6] = (b"x" * 200_000, self.client), (b"x", (self.client[0], 65536))
        self.io.send(sent)
        self.assertEqual(self.arrived(), [b"%d" % n for n in range(10) if n not in (4, 6)])
        self.assertEqual(self.errors, ["send"] * 2)

    def test_more_bytes_than_there_is_room(self) -> None:
        sent = [bytes([n]) * (3 * SIZE) for n in range(COUNT)]
        self.io.send([(datagram, self.client) for datagram in sent[:COUNT]])
        self.assertEqual((self.arrived(), self.errors), (sent, []))


class PlainV4Tests(Contract, SynchronousTestCase):
    pass


class Failing:
    """A socket that gives some datagrams, and fails then."""

    family = socket.AF_INET

    def __init__(self, number: int, datagrams: int = 0) -> None:
        self.number, self.left = number, datagrams

    def recvfrom(self, size: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise OSError(self.number, "failing")
        return b"x", ("192.0.2.1", 7)

    def sendto(self, *args: Any) -> Any:
        raise OSError(self.number, "failing")


class PlainErrorTests(SynchronousTestCase):
    """What a loopback does not do."""

    def setUp(self) -> None:
        self.errors: list[str] = []

    def plain(self, *args: int) -> Plain:
        sock: Any = Failing(*args)
        return Plain(sock, COUNT, SIZE, self.errors.append)

    def test_what_came_before_an_error_is_taken(self) -> None:
        came = self.plain(errno.ECONNREFUSED, 2).receive()
        self.assertEqual((came, self.errors), ([(b"x", ("192.0.2.1", 7))] * 2, ["receive"]))

    def test_a_full_buffer_is_counted(self) -> None:
        self.plain(errno.EAGAIN).send([(b"hello", ("192.0.2.1", 7))] * 2)
        self.assertEqual(self.errors, ["send"] * 2)


class V6:
    family, host, bind, there = socket.AF_INET6, "::1", "::1", "::1"


class Dual:
    """An IPv4 client of a socket for both: its address is a mapped one."""

    family, host, bind, there = socket.AF_INET6, "127.0.0.1", "::", "127.0.0.1"

    def named(self, host: str) -> str:
        return f"::ffff:{host}"


class PlainV6Tests(V6, Contract, SynchronousTestCase):
    pass


class PlainDualTests(Dual, Contract, SynchronousTestCase):
    pass


class Batched(Contract):
    choice = "batched"

    def setUp(self) -> None:
        try:
            find_libc()
        except NoBatch as error:
            self.skipTest(str(error))
        super().setUp()


class BatchedV4Tests(Batched, SynchronousTestCase):
    def kernel(self, *answers: int) -> None:
        """Each call sends as many, at most: a negative number is that error instead."""
        ffi, libc = find_libc()
        script = iter(answers)
        self.calls = 0

        def sendmmsg(fd: int, headers: Any, count: int, flags: int) -> int:
            self.calls += 1
            answer = next(script, count)
            if answer < 0:
                ffi.errno = -answer
                return -1
            sent: int = libc.sendmmsg(fd, headers, min(answer, count), flags)
            return sent

        narrow = SimpleNamespace(sendmmsg=sendmmsg, recvmmsg=libc.recvmmsg)
        self.io = Batch(self.here, COUNT, SIZE, self.errors.append, (ffi, narrow))

    def test_a_call_that_sends_a_part_is_gone_on_with(self) -> None:
        self.kernel(3, 1, 2)
        sent = [b"%d" % number for number in range(20)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual((self.arrived(), self.errors, self.calls), (sent, [], 4))

    def test_what_a_full_buffer_has_no_room_for_is_counted(self) -> None:
        self.kernel(7, -errno.EAGAIN)
        sent = [b"%d" % number for number in range(20)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual((self.arrived(), self.errors), (sent[:7], ["send"] * 13))
        self.assertEqual(self.calls, 2)

    def test_the_next_batch_is_tried_again(self) -> None:
        self.kernel(-errno.EAGAIN)
        sent = [b"%d" % number for number in range(COUNT + 10)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual((self.arrived(), self.errors), (sent[COUNT:], ["send"] * COUNT))

    def test_any_other_error_is_of_one_datagram(self) -> None:
        self.kernel(2, -errno.ENETUNREACH, 1, -errno.EPERM)
        sent = [b"%d" % number for number in range(10)]
        self.io.send([(datagram, self.client) for datagram in sent])
        self.assertEqual(self.arrived(), [d for d in sent if d not in (b"2", b"4")])
        self.assertEqual(self.errors, ["send"] * 2)

    def test_64_cost_one_call(self) -> None:
        self.kernel()
        self.io.send([(b"x" * 190, self.client)] * COUNT)
        self.assertEqual((self.calls, len(self.arrived())), (1, COUNT))

    def test_a_library_that_does_something_else_is_not_trusted(self) -> None:
        ffi, libc = find_libc()
        wrong: list[tuple[str, Any]] = [
            ("sendmmsg", lambda fd, headers, count, flags: count),
            ("sendmmsg", lambda fd, headers, count, flags: -1),
            ("sendmmsg", lambda fd, headers, count, flags: libc.sendmmsg(fd, headers + 1, 1, 0)),
            ("recvmmsg", lambda fd, headers, count, flags, none: -1),
            ("recvmmsg", lambda fd, headers, count, flags, none: count),
        ]
        self.patch(batch, "PATIENCE", 0.0)
        for name, function in wrong:
            names = {"sendmmsg": libc.sendmmsg, "recvmmsg": libc.recvmmsg} | {name: function}
            self.patch(batch, "find_libc", lambda names=names: (ffi, SimpleNamespace(**names)))
            self.assertRaises(NoBatch, open_batch, self.here, COUNT, SIZE, self.errors.append)


class BatchedV6Tests(V6, Batched, SynchronousTestCase):
    pass


class BatchedDualTests(Dual, Batched, SynchronousTestCase):
    pass


class ChoiceTests(SynchronousTestCase):
    """Where a machine has no batched calls."""

    def setUp(self) -> None:
        def lacks() -> Any:
            raise NoBatch("this is not Linux")

        self.patch(batch, "find_libc", lacks)
        self.sock = bound(socket.AF_INET, "127.0.0.1")
        self.addCleanup(self.sock.close)
        self.told: list[str] = []

    def open(self, choice: str) -> UdpIo:
        return open_io(choice, self.sock, COUNT, SIZE, self.told.append, self.told.append)

    def test_auto_is_plain_and_says_why(self) -> None:
        self.assertIsInstance(self.open("auto"), Plain)
        self.assertEqual(self.told, ["this is not Linux"])

    def test_plain_says_nothing(self) -> None:
        self.assertIsInstance(self.open("plain"), Plain)
        self.assertEqual(self.told, [])

    def test_batched_is_refused(self) -> None:
        self.assertRaises(NoBatch, self.open, "batched")


class AddressesTests(SynchronousTestCase):
    def test_a_link_local_host_keeps_its_scope(self) -> None:
        known = Addresses(socket.AF_INET6)
        raw = known.raw(("fe80::1%3", 9))
        self.assertEqual(Addresses(socket.AF_INET6).place(raw), ("fe80::1%3", 9))
        self.assertEqual(place_of(("fe80::1", 9, 0, 3)), ("fe80::1%3", 9))
        self.assertNotEqual(known.raw(("fe80::1%4", 9)), raw)

    def test_they_are_what_the_kernel_writes(self) -> None:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            known = Addresses(family)
            raw = known.raw((host, 0x1234))
            self.assertEqual(len(raw), known.size)
            self.assertEqual(Addresses(family).place(raw), (host, 0x1234))

    def test_the_same_bytes_are_the_same_tuple(self) -> None:
        known = Addresses(socket.AF_INET)
        raw = Addresses(socket.AF_INET).raw(("192.0.2.1", 7))
        self.assertIs(known.place(raw), known.place(raw))
        self.assertEqual(known.raw(known.place(raw)), raw)

    def test_strangers_cannot_fill_the_memory(self) -> None:
        known = Addresses(socket.AF_INET, kept=10)
        raws = [Addresses(socket.AF_INET).raw(("192.0.2.1", port)) for port in range(1, 100)]
        for raw in raws:
            known.place(raw)
            self.assertLessEqual(len(known.places), 10)
            self.assertEqual(len(known.places), len(known.raws))

    def test_who_is_there_all_the_time_is_not_forgotten(self) -> None:
        known = Addresses(socket.AF_INET, kept=10)
        player = ("198.51.100.1", 7)
        raw = known.raw(player)
        first = known.place(raw)
        for port in range(1, 100):
            known.raw(("192.0.2.1", port))
            self.assertIs(known.place(raw), first)

    def test_other_families_and_nonsense_are_refused(self) -> None:
        v4, v6 = Addresses(socket.AF_INET), Addresses(socket.AF_INET6)
        for known, address in (
            (v4, ("::1", 7)),
            (v6, ("127.0.0.1", 7)),
            (v4, ("192.0.2.1", 65536)),
            (v4, ("192.0.2.1", -1)),
            (v6, ("fe80::1%eth0", 7)),
            (v6, ("fe80::1%-1", 7)),
            (v4, ("\0", 7)),
        ):
            self.assertRaises(OSError, known.raw, address)
            self.assertEqual(known.raws, {})


class KernelDropsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sock = bound(socket.AF_INET, "127.0.0.1")
        self.addCleanup(self.sock.close)

    def test_what_finds_no_room_is_counted_once(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        drops = KernelDrops(self.sock)
        if not drops.known:
            self.skipTest("this system does not tell")
        self.assertEqual(drops.new(), 0)
        with bound(socket.AF_INET, "127.0.0.1") as peer:
            for _ in range(100):
                peer.sendto(b"x" * 500, self.sock.getsockname())
        read = 0
        io = open_io("plain", self.sock, 1000, SIZE, self.fail)
        read = len(io.receive())
        self.assertTrue(0 < read < 100, read)
        self.assertEqual((drops.new(), drops.new()), (100 - read, 0))

    def test_the_count_may_wrap(self) -> None:
        drops = KernelDrops(self.sock)
        if not drops.known:
            self.skipTest("this system does not tell")
        told = [(0, 0, 0, 0, 0, 0, 0, 0, count) for count in (2**32 - 3, 2)]
        self.patch(drops, "_told", lambda: told.pop(0))
        drops.new()
        self.assertEqual(drops.new(), 5)

    def test_a_closed_socket_tells_nothing(self) -> None:
        drops = KernelDrops(self.sock)
        self.sock.close()
        self.assertEqual(drops.new(), 0)
