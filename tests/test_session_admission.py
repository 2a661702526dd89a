"""The handshake: who is let in, who is not, and that nobody gets more than they brought."""

from __future__ import annotations

from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.model import SeatState
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.testing import START, World, run
from lobbyd.wire.catalogue import (
    DeniedCode,
    DisconnectReason,
    FrameType,
    WelcomeFlags,
)
from lobbyd.wire.keys import ServerKeys, Tagger, epoch_of, hello_key
from lobbyd.wire.packets import CHALLENGE, DENIED, HELLO
from lobbyd.wire.tokens import TokenSealer

from .handmade import ELSEWHERE, HOME, Knock, denied_code, take_seat, welcome_of


class AdmissionCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=7)
        self.code = self.world.create("ABCD")
        self.joined = take_seat(self.world, self.code, "one")
        self.knock = Knock(self.world, self.joined)

    @property
    def connections(self) -> dict[int, Any]:
        return self.world.relay.connections

    def resealed(self, **other: Any) -> bytes:
        """The ticket's token with other claims, sealed by the server itself."""
        sealer = TokenSealer(self.world.keys)
        claims = sealer.open(self.joined.ticket.token)
        return sealer.seal(attrs.evolve(claims, **other), bytes(12))

    def denied(self, answers: list[bytes], *, proven: bool = True) -> DeniedCode:
        """The code of the one answer, which must carry a proof, or must not."""
        [answer] = answers
        self.assertEqual(len(answer), 44)
        code, nonce, retry_after, lowest, highest, tag = DENIED.unpack(answer)
        self.assertEqual((nonce, retry_after, lowest, highest), (self.knock.nonce, 0, 1, 1))
        if not proven:
            self.assertEqual(tag, bytes(16))
        return DeniedCode(code)

    def assert_refused(self, drop: str, answers: list[bytes]) -> None:
        """No answer, one drop, no connection."""
        self.assertEqual(answers, [])
        self.assertEqual(dict(self.world.stats.drops), {drop: 1})
        self.assertEqual(self.connections, {})


class HelloTests(AdmissionCase):
    def test_it_is_answered_with_a_challenge_of_48_bytes(self) -> None:
        [answer] = self.knock.send(self.knock.hello())
        self.assertEqual(len(answer), 48)
        nonce, cookie, epoch, client_time, server_time = CHALLENGE.unpack(answer)
        self.assertEqual((nonce, client_time), (self.knock.nonce, 12345))
        self.assertEqual(epoch, epoch_of(START))
        self.assertEqual(server_time, int(START * 1e6) % 2**32)
        self.assertNotEqual(cookie, bytes(16))

    def test_the_same_hello_gets_the_same_cookie(self) -> None:
        self.assertEqual(self.knock.challenge(), self.knock.challenge())

    def test_another_address_gets_another_cookie(self) -> None:
        [here], [there] = (self.knock.send(self.knock.hello(), a) for a in (HOME, ELSEWHERE))
        self.assertNotEqual(CHALLENGE.unpack(here)[1], CHALLENGE.unpack(there)[1])

    def test_nothing_is_kept_of_it(self) -> None:
        for _ in range(100):
            self.knock.send(self.knock.hello())
        self.assertEqual(self.connections, {})
        self.assertEqual(self.world.stats.counts["hellos"], 100)

    def test_the_protocol_id_is_not_checked_yet(self) -> None:
        [answer] = self.knock.send(HELLO.pack(99, self.knock.nonce, 1))
        self.assertEqual(len(answer), 48)

    def test_a_shorter_one_gets_no_answer(self) -> None:
        """What is not padded would be amplified."""
        self.assert_refused("not_ours", self.knock.send(self.knock.hello()[:-1]))

    def test_a_longer_one_gets_no_answer(self) -> None:
        self.assert_refused("bad_size", self.knock.send(self.knock.hello() + b"\0"))

    def test_another_wire_version_gets_a_hint(self) -> None:
        for magic in (0xB0, 0xB2, 0xBF):
            answers = self.knock.send(bytes([magic]) + self.knock.hello()[1:])
            self.assertEqual(self.denied(answers, proven=False), DeniedCode.VERSION)
        self.assertEqual(self.world.stats.drops["wrong_version"], 3)

    def test_another_protocol_gets_no_answer(self) -> None:
        answers = self.knock.send(b"\xa1" + self.knock.hello()[1:])
        self.assert_refused("not_ours", answers)

    def test_ipv6_is_served(self) -> None:
        knock = Knock(self.world, self.joined, ("2001:db8::7", 5000))
        [welcome] = knock.send(knock.connect())
        self.assertEqual(len(welcome), 108)


