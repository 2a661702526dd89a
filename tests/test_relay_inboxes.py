"""Usual datagrams wait for their lobby's tick; whatever is not usual comes in its turn."""

from __future__ import annotations

from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.in_force import InForce
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.netsim.conditions import Conditions
from lobbyd.relay.broadcast import Broadcast
from lobbyd.relay.fastpath.receive import FastReceive
from lobbyd.relay.inboxes import FULL
from lobbyd.session.connection import Connection, wire_time
from lobbyd.testing import World, run
from lobbyd.wire.catalogue import FrameType, PacketType
from lobbyd.wire.frames import make_frame
from lobbyd.wire.packets import SAMPLE, UPDATE
from lobbyd.wire.quantise import UPRIGHT

from .handmade import HOME, Knock, Line, take_seat

PING = make_frame(FrameType.PING, bytes((1, 2, 3, 4)))
NEAR = HOME[0], 7777


class Stage(SynchronousTestCase):
    """Two players of one lobby, and one of another, who came in long ago."""

    def setUp(self) -> None:
        self.world = World()
        self.relay = self.world.relay
        self.joined: dict[Line, Joined] = {}
        self.numbers: dict[Line, int] = {}
        code, other = self.world.create(), self.world.create()
        self.ann, self.bob, self.cid = (
            self.enter(where, name, 5000 + n)
            for n, (where, name) in enumerate(((code, "Ann"), (code, "Bob"), (other, "Cid")))
        )
        self.wait(0.5)

    def enter(self, code: str, name: str, port: int) -> Line:
        joined = take_seat(self.world, code, name)
        line = Knock(self.world, joined, (HOME[0], port)).enter()
        self.joined[line], self.numbers[line] = joined, 0
        return line

    def wait(self, seconds: float) -> None:
        """Let time pass, and nothing be heard of anybody in it."""
        self.world.advance(seconds)

    def connection(self, line: Line) -> Connection:
        return self.relay.connections[line.conn_id]

    def broadcast(self, line: Line) -> Broadcast:
        return self.relay.broadcasts[self.connection(line).lobby.lobby_id]

    def update(self, line: Line, x: int, **other: int) -> bytes:
        """A frame that says that a player is at some place."""
        self.numbers[line] += 1
        head = {
            "sample_seq": self.numbers[line],
            # one that was not sampled later does not count
            "sample_time": wire_time(self.world.now + self.numbers[line] * 1e-5),
            "sample_dt": 0,
            "interp_delay": 100,
            "corr_id": self.connection(line).corr_id,
            "count": 1,
            **other,
        }
        body = UPDATE.head.pack(*head.values()) + SAMPLE.pack(x, 0, 0, UPRIGHT, 0)
        return make_frame(FrameType.UPDATE, body)

    def usual(self, line: Line, x: int = 0) -> tuple[bytes, Any]:
        return line.datagram(self.update(line, x)), line.address

    def take(self, *batch: tuple[bytes, Any], **other: Any) -> list[tuple[bytes, Any]]:
        return self.relay.take(batch, self.world.now, **other)

    def waiting(self, line: Line) -> int:
        return len(self.broadcast(line).inbox)

    def x_of(self, line: Line) -> int | None:
        """Where the server has a player, None before it said so."""
        record = self.broadcast(line).block.record(self.connection(line).player.slot)
        return None if record is None else record[0][0]

    def tick(self, line: Line) -> list[tuple[bytes, Any]]:
        return self.relay.snapshot(99, self.broadcast(line), self.world.now)

    def drops(self) -> dict[str, int]:
        return dict(self.world.stats.drops)


