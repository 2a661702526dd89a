"""The relay with real client sessions, in virtual time and seeded weather."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import (
    Connected,
    Disconnected,
    Pong,
    Reconnecting,
    Snapshot,
    WasReset,
)
from lobbyd.limits import address_key
from lobbyd.lobby.model import Lobby, Seat, SeatState
from lobbyd.lobby.operations import Caller
from lobbyd.session.connection import STUCK, wire_time
from lobbyd.session.reliable import MAX_BYTES, ReliableSender
from lobbyd.testing import START, Conditions, VirtualClient, World, run
from lobbyd.wire.catalogue import (
    MAX_DATAGRAM,
    DisconnectReason,
    FrameType,
    LeftReason,
    MessageKind,
    PacketType,
    PlayerFlags,
)
from lobbyd.wire.frames import make_frame
from lobbyd.wire.keys import reset_tag
from lobbyd.wire.messages import (
    Away,
    Back,
    CustomDown,
    CustomUp,
    HostChanged,
    LobbyState,
    PlayerJoined,
    PlayerLeft,
    Resume,
    encode,
)
from lobbyd.wire.packets import HEADER, PING, RESET, SAMPLE, UPDATE
from lobbyd.wire.quantise import position_of, quantise_position

from .handmade import ELSEWHERE, HOME, Knock, Line, take_seat

EVENTS = (PlayerJoined, PlayerLeft, Away, Back, HostChanged)
BAD_LINK = Conditions(latency=0.03, jitter=0.02, loss=0.3, duplicate=0.1, reorder=0.1)


class Watched(World):
    """A world that keeps the size of every datagram that the server sends."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.sizes: list[int] = []

    def _answer(self, outgoing: Any) -> None:
        kept = list(outgoing)
        self.sizes += [len(datagram) for datagram, _ in kept]
        super()._answer(kept)


def walkers(world: World, code: str, count: int) -> list[VirtualClient]:
    """Clients that stand somewhere of their own and send where."""
    clients = [world.join(code, f"player {n}") for n in range(count)]
    for n, client in enumerate(clients):
        client.walk = (float(n), 0.0, -float(n))
    return clients


def leave(world: World, client: VirtualClient) -> None:
    """Say goodbye, loudly enough to be heard."""
    world.inject(client.session.close(world.now), client.address)
    client.online = False


def rev_events(client: VirtualClient) -> list[Any]:
    """The lobby events after the roster, without CUSTOM and the like."""
    return [event for event in client.events if isinstance(event, EVENTS)]


def beside_roster(client: VirtualClient) -> tuple[int, list[Any], list[Any]]:
    """(revision of the roster, roster, later events)."""
    [state] = client.seen(LobbyState)
    events = rev_events(client)
    roster = [e for e in events if isinstance(e, PlayerJoined) and e.rev <= state.rev]
    return state.rev, roster, [e for e in events if e not in roster]


def update(seq: int, at: float, position: tuple[float, float, float], bits: int = 0) -> bytes:
    """An UPDATE frame with one sample, taken at a time on the server's timeline."""
    steps = [quantise_position(metres) for metres in position]
    head = UPDATE.head.pack(seq, wire_time(at), 0, 100, 0, 1)
    return make_frame(FrameType.UPDATE, head + SAMPLE.pack(*steps, 0xDFF7FDFF, bits))


class JoinTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=11)

    def test_the_first_messages_are_the_lobby_and_its_members(self) -> None:
        code = self.world.create("ABCD")
        walkers(self.world, code, 3)
        self.world.advance(1.0)
        late = self.world.join(code, "late")
        self.world.advance(1.0)
        messages = [e for e in late.events if not isinstance(e, (Connected, Snapshot))]
        self.assertIsInstance(messages[0], LobbyState)
        self.assertEqual((messages[0].max_players, messages[0].host_player_id), (8, 1))
        roster = [message for message in messages[1:] if not isinstance(message, Resume)]
        names = [message.name for message in roster]
        self.assertEqual(names, ["player 0", "player 1", "player 2", "late"])
        flags = [PlayerFlags(message.flags) for message in roster]
        self.assertEqual(flags, [PlayerFlags.HOST, *[PlayerFlags.NONE] * 3])

    def test_who_only_has_a_seat_is_not_announced_yet(self) -> None:
        code = self.world.create("ABCD")
        take_seat(self.world, code, "not connected")
        [client] = walkers(self.world, code, 1)
        self.world.advance(1.0)
        self.assertEqual([e.name for e in client.seen(PlayerJoined)], ["player 0"])

    def test_snapshots_come_at_the_tick_rate(self) -> None:
        for tick_hz in (5, 20, 60):
            world = World(seed=12, tick_hz=tick_hz)
            world.open_test_lobby()
            client = world.join("TEST")
            world.advance(1.0)
            client.events.clear()
            world.advance(4.0)
            count = len(client.seen(Snapshot))
            self.assertLessEqual(abs(count - 4 * tick_hz), 1, tick_hz)

    def test_the_ticks_are_consecutive(self) -> None:
        self.world.open_test_lobby()
        client = self.world.join("TEST")
        self.world.advance(3.0)
        ticks = [snapshot.server_tick for snapshot in client.seen(Snapshot)]
        self.assertEqual(ticks, list(range(ticks[0], ticks[0] + len(ticks))))
        self.assertGreater(len(ticks), 50)

    def test_everybody_sees_everybody_where_they_are(self) -> None:
        code = self.world.create("ABCD")
        clients = walkers(self.world, code, 4)
        self.world.advance(2.0)
        for client in clients:
            records = client.seen(Snapshot)[-1].records
            seen = {r.slot: tuple(position_of(v) for v in (r.x, r.y, r.z)) for r in records}
            self.assertEqual(seen, {n: (float(n), 0.0, -float(n)) for n in range(4)})

    def test_the_dummy_is_seen_where_it_walks(self) -> None:
        """Its record is of the tick itself: age 0, and on the circle."""
        self.world.open_test_lobby()
        client = self.world.join("TEST")
        self.world.advance(2.0)
        [dummy] = [e for e in client.seen(PlayerJoined) if e.flags & PlayerFlags.DUMMY]
        for snapshot in client.seen(Snapshot):
            [record] = [r for r in snapshot.records if r.slot == dummy.slot]
            x, z = position_of(record.x), position_of(record.z)
            self.assertEqual(record.age, 0.0)
            self.assertLess(abs((x * x + z * z) ** 0.5 - 4.0), 0.002)

    def test_the_last_accepted_sample_is_echoed(self) -> None:
        code = self.world.create("ABCD")
        [client] = walkers(self.world, code, 1)
        self.world.advance(2.0)
        echoed = [snapshot.last_sample_seq for snapshot in client.seen(Snapshot)]
        self.assertEqual(echoed, sorted(echoed))
        self.assertGreater(echoed[-1], 35)

    def test_all_connect_in_five_seconds_at_30_percent_loss(self) -> None:
        world = World(seed=13, up=BAD_LINK, down=BAD_LINK)
        clients = [world.join(world.create(), f"p{n}") for n in range(50)]
        world.advance(5.0)
        self.assertEqual([c.session.connected for c in clients], [True] * 50)

    def test_round_trips_are_measured(self) -> None:
        way = Conditions(latency=0.06)
        world = World(seed=14, up=way, down=way)
        [client] = walkers(world, world.create("ABCD"), 1)
        world.advance(4.0)
        ping = client.joined.player.ping_ms
        assert ping is not None
        # up to a step of virtual time on each side
        self.assertLessEqual(abs(ping - 120), 20)

    def test_a_ping_is_answered_at_once(self) -> None:
        [client] = walkers(self.world, self.world.create("ABCD"), 1)
        self.world.advance(1.0)
        client.session.ping(self.world.now)
        self.world.advance(0.05)
        self.assertEqual(len(client.seen(Pong)), 1)

    def test_several_pings_in_a_datagram_are_answered_once(self) -> None:
        line = Knock(self.world, take_seat(self.world, self.world.create("ABCD"))).enter()
        pings = b"".join(make_frame(FrameType.PING, PING.pack(n)) for n in range(1, 4))
        [(answer, address)] = line.send(pings)
        [frame] = line.frames_of(answer)
        self.assertEqual((frame.type, frame.body.t0, address), (FrameType.PONG, 1, HOME))


