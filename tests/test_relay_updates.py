"""Movement through the relay: corrections, teleports, a game's own rule, settings that change."""

from __future__ import annotations

import math
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.hosting import HostOperations
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import ChangeLobby, JoinLobby, Teleport
from lobbyd.relay.judge import Move, MoveRule
from lobbyd.relay.updates import Updates
from lobbyd.session.connection import wire_time
from lobbyd.testing import World, run
from lobbyd.wire.catalogue import CorrectionReason, FrameType, MessageKind
from lobbyd.wire.frames import make_frame
from lobbyd.wire.packets import SAMPLE, UPDATE
from lobbyd.wire.quantise import UPRIGHT, position_of, quantise_position

from .handmade import HOME, Knock, Line, take_seat

Vector = tuple[float, float, float]


def update(
    seq: int, at: float, *places: Vector, corr_id: int = 0, spacing: float = 0.05, bits: int = 0
) -> bytes:
    """An UPDATE frame with samples, newest first, the newest taken at a time."""
    head = UPDATE.head.pack(seq, wire_time(at), round(spacing / 16e-6), 100, corr_id, len(places))
    samples = (SAMPLE.pack(*map(quantise_position, place), UPRIGHT, bits) for place in places)
    return make_frame(FrameType.UPDATE, head + b"".join(samples))


class UpdatesCase(SynchronousTestCase):
    """One or two players of a lobby that lets nobody run faster than 6 m/s."""

    settings: dict[str, Any] = {"max_speed": 6.0}

    def setUp(self) -> None:
        self.world = World(seed=40)
        self.code = self.world.create("ABCD", **self.settings)
        self.lobby = self.world.lobbies.find(self.code)
        self.line = self.enter("Ann")
        self.seq = 0

    def enter(self, name: str, port: int = 5000) -> Line:
        joined = take_seat(self.world, self.code, name)
        return Knock(self.world, joined, (HOME[0], port)).enter()

    def say(self, *places: Vector, after: float = 0.05, **other: Any) -> None:
        """One more UPDATE, so much later."""
        self.world.now += after
        self.seq += other.pop("samples", 1)
        self.line.send(update(self.seq, self.world.now, *places, **other))

    def tick(self, line: Line | None = None) -> list[Any]:
        """What the lobby sends now, the frames of one connection."""
        wanted = line or self.line
        relay, now = self.world.relay, self.world.now
        [broadcast] = relay.broadcasts.values()
        sent = list(relay.snapshot(1, broadcast, now))
        frames = []
        for datagram, address in sent:
            if address == wanted.address:
                frames += wanted.frames_of(datagram)
        return frames

    def snapshot(self, line: Line | None = None) -> Any:
        """The next snapshot of a connection."""
        for _ in range(40):
            self.world.now += 0.05
            found = [f.body for f in self.tick(line) if f.type == FrameType.SNAPSHOT]
            if found:
                return found[0]
        raise AssertionError("no snapshot in 2 s")

    def place(self, slot: int = 0) -> Vector:
        """Where the server has a player."""
        [broadcast] = self.world.relay.broadcasts.values()
        record = broadcast.block.record(slot)
        assert record is not None
        x, y, z = map(position_of, record[0])
        return x, y, z

    def state(self) -> int:
        [broadcast] = self.world.relay.broadcasts.values()
        record = broadcast.block.record(0)
        assert record is not None
        return record[2]

    @property
    def rejected(self) -> int:
        return self.lobby.players[1].rejected_moves