class WaitTests(Stage):
    """What waits, and for how long."""

    def test_a_usual_one_changes_nothing_before_the_tick(self) -> None:
        heard_at = self.connection(self.ann).heard_at
        self.assertEqual(self.take(self.usual(self.ann, 7)), [])
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (1, None))
        self.assertEqual(self.connection(self.ann).heard_at, heard_at)
        came = self.world.now
        self.world.now += 0.05
        self.tick(self.ann)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 7))
        self.assertEqual(self.connection(self.ann).heard_at, came)

    def test_the_tick_shows_what_waited_for_it(self) -> None:
        self.take(self.usual(self.ann, 7))
        [datagram] = [d for d, to in self.tick(self.ann) if to == self.bob.address]
        [frame] = [f for f in self.bob.frames_of(datagram) if f.type == FrameType.SNAPSHOT]
        self.assertEqual([record.x for record in frame.body.records], [7])

    def test_the_tick_of_another_lobby_leaves_it(self) -> None:
        self.take(self.usual(self.ann))
        self.tick(self.cid)
        self.assertEqual((self.waiting(self.ann), self.waiting(self.cid)), (1, 0))

    def test_its_round_trip_ends_when_it_came(self) -> None:
        """And not with the tick."""
        connection = self.connection(self.ann)
        connection.forget_rtt()
        connection.datagram(b"", self.world.now)
        self.world.now += 0.03
        header = {"ack": connection.seq & 0xFFFF, "ack_delay": 0}
        self.take((self.ann.datagram(self.update(self.ann, 7), **header), self.ann.address))
        self.world.now += 0.04
        self.tick(self.ann)
        self.assertAlmostEqual(connection.rtt, 0.03, places=5)

    def test_a_lobby_that_sleeps_is_woken_and_shows_it_with_its_next_slice(self) -> None:
        for line in (self.ann, self.bob):
            self.connection(line).reliable_out.clear()
            self.connection(line).renew_at = self.world.now + 60.0
        self.wait(0.6)
        broadcast = self.broadcast(self.ann)
        self.assertTrue(broadcast.asleep)
        self.take(self.usual(self.ann, 7))
        self.assertFalse(broadcast.asleep)
        self.wait(0.051)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 7))

    def test_a_full_inbox_is_read_at_once(self) -> None:
        """Of strangers' datagrams with a member's address, too."""
        datagram, address = self.usual(self.ann, 7)
        forged = datagram[:-1] + bytes((datagram[-1] ^ 1,))
        self.take(*[(forged, address)] * (FULL - 2), (datagram, address))
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (FULL - 1, None))
        self.take((forged, address))
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 7))
        # the last one is a replay: that is asked first
        self.assertEqual(self.drops(), {"bad_tag": FULL - 2, "replayed": 1})

    def test_forged_ones_keep_no_good_one_from_its_tick(self) -> None:
        datagram, address = self.usual(self.ann, 7)
        forged = datagram[:-1] + bytes((datagram[-1] ^ 1,))
        self.take((forged, address), (datagram, address), self.usual(self.bob, 8))
        self.tick(self.ann)
        self.assertEqual((self.x_of(self.ann), self.x_of(self.bob)), (7, 8))
        self.assertEqual(self.drops(), {"bad_tag": 1})

    def test_what_no_connection_is_named_by_waits_nowhere(self) -> None:
        datagram, address = self.usual(self.ann)
        stranger = datagram[:4] + bytes(4) + datagram[8:]
        self.take((stranger, address), (b"", address), (b"\xb1\x10\0\0\0", address))
        self.assertEqual(self.waiting(self.ann), 0)
        self.assertEqual(self.drops(), {"unknown_connection": 1, "bad_size": 2})

    def test_received_takes_one_at_once(self) -> None:
        """As who has only one does, beside what waits elsewhere."""
        self.take(self.usual(self.cid))
        self.relay.received(*self.usual(self.ann, 7), self.world.now)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 7))
        self.assertEqual(self.waiting(self.cid), 1)