class EventTests(SynchronousTestCase):
    """What happens in a lobby reaches every member once and in order."""

    def story(self, world: World) -> tuple[Lobby, list[VirtualClient], dict[str, VirtualClient]]:
        """Joins, leaves, silences and returns; returns (lobby, who is there all the time, all)."""
        code = world.create("ABCD", max_players=8)
        names = ["host", "watcher", "second watcher"]
        who = {name: world.join(code, name) for name in names}
        for client in who.values():
            client.walk = (0.0, 0.0, 0.0)
        world.advance(6.0, step=0.02)
        for name in ("leaver", "sleeper", "lost"):
            who[name] = world.join(code, name)
            who[name].walk = (1.0, 0.0, 0.0)
            world.advance(3.0, step=0.02)
        leave(world, who["leaver"])
        world.advance(1.0, step=0.02)
        # AWAY, and back
        who["sleeper"].online = False
        world.advance(7.0, step=0.02)
        who["sleeper"].online = True
        world.advance(2.0, step=0.02)
        # AWAY, another becomes host, then both time out
        who["host"].online = who["lost"].online = False
        world.advance(5.0 + 20.0 + 3.0, step=0.02)
        world.advance(4.0, step=0.02)
        [lobby] = world.lobbies.by_code.values()
        return lobby, [who["watcher"], who["second watcher"]], who

    def check(self, world: World) -> None:
        lobby, watchers, who = self.story(world)
        ids = {name: client.joined.player.player_id for name, client in who.items()}
        happened = [change for _, change in lobby.changes]
        for watcher in watchers:
            rev, roster, events = beside_roster(watcher)
            self.assertEqual(events, [change for change in happened if change.rev > rev])
            self.assertEqual(len({e.player_id for e in roster}), len(roster))
        kinds = [
            (type(change).__name__, change.player_id)
            for change in happened
            if change.player_id in (ids["leaver"], ids["sleeper"], ids["host"], ids["lost"])
            or isinstance(change, HostChanged)
        ]
        expected = {
            ("PlayerJoined", ids["leaver"]): 1,
            ("PlayerLeft", ids["leaver"]): 1,
            ("Away", ids["sleeper"]): 1,
            ("Back", ids["sleeper"]): 1,
            ("Away", ids["host"]): 1,
            ("Away", ids["lost"]): 1,
            ("PlayerLeft", ids["host"]): 1,
            ("PlayerLeft", ids["lost"]): 1,
        }
        self.assertEqual({kind: kinds.count(kind) for kind in expected}, expected)
        migrations = [change for change in happened if isinstance(change, HostChanged)]
        self.assertEqual(len(migrations), 1)
        self.assertEqual(migrations[0].player_id, min(ids["watcher"], ids["second watcher"]))
        self.assertEqual(lobby.host_player_id, migrations[0].player_id)
        left = {
            change.player_id: change.reason for change in happened if isinstance(change, PlayerLeft)
        }
        self.assertEqual(left[ids["leaver"]], LeftReason.LEFT)
        self.assertEqual(left[ids["host"]], LeftReason.TIMEOUT)

    def test_on_a_good_link(self) -> None:
        self.check(World(seed=21, seat_hold=20.0))

    def test_with_30_percent_lost(self) -> None:
        for seed in (22, 23):
            self.check(World(seed=seed, seat_hold=20.0, up=BAD_LINK, down=BAD_LINK))

    def test_with_much_delay_and_disorder(self) -> None:
        link = Conditions(latency=0.2, jitter=0.2, duplicate=0.4, reorder=0.4, reorder_by=0.3)
        self.check(World(seed=24, seat_hold=20.0, up=link, down=link))

    def test_away_comes_after_five_seconds(self) -> None:
        world = World(seed=25)
        watcher, silent = walkers(world, world.create("ABCD"), 2)
        world.advance(2.0)
        silent.online = False
        world.advance(4.9)
        self.assertEqual(watcher.seen(Away), [])
        world.advance(0.3)
        self.assertEqual(len(watcher.seen(Away)), 1)
        seat = silent.joined.player.seat
        assert seat is not None
        self.assertIs(seat.state, SeatState.AWAY)

    def test_a_roster_tells_who_is_away(self) -> None:
        world = World(seed=26)
        code = world.create("ABCD")
        _, silent = walkers(world, code, 2)
        world.advance(2.0)
        silent.online = False
        world.advance(6.0)
        late = world.join(code, "late")
        world.advance(1.0)
        flags = {e.name: PlayerFlags(e.flags) for e in late.seen(PlayerJoined)}
        self.assertEqual(flags["player 1"], PlayerFlags.AWAY)
        self.assertEqual(flags["player 0"], PlayerFlags.HOST)

    def test_who_is_away_gets_nothing_and_then_all_of_it(self) -> None:
        world = World(seed=27)
        code = world.create("ABCD")
        watcher, silent = walkers(world, code, 2)
        world.advance(2.0)
        silent.online = False
        world.advance(6.0)
        watcher.online = False
        world.advance(6.0)
        quiet_from = world.sent_bytes
        world.advance(2.0)
        # both are away: nobody is sent anything
        self.assertEqual(world.sent_bytes, quiet_from)
        silent.online = True
        watcher.online = True
        world.advance(2.0)
        me = silent.joined.player.player_id
        self.assertEqual([e.player_id for e in silent.seen(Back) if e.player_id == me], [me])
        self.assertGreater(world.sent_bytes, quiet_from)

    def test_an_away_seats_slot_is_not_given_out(self) -> None:
        world = World(seed=28)
        code = world.create("ABCD")
        _, silent = walkers(world, code, 2)
        world.advance(2.0)
        silent.online = False
        world.advance(10.0)
        late = world.join(code)
        self.assertNotEqual(late.joined.player.slot, silent.joined.player.slot)

    def test_a_seat_that_times_out_says_so_to_its_holder(self) -> None:
        world = World(seed=29, seat_hold=10.0)
        _, silent = walkers(world, world.create("ABCD"), 2)
        world.advance(2.0)
        silent.walk = None
        keep, silent.session.poll = silent.session.poll, lambda now: []  # type: ignore[method-assign]
        world.advance(16.0)
        silent.session.poll = keep  # type: ignore[method-assign]
        self.assertEqual(silent.seen(Reconnecting), [Reconnecting(DisconnectReason.TIMEOUT)])