class WelcomeTests(AdmissionCase):
    def test_it_says_who_and_where(self) -> None:
        [answer] = self.knock.send(self.knock.connect())
        welcome = welcome_of(answer)
        player, lobby = self.joined.player, self.joined.lobby
        said = {name: welcome[name] for name in ("player_id", "lobby_id", "slot", "max_players")}
        expected = {
            "player_id": player.player_id,
            "lobby_id": lobby.lobby_id,
            "slot": player.slot,
            "max_players": lobby.max_players,
        }
        self.assertEqual(said, expected)

    def test_it_says_how_the_server_works(self) -> None:
        [answer] = self.knock.send(self.knock.connect())
        welcome = welcome_of(answer)
        names = ("tick_hz", "snapshot_hz", "rot_mode", "flags", "vmax_cm_s", "pos_step")
        said = tuple(welcome[name] for name in names)
        self.assertEqual(said, (20, 20, 0, 0, 0, 1 / 512))
        times = (welcome["timeout_ms"], welcome["seat_hold_s"], welcome["token_ttl_s"])
        self.assertEqual(times, (5000, 60, 900))
        self.assertEqual(welcome["send_time"], int(START * 1e6) % 2**32)

    def test_it_says_what_the_lobby_has_set(self) -> None:
        for given, told in ((6.25, 625), (655.0, 65500), (0.0, 0)):
            lobby = self.joined.lobby
            lobby.settings = attrs.evolve(lobby.settings, max_speed=given, seat_hold=7.5)
            self.knock.counter += 1
            self.knock.nonce = self.world.rng.randbytes(16)
            [answer] = self.knock.send(self.knock.connect())
            welcome = welcome_of(answer)
            self.assertEqual((welcome["vmax_cm_s"], welcome["seat_hold_s"]), (told, 7))

    def test_it_is_the_first_datagram_of_its_connection(self) -> None:
        [answer] = self.knock.send(self.knock.connect())
        welcome = welcome_of(answer)
        head = (welcome["seq"], welcome["ack"], welcome["rel_ack"], welcome["conn_id"])
        self.assertEqual(head, (1, 0, 0, self.joined.ticket.conn_id))

    def test_it_is_tagged_with_the_new_connections_key(self) -> None:
        [answer] = self.knock.send(self.knock.connect())
        connection = self.connections[self.joined.ticket.conn_id]
        self.assertTrue(connection.down.signs(answer))

    def test_the_seat_is_connected_and_announced(self) -> None:
        self.knock.send(self.knock.connect())
        seat = self.joined.player.seat
        assert seat is not None
        self.assertEqual((seat.state, seat.announced), (SeatState.CONNECTED, True))

    def test_no_snapshot_before_the_client_is_confirmed(self) -> None:
        """Only its key proves that it has the WELCOME."""
        self.knock.send(self.knock.connect())
        sent = [
            datagram
            for n in range(40)
            for tick, broadcast in self.world.relay.due(self.world.now + n * 0.05)
            for datagram in self.world.relay.snapshot(tick, broadcast, self.world.now + n * 0.05)
        ]
        self.assertEqual(sent, [])

    def test_the_same_connect_gets_the_same_welcome(self) -> None:
        """The first was lost; a client that asks again must not get other keys."""
        connect = self.knock.connect()
        first, second = self.knock.send(connect), self.knock.send(connect)
        self.assertEqual(first, second)
        self.assertEqual(len(self.connections), 1)
        self.assertEqual(self.world.stats.counts["welcomes"], 1)

    def test_after_the_first_datagram_there_is_no_welcome_again(self) -> None:
        """Or a replayed CONNECT would be answered for ever."""
        connect = self.knock.connect()
        [welcome] = self.knock.send(connect)
        line = self.knock.enter()
        self.assertEqual(welcome_of(welcome)["server_nonce"], line.welcome["server_nonce"])
        self.assertEqual(self.knock.send(connect), [])
        self.assertEqual(len(self.connections), 1)
        self.assertEqual(dict(self.world.stats.drops), {"old_connect": 1})

    def test_the_answer_is_smaller(self) -> None:
        connect = self.knock.connect()
        [welcome] = self.knock.send(connect)
        self.assertLess(len(welcome), len(connect))


