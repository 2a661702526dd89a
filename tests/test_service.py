"""The whole service over a reactor in memory: what it binds, what it sends, how it ends."""

from __future__ import annotations

import errno
import json
import random
import socket
import sys
from types import ModuleType
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from lobbyd import opening
from lobbyd.client.events import Corrected
from lobbyd.client.session import ClientSession, Connected, Reconnecting, Snapshot
from lobbyd.client.ticket import session_of
from lobbyd.config import load
from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.fairport import FairPort
from lobbyd.filestore import FileStore
from lobbyd.lobby.bearer import Bearers
from lobbyd.lobbylog import NAME, LobbyLog
from lobbyd.relay.judge import Move
from lobbyd.relay.relay import Relay
from lobbyd.service import LobbydService, build
from lobbyd.state import StateDir
from lobbyd.testing import START, FakePort, UDPMemoryReactor
from lobbyd.udp import RelayProtocol
from lobbyd.udpio import NoBatch, batch
from lobbyd.wire.catalogue import DisconnectReason
from lobbyd.wire.keys import ServerKeys
from lobbyd.wire.messages import PlayerJoined
from lobbyd.wire.tokens import TokenSealer
from tests.http_memory import PEER, Answer, Connection, answers
from tests.places import temporary

CLIENT = ("198.51.100.7", 40000)
STEP = 0.01


class TcpPort:
    """A listening TCP port in memory."""

    def __init__(self, address: Any) -> None:
        self._address = address
        self.stopped = False

    def getHost(self) -> Any:
        return self._address

    def stopListening(self) -> None:
        self.stopped = True