class SampleTests(UpdatesCase):
    def test_the_first_is_believed(self) -> None:
        self.say((500.0, 80.0, -300.0))
        self.assertEqual(self.place(), (500.0, 80.0, -300.0))
        self.assertEqual(self.rejected, 0)

    def test_a_run_within_the_limit_is_recorded_as_it_is(self) -> None:
        for n in range(100):
            self.say((n * 0.25, 0.0, 0.0), bits=n & 0x3F)
            self.assertEqual((self.place(), self.state()), ((n * 0.25, 0.0, 0.0), n & 0x3F))
        self.assertEqual(self.snapshot().corr_id, 0)

    def test_the_older_ones_fill_a_gap(self) -> None:
        """Around a corner: straight across would be short enough, the way is too long."""
        self.say((0.0, 0.0, 0.0))
        for _ in range(5):
            self.say((0.0, 0.0, 0.0))
        far = ((0.0, 0.0, 0.0), (0.9, 0.0, 0.0), (0.0, 0.0, 0.0))
        self.say(*far, after=0.15, samples=3)
        self.assertEqual(self.rejected, 1)
        self.assertEqual(self.snapshot().last_sample_seq, 9)

    def test_what_came_before_is_not_judged_twice(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.3, 0.0, 0.0))
        # it would be there and back again
        for _ in range(10):
            x = self.place()[0]
            self.say((x + 0.3, 0.0, 0.0), (x, 0.0, 0.0), (x - 0.3, 0.0, 0.0))
        self.assertEqual(self.rejected, 0)
        self.assertEqual(round(self.place()[0], 1), 3.3)

    def test_what_has_an_old_number_is_not_judged_whatever_its_time(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.1, 0.0, 0.0))
        self.say((0.2, 0.0, 0.0), (50.0, 0.0, 0.0), spacing=0.001)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 0.2))

    def test_what_has_an_old_time_is_not_judged_whatever_its_number(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.1, 0.0, 0.0))
        self.say((0.2, 0.0, 0.0), (50.0, 0.0, 0.0), spacing=0.5, samples=2)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 0.2))

    def test_behind_one_that_is_refused_none_is_judged(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.2, 0.0, 0.0), (0.1, 0.0, 0.0), (50.0, 0.0, 0.0), after=0.15, samples=3)
        self.assertEqual((self.rejected, self.place()[0]), (1, 0.0))
        self.assertEqual(self.snapshot().last_sample_seq, 2)

    def test_without_a_spacing_only_the_newest_counts(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.1, 0.0, 0.0), (50.0, 0.0, 0.0), spacing=0.0, samples=2)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 0.1))

    def test_one_from_the_future_is_dropped(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.line.send(update(9, self.world.now + 0.06, (0.1, 0.0, 0.0)))
        self.assertEqual(self.place()[0], 0.0)
        self.assertEqual(self.world.stats.drops["sample_from_the_future"], 1)

    def test_an_old_one_is_not_a_way_back(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((0.3, 0.0, 0.0))
        self.line.send(update(1, self.world.now + 0.01, (0.0, 0.0, 0.0)))
        self.line.send(update(9, self.world.now - 0.01, (0.0, 0.0, 0.0)))
        self.assertEqual(round(self.place()[0], 1), 0.3)


class CorrectionTests(UpdatesCase):
    def leap(self) -> None:
        """Stand still, then be too fast."""
        self.say((0.0, 0.0, 0.0))
        self.say((50.0, 0.0, 0.0))

    def test_it_says_where_and_why(self) -> None:
        self.leap()
        snapshot = self.snapshot()
        self.assertEqual((snapshot.corr_id, snapshot.flags, snapshot.last_sample_seq), (1, 1, 2))
        block = snapshot.correction
        self.assertEqual((block.x, block.y, block.z), (0, 0, 0))
        self.assertEqual((block.rotation, block.reason), (UPRIGHT, CorrectionReason.TELEPORT))
        self.assertEqual(self.rejected, 1)
        self.assertEqual(self.world.stats.counts["moves_rejected_teleport"], 1)

    def test_a_little_too_fast_is_put_on_the_way(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.say((1.2, 0.0, 0.0))
        x = self.place()[0]
        # what is saved up, and 0.05 s of the limit
        self.assertTrue(0.93 < x < 0.96, x)
        block = self.snapshot().correction
        self.assertEqual(block.reason, CorrectionReason.SPEED)
        self.assertEqual(position_of(block.x), x)

    def test_it_rides_until_it_is_applied(self) -> None:
        self.leap()
        for _ in range(40):
            self.assertEqual(self.snapshot().flags, 1)
        self.say((0.1, 0.0, 0.0), corr_id=1)
        snapshot = self.snapshot()
        self.assertEqual((snapshot.flags, snapshot.corr_id, snapshot.correction), (0, 1, None))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 0.1))

    def test_a_quiet_lobby_keeps_nobody_waiting(self) -> None:
        other = self.enter("Bob", 5001)
        self.leap()
        for _ in range(20):
            self.world.now += 0.05
            other.send(b"")
            self.line.send(b"")
            self.tick()
        mine = theirs = 0
        for _ in range(20):
            self.world.now += 0.05
            other.send(b"")
            self.line.send(b"")
            [broadcast] = self.world.relay.broadcasts.values()
            for datagram, address in self.world.relay.snapshot(1, broadcast, self.world.now):
                line = self.line if address == self.line.address else other
                kinds = [frame.type for frame in line.frames_of(datagram)]
                if FrameType.SNAPSHOT in kinds:
                    mine += line is self.line
                    theirs += line is other
        self.assertEqual((mine, theirs), (20, 2))

    def test_until_then_samples_do_not_move_it(self) -> None:
        self.leap()
        for n in range(10):
            self.say((0.1 * n, 0.0, 0.0))
        self.assertEqual(self.place(), (0.0, 0.0, 0.0))
        self.assertEqual(self.world.stats.counts["samples_before_correction"], 10)
        self.assertEqual((self.rejected, self.snapshot().last_sample_seq), (1, 2))

    def test_but_it_is_not_stale(self) -> None:
        """Others see it stand where it was put."""
        self.leap()
        for _ in range(20):
            self.say((50.0, 0.0, 0.0))
        [record] = self.snapshot().records
        self.assertLess(record.age, 255)

    def test_what_was_sampled_before_does_not_count_after(self) -> None:
        self.leap()
        self.say((50.2, 0.0, 0.0))
        self.say((0.2, 0.0, 0.0), (50.4, 0.0, 0.0), (50.2, 0.0, 0.0), corr_id=1, samples=2)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 0.2))
        # and with one more UPDATE, which has the same older ones
        self.say((0.4, 0.0, 0.0), (0.2, 0.0, 0.0), (50.4, 0.0, 0.0), corr_id=1)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 0.4))

    def test_nor_does_what_was_lost_on_the_way(self) -> None:
        self.leap()
        self.world.now, self.seq = self.world.now + 0.05, self.seq + 1
        self.say((0.2, 0.0, 0.0), (50.2, 0.0, 0.0), (50.0, 0.0, 0.0), corr_id=1)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 0.2))

    def test_inputs_since_may_be_made_again(self) -> None:
        """What the player ran while the correction was on its way is no leap."""
        self.leap()
        for _ in range(6):
            self.say((50.0, 0.0, 0.0))
        self.say((0.05 * 7 * 6.0, 0.0, 0.0), corr_id=1)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 2.1))

    def test_each_has_its_own_number_and_none_is_0(self) -> None:
        self.say((0.0, 0.0, 0.0))
        seen: list[int] = []
        for _ in range(258):
            self.say((50.0, 0.0, 0.0), corr_id=seen[-1] if seen else 0)
            seen.append(self.world.relay.connections[self.line.conn_id].corr_id)
        self.assertEqual(seen, [*range(1, 256), 1, 2, 3])

    def test_a_new_connection_counts_anew(self) -> None:
        self.leap()
        self.say((0.0, 0.0, 0.0), corr_id=1)
        self.reconnect()
        self.assertEqual(self.snapshot().corr_id, 0)
        self.say((0.1, 0.0, 0.0))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 0.1))

    def test_what_was_not_applied_comes_over_a_new_connection(self) -> None:
        self.leap()
        self.reconnect()
        self.say((50.0, 0.0, 0.0))
        self.assertEqual(self.place()[0], 0.0)
        snapshot = self.snapshot()
        self.assertEqual((snapshot.corr_id, snapshot.flags, snapshot.last_sample_seq), (1, 1, 0))
        self.say((0.1, 0.0, 0.0), corr_id=1)
        self.assertEqual(round(self.place()[0], 1), 0.1)

    def test_a_new_connection_is_no_teleport(self) -> None:
        self.say((0.0, 0.0, 0.0))
        self.reconnect()
        self.say((50.0, 0.0, 0.0))
        self.assertEqual((self.rejected, self.place()[0]), (1, 0.0))

    def test_a_new_connection_does_not_turn_time_back(self) -> None:
        """Declared time that was used up would come back."""
        for n in range(10):
            self.say((n * 0.3, 0.0, 0.0))
        self.reconnect()
        self.line.send(update(1, self.world.now - 0.4, (2.7, 0.0, 0.0)))
        self.line.send(update(2, self.world.now - 0.3, (0.0, 0.0, 0.0)))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 2.7))
        [broadcast] = self.world.relay.broadcasts.values()
        track = broadcast.movers[1].track
        assert track is not None
        self.assertEqual(round(track.declared - self.world.now, 3), 0.0)
        self.seq = 2
        self.say((9.0, 0.0, 0.0))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 2.7))

    def reconnect(self) -> None:
        knock = Knock.__new__(Knock)
        knock.world, knock.ticket, knock.address = self.world, self.line.ticket, HOME
        knock.nonce, knock.counter = self.world.rng.randbytes(16), 2
        self.line = knock.enter()
        self.seq = 0

    def test_others_snap_to_it_if_it_is_far(self) -> None:
        self.say((0.0, 0.0, 0.0), bits=0xC1)
        self.say((0.5, 0.0, 0.0), bits=0xC1)
        self.say((9.0, 0.0, 0.0), after=0.05, bits=0xC1)
        self.assertEqual((self.rejected, self.state()), (1, 0xC1))
        run(self.change(bounds=[-9, -9, 20, 9, 9, 99]))
        self.say((0.5, 0.0, 0.0), corr_id=1, bits=0xC1)
        self.assertEqual((self.place()[2], self.rejected), (20.0, 2))
        # 3 + 1 on a counter of two bits
        self.assertEqual(self.state(), 0x01)

    async def change(self, **settings: Any) -> None:
        wanted = ChangeLobby.from_json({"settings": settings})
        host = self.host_token()
        await self.world.hosting.change(self.code, wanted, Caller(token=host), None, self.world.now)

    def host_token(self) -> str:
        access = self.world.operations.access
        return access.player_token(self.lobby, self.lobby.players[1], self.world.now)


