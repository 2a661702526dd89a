"""Fresh tokens while a client is connected, and what a server that was started anew makes of them.

The client is made by hand here: what it holds is decided by the test.
"""

from __future__ import annotations

import math
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.model import SeatState
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.lobby.requests import JoinLobby, Kick
from lobbyd.lobby.rules.restart import GRACE
from lobbyd.lobby.rules.seats import AWAY_AFTER, JOIN_HOLD, TOKEN_TTL
from lobbyd.relay.renewal import RENEW_EVERY
from lobbyd.testing import World, run
from lobbyd.wire import schema
from lobbyd.wire.catalogue import (
    NO_SLOT,
    DeniedCode,
    FrameType,
    LeftReason,
    MessageKind,
    PacketType,
    WelcomeFlags,
)
from lobbyd.wire.keys import ServerKeys
from lobbyd.wire.tokens import Claims, TokenSealer

from .handmade import HOME, Knock, Line, denied_code, take_seat
from .test_relay_world import update


class RenewalCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=5)
        self.code = self.world.create("ABCD")
        self.sealer = TokenSealer(self.world.keys)
        self.joined = take_seat(self.world, self.code, "somebody")
        self.tokens: list[bytes] = []
        self.seen = 0
        self.counter = 1

    def knock(self, joined: Joined | None = None) -> Knock:
        knock = Knock(self.world, joined or self.joined)
        self.counter = knock.counter = self.counter + 1
        return knock

    def enter(self) -> Line:
        self.seen = 0
        return self.knock().enter()

    def listen(self, line: Line, seconds: float, *, silent: bool = False) -> list[Claims]:
        """The claims that came meanwhile, each in turn; the client confirms what it has."""
        fresh = []
        for _ in range(round(seconds / 0.05)):
            self.world.now += 0.05
            if not silent:
                line.send(b"", rel_ack=self.seen)
            for tick, broadcast in self.world.relay.due(self.world.now):
                for datagram, _ in self.world.relay.snapshot(tick, broadcast, self.world.now):
                    fresh += self.read(line.frames_of(datagram))
        return [self.sealer.open(token) for token in fresh]

    def read(self, frames: list[Any]) -> list[bytes]:
        tokens = []
        for frame in frames:
            if frame.type != FrameType.RELIABLE:
                continue
            messages = frame.body.messages
            for number, message in enumerate(messages, frame.body.first_id):
                if number <= self.seen:
                    continue
                self.seen = number
                if message.kind == MessageKind.RESUME:
                    tokens.append(bytes(message.body[2:]))
        self.tokens += tokens
        return tokens

    def connect(self, token: bytes | None = None) -> list[bytes]:
        """The answers to a new CONNECT with a token."""
        knock = self.knock()
        return knock.send(knock.connect(token=token or self.joined.ticket.token))

    def denied(self, token: bytes | None = None) -> DeniedCode:
        [answer] = self.connect(token)
        self.assertEqual(answer[1], PacketType.DENIED)
        return DeniedCode(denied_code(answer))

    def welcome(self, token: bytes | None = None) -> Any:
        [answer] = self.connect(token)
        self.assertEqual(answer[1], PacketType.WELCOME)
        return schema.WELCOME.parse(answer)

    def restart(self, down_for: float = 1.0) -> None:
        self.world.kill()
        self.world.now += down_for
        self.world.start()


