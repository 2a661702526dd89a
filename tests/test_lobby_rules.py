"""The rules, each alone: seats and their states, the host, slots and ids, full and closed.

``now`` is virtual; a lobby begins at 0.
"""

from __future__ import annotations

import itertools
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby import rules
from lobbyd.lobby.model import RING, Lobby, Player, Seat, SeatState
from lobbyd.wire.catalogue import MAX_PLAYERS, LeftReason, LobbyStateCode, PlayerFlags
from lobbyd.wire.messages import Away, Back, Closed, HostChanged, PlayerJoined, PlayerLeft

HOLD = 60.0


class RulesCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.ids = itertools.count(1)
        self.lobby = self.make()

    def make(self, max_players: int = 8, *, permanent: bool = False) -> Lobby:
        return Lobby(
            1,
            "ABCD",
            "Arena",
            game="",
            version="",
            protocol_id=0,
            max_players=max_players,
            created_at=0.0,
            permanent=permanent,
            empty_since=0.0,
        )

    def join(self, now: float = 0.0, name: str = "") -> Player:
        number = next(self.ids)
        player, _ = rules.join(self.lobby, name, Seat(number, number, bytes(32), since=now))
        return player

    def connected(self, now: float = 0.0) -> Player:
        player = self.join(now)
        rules.connect(self.lobby, player, now)
        return player

    def away(self, now: float = 0.0) -> Player:
        player = self.connected(now)
        rules.silent(self.lobby, player, now)
        return player

    def leave(self, player: Player, now: float = 1.0) -> list[Any]:
        return rules.leave(self.lobby, player, LeftReason.LEFT, now)

    def state(self, player: Player) -> SeatState:
        assert player.seat is not None
        return player.seat.state

    def lapsed(self, now: float, hold: float = HOLD) -> list[Player]:
        return rules.lapsed(self.lobby, now, hold)

    def deadline(self, hold: float = HOLD) -> float | None:
        return rules.next_deadline(self.lobby, hold)

    @property
    def host(self) -> int:
        return self.lobby.host_player_id


class JoinTests(RulesCase):
    def test_a_seat_begins_as_reserved(self) -> None:
        self.assertIs(self.state(self.join()), SeatState.RESERVED)

    def test_the_others_hear_of_nobody_who_only_reserved(self) -> None:
        seat = Seat(1, 1, bytes(32), since=0.0)
        player, changes = rules.join(self.lobby, "", seat)
        self.assertEqual((changes, player.announced), ([], False))

    def test_a_nameless_player_gets_a_name(self) -> None:
        self.assertEqual([self.join().name, self.join().name], ["Player 1", "Player 2"])

    def test_a_name_is_kept(self) -> None:
        self.assertEqual(self.join(name="Ada").name, "Ada")

    def test_two_may_have_the_same_name(self) -> None:
        self.assertEqual(self.join(name="Ada").name, self.join(name="Ada").name)

    def test_slots_are_given_from_0(self) -> None:
        self.assertEqual([self.join().slot for _ in range(3)], [0, 1, 2])

    def test_a_slot_that_became_free_is_given_again(self) -> None:
        first, second = self.join(), self.join()
        self.leave(first)
        self.assertEqual((self.join().slot, second.slot), (0, 1))

    def test_a_player_id_is_never_given_again(self) -> None:
        for expected in range(1, 6):
            player = self.join()
            self.assertEqual(player.player_id, expected)
            self.leave(player)

    def test_the_lobby_is_no_longer_empty(self) -> None:
        self.join()
        self.assertIsNone(self.lobby.empty_since)

    def test_a_refused_one_changes_nothing(self) -> None:
        self.lobby.max_players = 1
        self.join()
        self.assertRaises(Refused, self.join)
        self.assertEqual((len(self.lobby.players), self.lobby.next_player_id), (1, 2))