class TeleportTests(UpdatesCase):
    def teleport(self, player_id: int, *position: float, **other: Any) -> None:
        """What the host asks over HTTP."""
        access, now = self.world.operations.access, self.world.now
        host = access.player_token(self.lobby, self.lobby.players[1], now)
        wanted = Teleport.from_json({"position": list(position), **other})
        hosting: HostOperations = self.world.hosting
        run(hosting.teleport(self.code, player_id, wanted, Caller(token=host), now))

    def told(self, frames: list[Any]) -> list[bytes]:
        return [
            message.body
            for frame in frames
            if frame.type == FrameType.RELIABLE
            for message in frame.body.messages
            if message.kind == MessageKind.TELEPORT
        ]

    def test_with_the_next_tick_it_is_there(self) -> None:
        self.say((1.0, 0.0, 0.0), bits=0x85)
        self.teleport(1, 400.0, 5.0, -6.0)
        self.assertEqual(self.place(), (1.0, 0.0, 0.0))
        snapshot = self.snapshot()
        self.assertEqual(self.place(), (400.0, 5.0, -6.0))
        [record] = snapshot.records
        self.assertEqual((record.x, record.y, record.z), (400 * 512, 5 * 512, -6 * 512))
        self.assertEqual((record.state, record.rotation), (0xC5, UPRIGHT))
        block = snapshot.correction
        self.assertEqual((block.x, block.reason), (400 * 512, CorrectionReason.TELEPORT))
        self.assertEqual((snapshot.corr_id, self.rejected), (1, 0))

    def test_it_goes_on_from_there(self) -> None:
        self.say((1.0, 0.0, 0.0), bits=0x85)
        self.teleport(1, 400.0, 5.0, -6.0)
        self.snapshot()
        self.say((1.3, 0.0, 0.0), bits=0x85)
        self.assertEqual(self.place()[0], 400.0)
        self.say((400.2, 5.0, -6.0), corr_id=1, bits=0x85)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 400.2))
        # and for good one ahead of what the client counts
        self.assertEqual(self.state(), 0xC5)

    def test_all_members_are_told(self) -> None:
        other = self.enter("Bob", 5001)
        self.say((1.0, 0.0, 0.0))
        self.teleport(1, 400.0, 5.0, -6.0, rotation=[0, 0, 0, 1])
        self.world.now += 0.05
        [broadcast] = self.world.relay.broadcasts.values()
        told = {}
        for datagram, address in self.world.relay.snapshot(1, broadcast, self.world.now):
            line = self.line if address == self.line.address else other
            told[address] = self.told(line.frames_of(datagram))
        expected = b"\x00" + SAMPLE.pack(400 * 512, 5 * 512, -6 * 512, UPRIGHT, 0)[:13] + b"\x01"
        self.assertEqual(told, {self.line.address: [expected], other.address: [expected]})

    def test_it_looks_where_it_is_told_to(self) -> None:
        self.say((1.0, 0.0, 0.0))
        self.teleport(1, 0.0, 0.0, 0.0, rotation=[0, 1, 0, 0])
        [record] = self.snapshot().records
        self.assertEqual(record.rotation >> 30, 1)

    def test_who_was_nowhere_yet_begins_there(self) -> None:
        """A spawn point: what the client says before it knows does not count."""
        self.teleport(1, 40.0, 0.0, 0.0)
        self.assertEqual(self.snapshot().corr_id, 1)
        self.say((0.0, 0.0, 0.0))
        self.assertEqual(self.place()[0], 40.0)
        self.say((40.1, 0.0, 0.0), corr_id=1)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 40.1))

    def test_where_nothing_is_checked_it_is_the_same(self) -> None:
        world = World(seed=41)
        self.world, self.code = world, world.create("EFGH")
        self.lobby = world.lobbies.find("EFGH")
        self.line, self.seq = self.enter("Ann"), 0
        self.say((1.0, 0.0, 0.0), bits=0x41)
        self.teleport(1, 400.0, 5.0, -6.0)
        self.assertEqual((self.snapshot().flags, self.state()), (1, 0x81))
        self.say((1.0, 0.0, 0.0), bits=0x41)
        self.assertEqual(self.place()[0], 400.0)
        self.say((-300.0, 0.0, 0.0), corr_id=1, bits=0x42)
        self.assertEqual((self.snapshot().flags, self.place()[0]), (0, -300.0))
        self.assertEqual(self.state(), 0x82)

    def test_it_keeps_to_the_bounds_of_now(self) -> None:
        self.teleport(1, 400.0, 0.0, 0.0)
        self.lobby.settings = attrs.evolve(
            self.lobby.settings, bounds=(-9.0, -9.0, -9.0, 9.0, 9.0, 9.0)
        )
        self.snapshot()
        self.assertEqual(self.place(), (9.0, 0.0, 0.0))

    def test_who_left_meanwhile_is_nobody(self) -> None:
        other = self.enter("Bob", 5001)
        self.teleport(2, 400.0, 0.0, 0.0)
        other.send(make_frame(FrameType.DISCONNECT, b"\0"))
        self.assertEqual(self.snapshot().count, 0)
        self.assertEqual(self.lobby.teleports, {})

    def test_nothing_of_it_is_left_for_the_next_in_the_slot(self) -> None:
        other = self.enter("Bob", 5001)
        self.teleport(2, 400.0, 0.0, 0.0)
        self.snapshot()
        other.send(make_frame(FrameType.DISCONNECT, b"\0"))
        [broadcast] = self.world.relay.broadcasts.values()
        self.assertEqual((broadcast.movers, len(broadcast.block)), ({}, 0))
        third = self.enter("Cid", 5002)
        third.send(update(1, self.world.now, (7.0, 0.0, 0.0)))
        self.assertEqual(self.place(1), (7.0, 0.0, 0.0))