class TokenTests(RenewalCase):
    def test_one_at_once_and_then_every_ten_seconds(self) -> None:
        line = self.enter()
        self.assertEqual([c.resume_gen for c in self.listen(line, 0.1)], [1])
        self.assertEqual(self.listen(line, RENEW_EVERY - 0.2), [])
        self.assertEqual([c.resume_gen for c in self.listen(line, 2 * RENEW_EVERY)], [2, 3])

    def test_it_says_what_the_ticket_said(self) -> None:
        before = self.sealer.open(self.joined.ticket.token)
        [claims] = self.listen(self.enter(), 0.1)
        changing = ("issued", "expires", "resume_gen", "server_id")
        same = {name: getattr(claims, name) for name in changing}
        self.assertEqual(claims, attrs.evolve(before, **same))
        self.assertEqual(claims.issued, int(self.world.now))
        self.assertEqual(claims.expires, math.ceil(self.world.now + TOKEN_TTL))

    def test_each_is_sealed_with_fresh_randomness(self) -> None:
        self.listen(self.enter(), 3 * RENEW_EVERY)
        nonces = {token[4:16] for token in self.tokens}
        self.assertEqual((len(self.tokens), len(nonces)), (3, 3))

    def test_it_tells_where_the_player_is(self) -> None:
        line = self.enter()
        [claims] = self.listen(line, 0.1)
        self.assertEqual((claims.x, claims.y, claims.z, claims.last_tick), (0, 0, 0, 0))
        line.send(update(1, self.world.now, (2.0, 0.5, -3.0)))
        [claims] = self.listen(line, RENEW_EVERY)
        self.assertEqual((claims.x, claims.y, claims.z), (1024, 256, -1536))
        self.assertGreater(claims.last_tick, 0)

    def test_a_new_name_is_in_the_next_one(self) -> None:
        line = self.enter()
        self.listen(line, 0.1)
        self.joined.player.name = "other"
        [claims] = self.listen(line, RENEW_EVERY)
        self.assertEqual(claims.name, "other")

    def test_who_did_not_confirm_gets_none(self) -> None:
        self.connect()
        for tick, broadcast in self.world.relay.due(self.world.now + 0.1):
            self.assertEqual(list(self.world.relay.snapshot(tick, broadcast, self.world.now)), [])
        [connection] = self.world.relay.connections.values()
        self.assertEqual(connection.resume_gen, 0)

    def test_nobody_gets_one_into_silence(self) -> None:
        line = self.enter()
        self.listen(line, 0.1)
        self.assertEqual(self.listen(line, 2 * RENEW_EVERY, silent=True), [])
        [connection] = self.world.relay.connections.values()
        waiting = len(connection.reliable_out)
        # heard again, it gets one at once
        self.assertEqual([c.resume_gen for c in self.listen(line, 0.2)], [2])
        self.assertLess(waiting, 3)

    def test_who_stalled_gets_none_until_it_has_read_the_rest(self) -> None:
        line = self.enter()
        self.listen(line, 0.1)
        [connection] = self.world.relay.connections.values()
        connection.reliable_out.push(MessageKind.CUSTOM, b"\0\0x")
        connection.stalled = True
        self.world.now += RENEW_EVERY
        line.send(b"", rel_ack=self.seen)
        [broadcast] = self.world.relay.broadcasts.values()
        self.world.relay._renewal.renew(broadcast, connection, 1, self.world.now)
        self.assertEqual(len(connection.reliable_out), 1)
        connection.stalled = False
        self.world.relay._renewal.renew(broadcast, connection, 1, self.world.now)
        self.assertEqual(len(connection.reliable_out), 2)

    def test_a_full_queue_costs_nobody_its_seat(self) -> None:
        line = self.enter()
        self.listen(line, 0.1)
        [connection] = self.world.relay.connections.values()
        while connection.reliable_out.push(MessageKind.CUSTOM, b"x" * 900):
            pass
        self.world.now += RENEW_EVERY
        line.send(b"", rel_ack=self.seen)
        self.listen(line, 0.2)
        self.assertFalse(connection.stalled)

    def test_a_spectator_has_no_place(self) -> None:
        wanted = JoinLobby("watcher", spectator=True)
        self.joined = run(self.world.operations.join(self.code, wanted, Caller(), self.world.now))
        line = self.enter()
        line.send(update(1, self.world.now, (2.0, 0.5, -3.0)))
        [claims] = self.listen(line, 0.1)
        self.assertEqual((claims.slot, claims.role, claims.last_tick), (NO_SLOT, 1, 0))