class FullLobbyTests(SynchronousTestCase):
    """64 players: one datagram for the snapshot, and the events still come through."""

    def test_events_beside_the_largest_snapshots(self) -> None:
        link = Conditions(loss=0.1)
        world = Watched(seed=31, up=link, down=link)
        code = world.create("ABCD", max_players=64)
        clients = walkers(world, code, 64)
        world.advance(3.0, step=0.05)
        for n, client in enumerate(clients):
            client.walk = (float(n), 1.0, 2.0)
        world.advance(2.0, step=0.05)
        for client in clients:
            self.assertEqual(len({e.player_id for e in client.seen(PlayerJoined)}), 64)
            self.assertEqual(len(client.seen(PlayerJoined)), 64)
            self.assertEqual(len(client.seen(Snapshot)[-1].records), 64)
        self.assertLessEqual(max(world.sizes), MAX_DATAGRAM)
        # 24 + 3 + 16 + 64 x 16 + 16
        self.assertGreaterEqual(max(world.sizes), 1083)

    def test_the_largest_messages_come_through_beside_moving_players(self) -> None:
        """They do not fit beside a snapshot; a lost one must leave again all the same."""
        world = Watched(seed=32, down=Conditions(loss=0.5))
        clients = walkers(world, world.create("ABCD"), 2)
        world.advance(4.0)
        connection = world.relay.connections[clients[0].joined.ticket.conn_id]
        payloads = [bytes([n]) * 950 for n in range(12)]
        for payload in payloads:
            connection.reliable_out.push(*encode(CustomDown(1, 0, payload)))
        for n in range(120):
            # somebody moves in every tick, so that there is always a snapshot
            clients[1].walk = (float(n), 0.0, 0.0)
            world.advance(0.1)
        got = [message.payload for message in clients[0].seen(CustomDown)]
        self.assertEqual([p[:1] for p in got], [p[:1] for p in payloads])
        self.assertEqual(got, payloads)
        self.assertLessEqual(max(world.sizes), MAX_DATAGRAM)

    def test_a_large_message_does_not_hold_up_snapshots(self) -> None:
        world = Watched(seed=33)
        clients = walkers(world, world.create("ABCD"), 2)
        world.advance(2.0)
        connection = world.relay.connections[clients[0].joined.ticket.conn_id]
        clients[0].events.clear()
        for n in range(20):
            connection.reliable_out.push(*encode(CustomDown(1, 0, bytes(950))))
            clients[1].walk = (float(n), 0.0, 0.0)
            world.advance(0.1)
        self.assertGreaterEqual(len(clients[0].seen(Snapshot)), 39)


class QuietTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=41)
        self.clients = walkers(self.world, self.world.create("ABCD"), 2)
        self.world.advance(3.0)
        for client in self.clients:
            client.walk = None
        self.world.advance(1.0)

    def snapshots_in(self, seconds: float) -> int:
        self.clients[0].events.clear()
        self.world.advance(seconds)
        return len(self.clients[0].seen(Snapshot))

    def test_a_lobby_in_which_nothing_moves_falls_to_two_a_second(self) -> None:
        count = self.snapshots_in(20.0)
        self.assertGreaterEqual(count, 39)
        self.assertLessEqual(count, 41)

    def test_standing_still_is_quiet_too(self) -> None:
        """Samples come, but always the same one."""
        for client in self.clients:
            client.walk = (5.0, 0.0, 5.0)
        self.world.advance(1.0)
        self.assertLessEqual(self.snapshots_in(20.0), 41)

    def test_it_wakes_with_the_first_movement(self) -> None:
        self.snapshots_in(0.52)
        self.clients[0].events.clear()
        self.clients[1].walk = (9.0, 0.0, 0.0)
        self.world.advance(0.08)
        self.assertGreaterEqual(len(self.clients[0].seen(Snapshot)), 1)
        newest = self.clients[0].seen(Snapshot)[-1].records
        slot = self.clients[1].joined.player.slot
        self.assertEqual({r.slot: position_of(r.x) for r in newest}[slot], 9.0)

    def test_events_do_not_wait_for_a_snapshot(self) -> None:
        self.snapshots_in(0.52)
        late = self.world.join(self.world.clients[0].joined.lobby.code, "late")
        self.world.advance(0.12)
        self.assertTrue(late.session.connected)
        names = [event.name for event in self.clients[0].seen(PlayerJoined)]
        self.assertEqual(names, ["late"])

    def test_an_ack_does_not_wait_for_a_snapshot_either(self) -> None:
        self.snapshots_in(0.52)
        session = self.clients[0].session
        session.message(CustomUp(255, 0, b"hello"))
        self.world.advance(0.08)
        self.assertEqual(len(session.reliable_out), 0)

    def test_nobody_is_called_away_for_being_quiet(self) -> None:
        self.world.advance(20.0)
        for client in self.clients:
            self.assertEqual(client.seen(Away), [])


