"""The UDP side of LobbydClient on a reactor in memory, against the server's core."""

from __future__ import annotations

from typing import Any, cast

from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.client import LobbydClient
from lobbyd.client.events import Connected, Corrected, Disconnected, Reconnecting, Snapshot
from lobbyd.client.results import Joined, Lobby, Member
from lobbyd.client.session import CONNECT_TIMEOUT
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import JoinLobby, Kick
from lobbyd.lobby.view import ticket_json
from lobbyd.testing import SERVER, World, run
from lobbyd.wire.catalogue import DisconnectReason, FrameType
from lobbyd.wire.frames import make_frame
from lobbyd.wire.messages import (
    ChatDown,
    CustomDown,
    LobbyState,
    PlayerJoined,
    Teleport,
    encode,
)

from .client_agent import URL, Outcome, Script


class Wire(MemoryReactorClock):
    """A reactor whose UDP sockets lead to a World; ``names`` is what it resolves."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.names: dict[str, list[str]] = {}
        self.sockets: list[Socket] = []
        self.nameResolver = cast(Any, self)

    def listenUDP(self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 0):
        """A socket."""
        socket = Socket(self, protocol, ("198.51.100.7", 50000 + len(self.sockets)))
        self.sockets.append(socket)
        protocol.makeConnection(socket)
        return socket

    def resolveHostName(self, receiver: Any, name: str, port: int = 0) -> None:
        """The addresses of a name."""
        receiver.resolutionBegan(None)
        for host in self.names.get(name, []):
            receiver.addressResolved(IPv4Address("UDP", host, port))
        receiver.resolutionComplete()

    def deliver(self, outgoing: Any) -> None:
        """Bring datagrams of the server to their sockets."""
        for datagram, address in list(outgoing):
            for socket in self.sockets:
                if socket.address == address and not socket.closed:
                    socket.protocol.datagramReceived(datagram, SERVER)

    def pass_time(self, seconds: float) -> None:
        """Let time pass on both sides."""
        for _ in range(round(seconds / 0.01)):
            self.world.now += 0.01
            self.advance(0.01)
            if not self.world.running:
                continue
            for tick, broadcast in self.world.relay.due(self.world.now):
                self.deliver(self.world.relay.snapshot(tick, broadcast, self.world.now))
            self.deliver(self.world.relay.farewells(self.world.now))


class Socket:
    """A bound UDP socket; what goes to the server's address arrives there."""

    def __init__(self, wire: Wire, protocol: Any, address: tuple[str, int]) -> None:
        self.wire, self.protocol, self.address = wire, protocol, address
        self.closed = False
        self.sent: list[tuple[bytes, tuple[str, int]]] = []

    def write(self, datagram: bytes, address: tuple[str, int]) -> None:
        """Send."""
        self.sent.append((datagram, address))
        world = self.wire.world
        if address == SERVER and world.running:
            self.wire.deliver(world.relay.received(datagram, self.address, world.now))

    def stopListening(self) -> None:
        """Close."""
        self.closed = True


class UdpCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=61)
        self.wire = Wire(self.world)
        self.code = self.world.create("ABCD")

    def player(self, name: str, host: str = SERVER[0]) -> Any:
        """A client that holds a seat."""
        script = Script(self.wire)
        client = LobbydClient(self.wire, URL, agent=script, clock=self.wire.seconds)
        caller = Caller(udp=(host, SERVER[1]))
        joined = run(self.world.operations.join(self.code, JoinLobby(name), caller, self.world.now))
        member = Member(joined.player.player_id, joined.player.slot, name)
        ticket = ticket_json(joined.ticket)
        client.joined = Joined(Lobby(self.code), member, joined.player_token, ticket)
        return client

    def online(self, name: str) -> Any:
        """A client that is connected."""
        client = self.player(name)
        outcome = Outcome(client.connect_udp())
        self.wire.pass_time(0.2)
        self.assertIs(outcome.error, None)
        self.assertTrue(client.is_online)
        return client


