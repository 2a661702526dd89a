"""All lobbies together: indexes, deadlines and the list agree with what time and players do."""

from __future__ import annotations

import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.model import Identity, Lobby, Player
from lobbyd.lobby.rules import life
from lobbyd.lobby.settings import LobbySettings
from lobbyd.wire.catalogue import LeftReason, LobbyStateCode
from lobbyd.wire.messages import Away, Closed, HostChanged, PlayerLeft

from .rules_case import new_lobby

STRANGER = Identity(None, b"somewhere")


def heap_limit(lobbies: Lobbies) -> int:
    """More entries than this would be a leak."""
    return 2 * len(lobbies.by_id) + 16


def heap_size(lobbies: Lobbies) -> int:
    return len(lobbies._deadlines)


class LobbiesCase(SynchronousTestCase):
    seat_hold = 60.0

    def setUp(self) -> None:
        self.lobbies = Lobbies(
            seat_hold=self.seat_hold, max_lobbies=3, entropy=random.Random(1).randbytes
        )
        self.lobby = self.create("ABCD")

    def create(self, code: str, now: float = 0.0, **more: Any) -> Lobby:
        lobby = new_lobby(self.lobbies.new_id(), code, now, **more)
        self.lobbies.add(lobby, now)
        return lobby

    def join(self, now: float = 0.0, **how: Any) -> Player:
        return self.lobbies.join(self.lobby, "", STRANGER, now, **how)

    def connected(self, now: float = 0.0, **how: Any) -> Player:
        player = self.join(now, **how)
        self.lobbies.connect(self.lobby, player, now)
        return player

    def conn_id(self, player: Player) -> int:
        assert player.seat is not None
        return player.seat.conn_id

    def changes(self) -> list[Any]:
        return [change for _, change in self.lobby.changes]

    def refusal(self, call: Any, *args: Any) -> str:
        code: str = self.assertRaises(Refused, call, *args).code
        return code