class LiveServerTests(RenewalCase):
    """The server runs; only the connection is made anew."""

    def test_a_resumed_token_makes_a_connection(self) -> None:
        self.listen(self.enter(), 0.1)
        welcome = self.welcome(self.tokens[0])
        self.assertEqual(welcome.player_id, self.joined.player.player_id)
        self.assertEqual(welcome.flags, WelcomeFlags.RESUMED)

    def test_generations_go_on(self) -> None:
        self.listen(self.enter(), RENEW_EVERY + 0.1)
        self.seen = 0
        knock = self.knock()
        [answer] = knock.send(knock.connect(token=self.tokens[-1]))
        line = Line(self.world, knock, answer)
        self.assertEqual([c.resume_gen for c in self.listen(line, 0.2)], [3])

    def test_it_ends_after_its_time(self) -> None:
        line = self.enter()
        self.listen(line, 0.1)
        [token] = self.tokens
        self.world.now = self.sealer.open(token).expires - 0.01
        self.welcome(token)
        self.world.now += 0.01
        self.assertEqual(self.denied(token), DeniedCode.TOKEN_EXPIRED)

    def test_a_reconnect_does_not_put_the_player_back(self) -> None:
        line = self.enter()
        line.send(update(1, self.world.now, (1.0, 0.0, 0.0)))
        self.listen(line, 0.1)
        line.send(update(2, self.world.now, (1.5, 0.0, 0.0)))
        self.welcome(self.tokens[0])
        [broadcast] = self.world.relay.broadcasts.values()
        record = broadcast.block.record(self.joined.player.slot)
        assert record is not None
        self.assertEqual(record[0], (768, 0, 0))