class OrderTests(Stage):
    """What is not usual is done at once, after what came before it to the same lobby."""

    def test_an_unusual_one_of_the_same_connection(self) -> None:
        first, second = self.usual(self.ann, 7), self.usual(self.ann, 8)
        pinged = self.ann.datagram(PING), self.ann.address
        [(answer, to)] = self.take(first, second, pinged)
        self.assertEqual((to, self.waiting(self.ann), self.x_of(self.ann)), (pinged[1], 0, 8))
        self.assertEqual(self.connection(self.ann).replay.newest, self.ann.seq)
        self.assertEqual(self.connection(self.ann).replay.ack_bits() & 3, 3)
        [pong] = self.ann.frames_of(answer)
        self.assertEqual(pong.type, FrameType.PONG)

    def test_an_unusual_one_of_another_member(self) -> None:
        self.take(self.usual(self.ann, 7))
        self.take((self.bob.datagram(PING), self.bob.address))
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 7))

    def test_an_unusual_one_of_another_lobby_has_it_wait_on(self) -> None:
        self.take(self.usual(self.ann))
        self.take((self.cid.datagram(PING), self.cid.address))
        self.assertEqual(self.waiting(self.ann), 1)

    def test_a_usual_one_after_an_unusual_one_waits(self) -> None:
        self.take((self.ann.datagram(PING), self.ann.address), self.usual(self.ann, 7))
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (1, None))

    def test_in_the_order_in_which_they_came(self) -> None:
        first, second = self.usual(self.ann, 7), self.usual(self.ann, 8)
        self.take(second, first)
        self.tick(self.ann)
        self.assertEqual(self.x_of(self.ann), 8)
        self.assertEqual(self.world.stats.counts["samples_repeated"], 1)

    def test_the_last_one_before_a_goodbye_counts(self) -> None:
        connection = self.connection(self.ann)
        goodbye = self.ann.datagram(make_frame(FrameType.DISCONNECT, b"\1")), self.ann.address
        self.take(self.usual(self.ann), goodbye, self.usual(self.bob, 8))
        self.assertEqual((connection.sample_seq, self.waiting(self.bob)), (1, 1))
        self.assertNotIn(self.ann.conn_id, self.relay.connections)
        self.tick(self.bob)
        self.assertEqual((self.x_of(self.bob), self.drops()), (8, {}))

    def test_one_from_another_address_asks_there_at_once(self) -> None:
        datagram, _ = self.usual(self.ann, 8)
        older = self.usual(self.ann, 9)
        self.take(self.usual(self.bob, 1))
        answers = self.take((datagram, NEAR))
        self.assertEqual({to for _, to in answers}, {NEAR})
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, 8))
        self.assertEqual(self.x_of(self.bob), 1)
        candidate = self.connection(self.ann).candidate
        assert candidate is not None
        self.assertEqual(candidate.address, NEAR)
        # the newest from where it was proven to be says that it is there still
        self.take(older)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (1, 8))
        self.tick(self.ann)
        self.assertIsNone(self.connection(self.ann).candidate)

    def test_what_waits_when_the_address_changes_is_of_the_one_before(self) -> None:
        self.take((self.ann.datagram(b""), NEAR))
        candidate = self.connection(self.ann).candidate
        assert candidate is not None
        frame = make_frame(FrameType.PATH_RESPONSE, candidate.nonce)
        self.take(self.usual(self.bob, 8), (self.ann.datagram(frame), NEAR))
        self.assertEqual(self.connection(self.ann).address, NEAR)
        self.assertEqual((self.waiting(self.bob), self.x_of(self.bob)), (0, 8))
        # from now on it is the new address from which one waits
        self.take((self.usual(self.ann)[0], NEAR))
        self.assertEqual(self.waiting(self.ann), 1)
        self.take(self.usual(self.ann))
        self.assertEqual(self.waiting(self.ann), 0)

    def test_what_is_answered_with_the_tick_is_sent_with_it(self) -> None:
        """Of one that waits from where its client is no more; late ones come in beside."""
        self.take((self.ann.datagram(b""), NEAR))
        candidate = self.connection(self.ann).candidate
        assert candidate is not None
        response = self.ann.datagram(make_frame(FrameType.PATH_RESPONSE, candidate.nonce))
        self.take(self.usual(self.ann, 7))
        self.relay.received(response, NEAR, self.world.now)
        (challenge, to), *rest = self.tick(self.ann)
        [frame] = self.ann.frames_of(challenge)
        self.assertEqual((frame.type, to), (FrameType.PATH_CHALLENGE, self.ann.address))
        self.assertEqual({to for _, to in rest}, {NEAR, to, self.bob.address})

    def test_the_first_one_confirms_at_once(self) -> None:
        knock = Knock(self.world, take_seat(self.world, self.world.create(), "Dan"), HOME)
        [welcome] = knock.send(knock.connect())
        dan = Line(self.world, knock, welcome)
        self.numbers[dan] = 0
        answers = self.take(self.usual(dan, 7))
        self.assertEqual({to for _, to in answers}, {dan.address})
        self.assertTrue(self.connection(dan).confirmed)
        self.assertEqual((self.waiting(dan), self.x_of(dan)), (0, 7))
        self.take(self.usual(dan, 8))
        self.assertEqual((self.waiting(dan), self.x_of(dan)), (1, 7))