class SampleTests(SynchronousTestCase):
    """Which samples become the player's record."""

    def setUp(self) -> None:
        self.world = World(seed=51)
        self.code = self.world.create("ABCD")
        self.line = Knock(self.world, take_seat(self.world, self.code)).enter()

    def record(self) -> Any:
        """The player's record in the next snapshot, None if there is none."""
        for _ in range(200):
            self.world.now += 0.01
            for tick, broadcast in self.world.relay.due(self.world.now):
                for datagram, _ in self.world.relay.snapshot(tick, broadcast, self.world.now):
                    for frame in self.line.frames_of(datagram):
                        if frame.type == FrameType.SNAPSHOT:
                            mine = [r for r in frame.body.records if r.slot == 0]
                            return mine[0] if mine else None
        raise AssertionError("no snapshot in two seconds")

    def x(self) -> float | None:
        record = self.record()
        return None if record is None else position_of(record.x)

    def send(self, seq: int, ago: float, x: float, **more: int) -> None:
        self.line.send(update(seq, self.world.now - ago, (x, 0.0, 0.0), **more))

    def test_before_the_first_there_is_no_record(self) -> None:
        self.assertIs(self.x(), None)

    def test_the_newest_counts(self) -> None:
        self.send(1, 0.10, 1.0)
        self.send(2, 0.05, 2.0)
        self.assertEqual(self.x(), 2.0)

    def test_one_from_the_future_is_dropped(self) -> None:
        self.send(1, 0.0, 1.0)
        self.send(2, -0.06, 2.0)
        self.assertEqual(self.x(), 1.0)
        self.assertEqual(self.world.stats.drops["sample_from_the_future"], 1)

    def test_a_clock_may_be_a_little_ahead(self) -> None:
        self.send(1, -0.04, 1.0)
        record = self.record()
        self.assertEqual((position_of(record.x), record.age), (1.0, 0))

    def test_a_far_future_cannot_lock_the_player_in_place(self) -> None:
        """It would, if it were taken: nothing later is newer."""
        for n, ahead in enumerate((1.0, 60.0, 1800.0), 1):
            self.send(n, -ahead, 9.0)
        self.send(4, 0.0, 1.0)
        self.assertEqual(self.x(), 1.0)

    def test_a_repeated_one_changes_nothing(self) -> None:
        self.send(5, 0.05, 1.0)
        self.send(5, 0.02, 2.0)
        self.assertEqual(self.x(), 1.0)
        self.assertEqual(self.world.stats.counts["samples_repeated"], 1)

    def test_one_that_was_overtaken_changes_nothing(self) -> None:
        self.send(5, 0.05, 1.0)
        self.send(4, 0.02, 2.0)
        self.assertEqual(self.x(), 1.0)

    def test_a_later_number_with_an_earlier_time_changes_nothing(self) -> None:
        """The sample clock never goes back."""
        self.send(5, 0.05, 1.0)
        self.send(6, 0.06, 2.0)
        self.send(7, 0.05, 3.0)
        self.assertEqual(self.x(), 1.0)

    def test_a_gap_in_the_numbers_is_no_matter(self) -> None:
        self.send(5, 0.05, 1.0)
        self.send(5000, 0.04, 2.0)
        self.assertEqual(self.x(), 2.0)

    def test_the_age_is_of_the_sample_and_not_of_its_arrival(self) -> None:
        self.send(1, 0.2, 1.0)
        at = self.world.now
        record = self.record()
        self.assertLessEqual(abs(record.age * 0.002 - (self.world.now - at + 0.2)), 0.003)

    def test_an_old_one_is_stale(self) -> None:
        self.send(1, 2.0, 1.0)
        self.assertEqual(self.record().age, 255)

    def test_the_teleport_counter_comes_along(self) -> None:
        self.send(1, 0.0, 1.0, bits=0xABC5)
        self.assertEqual(self.record().state, 0xC5)

    def test_the_rotation_comes_along_bit_for_bit(self) -> None:
        head = UPDATE.head.pack(1, wire_time(self.world.now), 0, 100, 0, 1)
        body = head + SAMPLE.pack(1, 2, 3, 0x12345678, 0)
        self.line.send(make_frame(FrameType.UPDATE, body))
        self.assertEqual(self.record().rotation, 0x12345678)

    def test_the_wire_clock_may_wrap_between_two(self) -> None:
        wrap = 2**32 / 1e6
        self.world.now = (START // wrap + 1) * wrap - 0.05
        line = self.line = Knock(self.world, take_seat(self.world, self.code)).enter()
        slot = line.welcome["slot"]
        self.assertEqual(slot, 0 if len(self.world.lobbies.by_code[self.code].players) == 1 else 1)
        line.send(update(1, self.world.now - 0.01, (1.0, 0.0, 0.0)))
        self.world.now += 0.1
        line.send(update(2, self.world.now - 0.01, (2.0, 0.0, 0.0)))
        connection = self.world.relay.connections[line.conn_id]
        self.assertEqual(connection.sample_seq, 2)

    def test_the_last_update_is_kept_for_http(self) -> None:
        self.send(1, 0.1, 1.0)
        [player] = self.world.lobbies.by_code[self.code].players.values()
        self.assertEqual(player.last_update, self.world.now)


class LeavingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=61)
        self.code = self.world.create("ABCD")
        self.watcher, self.leaver = walkers(self.world, self.code, 2)
        self.world.advance(2.0)

    def test_a_disconnect_leaves_at_once(self) -> None:
        leave(self.world, self.leaver)
        lobby = self.leaver.joined.lobby
        self.assertEqual([p.name for p in lobby.players.values()], ["player 0"])
        self.assertNotIn(self.leaver.joined.ticket.conn_id, self.world.relay.connections)

    def test_the_others_hear_it_and_see_the_record_go(self) -> None:
        leave(self.world, self.leaver)
        self.world.advance(0.2)
        [left] = self.watcher.seen(PlayerLeft)
        self.assertEqual(left.player_id, self.leaver.joined.player.player_id)
        self.assertEqual(left.reason, LeftReason.LEFT)
        self.assertEqual([r.slot for r in self.watcher.seen(Snapshot)[-1].records], [0])

    def test_who_left_is_sent_nothing_more(self) -> None:
        leave(self.world, self.leaver)
        self.leaver.online = True
        self.assertTrue(self.leaver.session.over)
        self.leaver.events.clear()
        self.world.advance(1.0)
        self.assertEqual(self.leaver.events, [])

    def test_a_new_player_in_the_slot_is_not_disturbed(self) -> None:
        """Late and repeated datagrams of the one before it find nobody."""
        slot = self.leaver.joined.player.slot
        session, address = self.leaver.session, self.leaver.address
        session.sample((7.0, 7.0, 7.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        late = session.poll(self.world.now)
        goodbye = session.close(self.world.now)
        self.world.inject(goodbye, address)
        self.leaver.online = False
        newcomer = self.world.join(self.code, "newcomer")
        self.assertEqual(newcomer.joined.player.slot, slot)
        newcomer.walk = (3.0, 0.0, 0.0)
        self.world.advance(1.0)
        for datagram in [*late, goodbye, goodbye]:
            self.world.inject(datagram, address)
        self.world.advance(1.0)
        self.assertTrue(newcomer.session.connected and not newcomer.session.over)
        records = {r.slot: position_of(r.x) for r in newcomer.seen(Snapshot)[-1].records}
        self.assertEqual(records[slot], 3.0)
        self.assertEqual(len(self.watcher.seen(PlayerLeft)), 1)
        self.assertEqual([e.name for e in self.watcher.seen(PlayerJoined)][-1], "newcomer")

    def test_a_slot_that_a_timeout_freed_is_clean_for_the_next(self) -> None:
        """The seat lapses between two ticks, and the next player is in before the second."""
        lobby = self.leaver.joined.lobby
        slot = self.leaver.joined.player.slot
        self.world.lobbies.leave(lobby, self.leaver.joined.player, LeftReason.TIMEOUT, START)
        self.leaver.online = False
        joined = take_seat(self.world, self.code, "newcomer")
        self.assertEqual(joined.player.slot, slot)
        line = Knock(self.world, joined).enter()
        line.send(update(1, self.world.now, (3.0, 0.0, 0.0)))
        self.world.advance(0.2)
        records = {r.slot: position_of(r.x) for r in self.watcher.seen(Snapshot)[-1].records}
        self.assertEqual(records[slot], 3.0)

    def test_late_data_of_who_left_is_answered_with_a_reset(self) -> None:
        self.leaver.session.sample((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        [late] = self.leaver.session.poll(self.world.now)
        leave(self.world, self.leaver)
        [(answer, _)] = self.world.inject(late, self.leaver.address)
        self.assertEqual(len(answer), RESET.size)

    def test_the_host_who_leaves_is_followed_at_once(self) -> None:
        leave(self.world, self.watcher)
        lobby = self.leaver.joined.lobby
        self.assertEqual(lobby.host_player_id, self.leaver.joined.player.player_id)
        self.world.advance(0.2)
        self.assertEqual(len(self.leaver.seen(HostChanged)), 1)

    def test_the_last_to_leave_leaves_an_empty_lobby(self) -> None:
        leave(self.world, self.leaver)
        leave(self.world, self.watcher)
        lobby = self.leaver.joined.lobby
        self.assertEqual((lobby.member_count, lobby.empty_since), (0, self.world.now))
        self.assertEqual(self.world.relay.connections, {})
        self.world.advance(61.0, step=0.5)
        self.assertNotIn(self.code, self.world.lobbies.by_code)


class ClosingTests(SynchronousTestCase):
    def closed(self, world: World) -> list[VirtualClient]:
        """A lobby of four that its host deletes."""
        code = world.create("ABCD")
        clients = walkers(world, code, 4)
        world.advance(5.0)
        owner = Caller(token=clients[0].joined.player_token)
        run(world.operations.delete(code, owner, world.now))
        return clients

    def test_everybody_is_disconnected(self) -> None:
        world = World(seed=71)
        clients = self.closed(world)
        world.advance(0.1)
        for client in clients:
            expected = [Disconnected(DisconnectReason.CLOSED)]
            self.assertEqual(client.seen(Disconnected), expected)
        self.assertEqual(world.relay.connections, {})

    def test_also_with_30_percent_lost(self) -> None:
        world = World(seed=72, up=BAD_LINK, down=BAD_LINK)
        clients = self.closed(world)
        world.advance(1.0)
        for client in clients:
            expected = [Disconnected(DisconnectReason.CLOSED)]
            self.assertEqual(client.seen(Disconnected), expected)

    def test_who_has_not_heard_yet_gets_no_reset(self) -> None:
        """It would be faster than the reason, and the client would come back to be denied."""
        world = World(seed=74)
        line = Knock(world, take_seat(world, world.create("ABCD"))).enter()
        world.advance(0.2)
        [connection] = world.relay.connections.values()
        world.lobbies.close(connection.lobby, LeftReason.CLOSED, world.now)
        world.advance(0.1)
        self.assertEqual(world.relay.connections, {})
        self.assertEqual(line.send(b""), [])
        self.assertEqual(world.stats.drops["leaving"], 1)
        world.advance(1.0)
        [(reset, _)] = line.send(b"")
        self.assertEqual(reset[1], PacketType.RESET)
        self.assertEqual(len(world.relay._farewells._told), 0)

    def test_the_copies_are_spread_over_a_third_of_a_second(self) -> None:
        """So that a burst of loss does not take them all."""
        world = World(seed=73)
        self.closed(world)
        said: list[float] = []
        begin = None
        for ms in range(500):
            now = world.now + ms / 1000
            for tick, broadcast in world.relay.due(now):
                self.assertEqual(list(world.relay.snapshot(tick, broadcast, now)), [])
            due = world.relay.farewells(now)
            begin = now if due and begin is None else begin
            said += [round((now - (begin or now)) * 1000)] * len(due)
        self.assertEqual(sorted(said), sorted([0, 0, 0, 20, 40, 80, 160, 320] * 4))

    def test_a_lobby_that_closed_takes_no_more_data(self) -> None:
        world = World(seed=74)
        clients = self.closed(world)
        # before the next tick sees it, and after
        for _ in range(2):
            for client in clients:
                client.session.sample((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), world.now)
                for datagram in client.session.poll(world.now):
                    world.inject(datagram, client.address)
            world.advance(0.1)
        self.assertEqual(world.relay.connections, {})
        self.assertEqual(world.lobbies.by_id, {})

    def test_the_code_can_be_used_again_at_once(self) -> None:
        world = World(seed=75)
        self.closed(world)
        code = world.create("ABCD")
        [client] = walkers(world, code, 1)
        world.advance(1.0)
        self.assertTrue(client.session.connected)

    def test_shutting_down_tells_everybody(self) -> None:
        world = World(seed=76)
        clients = walkers(world, world.create("ABCD"), 3)
        clients += walkers(world, world.create("EFGH"), 3)
        world.advance(1.0)
        said = world.relay.shut_down(world.now)
        self.assertEqual(len(said), 8 * 6)
        by_address = {client.address: client for client in clients}
        for datagram, address in said:
            client = by_address[address]
            client.events += client.session.receive(datagram, world.now)
        for client in clients:
            expected = [Reconnecting(DisconnectReason.SHUTDOWN)]
            self.assertEqual(client.seen(Reconnecting), expected)

    def test_after_shutting_down_nothing_more_is_taken(self) -> None:
        world = World(seed=77)
        [client] = walkers(world, world.create("ABCD"), 1)
        world.advance(1.0)
        world.relay.shut_down(world.now)
        client.session.sample((9.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), world.now)
        [datagram] = client.session.poll(world.now)
        self.assertEqual(world.inject(datagram, client.address), [])
        self.assertEqual(world.stats.drops["leaving"], 1)
        self.assertEqual(world.relay.shut_down(world.now), [])


class ResetTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=81)

    def data(self, conn_id: int = 1, seq: int = 1, size: int = 40) -> bytes:
        return (HEADER.pack(0x10, 0, conn_id, seq, 0, 0, 0, 0)).ljust(size, b"\0")

    def test_data_of_an_unknown_connection_is_reset(self) -> None:
        [(answer, address)] = self.world.inject(self.data(conn_id=0xABC, seq=77), HOME)
        conn_id, seq, tag = RESET.unpack(answer)
        self.assertEqual((conn_id, seq, address), (0xABC, 77, HOME))
        self.assertEqual(tag, reset_tag(self.world.keys.reset_key(0xABC), 0xABC, 77))

    def test_a_reset_is_smaller_than_the_smallest_data(self) -> None:
        [(answer, _)] = self.world.inject(self.data(), HOME)
        self.assertEqual((len(answer), len(self.data())), (28, 40))

    def test_shorter_data_gets_no_answer(self) -> None:
        for size in range(40):
            self.assertEqual(self.world.inject(self.data()[:size], HOME), [])
        self.assertEqual(dict(self.world.stats.drops), {"bad_size": 40})

    def test_an_address_and_port_gets_five_a_second(self) -> None:
        answered = [len(self.world.inject(self.data(seq=n), HOME)) for n in range(1, 21)]
        self.assertEqual(answered, [1] * 5 + [0] * 15)
        self.world.now += 1.0001
        answered = [len(self.world.inject(self.data(seq=n), HOME)) for n in range(1, 21)]
        self.assertEqual(answered, [1] * 5 + [0] * 15)

    def test_another_port_has_its_own_five(self) -> None:
        for n in range(1, 10):
            self.world.inject(self.data(seq=n), HOME)
        # one in 65536 addresses shares the bucket, by a hash that differs for each process
        place = hash(address_key(*HOME)) % 65536
        others = [(HOME[0], port) for port in (6001, 6002, 6003, 6004)]
        other = next(a for a in others if hash(address_key(*a)) % 65536 != place)
        answered = [len(self.world.inject(self.data(seq=n), other)) for n in range(1, 8)]
        self.assertEqual(answered, [1] * 5 + [0] * 2)

    def test_all_together_get_five_thousand_a_second(self) -> None:
        flood = [("203.0.113.7", port) for port in range(1000, 9000)]
        answered = sum(len(self.world.inject(self.data(), address)) for address in flood)
        self.assertEqual(answered, 5000)
        self.assertEqual(self.world.stats.drops["unknown_connection"], 8000)

    def test_a_client_of_before_a_restart_hears_of_it(self) -> None:
        """The reset key comes from the secret and the connection id, so no state is needed."""
        [client] = walkers(self.world, self.world.create("ABCD"), 1)
        self.world.advance(1.0)
        # the same secret, nothing else
        after = World(seed=81)
        client.session.sample((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0), self.world.now)
        [datagram] = client.session.poll(self.world.now)
        [(answer, _)] = after.inject(datagram, client.address)
        self.assertEqual(client.session.receive(answer, self.world.now), [WasReset()])


class OverflowTests(SynchronousTestCase):
    """A member that does not take the events is let go; the others are not held up."""

    def setUp(self) -> None:
        self.world = World(seed=91)
        self.code = self.world.create("ABCD", max_players=8)
        self.watcher, self.other = walkers(self.world, self.code, 2)
        self.deaf: Line = Knock(self.world, take_seat(self.world, self.code, "deaf")).enter()
        self.world.advance(0.5)
        self.lobby = self.watcher.joined.lobby

    def flap(self, times: int) -> None:
        """So many changes: somebody goes away and comes back."""
        for _ in range(times // 2):
            self.world.lobbies.silent(self.lobby, self.other.joined.player, self.world.now)
            self.world.lobbies.connect(self.lobby, self.other.joined.player, self.world.now)

    @property
    def deaf_connection(self) -> Any:
        return self.world.relay.connections.get(self.deaf.conn_id)

    def test_who_acknowledges_nothing_overflows(self) -> None:
        for n in range(round(STUCK / 0.1) + 2):
            if n < 30:
                self.flap(10)
            self.deaf.send(b"")
            self.world.advance(0.1)
        self.assertIs(self.deaf_connection, None)
        [left] = self.watcher.seen(PlayerLeft)
        self.assertEqual(left.player_id, self.deaf.welcome["player_id"])
        self.assertEqual(left.reason, LeftReason.OVERFLOW)
        self.assertEqual(len(self.watcher.seen(Back)), 150)

    def test_a_smaller_change_does_not_overtake_one_that_did_not_fit(self) -> None:
        """Or an event in the middle would be missing."""
        out = self.deaf_connection.reliable_out = ReliableSender()
        for _ in range(68):
            out.push(MessageKind.CUSTOM, bytes(950))
        # room for an AWAY, not for a PLAYER_JOINED
        out.push(MessageKind.CUSTOM, bytes(MAX_BYTES - 68 * 950 - 20))
        joined = take_seat(self.world, self.code, "a name of many letters")
        Knock(self.world, joined, ("198.51.100.99", 1)).enter()
        self.flap(2)
        [broadcast] = self.world.relay.broadcasts.values()
        waiting = len(out)
        broadcast.take_changes(self.world.now)
        self.assertEqual((len(out), self.deaf_connection.stalled), (waiting, True))

    def test_a_roster_that_does_not_fit_waits(self) -> None:
        out = self.deaf_connection.reliable_out
        while out.push(MessageKind.CUSTOM, b""):
            pass
        self.flap(300)
        [broadcast] = self.world.relay.broadcasts.values()
        broadcast.take_changes(self.world.now)
        self.assertTrue(self.deaf_connection.stalled)
        self.assertLess(self.deaf_connection.cursor, self.lobby.rev)

    def test_changes_beyond_the_ring_bring_the_roster_again(self) -> None:
        """Between two ticks more happened than the lobby remembers."""
        self.world.advance(0.3)
        self.watcher.events.clear()
        self.flap(300)
        self.world.advance(0.3)
        [state] = self.watcher.seen(LobbyState)
        self.assertEqual(state.rev, self.lobby.rev)
        names = {event.name for event in self.watcher.seen(PlayerJoined)}
        self.assertEqual(names, {"player 0", "player 1", "deaf"})
        self.assertEqual(self.watcher.seen(Away), [])

    def test_who_left_beyond_the_ring_is_gone_all_the_same(self) -> None:
        self.deaf.send(update(1, self.world.now, (1.0, 0.0, 0.0)))
        self.world.advance(0.3)
        player = self.lobby.players[self.deaf.welcome["player_id"]]
        self.world.lobbies.leave(self.lobby, player, LeftReason.LEFT, self.world.now)
        self.flap(300)
        self.world.advance(0.3)
        self.assertIs(self.deaf_connection, None)
        slots = {record.slot for record in self.watcher.seen(Snapshot)[-1].records}
        self.assertNotIn(player.slot, slots)


class AddressTests(SynchronousTestCase):
    def test_data_from_elsewhere_moves_no_answers(self) -> None:
        """A correct tag proves who, not where; addresses move by PATH_CHALLENGE only."""
        world = World(seed=95)
        line = Knock(world, take_seat(world, world.create("ABCD"))).enter()
        ping = make_frame(FrameType.PING, PING.pack(1))
        answers = world.inject(line.datagram(ping), ELSEWHERE)
        kinds = [(to, [f.type for f in line.frames_of(answer)]) for answer, to in answers]
        # three times 47 bytes pay for a challenge and for what the last tick sent
        self.assertEqual(
            kinds,
            [
                (HOME, [FrameType.PONG]),
                (ELSEWHERE, [FrameType.PATH_CHALLENGE]),
                (ELSEWHERE, [FrameType.RELIABLE]),
            ],
        )

    def test_a_seat_is_found_by_its_connection_only(self) -> None:
        world = World(seed=96)
        joined = take_seat(world, world.create("ABCD"))
        seat: Seat | None = joined.player.seat
        assert seat is not None
        self.assertEqual(world.lobbies.seat(seat.conn_id), (joined.lobby, joined.player))
        self.assertIs(world.lobbies.seat(seat.conn_id ^ 1), None)
