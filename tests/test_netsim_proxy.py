"""The proxy on sockets in memory and a clock of its own."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.netsim.conditions import Conditions
from lobbyd.netsim.proxy import ADDRESSES, HEADERS, Proxy

SERVER = ("127.0.0.1", 9000)
ANN, BOB = ("127.0.0.1", 50001), ("127.0.0.1", 50002)


class Socket:
    """In place of FairPort: what was written is in ``written``."""

    def __init__(self, net: Net, number: int, protocol: Any, interface: str, on_error: Any) -> None:
        self.net, self.protocol, self.interface = net, protocol, interface
        self.number = number or net.free_port()
        self.on_error = on_error
        self.written: list[tuple[bytes, Any]] = []
        self.open = False

    def startListening(self) -> None:
        if self.net.fail:
            raise CannotListenError(self.interface, self.number, OSError(24, "Too many open files"))
        self.open = True
        self.net.sockets.append(self)
        self.protocol.makeConnection(self)

    def stopListening(self) -> None:
        self.open = False
        self.protocol.doStop()

    def write(self, datagram: bytes, addr: Any) -> None:
        assert self.open, "written to a closed socket"
        self.written.append((datagram, addr))

    def getHost(self) -> Any:
        return IPv4Address("UDP", self.interface, self.number)


class Net:
    """Every socket that was made."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.fail = False
        self._next = 60000

    def free_port(self) -> int:
        self._next += 1
        return self._next

    def make(
        self, number: int, protocol: Any, interface: str, size: int, reactor: Any, on_error: Any
    ) -> Socket:
        return Socket(self, number, protocol, interface, on_error)


class ProxyCase(SynchronousTestCase):
    def proxy(
        self, up: Conditions | None = None, down: Conditions | None = None, **more: Any
    ) -> Proxy:
        self.clock, self.net = Clock(), Net()
        more.setdefault("server", SERVER)
        made = Proxy(
            self.clock,
            up=up or Conditions(),
            down=down or Conditions(),
            clock=self.clock.seconds,
            port=self.net.make,
            **more,
        )
        self.assertEqual(made.listen(("127.0.0.1", 9100)), ("127.0.0.1", 9100))
        return made

    @property
    def front(self) -> Socket:
        return self.net.sockets[0]

    @property
    def backs(self) -> list[Socket]:
        return self.net.sockets[1:]

    def say(self, data: bytes, client: Any = ANN) -> None:
        self.front.protocol.datagramReceived(data, client)

    def answer(self, data: bytes, back: Socket | None = None, sender: Any = SERVER) -> None:
        (back or self.backs[-1]).protocol.datagramReceived(data, sender)


class PassingTests(ProxyCase):
    def test_each_client_has_a_socket_of_its_own(self) -> None:
        self.proxy()
        self.say(b"a1")
        self.say(b"b1", BOB)
        self.say(b"a2")
        self.assertEqual(
            [back.written for back in self.backs],
            [[(b"a1", SERVER), (b"a2", SERVER)], [(b"b1", SERVER)]],
        )
        self.answer(b"to b", self.backs[1])
        self.answer(b"to a", self.backs[0])
        self.assertEqual(self.front.written, [(b"to b", BOB), (b"to a", ANN)])

    def test_only_the_server_is_passed_on(self) -> None:
        proxy = self.proxy()
        self.say(b"a")
        for stranger in (("127.0.0.1", 9001), ("127.0.0.2", 9000)):
            self.answer(b"spam", sender=stranger)
        self.assertEqual((self.front.written, proxy.ledger.counts["strangers"]), ([], 2))

    def test_delays_are_those_of_the_direction(self) -> None:
        self.proxy(Conditions(latency=0.5), Conditions(latency=0.25))
        self.say(b"ping")
        self.answer(b"pong")
        self.clock.advance(0.24)
        self.assertEqual((self.backs[0].written, self.front.written), ([], []))
        self.clock.advance(0.02)
        self.assertEqual(self.front.written, [(b"pong", ANN)])
        self.clock.advance(0.25)
        self.assertEqual(self.backs[0].written, [(b"ping", SERVER)])

    def test_no_timer_is_left_when_nothing_is_under_way(self) -> None:
        self.proxy(Conditions(latency=0.5))
        idle = len(self.clock.getDelayedCalls())
        for _ in range(5):
            self.say(b"x")
        self.assertEqual(len(self.clock.getDelayedCalls()), idle + 1)
        self.clock.advance(0.6)
        self.assertEqual(len(self.clock.getDelayedCalls()), idle)
        self.assertEqual(len(self.backs[0].written), 5)

    def test_headers_use_up_the_rate(self) -> None:
        self.proxy(Conditions(rate=1000, queue=2048))
        self.say(bytes(1000 - HEADERS))
        self.clock.advance(0.99)
        self.assertEqual(self.backs[0].written, [])
        self.clock.advance(0.02)
        self.assertEqual(len(self.backs[0].written), 1)

    def test_conditions_change_for_those_who_are_there_and_who_come(self) -> None:
        proxy = self.proxy()
        self.say(b"1")
        proxy.weather(Conditions(loss=1.0), Conditions())
        self.say(b"2")
        self.say(b"3", BOB)
        self.assertEqual([len(back.written) for back in self.backs], [1, 0])
        self.answer(b"down", self.backs[0])
        self.assertEqual(len(self.front.written), 1)