class FullTests(RulesCase):
    def refusal(self) -> str:
        code: str = self.assertRaises(Refused, self.join).code
        return code

    def test_one_more_than_max_players_is_refused(self) -> None:
        self.lobby.max_players = 2
        self.join()
        self.join()
        self.assertEqual(self.refusal(), "lobby_full")

    def test_the_refusal_says_how_many_places_there_are(self) -> None:
        self.lobby.max_players = 1
        self.join()
        self.assertEqual(self.assertRaises(Refused, self.join).detail, "All 1 places are taken.")

    def test_reserved_connected_and_away_seats_all_count(self) -> None:
        self.lobby.max_players = 3
        self.join()
        self.connected()
        self.away()
        self.assertEqual(self.refusal(), "lobby_full")

    def test_a_place_that_became_free_can_be_taken(self) -> None:
        self.lobby.max_players = 1
        self.leave(self.join())
        self.assertEqual(self.join().slot, 0)

    def test_64_players_fit_and_65_do_not(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        slots = [self.join().slot for _ in range(64)]
        self.assertEqual(slots, list(range(64)))
        self.assertEqual(self.refusal(), "lobby_full")

    def test_a_dummy_does_not_count_for_max_players(self) -> None:
        self.lobby.max_players = 1
        rules.add_dummy(self.lobby, "Dummy", Circle())
        self.join()
        self.assertEqual(self.refusal(), "lobby_full")

    def test_members_and_dummies_are_64_at_most(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        rules.add_dummy(self.lobby, "Dummy", Circle())
        for _ in range(63):
            self.join()
        self.assertEqual(self.refusal(), "lobby_full")

    def test_a_closed_lobby_takes_nobody(self) -> None:
        rules.close(self.lobby, LeftReason.CLOSED)
        self.assertEqual(self.refusal(), "lobby_closed")


class DummyTests(RulesCase):
    def test_it_takes_a_slot_from_the_top_and_no_seat(self) -> None:
        dummy, _ = rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertEqual((dummy.slot, dummy.seat, dummy.dummy), (63, None, True))

    def test_a_second_one_takes_the_next(self) -> None:
        slots = [rules.add_dummy(self.lobby, "Dummy", Circle())[0].slot for _ in range(3)]
        self.assertEqual(slots, [63, 62, 61])

    def test_it_takes_a_player_id(self) -> None:
        dummy, _ = rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertEqual((dummy.player_id, self.join().player_id), (1, 2))

    def test_it_is_announced_at_once_and_marked(self) -> None:
        _, changes = rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertEqual(changes, [PlayerJoined(0, 1, 63, PlayerFlags.DUMMY, 0, "Dummy")])

    def test_it_is_no_member_and_never_host(self) -> None:
        rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertEqual((self.lobby.member_count, self.host), (0, 0))

    def test_it_does_not_keep_a_lobby_alive(self) -> None:
        rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertEqual(self.lobby.empty_since, 0.0)
        self.assertEqual(self.deadline(), 60.0)

    def test_it_is_not_an_heir(self) -> None:
        rules.add_dummy(self.lobby, "Dummy", Circle())
        self.leave(self.connected())
        self.assertEqual(self.host, 0)

    def test_64_of_them_fill_the_slots(self) -> None:
        for _ in range(64):
            rules.add_dummy(self.lobby, "Dummy", Circle())
        refused = self.assertRaises(Refused, rules.add_dummy, self.lobby, "D", Circle())
        self.assertEqual(refused.code, "lobby_full")


class ReservedTests(RulesCase):
    def test_a_seat_is_held_for_15_seconds(self) -> None:
        player = self.join(now=100.0)
        self.assertEqual(self.lapsed(114.9), [])
        self.assertEqual(self.lapsed(115.0), [player])

    def test_the_hold_setting_has_nothing_to_do_with_it(self) -> None:
        self.join(now=100.0)
        self.assertEqual(self.lapsed(114.9, hold=0.0), [])

    def test_the_deadline_is_the_end_of_the_seat(self) -> None:
        self.join(now=100.0)
        self.assertEqual(self.deadline(), 115.0)

    def test_the_first_of_several_counts(self) -> None:
        self.join(now=100.0)
        self.join(now=103.0)
        self.assertEqual(self.deadline(), 115.0)

    def test_nobody_hears_that_it_lapsed(self) -> None:
        player = self.join()
        self.connected()
        changes = rules.leave(self.lobby, player, LeftReason.TIMEOUT, 15.0)
        self.assertEqual([c for c in changes if isinstance(c, PlayerLeft)], [])


class ConnectTests(RulesCase):
    def test_a_connect_in_time_makes_it_connected(self) -> None:
        self.assertIs(self.state(self.connected()), SeatState.CONNECTED)

    def test_the_others_hear_of_it(self) -> None:
        player = self.join(name="Ada")
        changes = rules.connect(self.lobby, player, 1.0)
        self.assertEqual(changes, [PlayerJoined(0, 1, 0, PlayerFlags.HOST, 0, "Ada")])

    def test_a_second_player_is_not_marked_as_host(self) -> None:
        self.connected()
        second = self.join(name="Eve")
        changes = rules.connect(self.lobby, second, 1.0)
        self.assertEqual(changes, [PlayerJoined(0, 2, 1, PlayerFlags.NONE, 0, "Eve")])

    def test_a_connected_seat_does_not_lapse(self) -> None:
        self.connected()
        self.assertEqual(self.lapsed(1e9), [])
        self.assertIsNone(self.deadline())

    def test_a_second_connect_is_not_announced_again(self) -> None:
        player = self.connected()
        self.assertEqual(rules.connect(self.lobby, player, 2.0), [])

    def test_a_dummy_cannot_connect(self) -> None:
        dummy, _ = rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertRaises(TypeError, rules.connect, self.lobby, dummy, 1.0)


class AwayTests(RulesCase):
    def test_away_comes_after_5_seconds_of_silence(self) -> None:
        self.assertEqual(rules.AWAY_AFTER, 5.0)

    def test_silence_makes_a_connected_player_away(self) -> None:
        player = self.connected()
        self.assertEqual(rules.silent(self.lobby, player, 5.0), [Away(0, 1)])
        self.assertIs(self.state(player), SeatState.AWAY)

    def test_it_is_said_once(self) -> None:
        player = self.away()
        self.assertEqual(rules.silent(self.lobby, player, 6.0), [])

    def test_saying_it_again_does_not_prolong_the_hold(self) -> None:
        player = self.away(now=10.0)
        rules.silent(self.lobby, player, 60.0)
        self.assertEqual(self.lapsed(70.0), [player])

    def test_a_reserved_seat_is_not_away(self) -> None:
        player = self.join()
        self.assertEqual(rules.silent(self.lobby, player, 5.0), [])
        self.assertIs(self.state(player), SeatState.RESERVED)

    def test_seat_slot_and_id_are_kept(self) -> None:
        player = self.away()
        self.assertIs(self.lobby.players[1], player)
        self.assertEqual((self.join().slot, self.lobby.member_count), (1, 2))

    def test_the_hold_is_the_setting(self) -> None:
        player = self.away(now=10.0)
        self.assertEqual(self.lapsed(12.9, hold=3.0), [])
        self.assertEqual(self.lapsed(13.0, hold=3.0), [player])

    def test_the_deadline_is_the_end_of_the_hold(self) -> None:
        self.away(now=10.0)
        self.assertEqual(self.deadline(), 70.0)

    def test_being_heard_again_is_back(self) -> None:
        player = self.away()
        self.assertEqual(rules.connect(self.lobby, player, 20.0), [Back(0, 1)])
        self.assertIs(self.state(player), SeatState.CONNECTED)

    def test_back_ends_the_hold(self) -> None:
        rules.connect(self.lobby, self.away(), 20.0)
        self.assertEqual(self.lapsed(1e9), [])

    def test_the_flag_says_so(self) -> None:
        player = self.away()
        self.assertTrue(self.lobby.flags_of(player) & PlayerFlags.AWAY)
        rules.connect(self.lobby, player, 20.0)
        self.assertFalse(self.lobby.flags_of(player) & PlayerFlags.AWAY)


class LeaveTests(RulesCase):
    def test_the_others_hear_of_it_with_the_reason(self) -> None:
        self.connected()
        player = self.connected()
        changes = rules.leave(self.lobby, player, LeftReason.KICKED, 1.0)
        self.assertEqual(changes, [PlayerLeft(0, 2, 1, LeftReason.KICKED)])

    def test_somebody_else_is_still_in(self) -> None:
        self.leave(self.connected())
        self.connected()
        self.leave(self.connected())
        self.assertIsNone(self.lobby.empty_since)

    def test_the_last_one_leaves_the_lobby_empty(self) -> None:
        self.leave(self.connected(), now=33.0)
        self.assertEqual(self.lobby.empty_since, 33.0)

    def test_an_away_player_may_leave(self) -> None:
        changes = self.leave(self.away())
        self.assertEqual(changes[0], PlayerLeft(0, 1, 0, LeftReason.LEFT))


class HostTests(RulesCase):
    def test_there_is_none_at_first(self) -> None:
        self.assertEqual(self.host, 0)

    def test_the_first_to_take_a_seat_is_host(self) -> None:
        self.join()
        self.join()
        self.assertEqual(self.host, 1)

    def test_a_leaving_host_is_followed_at_once(self) -> None:
        host = self.connected()
        self.connected()
        changes = self.leave(host)
        self.assertEqual(changes, [PlayerLeft(0, 1, 0, LeftReason.LEFT), HostChanged(0, 2)])
        self.assertEqual(self.host, 2)

    def test_the_one_who_is_longest_in_follows(self) -> None:
        host = self.connected()
        for _ in range(3):
            self.connected()
        self.leave(host)
        self.assertEqual(self.host, 2)

    def test_a_connected_one_comes_before_those_who_are_away_or_reserved(self) -> None:
        host = self.connected()
        self.away()
        self.join()
        self.connected()
        self.leave(host)
        self.assertEqual(self.host, 4)

    def test_where_nobody_is_connected_the_longest_in_follows(self) -> None:
        host = self.connected()
        self.away()
        self.join()
        self.leave(host)
        self.assertEqual(self.host, 2)

    def test_the_last_one_to_leave_leaves_none(self) -> None:
        changes = self.leave(self.connected())
        self.assertEqual(changes[1:], [HostChanged(0, 0)])
        self.assertEqual(self.host, 0)

    def test_who_comes_after_that_is_host(self) -> None:
        self.leave(self.connected())
        self.join()
        self.assertEqual(self.host, 2)

    def test_another_player_leaving_changes_nothing(self) -> None:
        self.connected()
        changes = self.leave(self.connected())
        self.assertEqual(changes, [PlayerLeft(0, 2, 1, LeftReason.LEFT)])
        self.assertEqual(self.host, 1)

    def test_it_migrates_5_seconds_into_away(self) -> None:
        self.away(now=10.0)
        self.connected()
        self.assertEqual(self.deadline(), 15.0)
        self.assertEqual(rules.expire(self.lobby, 14.9), [])
        self.assertEqual(rules.expire(self.lobby, 15.0), [HostChanged(0, 2)])
        self.assertEqual(self.host, 2)

    def test_a_host_who_was_back_in_time_stays(self) -> None:
        host = self.away(now=10.0)
        self.connected()
        rules.connect(self.lobby, host, 14.0)
        self.assertEqual(rules.expire(self.lobby, 100.0), [])
        self.assertEqual(self.host, 1)

    def test_a_host_who_is_back_late_is_host_no_more(self) -> None:
        host = self.away(now=10.0)
        self.connected()
        rules.expire(self.lobby, 15.0)
        self.assertEqual(rules.connect(self.lobby, host, 16.0), [Back(0, 1)])
        self.assertEqual(self.host, 2)

    def test_without_an_heir_the_host_stays(self) -> None:
        self.away(now=10.0)
        self.away(now=10.0)
        self.join(now=10.0)
        self.assertEqual(rules.expire(self.lobby, 20.0), [])
        self.assertEqual(self.host, 1)

    def test_without_an_heir_there_is_nothing_to_wait_for(self) -> None:
        self.away(now=10.0)
        self.assertEqual(self.deadline(), 70.0)

    def test_an_heir_who_comes_later_is_host_at_once(self) -> None:
        self.away(now=10.0)
        self.connected(now=40.0)
        self.assertEqual(self.deadline(), 15.0)
        self.assertEqual(rules.expire(self.lobby, 40.0), [HostChanged(0, 2)])

    def test_it_migrates_once(self) -> None:
        self.away(now=10.0)
        self.connected()
        rules.expire(self.lobby, 15.0)
        self.assertEqual(rules.expire(self.lobby, 16.0), [])

    def test_the_flag_goes_with_it(self) -> None:
        host, other = self.connected(), self.connected()
        self.leave(host)
        self.assertTrue(self.lobby.flags_of(other) & PlayerFlags.HOST)


class EmptyTests(RulesCase):
    def test_an_empty_lobby_lives_60_seconds_after_it_was_made(self) -> None:
        self.assertEqual(self.deadline(), 60.0)
        self.assertEqual(rules.expire(self.lobby, 59.9), [])
        self.assertEqual(rules.expire(self.lobby, 60.0), [Closed(LeftReason.TIMEOUT)])
        self.assertTrue(self.lobby.closed)

    def test_it_lives_60_seconds_after_the_last_one_left(self) -> None:
        self.leave(self.connected(now=10.0), now=100.0)
        self.assertEqual(self.deadline(), 160.0)

    def test_a_reserved_seat_keeps_it(self) -> None:
        self.join(now=59.0)
        self.assertEqual(rules.expire(self.lobby, 70.0), [])

    def test_an_away_seat_keeps_it(self) -> None:
        self.away(now=1.0)
        self.assertEqual(rules.expire(self.lobby, 1e9), [])

    def test_a_permanent_one_lives_on(self) -> None:
        self.lobby = self.make(permanent=True)
        self.assertIsNone(self.deadline())
        self.assertEqual(rules.expire(self.lobby, 1e9), [])

    def test_it_closes_once(self) -> None:
        rules.expire(self.lobby, 60.0)
        self.assertEqual(rules.expire(self.lobby, 61.0), [])


class CloseTests(RulesCase):
    def test_it_is_closed_and_its_readers_hear_why(self) -> None:
        self.connected()
        self.assertEqual(rules.close(self.lobby, LeftReason.CLOSED), [Closed(LeftReason.CLOSED)])
        self.assertIs(self.lobby.state, LobbyStateCode.CLOSED)


class CommitTests(RulesCase):
    def test_changes_are_numbered_from_1(self) -> None:
        rules.commit(self.lobby, [Away(0, 1), Back(0, 1)])
        self.assertEqual(list(self.lobby.changes), [(1, Away(1, 1)), (2, Back(2, 1))])
        self.assertEqual(self.lobby.rev, 2)

    def test_a_close_is_numbered_in_the_ring_only(self) -> None:
        rules.commit(self.lobby, [Closed(3)])
        self.assertEqual(list(self.lobby.changes), [(1, Closed(3))])

    def test_nothing_changes_nothing(self) -> None:
        rules.commit(self.lobby, [])
        self.assertEqual(self.lobby.rev, 0)

    def test_the_ring_keeps_the_newest_256(self) -> None:
        rules.commit(self.lobby, [Away(0, 1)] * (RING + 5))
        revs = [rev for rev, _ in self.lobby.changes]
        self.assertEqual(revs, list(range(6, RING + 6)))
        self.assertEqual(RING, 256)

    def test_what_is_told_to_a_newcomer_has_the_current_revision(self) -> None:
        player = self.connected()
        rules.commit(self.lobby, [Away(0, 1)] * 3)
        self.assertEqual(rules.joined(self.lobby, player).rev, 3)
        self.assertEqual(rules.state_of(self.lobby).rev, 3)

    def test_the_state_tells_host_and_size(self) -> None:
        self.connected()
        state = rules.state_of(self.lobby)
        self.assertEqual(
            (state.state, state.max_players, state.host_player_id, state.countdown_ms),
            (LobbyStateCode.OPEN, 8, 1, 0),
        )


class SessionTests(RulesCase):
    def test_a_member_is_found_by_its_session(self) -> None:
        first, second = self.join(), self.join()
        assert second.seat is not None
        self.assertIs(self.lobby.by_session(second.seat.session_id), second)
        self.leave(first)
        self.assertIsNone(self.lobby.by_session(1))

    def test_a_dummy_has_no_session(self) -> None:
        rules.add_dummy(self.lobby, "Dummy", Circle())
        self.assertIsNone(self.lobby.by_session(0))