class ConnectTests(UdpCase):
    def test_it_takes_the_seat(self) -> None:
        client = self.player("Ann")
        outcome = Outcome(client.connect_udp())
        self.wire.pass_time(0.2)
        self.assertEqual(outcome.result.welcome["player_id"], 1)
        self.assertTrue(client.is_online)

    def test_without_an_answer_it_is_a_timeout(self) -> None:
        client = self.player("Ann")
        outcome = Outcome(client.connect_udp(host="192.0.2.99"))
        self.wire.pass_time(CONNECT_TIMEOUT - 0.1)
        self.assertFalse(outcome.deferred.called)
        self.wire.pass_time(0.2)
        self.assertEqual(outcome.error.code, "timeout")
        self.assertTrue(self.wire.sockets[0].closed)
        self.assertIs(client.session, None)
        self.assertEqual(self.wire.getDelayedCalls(), [])

    def test_a_refusal_has_its_code(self) -> None:
        client = self.player("Ann")
        self.world.now += 15.0
        outcome = Outcome(client.connect_udp())
        self.wire.pass_time(0.2)
        self.assertEqual(outcome.error.code, "token_expired")
        self.assertTrue(self.wire.sockets[0].closed)

    def test_cancelling_closes_the_socket(self) -> None:
        client = self.player("Ann")
        outcome = Outcome(client.connect_udp(host="192.0.2.99"))
        outcome.deferred.cancel()
        self.assertIsInstance(outcome.error, CancelledError)
        self.assertTrue(self.wire.sockets[0].closed)
        self.assertEqual(self.wire.getDelayedCalls(), [])

    def test_a_host_name_is_looked_up(self) -> None:
        client = self.player("Ann", host="udp.example")
        self.assertEqual(Outcome(client.connect_udp()).error.code, "no_address")
        self.wire.names["udp.example"] = [SERVER[0]]
        outcome = Outcome(client.connect_udp())
        self.wire.pass_time(0.2)
        self.assertIs(outcome.error, None)

    def test_without_a_host_it_is_that_of_http(self) -> None:
        self.wire.names["game.example"] = [SERVER[0]]
        client = self.player("Ann", host="")
        outcome = Outcome(client.connect_udp())
        self.wire.pass_time(0.2)
        self.assertIs(outcome.error, None)

    def test_connecting_again_at_once_is_a_new_connection(self) -> None:
        """The server drops a CONNECT whose counter did not grow, without a word."""
        client = self.online("Ann")
        for _ in range(3):
            outcome = Outcome(client.connect_udp())
            self.wire.pass_time(0.2)
            self.assertIs(outcome.error, None)
        self.assertEqual([s.closed for s in self.wire.sockets], [True, True, True, False])
        self.assertEqual(len(self.world.relay.connections), 1)


class EventTests(UdpCase):
    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.online("Ann"), self.online("Bob")

    def collect(self, events: Any) -> tuple[list[Any], Outcome]:
        found: list[Any] = []

        async def work() -> None:
            async for event in events:
                found.append(event)

        return found, Outcome(work())

    def test_only_the_kinds_that_are_wanted_come(self) -> None:
        chats, _ = self.collect(self.bob.events(ChatDown))
        everything, _ = self.collect(self.bob.events())
        self.ann.send_chat("hello")
        self.ann.send_custom(b"x")
        self.wire.pass_time(0.5)
        self.assertEqual([line.text for line in chats], ["hello"])
        kinds = {type(event) for event in everything}
        self.assertLessEqual({ChatDown, CustomDown, Snapshot}, kinds)

    def test_they_end_with_the_connection(self) -> None:
        _, by_us = self.collect(self.ann.events(ChatDown))
        Outcome(self.ann.disconnect())
        self.assertTrue(by_us.deferred.called)
        _, by_server = self.collect(self.bob.events(ChatDown))
        lobby = self.world.lobbies.by_code[self.code]
        host = self.world.operations.access.player_token(lobby, lobby.players[1], self.world.now)
        kick = self.world.hosting.kick(self.code, 2, Kick(), Caller(token=host), self.world.now)
        run(kick)
        self.wire.pass_time(0.2)
        self.assertTrue(by_server.deferred.called)
        self.assertFalse(self.bob.is_online or self.bob.send_chat("?"))
        reasons = [e.reason for e in self.bob.heard() if isinstance(e, Disconnected)]
        self.assertEqual(reasons, [DisconnectReason.KICKED])

    def test_without_a_connection_they_end_at_once(self) -> None:
        Outcome(self.ann.disconnect())
        _, outcome = self.collect(self.ann.events())
        self.assertTrue(outcome.deferred.called)

    def test_closing_one_leaves_the_others(self) -> None:
        events = self.bob.events(ChatDown)
        _, outcome = self.collect(events)
        chats, _ = self.collect(self.bob.events(ChatDown))
        events.close()
        self.assertTrue(outcome.deferred.called)
        self.ann.send_chat("hello")
        self.wire.pass_time(0.3)
        self.assertEqual(len(chats), 1)

    def test_waiting_for_what_was_and_for_what_comes(self) -> None:
        past = self.successResultOf(self.bob.wait_for(PlayerJoined, name="Ann"))
        self.assertEqual(past.player_id, 1)
        future = self.bob.wait_for(ChatDown, text="second")
        self.ann.send_chat("first")
        self.wire.pass_time(0.3)
        self.assertNoResult(future)
        self.ann.send_chat("second")
        self.wire.pass_time(0.3)
        self.assertEqual(self.successResultOf(future).text, "second")

    def test_waiting_ends_with_a_problem(self) -> None:
        waiting = self.bob.wait_for(ChatDown, seconds=1.0)
        self.wire.pass_time(1.1)
        problem: Any = self.failureResultOf(waiting).value
        self.assertEqual(problem.code, "timeout")
        self.assertIn("ChatDown", problem.detail)

    def test_events_of_an_earlier_connection_are_forgotten(self) -> None:
        self.ann.send_chat("before")
        self.wire.pass_time(0.3)
        Outcome(self.bob.connect_udp())
        self.wire.pass_time(0.3)
        self.assertNoResult(self.bob.wait_for(ChatDown))
        self.assertEqual(len([e for e in self.bob.heard() if isinstance(e, LobbyState)]), 1)

    def test_poses_leave_at_the_servers_rate_and_the_newest_counts(self) -> None:
        sent = len(self.wire.sockets[0].sent)
        for n in range(200):
            self.ann.send_pose((n / 64, 0.0, 0.0))
            self.wire.pass_time(0.01)
        grown = len(self.wire.sockets[0].sent) - sent
        # 2 s at 20 Hz, looked at each 10 ms
        self.assertGreaterEqual(grown, 36)
        self.assertLessEqual(grown, 44)
        self.wire.pass_time(0.2)
        snapshots = [e for e in self.bob.heard() if isinstance(e, Snapshot)]
        [record] = snapshots[-1].records
        self.assertEqual(record.x, 199 * 8)