class SettingTests(UpdatesCase):
    settings: dict[str, Any] = {}

    def set(self, **settings: Any) -> None:
        self.lobby.settings = attrs.evolve(self.lobby.settings, **settings)

    def test_without_limits_everything_is_believed(self) -> None:
        for n in range(10):
            self.say((n * 500.0, 0.0, 0.0), (n * -500.0, 0.0, 0.0))
            self.assertEqual(self.place()[0], n * 500.0)
        self.assertEqual(self.snapshot().last_sample_seq, 10)

    def test_new_limits_hold_for_the_next_sample(self) -> None:
        """From where the player is: they are no chance to be believed once more."""
        self.say((0.0, 0.0, 0.0))
        self.set(max_speed=6.0)
        self.say((50.0, 0.0, 0.0))
        self.assertEqual((self.rejected, self.place()[0]), (1, 0.0))

    def test_without_them_everything_is_believed_again(self) -> None:
        self.set(max_speed=6.0)
        self.say((0.0, 0.0, 0.0))
        self.set(max_speed=0.0)
        self.say((50.0, 0.0, 0.0))
        self.assertEqual(self.place()[0], 50.0)
        self.set(max_speed=6.0)
        self.say((50.3, 0.0, 0.0))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 50.3))

    def test_what_was_kept_for_them_goes_with_them(self) -> None:
        [broadcast] = self.world.relay.broadcasts.values()
        for speed, kept in ((0.0, []), (6.0, [1]), (0.0, []), (0.0, [])):
            # each is another object, as after any PATCH
            self.set(max_speed=speed)
            self.say((0.0, 0.0, 0.0))
            self.assertEqual(list(broadcast.movers), kept)

    def test_they_begin_where_the_player_is_by_then(self) -> None:
        """Also of one that was put somewhere, of which something is kept in between."""
        self.set(max_speed=6.0)
        self.say((0.0, 0.0, 0.0))
        self.lobby.teleports[1] = (7.0, 0.0, 0.0), None
        self.snapshot()
        self.set(max_speed=0.0)
        self.say((500.0, 0.0, 0.0), corr_id=1)
        self.set(max_speed=6.0)
        self.say((500.3, 0.0, 0.0), corr_id=1)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 500.3))

    def test_a_first_sample_is_inside_the_bounds(self) -> None:
        self.set(bounds=(-9.0, -9.0, -9.0, 9.0, 9.0, 9.0))
        self.say((500.0, 1.0, 2.0))
        self.assertEqual(self.place(), (9.0, 1.0, 2.0))
        self.assertEqual(self.snapshot().correction.reason, CorrectionReason.BOUNDS)

    def test_a_spectator_is_nowhere(self) -> None:
        self.set(max_speed=6.0)
        wanted = JoinLobby("Eve", spectator=True)
        joined = run(self.world.operations.join(self.code, wanted, Caller(), self.world.now))
        watcher = Knock(self.world, joined, (HOME[0], 5009)).enter()
        watcher.send(update(1, self.world.now, (1.0, 0.0, 0.0)))
        self.assertEqual(self.snapshot().count, 0)