class RestartTests(RenewalCase):
    def test_same_lobby_same_seat_same_place(self) -> None:
        line = self.enter()
        line.send(update(1, self.world.now, (2.0, 0.5, -3.0)))
        self.listen(line, 0.2)
        self.restart()
        welcome = self.welcome(self.tokens[-1])
        player = self.joined.player
        self.assertEqual(
            (welcome.lobby_id, welcome.player_id, welcome.slot, welcome.flags),
            (self.joined.lobby.lobby_id, player.player_id, player.slot, WelcomeFlags.RESUMED),
        )
        [broadcast] = self.world.relay.broadcasts.values()
        record = broadcast.block.record(player.slot)
        assert record is not None
        self.assertEqual(record[0], (1024, 256, -1536))

    def test_its_place_is_told_before_it_moves(self) -> None:
        line = self.enter()
        line.send(update(1, self.world.now, (2.0, 0.5, -3.0)))
        self.listen(line, 0.2)
        self.restart()
        knock = self.knock()
        [welcome] = knock.send(knock.connect(token=self.tokens[-1]))
        line = Line(self.world, knock, welcome)
        line.send(b"")
        records = []
        self.world.now += 0.06
        for tick, broadcast in self.world.relay.due(self.world.now):
            for datagram, _ in self.world.relay.snapshot(tick, broadcast, self.world.now):
                for frame in line.frames_of(datagram):
                    if frame.type == FrameType.SNAPSHOT:
                        records += frame.body.records
        self.assertEqual([(r.x, r.y, r.z) for r in records], [(1024, 256, -1536)])

    def test_a_player_that_never_was_anywhere_has_no_place(self) -> None:
        self.listen(self.enter(), 0.1)
        self.restart()
        self.welcome(self.tokens[-1])
        [broadcast] = self.world.relay.broadcasts.values()
        self.assertIsNone(broadcast.block.record(self.joined.player.slot))

    def test_the_join_token_does_as_well(self) -> None:
        """RESUME may have been lost with the process, or not have come yet."""
        self.connect()
        self.restart()
        self.assertEqual(self.welcome().player_id, self.joined.player.player_id)

    def test_a_seat_that_nobody_connected_to_yet(self) -> None:
        self.restart()
        welcome = self.welcome()
        self.assertEqual((welcome.player_id, welcome.flags), (1, 0))

    def test_also_a_little_later_than_the_ticket_said(self) -> None:
        self.restart(JOIN_HOLD + 5.0)
        self.world.now += GRACE - 0.1
        self.welcome()

    def test_but_not_for_ever(self) -> None:
        self.restart(JOIN_HOLD + 5.0)
        self.world.now += GRACE
        self.assertEqual(self.denied(), DeniedCode.TOKEN_EXPIRED)
        self.world.advance(0.1)
        self.assertEqual(self.denied(), DeniedCode.TOKEN_EXPIRED)

    def test_a_lobby_without_a_record_is_gone(self) -> None:
        self.listen(self.enter(), 0.1)
        self.world.store.records.clear()
        self.restart()
        for token in (self.joined.ticket.token, *self.tokens):
            self.assertEqual(self.denied(token), DeniedCode.LOBBY_GONE)

    def test_who_was_kicked_or_banned_stays_out(self) -> None:
        host = self.joined
        for ban, code in ((False, DeniedCode.KICKED), (True, DeniedCode.BANNED)):
            self.joined = take_seat(self.world, self.code, "victim")
            self.tokens.clear()
            self.listen(self.enter(), 0.1)
            kick = self.world.hosting.kick(
                self.code,
                self.joined.player.player_id,
                Kick(ban=ban),
                Caller(token=host.player_token),
                self.world.now,
            )
            run(kick)
            for _ in range(2):
                for token in (self.joined.ticket.token, *self.tokens):
                    self.assertEqual(self.denied(token), code)
                self.restart()

    def test_who_left_stays_out(self) -> None:
        self.listen(self.enter(), 0.1)
        caller = Caller(token=self.joined.player_token)
        run(self.world.operations.leave(self.code, caller, self.world.now))
        self.restart()
        for token in (self.joined.ticket.token, *self.tokens):
            self.assertEqual(self.denied(token), DeniedCode.TOKEN_EXPIRED)

    def test_whose_seat_was_given_up_stays_out(self) -> None:
        self.listen(self.enter(), 0.1)
        lobby, player = self.joined.lobby, self.joined.player
        self.world.lobbies.leave(lobby, player, LeftReason.TIMEOUT, self.world.now)
        run(self.world.operations.keeper.saved(lobby))
        self.restart()
        self.assertEqual(self.denied(self.tokens[-1]), DeniedCode.TOKEN_EXPIRED)

    def test_an_old_token_is_expired_for_a_seat_that_is_there(self) -> None:
        self.listen(self.enter(), 0.1)
        run(self.world.operations.keeper.saved(self.joined.lobby))
        self.restart(TOKEN_TTL + 1.0)
        self.assertEqual(self.denied(self.tokens[-1]), DeniedCode.TOKEN_EXPIRED)

    def test_another_secret_knows_nobody(self) -> None:
        self.world.keys = ServerKeys(bytes(32))
        self.restart()
        self.assertEqual(self.denied(), DeniedCode.TOKEN_INVALID)

    def test_a_connect_of_before_is_dead(self) -> None:
        """Its cookie was the old process's, whatever its counter."""
        knock = self.knock()
        captured = knock.connect()
        self.restart()
        self.assertEqual(self.world.inject(captured, HOME), [])
        self.assertEqual(self.world.stats.drops["bad_cookie"], 1)

    def test_the_connect_counter_is_remembered(self) -> None:
        self.enter()
        run(self.world.operations.keeper.saved(self.joined.lobby))
        self.restart()
        seat = self.world.lobbies.find(self.code).players[1].seat
        assert seat is not None
        self.assertEqual(seat.connect_counter, self.counter)
        self.counter -= 1
        self.assertEqual(self.connect(), [])
        self.assertEqual(self.world.stats.drops["old_connect"], 1)

    def test_who_does_not_come_back_is_away_and_then_gone(self) -> None:
        self.enter()
        run(self.world.operations.keeper.saved(self.joined.lobby))
        self.restart()
        lobby = self.world.lobbies.find(self.code)
        seat = lobby.players[1].seat
        assert seat is not None
        self.assertIs(seat.state, SeatState.AWAY)
        self.world.advance(60.0 - AWAY_AFTER)
        self.assertEqual(lobby.member_count, 1)
        self.world.advance(AWAY_AFTER + 0.2)
        self.assertEqual(lobby.member_count, 0)

    def test_a_clean_stop_is_no_different(self) -> None:
        line = self.enter()
        line.send(update(1, self.world.now, (2.0, 0.5, -3.0)))
        self.listen(line, 0.2)
        self.world.stop()
        self.world.now += 1.0
        self.world.start()
        self.assertEqual(self.welcome(self.tokens[-1]).player_id, 1)