class FindTests(LobbiesCase):
    def test_a_lobby_is_found_by_its_code(self) -> None:
        self.assertIs(self.lobbies.find("ABCD"), self.lobby)

    def test_an_unknown_code_is_refused(self) -> None:
        self.assertEqual(self.refusal(self.lobbies.find, "WXYZ"), "lobby_not_found")

    def test_what_can_be_no_code_is_refused_alike(self) -> None:
        self.assertEqual(self.refusal(self.lobbies.find, None), "lobby_not_found")
        self.assertEqual(self.refusal(self.lobbies.find, ""), "lobby_not_found")

    def test_a_closed_one_is_found_no_more(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.assertEqual(self.refusal(self.lobbies.find, "ABCD"), "lobby_not_found")


class RoomTests(LobbiesCase):
    def test_there_is_room_below_the_limit(self) -> None:
        self.create("AAAA")
        self.lobbies.check_room(b"")

    def test_there_is_none_at_the_limit_and_a_time_to_try_again(self) -> None:
        self.create("AAAA")
        self.create("BBBB")
        refused = self.assertRaises(Refused, self.lobbies.check_room, b"")
        self.assertEqual((refused.code, refused.retry_after), ("too_many_lobbies", 30))

    def test_there_is_room_again_when_one_ended(self) -> None:
        self.create("AAAA")
        last = self.create("BBBB")
        self.assertRaises(Refused, self.lobbies.check_room, b"")
        self.lobbies.close(last, LeftReason.CLOSED, 0.0)
        self.lobbies.check_room(b"")


class AddressTests(SynchronousTestCase):
    """How many lobbies one address may have at one time."""

    def setUp(self) -> None:
        self.lobbies = Lobbies(
            seat_hold=60, max_lobbies=9, max_per_address=2, entropy=random.Random(1).randbytes
        )
        self.made = [self.create(code, b"home") for code in ("AAAA", "BBBB")]

    def create(self, code: str, maker: bytes) -> Lobby:
        lobby = new_lobby(self.lobbies.new_id(), code, maker=maker)
        self.lobbies.add(lobby, 0.0)
        return lobby

    def test_one_more_is_refused_with_a_time_to_try_again(self) -> None:
        refused = self.assertRaises(Refused, self.lobbies.check_room, b"home")
        self.assertEqual((refused.code, refused.retry_after), ("too_many_lobbies", 30))

    def test_other_addresses_are_not_concerned(self) -> None:
        self.lobbies.check_room(b"away")

    def test_one_that_ended_makes_room(self) -> None:
        self.lobbies.close(self.made[0], LeftReason.CLOSED, 0.0)
        self.lobbies.close(self.made[0], LeftReason.CLOSED, 0.0)
        self.lobbies.check_room(b"home")
        self.create("CCCC", b"home")
        self.assertRaises(Refused, self.lobbies.check_room, b"home")

    def test_nothing_is_kept_of_an_address_without_lobbies(self) -> None:
        for lobby in self.made:
            self.lobbies.close(lobby, LeftReason.CLOSED, 0.0)
        self.assertEqual(dict(self.lobbies._made), {})


class SeatTests(LobbiesCase):
    def test_a_seat_is_found_by_its_connection_id(self) -> None:
        player = self.join()
        self.assertEqual(self.lobbies.seat(self.conn_id(player)), (self.lobby, player))

    def test_an_unknown_connection_id_has_none(self) -> None:
        self.assertIsNone(self.lobbies.seat(0))

    def test_it_is_forgotten_when_the_player_leaves(self) -> None:
        player = self.connected()
        self.lobbies.leave(self.lobby, player, LeftReason.LEFT, 1.0)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_it_is_forgotten_when_it_lapses(self) -> None:
        player = self.join()
        self.lobbies.expire(15.0)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_it_is_forgotten_when_the_lobby_closes(self) -> None:
        player = self.connected()
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_a_connection_id_is_never_0_nor_taken(self) -> None:
        scripted = iter([bytes(4), b"\1\0\0\0", b"\1\0\0\0", b"\2\0\0\0"])
        lobbies = Lobbies(
            seat_hold=60,
            max_lobbies=3,
            entropy=lambda count: next(scripted) if count == 4 else b"\7" * count,
        )
        lobby = new_lobby(1, "ABCD")
        lobbies.add(lobby, 0.0)
        ids = [self.conn_id(lobbies.join(lobby, "", STRANGER, 0.0)) for _ in range(2)]
        self.assertEqual(ids, [1, 2])

    def test_keys_and_sessions_differ_between_seats(self) -> None:
        seats = [self.join().seat for _ in range(8)]
        self.assertEqual(len({seat.session_key for seat in seats if seat}), 8)
        self.assertEqual(len({seat.session_id for seat in seats if seat}), 8)

    def test_a_refused_join_leaves_no_seat(self) -> None:
        for _ in range(8):
            self.join()
        self.assertEqual(self.refusal(self.join), "lobby_full")
        self.assertEqual(len(self.lobbies._seats), 8)

    def test_a_new_id_is_never_0(self) -> None:
        lobbies = Lobbies(seat_hold=60, max_lobbies=3, entropy=bytes)
        self.assertEqual(lobbies.new_id(), 1)


class PutOutTests(LobbiesCase):
    def put_out(self, *, ban: bool) -> Player:
        self.connected()
        player = self.connected()
        self.lobbies.put_out(self.lobby, player, "Bye.", 1.0, ban=ban)
        return player

    def test_the_seat_is_forgotten(self) -> None:
        player = self.put_out(ban=False)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))
        self.assertEqual(self.changes()[-1], PlayerLeft(3, 2, 1, LeftReason.KICKED))

    def test_a_banned_one_is_refused_and_takes_no_seat(self) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.refusal(self.join, 2.0), "banned")
        self.assertEqual(len(self.lobbies._seats), 1)

    def test_a_ban_is_of_one_lobby(self) -> None:
        self.put_out(ban=True)
        self.lobbies.join(self.create("WXYZ"), "", STRANGER, 2.0)