class RuleTests(UpdatesCase):
    settings: dict[str, Any] = {}

    def judge(self, rule: MoveRule) -> None:
        """Let a rule judge from now on."""
        self.moves: list[Move] = []

        def kept(move: Move) -> Vector | None:
            self.moves.append(move)
            return rule(move)

        self.world.relay._dispatch._updates = Updates(self.world.stats, kept)

    def test_it_sees_every_move(self) -> None:
        self.judge(lambda move: None)
        self.say((1.0, 2.0, 3.0), bits=0x1234)
        self.say((2.0, 2.0, 3.0), bits=7)
        first, second = self.moves
        self.assertEqual(first, Move("ABCD", 1, (1.0, 2.0, 3.0), (1.0, 2.0, 3.0), 0.0, 0x1234))
        self.assertEqual((second.start, second.end), ((1.0, 2.0, 3.0), (2.0, 2.0, 3.0)))
        self.assertEqual((round(second.dt, 3), second.input), (0.05, 7))
        self.assertEqual(self.place(), (2.0, 2.0, 3.0))

    def test_it_sees_each_sample_of_an_update(self) -> None:
        self.judge(lambda move: None)
        self.say((0.0, 0.0, 0.0))
        self.say((3.0, 0.0, 0.0), (2.0, 0.0, 0.0), (1.0, 0.0, 0.0), after=0.15, samples=3)
        self.assertEqual([move.end[0] for move in self.moves], [0.0, 1.0, 2.0, 3.0])

    def test_it_puts_players_elsewhere(self) -> None:
        self.judge(lambda move: (1.0, 0.0, 0.0) if move.end[0] > 1.0 else None)
        self.say((0.0, 0.0, 0.0))
        self.say((1.5, 0.0, 0.0))
        self.assertEqual((self.place(), self.rejected), ((1.0, 0.0, 0.0), 1))
        self.assertEqual(self.snapshot().correction.reason, CorrectionReason.RULE)

    def test_saying_where_the_player_is_is_no_correction(self) -> None:
        self.judge(lambda move: move.end)
        self.say((0.0, 0.0, 0.0))
        self.say((1.5, 0.0, 0.0))
        self.assertEqual((self.rejected, self.place()[0]), (0, 1.5))

    def test_it_is_asked_what_the_limits_left(self) -> None:
        self.lobby.settings = attrs.evolve(self.lobby.settings, max_speed=6.0)
        self.judge(lambda move: None)
        self.say((0.0, 0.0, 0.0))
        self.say((50.0, 0.0, 0.0))
        self.assertEqual(self.moves[1].end, (0.0, 0.0, 0.0))
        self.assertEqual(self.snapshot().correction.reason, CorrectionReason.TELEPORT)

    def test_its_mistakes_are_counted_and_the_limits_hold(self) -> None:
        self.lobby.settings = attrs.evolve(self.lobby.settings, max_speed=6.0)
        for n, wrong in enumerate((None, "x", (1.0,), (math.nan, 0.0, 0.0), 7), 1):

            def rule(move: Move, wrong: Any = wrong) -> Any:
                if wrong is None:
                    raise ValueError("a mistake")
                return wrong

            self.judge(rule)
            self.say((n * 0.3, 0.0, 0.0))
            self.assertEqual(self.world.stats.counts["move_rule_errors"], n, wrong)
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (0, 1.5))
        self.say((50.0, 0.0, 0.0))
        self.assertEqual((self.rejected, round(self.place()[0], 1)), (1, 1.5))