class MeanwhileTests(Stage):
    """What happens otherwise while something waits."""

    def test_a_player_who_was_put_out(self) -> None:
        connection = self.connection(self.ann)
        self.take(self.usual(self.ann), self.usual(self.bob, 8))
        self.world.lobbies.put_out(
            connection.lobby, connection.player, "", self.world.now, ban=False
        )
        self.tick(self.bob)
        self.assertNotIn(self.ann.conn_id, self.relay.connections)
        self.assertEqual((self.x_of(self.bob), self.drops()), (8, {"leaving": 1}))
        self.assertEqual(connection.sample_seq, 0)

    def test_a_lobby_that_was_closed(self) -> None:
        self.take(self.usual(self.cid))
        left = self.world.operations.leave(
            self.connection(self.cid).lobby.code,
            Caller(token=self.joined[self.cid].player_token),
            self.world.now,
        )
        run(left)
        self.wait(0.1)
        self.assertNotIn(self.cid.conn_id, self.relay.connections)
        self.assertEqual((len(self.relay.broadcasts), self.drops()), (1, {"leaving": 1}))

    def test_a_player_who_said_goodbye_in_the_same_batch(self) -> None:
        goodbye = self.ann.datagram(make_frame(FrameType.DISCONNECT, b"\1")), self.ann.address
        late = self.usual(self.ann)
        [(reset, _)] = self.take(goodbye, late)
        self.assertEqual(reset[1], PacketType.RESET)
        self.assertEqual((self.waiting(self.bob), self.drops()), (0, {"unknown_connection": 1}))

    def test_a_connection_in_place_of_another_takes_nothing_of_it(self) -> None:
        knock = Knock(self.world, self.joined[self.ann], self.ann.address)
        knock.counter = 2
        connect = knock.connect()
        self.take(self.usual(self.ann, 7), self.usual(self.bob, 8))
        [(welcome, _)] = self.take((connect, self.ann.address))
        again = Line(self.world, knock, welcome)
        self.numbers[again] = 0
        self.tick(self.bob)
        self.assertFalse(self.connection(again).confirmed)
        self.assertEqual(self.connection(again).replay.newest, 0)
        self.assertEqual(self.x_of(self.bob), 8)
        # and its inbox is that of the lobby
        self.take((again.datagram(b""), again.address), self.usual(again, 9))
        self.assertEqual(self.waiting(self.bob), 1)

    def test_one_who_is_back_in_time_is_not_called_away(self) -> None:
        """It was heard in time, though the tick is later."""
        connection = self.connection(self.ann)
        seat = connection.player.seat
        assert seat is not None
        state = seat.state
        self.world.now = connection.heard_at + 4.99
        self.take(self.usual(self.ann))
        self.world.now += 0.05
        self.tick(self.ann)
        self.assertIs(seat.state, state)

    def test_conditions_hold_back_what_waits_from_when_it_came(self) -> None:
        self.take(self.usual(self.ann, 7), self.usual(self.cid, 9))
        came = self.world.now
        bad = Conditions(latency=0.2)
        lobby = self.connection(self.ann).lobby
        self.world.lobbies.conditions.put(InForce(lobby, None, "", bad, bad, came + 60.0))
        self.world.now += 0.04
        self.assertEqual(self.tick(self.ann), [])
        self.tick(self.cid)
        self.assertEqual((self.waiting(self.ann), self.x_of(self.ann)), (0, None))
        self.assertEqual((self.waiting(self.cid), self.x_of(self.cid)), (0, 9))
        self.world.now = came + 0.199
        self.relay.weathered(self.world.now)
        self.assertIsNone(self.x_of(self.ann))
        self.world.now = came + 0.201
        self.relay.weathered(self.world.now)
        self.assertEqual(self.x_of(self.ann), 7)

    def test_limits_of_the_tick_are_asked(self) -> None:
        """Those that the lobby got while the samples waited."""
        connection = self.connection(self.ann)
        lobby = connection.lobby
        self.take(self.usual(self.ann, 0))
        self.tick(self.ann)
        self.world.now += 0.05
        self.take(self.usual(self.ann, 30_000))
        lobby.settings = attrs.evolve(lobby.settings, max_speed=1.0)
        self.tick(self.ann)
        self.assertEqual(connection.player.rejected_moves, 1)
        self.assertEqual(self.x_of(self.ann), 0)

    def test_a_sample_older_than_the_last_of_the_connection_before_moves_nobody(self) -> None:
        lobby = self.connection(self.ann).lobby
        lobby.settings = attrs.evolve(lobby.settings, max_speed=6.0)
        self.take(self.usual(self.ann, 7))
        self.tick(self.ann)
        said = self.world.now
        knock = Knock(self.world, self.joined[self.ann], self.ann.address)
        knock.counter = 2
        again = knock.enter()
        self.numbers[again] = 0
        for x, at, expected in ((8, said - 0.01, 7), (9, said + 0.01, 9)):
            self.world.now += 0.02
            frame = self.update(again, x, sample_time=wire_time(at))
            self.take((again.datagram(frame), again.address))
            self.tick(again)
            self.assertEqual(self.x_of(again), expected)

    def test_who_is_told_that_the_server_stops_says_nothing_more(self) -> None:
        connection = self.connection(self.ann)
        self.take(self.usual(self.ann, 7))
        self.assertTrue(self.relay.shut_down(self.world.now))
        self.take(self.usual(self.ann, 8))
        self.assertEqual(self.relay.read(self.broadcast(self.ann)), [])
        self.assertEqual((self.x_of(self.ann), connection.sample_seq), (None, 0))
        self.assertEqual(self.drops(), {"leaving": 2})