class CookieTests(AdmissionCase):
    def test_a_wrong_cookie_gets_no_answer(self) -> None:
        self.assert_refused("bad_cookie", self.knock.send(self.knock.connect(cookie=bytes(16))))

    def test_an_older_epochs_cookie_gets_no_answer(self) -> None:
        connect = self.knock.connect()
        self.world.now += 16
        self.assert_refused("bad_cookie", self.knock.send(connect))

    def test_the_last_epochs_cookie_is_good(self) -> None:
        connect = self.knock.connect()
        self.world.now += 8
        self.assertEqual(len(self.knock.send(connect)[0]), 108)

    def test_an_old_cookie_with_a_new_epoch_gets_no_answer(self) -> None:
        cookie, epoch = self.knock.challenge()
        self.world.now += 16
        connect = self.knock.connect(cookie=cookie, cookie_epoch=epoch + 2)
        self.assert_refused("bad_cookie", self.knock.send(connect))

    def test_a_coming_epochs_cookie_gets_no_answer(self) -> None:
        connect = self.knock.connect(cookie_epoch=epoch_of(START) + 1)
        self.assert_refused("bad_cookie", self.knock.send(connect))

    def test_another_addresss_cookie_gets_no_answer(self) -> None:
        for address in (ELSEWHERE, (HOME[0], HOME[1] + 1), ("2001:db8::1", HOME[1])):
            self.assertEqual(self.knock.send(self.knock.connect(), address), [])
        self.assertEqual(dict(self.world.stats.drops), {"bad_cookie": 3})

    def test_another_nonces_cookie_gets_no_answer(self) -> None:
        connect = self.knock.connect(client_nonce=bytes(16))
        self.assert_refused("bad_cookie", self.knock.send(connect))

    def test_a_cookie_of_before_a_restart_gets_no_answer(self) -> None:
        """Its key is random for each process."""
        connect = self.knock.connect()
        other = World(seed=8)
        self.assertEqual(other.inject(connect, HOME), [])
        self.assertEqual(dict(other.stats.drops), {"bad_cookie": 1})


class TokenTests(AdmissionCase):
    def test_a_token_of_another_server_is_denied_without_a_proof(self) -> None:
        claims = TokenSealer(self.world.keys).open(self.joined.ticket.token)
        foreign = TokenSealer(ServerKeys(bytes(32))).seal(claims, bytes(12))
        answers = self.knock.send(self.knock.connect(token=foreign))
        self.assertEqual(self.denied(answers, proven=False), DeniedCode.TOKEN_INVALID)
        self.assertEqual(self.world.stats.counts["denied_token_invalid"], 1)

    def test_a_broken_token_is_denied(self) -> None:
        token = bytearray(self.joined.ticket.token)
        token[40] ^= 1
        answers = self.knock.send(self.knock.connect(token=bytes(token)))
        self.assertEqual(self.denied(answers, proven=False), DeniedCode.TOKEN_INVALID)

    def test_no_token_is_denied(self) -> None:
        answers = self.knock.send(self.knock.connect(token=b""))
        self.assertEqual(self.denied(answers, proven=False), DeniedCode.TOKEN_INVALID)

    def test_a_wrong_length_of_the_token_is_denied(self) -> None:
        size = len(self.joined.ticket.token)
        for wrong in (size - 1, size + 1, 512):
            answers = self.knock.send(self.knock.connect(token_len=wrong))
            self.assertEqual(self.denied(answers, proven=False), DeniedCode.TOKEN_INVALID)

    def test_a_length_beyond_512_gets_no_answer(self) -> None:
        self.assert_refused("malformed", self.knock.send(self.knock.connect(token_len=513)))

    def test_a_stolen_token_is_of_no_use_without_its_key(self) -> None:
        """It crosses the network in clear in every CONNECT."""
        connect = self.knock.connect(session_key=bytes(32))
        self.assert_refused("bad_tag", self.knock.send(connect))

    def test_every_field_of_a_connect_is_under_the_tag(self) -> None:
        connect = self.knock.connect()
        # after the cookie's fields, which are refused before
        for place in (4, 48, 52, 56 + len(self.joined.ticket.token), 1183, 1184, 1199):
            changed = bytearray(connect)
            changed[place] ^= 1
            self.assertEqual(self.knock.send(bytes(changed)), [], place)
        self.assertEqual(dict(self.world.stats.drops), {"bad_tag": 7})
        self.assertEqual(self.connections, {})

    def test_another_protocol_is_denied(self) -> None:
        answers = self.knock.send(self.knock.connect(protocol_id=99))
        self.assertEqual(self.denied(answers), DeniedCode.PROTOCOL_ID)
        self.assertEqual(self.connections, {})

    def test_a_denial_is_proven_to_who_has_the_key(self) -> None:
        [answer] = self.knock.send(self.knock.connect(protocol_id=99))
        key = hello_key(self.joined.ticket.session_key, 99)
        self.assertTrue(Tagger(key).signs(answer))