class Reactor(UDPMemoryReactor):
    """With TCP ports that know whether they were closed, and ports that are busy on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.tcp_ports: list[TcpPort] = []
        self.busy: set[str] = set()

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        if "tcp" in self.busy:
            raise CannotListenError(interface, port, OSError(errno.EADDRINUSE, "Address in use"))
        made = TcpPort(super().listenTCP(port, factory, backlog, interface).getHost())
        self.tcp_ports.append(made)
        return made

    def listen(self, *args: Any) -> FakePort:
        if "udp" in self.busy:
            raise CannotListenError("", args[1], OSError(errno.EADDRINUSE, "Address in use"))
        return super().listen(*args)


class ServiceCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.place = temporary(self)
        self.state = self.place / "state"
        self.rng = random.Random(1)

    def make(self, **settings: str) -> LobbydService:
        flags: dict[str, str | None] = {n.replace("_", "-"): v for n, v in settings.items()}
        config = load({"state-dir": str(self.state)} | flags, {})
        return build(
            config,
            self.reactor,
            listen=self.reactor.listen,
            clock=self.now,
            entropy=self.rng.randbytes,
            # without its thread: what is awaited is written at once
            make_store=lambda config, reactor: FileStore(LobbyLog(config.state_dir)),
        )

    def now(self) -> float:
        return START + self.reactor.seconds()

    def start(self, **settings: str) -> LobbydService:
        service = self.make(**settings)
        service.privilegedStartService()
        service.startService()
        self.addCleanup(self.stop, service)
        return service

    def stop(self, service: LobbydService) -> None:
        if service.running:
            self.successResultOf(service.stopService())

    @property
    def udp(self) -> FakePort:
        return self.reactor.fake_ports[-1]

    def advance(self, seconds: float, step: float = STEP) -> None:
        for _ in range(round(seconds / step)):
            self.reactor.advance(step)

    def http(self, method: str, path: str, content: object = None) -> Answer:
        """A request to the HTTP port."""
        factory: Any = self.reactor.tcpServers[-1][1]
        connection = Connection(factory.buildProtocol(PEER))
        body = b"" if content is None else json.dumps(content).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: game.example\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.send(head.encode() + body)
        (only,) = answers(connection.written)
        return only


class Client:
    """A client session at the fake UDP port."""

    def __init__(self, case: ServiceCase, code: str) -> None:
        self.case, self.port = case, case.udp
        self.joined = case.http("POST", f"/lobbies/{code}/join", {"name": "Ada"}).json
        now = case.now()
        self.session: ClientSession = session_of(
            self.joined["ticket"], entropy=case.rng.randbytes, unix=now, now=now
        )
        self.events: list[Any] = []
        self.read = len(self.port.written)

    def play(self, seconds: float) -> None:
        """Let time pass for server and client."""
        for _ in range(round(seconds / STEP)):
            for datagram in self.session.poll(self.case.now()):
                self.port.protocol.datagramReceived(datagram, CLIENT)
            self.case.reactor.advance(STEP)
            self.receive()

    def receive(self) -> None:
        """Take what the server wrote."""
        for datagram, address in self.port.written[self.read :]:
            if address == CLIENT:
                self.events += self.session.receive(datagram, self.case.now())
        self.read = len(self.port.written)

    def seen(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class StartTests(ServiceCase):
    def test_udp_is_bound_where_the_settings_say(self) -> None:
        self.start(udp_port="1234", udp_interface="127.0.0.1")
        self.assertEqual((self.udp.port, self.udp.interface), (1234, "127.0.0.1"))

    def test_http_is_bound_where_the_settings_say(self) -> None:
        self.start(http="tcp:8181:interface=127.0.0.1")
        port, _, _, interface = self.reactor.tcpServers[0]
        self.assertEqual((port, interface), (8181, "127.0.0.1"))

    def test_it_tells_the_ports_that_were_bound(self) -> None:
        service = self.start(http="tcp:8181", udp_port="1234")
        self.assertEqual((service.http_port, service.udp_port), (8181, 1234))

    def test_everything_is_bound_before_rights_are_dropped(self) -> None:
        service = self.make()
        service.privilegedStartService()
        self.addCleanup(lambda: self.successResultOf(service.stopService()))
        self.assertEqual((len(self.reactor.fake_ports), len(self.reactor.tcp_ports)), (1, 1))

    def test_it_is_bound_once(self) -> None:
        self.start()
        self.assertEqual((len(self.reactor.fake_ports), len(self.reactor.tcp_ports)), (1, 1))

    def test_starting_without_the_privileged_step_binds_too(self) -> None:
        service = self.make()
        service.startService()
        self.addCleanup(self.stop, service)
        self.assertEqual((len(self.reactor.fake_ports), len(self.reactor.tcp_ports)), (1, 1))

    def test_http_answers(self) -> None:
        self.start()
        self.assertEqual(self.http("GET", "/healthz").status, 200)

    def test_http_timeouts_run_on_the_services_reactor(self) -> None:
        """Not on the global one, which another reactor's service must not touch."""
        self.start()
        self.assertIs(self.reactor.tcpServers[0][1].reactor, self.reactor)

    def test_info_tells_the_udp_port_that_was_bound(self) -> None:
        self.start(udp_port="0")
        told = self.http("GET", "/info").json["udp"]
        self.assertEqual(told, {"host": "game.example", "port": self.udp.getHost().port})

    def test_the_secret_is_made_and_kept(self) -> None:
        self.stop(self.start())
        secret = (self.state / "secret").read_text()
        self.stop(self.start())
        self.assertEqual((self.state / "secret").read_text(), secret)

    def test_the_secret_may_be_elsewhere(self) -> None:
        path = self.place / "elsewhere"
        path.write_text("ab" * 32)
        self.start(secret_file=str(path))
        self.assertFalse((self.state / "secret").exists())