class FlowTests(ProxyCase):
    def test_clients_are_bounded(self) -> None:
        proxy = self.proxy(max_clients=2)
        for port in range(5):
            self.say(b"x", ("127.0.0.1", 50000 + port))
        self.assertEqual((len(proxy.flows), len(self.backs)), (2, 2))
        self.assertEqual(proxy.ledger.counts["refused"], 3)

    def test_a_silent_client_is_forgotten(self) -> None:
        proxy = self.proxy(idle=10)
        self.say(b"x")
        self.say(b"x", BOB)
        for _ in range(12):
            self.clock.advance(1)
            self.say(b"x", BOB)
            # what the server says does not keep a client
            self.answer(b"y", self.backs[0])
        self.assertEqual(list(proxy.flows), [BOB])
        self.assertEqual([back.open for back in self.backs], [False, True])
        self.say(b"again")
        self.assertEqual(self.backs[2].written, [(b"again", SERVER)])

    def test_without_descriptors_the_others_go_on(self) -> None:
        proxy = self.proxy()
        self.say(b"a")
        self.net.fail = True
        self.say(b"b", BOB)
        proxy.rebind()
        self.say(b"a2")
        self.assertEqual(proxy.ledger.counts["bind_errors"], 2)
        self.assertEqual([d for d, _ in self.backs[0].written], [b"a", b"a2"])

    def test_errors_of_sockets_are_counted(self) -> None:
        proxy = self.proxy()
        self.front.on_error("send")
        self.assertEqual(proxy.ledger.counts["send_errors"], 1)

    def test_close_leaves_nothing(self) -> None:
        proxy = self.proxy(Conditions(latency=1), rebind_port=1, idle=5)
        self.say(b"x")
        self.say(b"x", BOB)
        closing = proxy.close()
        self.assertRaises(StopIteration, closing.send, None)
        self.assertEqual([s.open for s in self.net.sockets], [False] * 3)
        self.assertEqual((self.clock.getDelayedCalls(), proxy.flows), ([], {}))