class SeatTests(AdmissionCase):
    def test_a_ticket_that_expired_is_denied(self) -> None:
        self.world.now = self.joined.ticket.expires_at
        answers = self.knock.send(self.knock.connect())
        self.assertEqual(self.denied(answers), DeniedCode.TOKEN_EXPIRED)

    def test_a_ticket_is_good_until_then(self) -> None:
        self.world.now = self.joined.ticket.expires_at - 0.01
        self.assertEqual(len(self.knock.send(self.knock.connect())[0]), 108)

    def test_a_seat_that_lapsed_is_denied_as_expired(self) -> None:
        """Whether or not the server has cleared it away yet."""
        self.world.advance(15.5, step=0.5)
        self.assertEqual(self.joined.lobby.member_count, 0)
        answers = self.knock.send(self.knock.connect())
        self.assertEqual(self.denied(answers), DeniedCode.TOKEN_EXPIRED)

    def test_a_seat_that_lapsed_between_two_whole_seconds_is_expired_too(self) -> None:
        """A token's time is in whole seconds, a seat's is not."""
        self.world.now = START + 0.25
        joined = take_seat(self.world, self.code)
        self.knock = Knock(self.world, joined)
        self.world.advance(15.25, step=0.25)
        self.assertNotIn(joined.player.player_id, joined.lobby.players)
        answers = self.knock.send(self.knock.connect())
        self.assertEqual(self.denied(answers), DeniedCode.TOKEN_EXPIRED)

    def test_a_lobby_that_was_deleted_is_gone(self) -> None:
        host = Caller(token=self.joined.player_token)
        run(self.world.operations.delete(self.code, host, self.world.now))
        answers = self.knock.send(self.knock.connect())
        self.assertEqual(self.denied(answers), DeniedCode.LOBBY_GONE)

    def test_a_player_who_left_does_not_come_back_with_the_same_token(self) -> None:
        line = self.knock.enter()
        line.send(bytes((FrameType.DISCONNECT, 1, 0, 0)))
        self.knock = Knock(self.world, self.joined)
        self.knock.counter = 2
        answers = self.knock.send(self.knock.connect())
        self.assertEqual(self.denied(answers), DeniedCode.TOKEN_EXPIRED)

    def test_a_connection_id_of_another_session_clashes(self) -> None:
        token = self.resealed(session_id=4711)
        answers = self.knock.send(self.knock.connect(token=token))
        self.assertEqual(self.denied(answers), DeniedCode.CONN_ID_CLASH)
        self.assertEqual(self.connections, {})

    def test_denials_are_smaller_than_what_they_answer(self) -> None:
        self.assertLess(DENIED.size, len(self.knock.connect()))