class TestLobbyTests(ServiceCase):
    """The lobby TEST, not a test of lobbies."""

    def test_it_is_there_from_the_start_with_a_dummy(self) -> None:
        self.start()
        lobby = self.http("GET", "/lobbies/TEST").json["lobby"]
        self.assertEqual([p["dummy"] for p in lobby["players"]], [True])

    def test_it_can_be_turned_off(self) -> None:
        self.start(test_lobby="off")
        self.assertEqual(self.http("GET", "/lobbies/TEST").status, 404)

    def test_it_is_the_same_lobby_after_a_restart(self) -> None:
        first = self.start()
        lobby_id = first.lobbies.find("TEST").lobby_id
        self.stop(first)
        self.assertEqual(self.start().lobbies.find("TEST").lobby_id, lobby_id)


class StoreTests(ServiceCase):
    def crash(self, service: LobbydService) -> None:
        """End without a word: only what is on the disk stays."""
        parts: Any = service
        parts._ticker.stop()
        parts._api.streams.stop()
        parts._store._log.close()
        parts._state.close()
        parts.running = False

    def log_lines(self) -> list[str]:
        return [event["log_format"].format(**event) for event in self.logged]

    def watch_log(self) -> None:
        self.logged: list[Any] = []

        def observe(event: Any) -> None:
            if event.get("log_namespace") == "lobbyd.service":
                self.logged.append(event)

        observer: Any = observe
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def test_a_crash_keeps_what_was_answered(self) -> None:
        first = self.start()
        self.http("POST", "/lobbies", {"code": "ABCD", "metadata": {"map": "x"}})
        joined = self.http("POST", "/lobbies/ABCD/join", {"name": "Ada"}).json
        self.crash(first)
        self.watch_log()
        self.start()
        lobby = self.http("GET", "/lobbies/ABCD").json["lobby"]
        self.assertEqual(lobby["metadata"], {"map": "x"})
        self.assertEqual(
            [(p["player_id"], p["name"]) for p in lobby["players"]],
            [(joined["player"]["player_id"], "Ada")],
        )
        self.assertIn("lobbies that go on: 1", self.log_lines())

    def test_a_player_goes_on_after_a_crash(self) -> None:
        first = self.start()
        client = Client(self, "TEST")
        client.play(1)
        self.crash(first)
        self.start()
        client.port, client.read = self.udp, 0
        client.play(3)
        connected = client.seen(Connected)
        self.assertEqual(len(connected), 2)
        self.assertEqual(connected[0].welcome["player_id"], connected[1].welcome["player_id"])
        self.assertTrue(client.session.connected)

    def test_fresh_tokens_name_the_server_as_the_ticket_does(self) -> None:
        self.start()
        client = Client(self, "TEST")
        ticket = client.session.ticket.token
        client.play(1)
        secret = bytes.fromhex((self.state / "secret").read_text())
        sealer = TokenSealer(ServerKeys(secret))
        before, after = sealer.open(ticket), sealer.open(client.session.ticket.token)
        self.assertEqual((before.resume_gen, after.resume_gen), (0, 1))
        self.assertEqual(after.server_id, before.server_id)

    def test_what_changed_is_written_while_it_runs(self) -> None:
        service = self.start()
        code = self.http("POST", "/lobbies", {}).json["lobby"]["code"]
        lobby = service.lobbies.find(code)
        service.lobbies.add_dummy(lobby, "Dummy", Circle(), self.now())
        self.assertIn(lobby.lobby_id, service.lobbies.unsaved)
        self.advance(0.5)
        self.assertNotIn(lobby.lobby_id, service.lobbies.unsaved)

    def test_stopping_keeps_everything(self) -> None:
        service = self.start()
        code = self.http("POST", "/lobbies", {}).json["lobby"]["code"]
        lobby = service.lobbies.find(code)
        service.lobbies.add_dummy(lobby, "Dummy", Circle(), self.now())
        self.stop(service)
        again = self.start().lobbies.find(code)
        self.assertEqual([p.name for p in again.players.values()], ["Dummy"])

    def test_memory_keeps_nothing(self) -> None:
        for _ in range(2):
            config = load({"state-dir": str(self.state), "store": "memory"}, {})
            service = build(config, self.reactor, clock=self.now, listen=self.reactor.listen)
            service.startService()
            self.assertEqual(self.http("POST", "/lobbies", {"code": "ABCD"}).status, 201)
            self.stop(service)
        self.assertFalse((self.state / NAME).exists())

    def test_records_of_no_use_are_one_line_and_kept_aside(self) -> None:
        self.stop(self.start())
        log = LobbyLog(str(self.state))
        log.load()
        log.append([(5, b'{"v":99}'), (6, b"{}")])
        log.close()
        self.watch_log()
        self.stop(self.start())
        self.assertIn("lobby records of no use: 2; see lobbies.damaged", self.log_lines())
        self.assertIn(b'{"v":99}', (self.state / "lobbies.damaged").read_bytes())
        self.logged.clear()
        self.start()
        self.assertEqual([line for line in self.log_lines() if "no use" in line], [])

    def test_records_that_cannot_be_read_are_one_line(self) -> None:
        self.stop(self.start())
        (self.state / NAME).unlink()
        (self.state / NAME).mkdir()
        stop = self.assertRaises(SystemExit, self.make().privilegedStartService)
        self.assertTrue(str(stop.code).startswith("lobbyd: --state-dir: the lobby records"))

    def test_a_full_disk_is_a_problem_with_a_time(self) -> None:
        service = self.start()
        store: Any = service._store

        def full(entries: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        self.patch(store._log, "append", full)
        answer = self.http("POST", "/lobbies/TEST/join", {"name": "Ada"})
        self.assertEqual((answer.status, answer.json["code"]), (503, "storage_unavailable"))
        self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(self.http("GET", "/lobbies/TEST").status, 200)


class TickTests(ServiceCase):
    def test_a_client_that_joined_connects_and_gets_snapshots(self) -> None:
        self.start()
        client = Client(self, "TEST")
        client.play(1)
        self.assertEqual(len(client.seen(Connected)), 1)
        before = len(client.seen(Snapshot))
        client.play(2)
        self.assertEqual(len(client.seen(Snapshot)) - before, 40)

    def test_the_rate_is_the_setting(self) -> None:
        self.start(tick_hz="50")
        client = Client(self, "TEST")
        client.play(1)
        before = len(client.seen(Snapshot))
        client.play(2)
        self.assertEqual(len(client.seen(Snapshot)) - before, 100)

    def test_ticks_are_in_step_with_when_they_are_due(self) -> None:
        """Whenever the service was started."""
        service = self.make()
        service.privilegedStartService()
        self.reactor.advance(0.0137)
        service.startService()
        self.addCleanup(self.stop, service)
        late: list[float] = []
        schedule = service._relay.schedule
        due = schedule.due

        def watched(now: float) -> list[tuple[int, int, float]]:
            slices = due(now)
            late.extend(now - when for _, _, when in slices)
            return slices

        self.patch(schedule, "due", watched)
        for number in range(1200):
            self.reactor.advance(0.0001)
            if number == 200:
                # those that were due before the start
                late.clear()
        self.assertEqual(len(late), round(0.1 / schedule.slice))
        self.assertLess(max(late), 0.0005)

    def test_the_dummy_moves(self) -> None:
        self.start()
        client = Client(self, "TEST")
        client.play(1)
        places = {(r.x, r.y, r.z) for s in client.seen(Snapshot) for r in s.records}
        self.assertGreater(len(places), 10)
        self.assertEqual([e.name for e in client.seen(PlayerJoined)], ["Dummy", "Ada"])

    def test_a_token_is_good_under_the_secret_in_the_file(self) -> None:
        """So it is good after a restart, too."""
        self.start()
        token = self.http("POST", "/lobbies", {}).json["owner_token"]
        secret = bytes.fromhex((self.state / "secret").read_text())
        self.assertIsNotNone(Bearers(ServerKeys(secret).bearer_key).verify(token, self.now()))

    def test_an_empty_lobby_is_reaped_and_its_code_free(self) -> None:
        service = self.start()
        self.assertEqual(self.http("POST", "/lobbies", {"code": "ABCD"}).status, 201)
        self.advance(59.5, step=0.5)
        self.assertEqual(self.http("POST", "/lobbies", {"code": "ABCD"}).status, 409)
        self.advance(1, step=0.5)
        self.assertRaises(Refused, service.lobbies.find, "ABCD")
        self.assertEqual(self.http("POST", "/lobbies", {"code": "ABCD"}).status, 201)

    def test_nothing_is_sent_where_nobody_listens(self) -> None:
        self.start()
        self.advance(2)
        self.assertEqual(self.udp.written, [])

    def test_the_games_own_rule_is_asked(self) -> None:
        """And what it raises is logged, and does no harm."""
        asked: list[Move] = []

        def check(move: Move) -> tuple[float, float, float] | None:
            asked.append(move)
            if move.input == 2:
                raise ZeroDivisionError
            return (7.0, 0.0, 0.0) if move.input == 1 else None

        module = ModuleType("my_game_rules")
        vars(module)["check"] = check
        self.patch(sys, "modules", {**sys.modules, "my_game_rules": module})
        service = self.start(move_rule="my_game_rules:check")
        client = Client(self, "TEST")
        for bits in (0, 2, 1):
            client.play(0.2)
            client.session.sample((3.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.now(), input=bits)
        client.play(0.2)
        self.assertEqual([move.input for move in asked], [0, 2, 1])
        self.assertEqual([c.position for c in client.seen(Corrected)], [(7.0, 0.0, 0.0)])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(service.stats.counts["move_rule_errors"], 1)

    def test_a_mistake_in_a_tick_is_logged_and_the_next_tick_comes(self) -> None:
        service = self.start()
        calls = []

        def broken(relay: Relay, now: float) -> Any:
            calls.append(now)
            raise ZeroDivisionError

        self.patch(Relay, "due", broken)
        self.advance(1)
        self.assertGreater(len(calls), 50)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(service.stats.counts["internal_errors"], len(calls))

    def test_such_mistakes_are_logged_every_5_seconds_at_most(self) -> None:
        self.start()

        def broken(relay: Relay, now: float) -> Any:
            raise ZeroDivisionError

        self.patch(Relay, "due", broken)
        self.advance(11)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 3)

    def test_a_mistake_over_a_datagram_is_logged_and_the_next_one_is_read(self) -> None:
        self.start()

        def broken(relay: Relay, *args: Any) -> Any:
            raise ZeroDivisionError

        with_mistake = self.patch(Relay, "received", broken)
        self.udp.protocol.datagramReceived(bytes(40), CLIENT)
        self.udp.protocol.datagramReceived(bytes(40), CLIENT)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        with_mistake.restore()
        client = Client(self, "TEST")
        client.play(1)
        self.assertEqual(len(client.seen(Connected)), 1)

    def test_a_mistake_outside_the_guard_does_not_stop_the_ticker(self) -> None:
        self.start()
        calls = []

        def broken(protocol: RelayProtocol) -> None:
            calls.append(1)
            raise ZeroDivisionError

        self.patch(RelayProtocol, "tick", broken)
        self.advance(0.1)
        self.assertGreater(len(calls), 5)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), len(calls))

    def test_failed_writes_are_counted(self) -> None:
        heard: list[Any] = []

        def listen(*args: Any) -> FakePort:
            heard.append(args[4])
            return Reactor.listen(self.reactor, *args)

        self.patch(self.reactor, "listen", listen)
        service = self.start()
        heard[0]("send")
        heard[0]("receive")
        counts = service.stats.counts
        self.assertEqual((counts["send_errors"], counts["receive_errors"]), (1, 1))