class ResumeTests(UpdatesCase):
    def resume(self, *place: float, ago: float) -> None:
        """As after a restart, with a token that was sealed some time ago."""
        [broadcast] = self.world.relay.broadcasts.values()
        x, y, z = map(quantise_position, place)
        player = self.lobby.players[1]
        self.world.relay._updates.resume(broadcast, player, (x, y, z), self.world.now - ago)

    def test_it_is_seen_where_it_was(self) -> None:
        self.resume(40.0, 0.0, 0.0, ago=3.0)
        [record] = self.snapshot().records
        self.assertEqual((record.x, record.age, record.rotation), (40 * 512, 255, UPRIGHT))

    def test_the_first_claim_is_bounded(self) -> None:
        self.resume(40.0, 0.0, 0.0, ago=3.0)
        self.say((90.0, 0.0, 0.0), after=0.0)
        self.assertEqual((self.rejected, self.place()[0]), (1, 40.0))

    def test_what_it_ran_meanwhile_is_fine(self) -> None:
        self.resume(40.0, 0.0, 0.0, ago=3.0)
        self.say((58.0, 0.0, 0.0), after=0.0)
        self.assertEqual((self.rejected, self.place()[0]), (0, 58.0))

    def test_who_is_there_already_stays_where_it_is(self) -> None:
        self.say((1.0, 0.0, 0.0))
        self.resume(40.0, 0.0, 0.0, ago=3.0)
        self.assertEqual(self.place()[0], 1.0)

    def test_without_limits_it_is_only_seen(self) -> None:
        self.lobby.settings = attrs.evolve(self.lobby.settings, max_speed=0.0)
        self.resume(40.0, 0.0, 0.0, ago=3.0)
        self.assertEqual(self.place()[0], 40.0)
        self.say((900.0, 0.0, 0.0), after=0.0)
        self.assertEqual((self.rejected, self.place()[0]), (0, 900.0))