class ReconnectTests(AdmissionCase):
    def setUp(self) -> None:
        super().setUp()
        self.line = self.knock.enter()

    def again(self, address: tuple[str, int] = HOME, counter: int = 2) -> Knock:
        """The same ticket, a new attempt."""
        knock = Knock(self.world, self.joined, address)
        knock.counter = counter
        return knock

    def farewells(self, seconds: float) -> list[tuple[int, bytes, Any]]:
        """(ms, datagram, address) of all farewells in a time."""
        start, said = self.world.now, []
        for ms in range(int(seconds * 1000) + 1):
            due = self.world.relay.farewells(start + ms / 1000)
            said += [(ms, datagram, address) for datagram, address in due]
        return said

    def test_an_old_counter_gets_no_answer(self) -> None:
        for counter in (0, 1):
            knock = self.again(counter=counter)
            self.assertEqual(knock.send(knock.connect()), [])
        self.assertEqual(self.world.stats.drops["old_connect"], 2)
        self.assertEqual(self.connections[self.line.conn_id].client_nonce, self.knock.nonce)

    def test_a_replayed_connect_does_not_replace_its_successor(self) -> None:
        """Recorded on the way, sent again within the life of its cookie."""
        recorded = self.knock.connect()
        knock = self.again()
        knock.send(knock.connect())
        self.assertEqual(self.knock.send(recorded), [])
        self.assertEqual(self.connections[self.line.conn_id].client_nonce, knock.nonce)

    def test_a_new_attempt_gets_new_keys_and_the_same_player(self) -> None:
        line = self.again().enter()
        same = ("player_id", "slot", "lobby_id", "conn_id")
        self.assertEqual([line.welcome[n] for n in same], [self.line.welcome[n] for n in same])
        self.assertNotEqual(line.welcome["server_nonce"], self.line.welcome["server_nonce"])
        self.assertEqual(line.welcome["flags"], WelcomeFlags.RESUMED)
        self.assertEqual(self.line.welcome["flags"], WelcomeFlags.NONE)

    def test_the_earlier_connections_datagrams_are_refused(self) -> None:
        self.again().enter()
        before = self.world.stats.drops["bad_tag"]
        self.line.seq = 1000
        self.assertEqual(self.line.send(b""), [])
        self.assertEqual(self.world.stats.drops["bad_tag"], before + 1)

    def test_the_earlier_address_hears_that_it_was_replaced(self) -> None:
        knock = self.again(address=ELSEWHERE)
        knock.send(knock.connect())
        said = self.farewells(1.0)
        self.assertEqual([ms for ms, _, _ in said], [0, 0, 0, 20, 40, 80, 160, 320])
        self.assertEqual({address for _, _, address in said}, {HOME})
        for _, datagram, _ in said:
            *_, frame = self.line.frames_of(datagram)
            self.assertEqual(frame.type, FrameType.DISCONNECT)
            self.assertEqual(frame.body.reason, DisconnectReason.REPLACED)

    def test_at_the_same_address_there_is_nobody_to_tell(self) -> None:
        knock = self.again()
        knock.send(knock.connect())
        self.assertEqual(self.farewells(1.0), [])

    def test_the_others_hear_nothing_of_it(self) -> None:
        """Still the same player: no JOINED, no LEFT."""
        rev = self.joined.lobby.rev
        self.again().enter()
        self.assertEqual(self.joined.lobby.rev, rev)

    def test_a_ticket_past_its_time_is_good_for_a_seat_that_is_taken(self) -> None:
        self.world.now += 30
        line = self.again().enter()
        self.assertEqual(line.welcome["flags"], WelcomeFlags.RESUMED)


class ManyTests(AdmissionCase):
    def test_each_of_many_gets_its_own(self) -> None:
        joined: list[Joined] = [take_seat(self.world, self.code) for _ in range(7)]
        lines = [
            Knock(self.world, one, ("198.51.100.30", 7000 + n)).enter()
            for n, one in enumerate(joined)
        ]
        self.assertEqual(len(self.connections), 7)
        self.assertEqual(len({line.welcome["slot"] for line in lines}), 7)
        self.assertEqual(len({line.welcome["server_nonce"] for line in lines}), 7)

    def test_a_denied_code_is_read_as_it_was_written(self) -> None:
        [answer] = self.knock.send(self.knock.connect(protocol_id=99))
        self.assertEqual(denied_code(answer), 2)