class StopTests(ServiceCase):
    def test_clients_are_told(self) -> None:
        service = self.start()
        client = Client(self, "TEST")
        client.play(1)
        self.stop(service)
        client.receive()
        reasons = [event.reason for event in client.seen(Reconnecting)]
        self.assertEqual(reasons[:1], [DisconnectReason.SHUTDOWN])

    def test_both_ports_are_closed(self) -> None:
        self.stop(self.start())
        self.assertTrue(self.udp.stopped)
        self.assertTrue(self.reactor.tcp_ports[0].stopped)

    def test_the_lock_is_given_back(self) -> None:
        self.stop(self.start())
        StateDir(str(self.state)).close()

    def test_no_timer_is_left(self) -> None:
        self.stop(self.start())
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def test_nothing_is_sent_after_it(self) -> None:
        service = self.start()
        Client(self, "TEST").play(1)
        self.stop(service)
        written = len(self.udp.written)
        self.advance(1)
        self.assertEqual(len(self.udp.written), written)

    def test_it_can_be_started_again(self) -> None:
        service = self.start()
        self.stop(service)
        service.privilegedStartService()
        service.startService()
        self.assertEqual(self.http("GET", "/lobbies/TEST").status, 200)
        self.assertFalse(self.udp.stopped)

    def test_stopping_what_never_started_is_nothing(self) -> None:
        self.successResultOf(self.make().stopService())