class ListTests(LobbiesCase):
    """Which lobbies the list has."""

    def listed(self, lobby: Lobby | None = None) -> bool:
        return (lobby or self.lobby).lobby_id in self.lobbies.index

    def test_a_new_one_is_in_it(self) -> None:
        self.assertTrue(self.listed())

    def test_a_private_one_never_is(self) -> None:
        private = self.create("WXYZ", visibility="private")
        self.assertFalse(self.listed(private))
        self.lobbies.join(private, "", STRANGER, 0.0)
        self.assertFalse(self.listed(private))

    def test_an_empty_one_is_taken_off_at_30_seconds_and_gone_at_60(self) -> None:
        self.lobbies.expire(29.9)
        self.assertTrue(self.listed())
        self.lobbies.expire(30.0)
        self.assertEqual((self.listed(), self.lobby.closed), (False, False))
        self.assertIs(self.lobbies.find("ABCD"), self.lobby)
        self.lobbies.expire(60.0)
        self.assertTrue(self.lobby.closed)

    def test_it_comes_back_with_the_next_member(self) -> None:
        self.lobbies.expire(40.0)
        self.join(40.0)
        self.assertTrue(self.listed())

    def test_a_closed_one_is_not_in_it(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.assertEqual((self.listed(), len(self.lobbies.index)), (False, 0))

    def test_what_changed_is_known_to_readers_of_the_list(self) -> None:
        self.lobbies.touched.clear()
        self.join()
        self.assertEqual(self.lobbies.touched, {self.lobby.lobby_id})
        self.lobbies.touched.clear()
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.assertEqual(self.lobbies.touched, {self.lobby.lobby_id})


class CountdownTests(LobbiesCase):
    def test_it_ends_by_itself(self) -> None:
        self.connected()
        self.lobbies.settle(self.lobby, life.start(self.lobby, 1.0), 1.0)
        self.assertEqual(len(self.lobbies.index), 0)
        self.lobbies.expire(3.9)
        self.assertIs(self.lobby.state, LobbyStateCode.COUNTDOWN)
        self.lobbies.expire(4.0)
        self.assertIs(self.lobby.state, LobbyStateCode.IN_GAME)
        self.assertEqual(self.changes()[-1].state, LobbyStateCode.IN_GAME)

    def test_a_seat_that_lapses_calls_it_off(self) -> None:
        self.connected()
        self.join(1.0)
        self.lobby.settings = LobbySettings(countdown=20.0)
        self.lobbies.settle(self.lobby, life.start(self.lobby, 1.0), 1.0)
        self.lobbies.expire(16.0)
        self.assertIs(self.lobby.state, LobbyStateCode.OPEN)
        self.assertEqual(len(self.lobbies.index), 1)

    def test_both_at_one_look_are_no_start(self) -> None:
        """Nobody looked for a long time: who lapsed was not there at the start."""
        self.connected()
        self.join(1.0)
        self.lobbies.settle(self.lobby, life.start(self.lobby, 14.0), 14.0)
        self.lobbies.expire(1000.0)
        self.assertIs(self.lobby.state, LobbyStateCode.OPEN)


class NoMigrationTests(LobbiesCase):
    def test_the_lapse_of_the_host_ends_the_lobby_for_all(self) -> None:
        self.lobby.settings = LobbySettings(host_migration="none")
        host, other = self.connected(), self.connected()
        self.join(1.0)
        self.lobbies.silent(self.lobby, host, 5.0)
        self.lobbies.expire(64.9)
        self.assertFalse(self.lobby.closed)
        self.lobbies.expire(65.0)
        self.assertEqual(self.changes()[-1], Closed(LeftReason.CLOSED))
        self.assertEqual(self.lobbies.take_removed(), [self.lobby])
        self.assertIsNone(self.lobbies.seat(self.conn_id(other)))

    def test_several_that_lapse_at_once_end_it_once(self) -> None:
        self.lobby.settings = LobbySettings(host_migration="none")
        for _ in range(3):
            self.lobbies.silent(self.lobby, self.connected(), 5.0)
        self.lobbies.expire(1000.0)
        self.assertEqual(len([c for c in self.changes() if isinstance(c, Closed)]), 1)
        self.assertEqual(self.lobbies._seats, {})


class ExpireTests(LobbiesCase):
    def test_a_seat_lapses_15_seconds_after_the_join(self) -> None:
        self.join(10.0)
        self.lobbies.expire(24.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(25.0)
        self.assertEqual(self.lobby.member_count, 0)

    def test_an_away_seat_lapses_at_the_end_of_the_hold(self) -> None:
        player = self.connected()
        self.lobbies.silent(self.lobby, player, 5.0)
        self.lobbies.expire(64.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(65.0)
        self.assertEqual(self.changes()[-2:], [PlayerLeft(3, 1, 0, 1), HostChanged(4, 0)])

    def test_a_connected_seat_never_lapses(self) -> None:
        self.connected()
        self.lobbies.expire(1e9)
        self.assertEqual(self.lobby.member_count, 1)

    def test_the_host_migrates_5_seconds_into_away(self) -> None:
        host = self.connected()
        self.connected()
        self.lobbies.silent(self.lobby, host, 10.0)
        self.lobbies.expire(14.9)
        self.assertEqual(self.lobby.host_player_id, 1)
        self.lobbies.expire(15.0)
        self.assertEqual(self.lobby.host_player_id, 2)

    def test_an_heir_who_connects_later_is_host_at_the_next_look(self) -> None:
        host = self.connected()
        self.lobbies.silent(self.lobby, host, 10.0)
        self.lobbies.expire(30.0)
        self.assertEqual(self.lobby.host_player_id, 1)
        self.connected(now=30.0)
        self.lobbies.expire(30.0)
        self.assertEqual(self.lobby.host_player_id, 2)

    def test_an_empty_lobby_ends_after_60_seconds(self) -> None:
        self.lobbies.expire(59.9)
        self.assertEqual(self.lobbies.take_removed(), [])
        self.lobbies.expire(60.0)
        self.assertEqual(self.lobbies.take_removed(), [self.lobby])
        self.assertEqual(self.changes(), [Closed(LeftReason.TIMEOUT)])

    def test_it_ends_60_seconds_after_a_seat_lapsed(self) -> None:
        self.join(50.0)
        self.lobbies.expire(65.0)
        self.lobbies.expire(124.9)
        self.assertFalse(self.lobby.closed)
        self.lobbies.expire(125.0)
        self.assertTrue(self.lobby.closed)

    def test_a_look_that_comes_late_finds_the_same_end(self) -> None:
        """Nobody looked for a long time; the empty minute begins when the lapse was seen."""
        self.join()
        self.lobbies.expire(1000.0)
        self.assertEqual((self.lobby.member_count, self.lobby.closed), (0, False))
        self.lobbies.expire(1060.0)
        self.assertTrue(self.lobby.closed)

    def test_a_permanent_one_never_ends(self) -> None:
        lobby = self.create("TEST", permanent=True)
        self.lobbies.expire(1e9)
        self.assertIs(self.lobbies.find("TEST"), lobby)

    def test_a_removed_one_is_reported_once(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        self.assertEqual(self.lobbies.take_removed(), [self.lobby])
        self.assertEqual(self.lobbies.take_removed(), [])

    def test_lobbies_do_not_wait_for_one_another(self) -> None:
        late = self.create("WXYZ", now=30.0)
        self.lobbies.expire(60.0)
        self.assertEqual((self.lobby.closed, late.closed), (True, False))

    def test_a_code_that_was_taken_again_is_another_lobby(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED, 0.0)
        again = self.create("ABCD", now=59.0)
        self.lobbies.expire(60.0)
        self.assertIs(self.lobbies.find("ABCD"), again)


class HoldTests(LobbiesCase):
    seat_hold = 3.0

    def test_the_hold_is_the_setting(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        self.lobbies.expire(7.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(8.0)
        self.assertEqual(self.lobby.member_count, 0)


class NoHoldTests(LobbiesCase):
    seat_hold = 0.0

    def test_an_away_seat_lapses_at_once(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        self.lobbies.expire(5.0)
        self.assertEqual(self.lobby.member_count, 0)
        self.assertIsInstance(self.changes()[1], Away)


class HeapTests(LobbiesCase):
    """Entries that were overtaken must not pile up: their number is bounded by the lobbies."""

    seat_hold = 86400.0

    def assertBounded(self) -> None:
        self.assertLessEqual(heap_size(self.lobbies), heap_limit(self.lobbies))

    def test_it_does_not_grow_when_lobbies_come_and_go(self) -> None:
        for _ in range(500):
            self.lobbies.close(self.create("WXYZ"), LeftReason.CLOSED, 0.0)
            self.assertBounded()

    def test_it_does_not_grow_when_players_come_and_go(self) -> None:
        for now in range(500):
            self.lobbies.leave(self.lobby, self.connected(now), LeftReason.LEFT, now)
            self.assertBounded()

    def test_it_does_not_grow_beside_a_seat_that_is_held_for_long(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        for now in range(100, 8000, 16):
            player = self.join(float(now))
            self.lobbies.leave(self.lobby, player, LeftReason.LEFT, float(now))
            self.lobbies.expire(now + 15.0)
            self.assertBounded()

    def test_nothing_is_forgotten_when_it_is_cleared(self) -> None:
        self.connected()
        stays = self.create("AAAA")
        for _ in range(500):
            self.lobbies.close(self.create("WXYZ"), LeftReason.CLOSED, 0.0)
        self.lobbies.expire(60.0)
        self.assertEqual((stays.closed, self.lobby.closed), (True, False))