class RebindTests(ProxyCase):
    def test_the_port_changes_and_what_was_sent_to_the_old_one_is_lost(self) -> None:
        proxy = self.proxy(rebind_port=5)
        self.say(b"1")
        self.clock.advance(5)
        self.say(b"2")
        old, new = self.backs
        self.assertEqual((old.open, new.open, new.number != old.number), (False, True, True))
        self.assertEqual((old.written, new.written), ([(b"1", SERVER)], [(b"2", SERVER)]))
        self.answer(b"back", new)
        self.assertEqual(self.front.written, [(b"back", ANN)])
        for _ in range(3):
            self.clock.advance(5)
        self.assertEqual((len(self.backs), proxy.ledger.counts["rebinds"]), (5, 4))
        self.assertEqual([back.interface for back in self.backs], [""] * 5)

    def test_what_is_under_way_leaves_from_the_new_port(self) -> None:
        proxy = self.proxy(Conditions(latency=1))
        self.say(b"1")
        proxy.rebind()
        self.clock.advance(1.1)
        self.assertEqual([back.written for back in self.backs], [[], [(b"1", SERVER)]])

    def test_the_address_changes(self) -> None:
        self.proxy(rebind_address=2)
        self.say(b"1")
        for _ in range(3):
            self.clock.advance(2)
        self.assertEqual([back.interface for back in self.backs], ["", *ADDRESSES[:3]])
        self.say(b"2", BOB)
        self.assertEqual(self.backs[-1].interface, ADDRESSES[2])

    def test_addresses_come_round(self) -> None:
        proxy = self.proxy()
        self.say(b"1")
        for _ in range(len(ADDRESSES) + 1):
            proxy.rebind(address=True)
        self.assertEqual(self.backs[-1].interface, "127.0.0.2")

    def test_elsewhere_the_address_cannot_be_changed(self) -> None:
        for host in ("192.0.2.1", "::1"):
            error = self.assertRaises(
                ValueError, self.proxy, server=(host, 9000), rebind_address=5.0
            )
            self.assertIn("only towards a server at 127.x.x.x", str(error))

    def test_towards_ipv6_the_sockets_are_of_its_family(self) -> None:
        self.proxy(server=("::1", 9000), rebind_port=1)
        self.say(b"1")
        self.clock.advance(1)
        self.assertEqual([back.interface for back in self.backs], ["::", "::"])


class ToldTests(ProxyCase):
    def test_a_line_of_counters(self) -> None:
        proxy = self.proxy(Conditions(loss=1.0), Conditions(duplicate=1.0))
        self.say(b"1234")
        self.answer(b"12")
        self.answer(b"12")
        self.clock.advance(3)
        self.assertEqual(
            proxy.report(),
            "3 s, 1 client; up 1 packets, 4 bytes, 100.0% dropped (lost 1); "
            "down 2 packets, 4 bytes, 0.0% dropped (duplicated 2)",
        )

    def test_counters_outlive_their_clients(self) -> None:
        proxy = self.proxy(Conditions(loss=1.0), idle=2)
        self.say(b"1")
        self.clock.pump([1] * 5)
        self.assertIn("0 clients; up 1 packets, 1 bytes, 100.0% dropped (lost 1)", proxy.report())
        self.assertTrue(proxy.report().endswith("; forgotten 1"))

    def test_the_trace_has_a_head_and_each_packet(self) -> None:
        lines: list[str] = []
        up = Conditions(loss=1.0)
        proxy = self.proxy(up, seed=7, trace=lines.append)
        self.say(b"1234")
        self.clock.advance(0.5)
        self.answer(b"12")
        proxy.rebind()
        head, *packets = [json.loads(line) for line in lines]
        self.assertEqual((head["seed"], head["server"]), (7, list(SERVER)))
        self.assertEqual(Conditions().changed(head["up"]), up)
        self.assertEqual(
            packets,
            [
                {"time": 0.0, "client": 1, "direction": "up", "size": 4, "fate": "lost"},
                {"time": 0.5, "client": 1, "direction": "down", "size": 2, "fate": "sent"},
                {"time": 0.5, "client": 1, "rebound": "port"},
            ],
        )

    def test_a_seed_plays_the_same_again_for_each_client(self) -> None:
        rough = Conditions(loss=0.3, duplicate=0.2, corrupt=0.2, latency=0.1, jitter=0.2)

        def play(seed: int) -> list[str]:
            lines: list[str] = []
            self.proxy(rough, rough, seed=seed, trace=lines.append)
            for number in range(200):
                self.say(b"%d" % number, (ANN, BOB)[number % 2])
                self.answer(b"x", self.backs[0])
                self.clock.advance(0.02)
            return [*lines[1:], repr([back.written for back in self.backs])]

        self.assertEqual(play(1), play(1))
        self.assertNotEqual(play(1), play(2))
        fates = [json.loads(line) for line in play(1)[:-1]]
        up = [f for f in fates if f["direction"] == "up"]
        ann, bob = ([f["fate"] for f in up if f["client"] == n] for n in (1, 2))
        self.assertEqual((len(ann), len(bob)), (100, 100))
        self.assertNotEqual(ann, bob)