class RefusalTests(ServiceCase):
    """What ends a start: one line that names the option, and nothing stays open."""

    def refusal(self, service: LobbydService, start: str = "privilegedStartService") -> str:
        """The line with which a start ends."""
        stop = self.assertRaises(SystemExit, getattr(service, start))
        line = stop.code
        assert isinstance(line, str)
        self.assertEqual(len(line.splitlines()), 1, line)
        self.assertTrue(line.startswith("lobbyd: --"), line)
        self.assertNothingOpen()
        return line

    def assertNothingOpen(self) -> None:
        self.assertEqual([p.stopped for p in self.reactor.fake_ports if not p.stopped], [])
        self.assertEqual([p.stopped for p in self.reactor.tcp_ports if not p.stopped], [])
        self.assertEqual(self.reactor.getDelayedCalls(), [])
        if self.state.is_dir():
            StateDir(str(self.state)).close()

    def test_a_rule_that_is_not_there(self) -> None:
        line = self.refusal(self.make(move_rule="no_such_game.rules:check"))
        self.assertIn("--move-rule: 'no_such_game.rules:check' cannot be used", line)

    def test_a_busy_udp_port(self) -> None:
        self.reactor.busy = {"udp"}
        self.assertEqual(
            self.refusal(self.make(udp_port="1234")),
            "lobbyd: --udp-port: *:1234 cannot be bound (Address in use); "
            "stop what uses it or give another port.",
        )

    def test_a_busy_http_port_closes_udp_again(self) -> None:
        self.reactor.busy = {"tcp"}
        self.assertEqual(
            self.refusal(self.make(http="tcp:8181")),
            "lobbyd: --http: tcp:8181 cannot be bound (Address in use); stop what uses it or "
            "give another Twisted endpoint such as tcp:8080.",
        )
        self.assertTrue(self.udp.stopped)

    def test_a_string_that_is_no_endpoint(self) -> None:
        for text in (
            "nonsense:1",
            "tcp:8080:colour=red",
            "tcp:interface=127.0.0.1",
            "tcp:interface=127.0.0.1:port=abc",
            "ssl:8443:privateKey=/no/such/key.pem",
            "ssl:8443",
            "unix:/x:mode=abc",
            "systemd:domain=INET:index=7",
        ):
            line = self.refusal(self.make(http=text))
            start = f"lobbyd: --http: {text!r} cannot be used ("
            self.assertTrue(line.startswith(start), line)
            allowed = (
                "); give a Twisted server endpoint such as tcp:8080 or "
                "tcp:8080:interface=127.0.0.1."
            )
            self.assertTrue(line.endswith(allowed), line)

    def test_the_cause_is_in_the_line(self) -> None:
        self.assertIn("nonsense", self.refusal(self.make(http="nonsense:1")).partition("(")[2])

    def test_a_cause_of_several_lines_becomes_one(self) -> None:
        def broken(reactor: Any, text: str) -> Any:
            raise ValueError("first\n  second")

        self.patch(opening, "serverFromString", broken)
        self.assertIn("(first second)", self.refusal(self.make()))

    def test_a_secret_that_cannot_be_read(self) -> None:
        line = self.refusal(self.make(secret_file=str(self.place)))
        self.assertTrue(line.startswith(f"lobbyd: --secret-file: {self.place} "), line)

    def test_a_secret_that_is_none(self) -> None:
        path = self.place / "wrong"
        path.write_text("secret")
        self.assertIn("64 hex digits", self.refusal(self.make(secret_file=str(path))))

    def test_a_secret_that_cannot_be_made(self) -> None:
        path = self.place / "missing" / "secret"
        self.assertIn("cannot be written", self.refusal(self.make(secret_file=str(path))))

    def test_a_state_directory_that_another_server_has(self) -> None:
        held = StateDir(str(self.state))
        self.patch(self, "assertNothingOpen", lambda: None)
        line = self.refusal(self.make())
        held.close()
        self.assertIn(f"--state-dir: {self.state} is in use by another lobbyd", line)

    def test_two_servers_on_one_directory(self) -> None:
        first = self.start()
        self.patch(self, "assertNothingOpen", lambda: None)
        self.refusal(self.make())
        self.assertEqual(self.http("GET", "/healthz").status, 200)
        self.assertTrue(first.running)

    def test_a_state_directory_that_is_a_file(self) -> None:
        self.state.touch()
        self.assertIn("--state-dir: ", self.refusal(self.make()))

    def test_it_is_the_same_without_the_privileged_step(self) -> None:
        self.reactor.busy = {"tcp"}
        service = self.make()
        self.refusal(service, "startService")
        self.assertFalse(service.running)

    def test_a_start_after_a_failed_one(self) -> None:
        self.reactor.busy = {"tcp"}
        service = self.make()
        self.refusal(service)
        self.reactor.busy = set()
        service.privilegedStartService()
        service.startService()
        self.addCleanup(self.stop, service)
        self.assertEqual(self.http("GET", "/healthz").status, 200)

    def test_stopping_after_a_failed_start_is_nothing(self) -> None:
        self.reactor.busy = {"tcp"}
        service = self.make()
        self.refusal(service)
        self.successResultOf(service.stopService())