class SurvivalTests(UdpCase):
    """What happens to a client whose server goes and comes back."""

    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = self.online("Ann"), self.online("Bob")

    def restart(self, down_for: float) -> None:
        self.world.kill()
        self.wire.pass_time(down_for)
        self.world.start()

    def test_it_goes_on_after_a_restart(self) -> None:
        self.wire.pass_time(1.0)
        self.restart(1.0)
        self.wire.pass_time(2.0)
        self.assertTrue(self.ann.is_online and self.bob.is_online)
        again = [e for e in self.ann.heard() if isinstance(e, Connected)]
        self.assertEqual([e.resumed for e in again], [False, True])
        self.assertEqual({e.welcome["player_id"] for e in again}, {1})
        self.bob.send_chat("still here")
        self.wire.pass_time(0.5)
        self.assertEqual(self.successResultOf(self.ann.wait_for(ChatDown)).text, "still here")

    def test_a_long_absence_is_told_and_events_go_on(self) -> None:
        events = self.ann.events(Reconnecting, Connected)
        found: list[Any] = []

        async def listen() -> None:
            async for event in events:
                found.append(type(event))

        outcome = Outcome(listen())
        self.wire.pass_time(1.0)
        self.restart(8.0)
        self.assertFalse(self.ann.is_online or self.ann.send_chat("?"))
        self.wire.pass_time(3.0)
        self.assertEqual(found, [Reconnecting, Connected])
        self.assertFalse(outcome.deferred.called)

    def test_a_goodbye_is_said_eight_times_and_does_not_wait(self) -> None:
        socket = self.wire.sockets[0]
        before = len(socket.sent)
        outcome = Outcome(self.ann.disconnect(goodbye=True))
        self.assertTrue(outcome.deferred.called)
        self.assertFalse(self.ann.is_online)
        sent = [len(socket.sent) - before]
        for seconds in (0.01, 0.02, 0.02, 0.04, 0.08, 0.16):
            self.assertFalse(socket.closed)
            self.wire.pass_time(seconds)
            sent.append(len(socket.sent) - before)
        self.assertEqual(sent, [3, 3, 4, 5, 6, 7, 8])
        self.assertTrue(socket.closed)
        self.assertEqual(len(set(socket.sent[before:])), 1)

    def test_closing_for_good_waits_until_it_was_said(self) -> None:
        outcome = Outcome(self.ann.close())
        self.assertFalse(outcome.deferred.called)
        self.wire.pass_time(0.4)
        self.assertTrue(outcome.deferred.called)
        self.assertIs(outcome.error, None)

    def test_a_pose_of_before_a_correction_does_not_leave(self) -> None:
        """The server would take it for another jump."""
        connection = self.world.relay.connections[self.ann.session.conn_id]
        self.ann.send_pose((1.0, 0.0, 0.0))
        teleport = Teleport(connection.player.slot, 512, 0, 0, 0xDFF7FDFF, 1)
        connection.reliable_out.push(*encode(teleport))
        self.wire.pass_time(0.1)
        self.assertEqual(len([e for e in self.ann.heard() if isinstance(e, Corrected)]), 1)
        self.ann.send_pose((2.0, 0.0, 0.0))
        self.ann._heard(Corrected((1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), 1, 2, 0))
        seq = self.ann.session.line.samples.seq
        self.wire.pass_time(0.5)
        self.assertEqual(self.ann.session.line.samples.seq, seq)

    def test_a_path_challenge_is_answered_at_once(self) -> None:
        socket = self.wire.sockets[0]
        connection = self.world.relay.connections[self.ann.session.conn_id]
        before = len(socket.sent)
        frame = make_frame(FrameType.PATH_CHALLENGE, b"12345678")
        socket.protocol.datagramReceived(connection.datagram(frame, self.world.now), SERVER)
        [(answer, _)] = socket.sent[before:]
        self.assertIn(make_frame(FrameType.PATH_RESPONSE, b"12345678"), answer)