class MistakeTests(Stage):
    """A mistake of our own in one datagram is counted, and the rest goes on."""

    def setUp(self) -> None:
        super().setUp()
        self.mistakes = 0
        real, bad = FastReceive.take, self.bob.address

        def take(usual: FastReceive, datagram: bytes, address: Any, now: float) -> bool:
            if address == bad:
                raise ZeroDivisionError
            return real(usual, datagram, address, now)

        # the relay holds on to the method that it was made with
        bound = self.relay._usual
        self.patch(self.relay._inboxes, "_usual", lambda *came: take(bound, *came))

    def mistake(self) -> None:
        self.mistakes += 1

    def three(self) -> list[tuple[bytes, Any]]:
        return [self.usual(self.ann, 7), self.usual(self.bob), self.usual(self.ann, 8)]

    def test_with_the_tick(self) -> None:
        self.take(*self.three(), mistake=self.mistake)
        self.assertEqual(self.mistakes, 0)
        sent = self.relay.snapshot(99, self.broadcast(self.ann), self.world.now, self.mistake)
        self.assertEqual({to for _, to in sent}, {self.ann.address, self.bob.address})
        self.assertEqual((self.mistakes, self.waiting(self.ann), self.x_of(self.ann)), (1, 0, 8))

    def test_before_an_unusual_one(self) -> None:
        pinged = self.ann.datagram(PING), self.ann.address
        answers = self.take(*self.three(), pinged, mistake=self.mistake)
        self.assertEqual((len(answers), self.mistakes, self.x_of(self.ann)), (1, 1, 8))

    def test_in_an_unusual_one(self) -> None:
        real, bad = self.relay.received, self.bob.address

        def received(datagram: bytes, address: Any, now: float) -> Any:
            if address == bad:
                raise ZeroDivisionError
            return real(datagram, address, now)

        self.patch(self.relay, "received", received)
        batch = [(line.datagram(PING), line.address) for line in (self.bob, self.ann)]
        [(_, to)] = self.take(*batch, mistake=self.mistake)
        self.assertEqual((to, self.mistakes), (self.ann.address, 1))

    def test_without_anybody_to_tell_it_is_raised(self) -> None:
        self.take(*self.three())
        self.assertRaises(ZeroDivisionError, self.tick, self.ann)
        self.assertEqual(self.waiting(self.ann), 0)