class RealPortTests(ServiceCase):
    """The same with the kernel's own refusals; a bound socket needs no running reactor."""

    def line(self, **settings: str) -> str:
        flags = {n.replace("_", "-"): v for n, v in settings.items()}
        config = load({"state-dir": str(self.state), "store": "memory"} | flags, {})
        service = build(config, self.reactor, clock=self.now, listen=FairPort.listen)
        stop = self.assertRaises(SystemExit, service.privilegedStartService)
        return str(stop.code)

    def test_a_busy_udp_port(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            line = self.line(udp_port=str(port), udp_interface="127.0.0.1")
        self.assertEqual(
            line,
            f"lobbyd: --udp-port: 127.0.0.1:{port} cannot be bound (Address already in use); "
            "stop what uses it or give another port.",
        )

    def test_an_address_that_is_not_of_this_machine_names_the_interface(self) -> None:
        line = self.line(udp_port="0", udp_interface="192.0.2.1")
        self.assertEqual(
            line,
            "lobbyd: --udp-interface: 192.0.2.1 cannot be bound "
            "(Cannot assign requested address); give an address of this machine.",
        )

    def test_batched_calls_that_cannot_be_had(self) -> None:
        def lacks() -> Any:
            raise NoBatch("this is not Linux")

        self.patch(batch, "find_libc", lacks)
        line = self.line(udp_port="0", udp_interface="127.0.0.1", udp_io="batched")
        self.assertEqual(
            line,
            "lobbyd: --udp-io: batched cannot be used (this is not Linux); give auto or plain.",
        )
