"""Seats: who gets one, which slot and id, how long it is held, and who is kept out."""

from __future__ import annotations

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby.model import Ban, Identity, Player, SeatState
from lobbyd.lobby.rules import life, seats
from lobbyd.wire.catalogue import MAX_PLAYERS, NO_SLOT, DeniedCode, LeftReason, PlayerFlags
from lobbyd.wire.messages import Away, Back, PlayerJoined, PlayerLeft

from .rules_case import COUNTDOWN, IN_GAME, LOCKED, OPEN, RulesCase


class JoinTests(RulesCase):
    def test_a_seat_begins_as_reserved(self) -> None:
        self.assertIs(self.state(self.join()), SeatState.RESERVED)

    def test_the_others_hear_of_nobody_who_only_reserved(self) -> None:
        player, changes = seats.join(self.lobby, "", self.new_seat(), 0.0)
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
    def test_one_more_than_max_players_is_refused(self) -> None:
        self.lobby.max_players = 2
        self.join()
        self.join()
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_the_refusal_says_how_many_places_there_are(self) -> None:
        self.lobby.max_players = 1
        self.join()
        self.assertEqual(self.assertRaises(Refused, self.join).detail, "All 1 places are taken.")

    def test_reserved_connected_and_away_seats_all_count(self) -> None:
        self.lobby.max_players = 3
        self.join()
        self.connected()
        self.away()
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_a_place_that_became_free_can_be_taken(self) -> None:
        self.lobby.max_players = 1
        self.leave(self.join())
        self.assertEqual(self.join().slot, 0)

    def test_64_players_fit_and_65_do_not(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        slots = [self.join().slot for _ in range(64)]
        self.assertEqual(slots, list(range(64)))
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_a_dummy_does_not_count_for_max_players(self) -> None:
        self.lobby.max_players = 1
        self.dummy()
        self.join()
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_members_and_dummies_are_64_at_most(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        self.dummy()
        for _ in range(63):
            self.join()
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_a_closed_lobby_takes_nobody(self) -> None:
        life.close(self.lobby, LeftReason.CLOSED)
        self.assertEqual(self.refusal(self.join), "lobby_closed")


class DummyTests(RulesCase):
    def test_it_takes_a_slot_from_the_top_and_no_seat(self) -> None:
        dummy = self.dummy()
        self.assertEqual((dummy.slot, dummy.seat, dummy.dummy), (63, None, True))

    def test_a_second_one_takes_the_next(self) -> None:
        slots = [self.dummy().slot for _ in range(3)]
        self.assertEqual(slots, [63, 62, 61])

    def test_it_takes_a_player_id(self) -> None:
        dummy = self.dummy()
        self.assertEqual((dummy.player_id, self.join().player_id), (1, 2))

    def test_it_is_announced_at_once_and_marked(self) -> None:
        _, changes = seats.add_dummy(self.lobby, "Dummy", Circle(), 0.0)
        self.assertEqual(changes, [PlayerJoined(0, 1, 63, PlayerFlags.DUMMY, 0, "Dummy")])

    def test_it_is_no_member_and_never_host(self) -> None:
        self.dummy()
        self.assertEqual((self.lobby.member_count, self.host), (0, 0))

    def test_it_does_not_keep_a_lobby_alive(self) -> None:
        self.dummy()
        self.assertEqual(self.lobby.empty_since, 0.0)
        self.assertEqual(self.deadline(30.0), 60.0)

    def test_it_is_not_an_heir(self) -> None:
        self.dummy()
        self.leave(self.connected())
        self.assertEqual(self.host, 0)

    def test_64_of_them_fill_the_slots(self) -> None:
        for _ in range(64):
            self.dummy()
        self.assertEqual(self.refusal(self.dummy), "lobby_full")


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
        changes = seats.leave(self.lobby, player, LeftReason.TIMEOUT, 15.0)
        self.assertEqual([c for c in changes if isinstance(c, PlayerLeft)], [])


class ConnectTests(RulesCase):
    def test_a_connect_in_time_makes_it_connected(self) -> None:
        self.assertIs(self.state(self.connected()), SeatState.CONNECTED)

    def test_the_others_hear_of_it(self) -> None:
        player = self.join(name="Ada")
        changes = seats.connect(self.lobby, player, 1.0)
        self.assertEqual(changes, [PlayerJoined(0, 1, 0, PlayerFlags.HOST, 0, "Ada")])

    def test_a_second_player_is_not_marked_as_host(self) -> None:
        self.connected()
        second = self.join(name="Eve")
        changes = seats.connect(self.lobby, second, 1.0)
        self.assertEqual(changes, [PlayerJoined(0, 2, 1, PlayerFlags.NONE, 0, "Eve")])

    def test_a_connected_seat_does_not_lapse(self) -> None:
        self.connected()
        self.assertEqual(self.lapsed(1e9), [])
        self.assertIsNone(self.deadline())

    def test_a_second_connect_is_not_announced_again(self) -> None:
        player = self.connected()
        self.assertEqual(seats.connect(self.lobby, player, 2.0), [])

    def test_a_dummy_cannot_connect(self) -> None:
        dummy = self.dummy()
        self.assertRaises(TypeError, seats.connect, self.lobby, dummy, 1.0)


class AwayTests(RulesCase):
    def test_away_comes_after_5_seconds_of_silence(self) -> None:
        self.assertEqual(seats.AWAY_AFTER, 5.0)

    def test_silence_makes_a_connected_player_away(self) -> None:
        player = self.connected()
        self.assertEqual(seats.silent(self.lobby, player, 5.0), [Away(0, 1)])
        self.assertIs(self.state(player), SeatState.AWAY)

    def test_it_is_said_once(self) -> None:
        player = self.away()
        self.assertEqual(seats.silent(self.lobby, player, 6.0), [])

    def test_saying_it_again_does_not_prolong_the_hold(self) -> None:
        player = self.away(now=10.0)
        seats.silent(self.lobby, player, 60.0)
        self.assertEqual(self.lapsed(70.0), [player])

    def test_a_reserved_seat_is_not_away(self) -> None:
        player = self.join()
        self.assertEqual(seats.silent(self.lobby, player, 5.0), [])
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
        self.assertEqual(seats.connect(self.lobby, player, 20.0), [Back(0, 1)])
        self.assertIs(self.state(player), SeatState.CONNECTED)

    def test_back_ends_the_hold(self) -> None:
        seats.connect(self.lobby, self.away(), 20.0)
        self.assertEqual(self.lapsed(1e9), [])

    def test_the_flag_says_so(self) -> None:
        player = self.away()
        self.assertTrue(self.lobby.flags_of(player) & PlayerFlags.AWAY)
        seats.connect(self.lobby, player, 20.0)
        self.assertFalse(self.lobby.flags_of(player) & PlayerFlags.AWAY)


class LeaveTests(RulesCase):
    def test_the_others_hear_of_it_with_the_reason(self) -> None:
        self.connected()
        player = self.connected()
        changes = seats.leave(self.lobby, player, LeftReason.KICKED, 1.0)
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


class SessionTests(RulesCase):
    def test_a_member_is_found_by_its_session(self) -> None:
        first, second = self.join(), self.join()
        assert second.seat is not None
        self.assertIs(self.lobby.by_session(second.seat.session_id), second)
        self.leave(first)
        self.assertIsNone(self.lobby.by_session(1))

    def test_a_dummy_has_no_session(self) -> None:
        self.dummy()
        self.assertIsNone(self.lobby.by_session(0))


class SpectatorTests(RulesCase):
    def test_one_takes_no_slot_and_no_place(self) -> None:
        self.lobby.max_players = 1
        watcher = self.spectator()
        self.assertEqual((watcher.slot, watcher.spectator), (NO_SLOT, True))
        self.assertEqual((self.lobby.member_count, self.lobby.spectator_count), (0, 1))
        self.assertEqual(self.join().slot, 0)

    def test_one_may_watch_a_full_lobby(self) -> None:
        self.lobby.max_players = 1
        self.join()
        self.assertTrue(self.join(spectator=True).spectator)

    def test_several_share_the_slot_that_is_none(self) -> None:
        self.assertEqual([self.spectator().slot for _ in range(3)], [NO_SLOT] * 3)

    def test_64_players_fit_beside_them(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        self.spectator()
        self.assertEqual([self.join().slot for _ in range(64)], list(range(64)))

    def test_there_are_8_at_most_by_default(self) -> None:
        for _ in range(8):
            self.spectator()
        refused = self.assertRaises(Refused, self.spectator)
        self.assertEqual(
            (refused.code, refused.detail), ("lobby_full", "All 8 spectators are here.")
        )

    def test_how_many_is_a_setting(self) -> None:
        self.change(settings={"max_spectators": 0})
        self.assertEqual(self.refusal(self.spectator), "lobby_full")
        self.assertEqual(self.join().slot, 0)

    def test_one_who_left_makes_room_for_another(self) -> None:
        self.change(settings={"max_spectators": 1})
        self.leave(self.spectator())
        self.assertTrue(self.spectator().spectator)

    def test_one_is_never_host(self) -> None:
        self.spectator()
        self.assertEqual(self.host, 0)
        player = self.join()
        self.assertEqual(self.host, player.player_id)

    def test_the_others_hear_of_it_with_its_mark(self) -> None:
        watcher = self.join(name="Eve", spectator=True)
        changes = seats.connect(self.lobby, watcher, 1.0)
        self.assertEqual(changes, [PlayerJoined(0, 1, NO_SLOT, PlayerFlags.SPECTATOR, 0, "Eve")])

    def test_one_keeps_the_lobby_from_being_empty(self) -> None:
        watcher = self.spectator()
        self.assertIsNone(self.lobby.empty_since)
        self.leave(watcher, now=9.0)
        self.assertEqual(self.lobby.empty_since, 9.0)

    def test_one_may_come_into_a_game_and_a_countdown(self) -> None:
        self.connected()
        for state in (COUNTDOWN, IN_GAME):
            self.lobby.state = state
            self.assertTrue(self.spectator().spectator)

    def test_one_holds_its_seat_as_a_player_does(self) -> None:
        reserved, gone = self.join(spectator=True), self.spectator()
        seats.silent(self.lobby, gone, 0.0)
        self.assertEqual(self.lapsed(15.0), [reserved])
        self.assertEqual(self.lapsed(60.0), [reserved, gone])


class LockTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.connected()
        self.change(locked=True)

    def test_nobody_comes_into_a_locked_lobby(self) -> None:
        self.assertEqual(self.refusal(self.join), "lobby_locked")
        self.assertEqual((self.lobby.member_count, self.lobby.next_player_id), (1, 2))

    def test_but_a_friend_whose_name_is_reserved(self) -> None:
        self.change(reserved=("Ada",))
        self.assertEqual(self.join(name="Ada").slot, 1)

    def test_unlocked_it_takes_players_again(self) -> None:
        self.change(locked=False)
        self.assertEqual(self.join().slot, 1)

    def test_a_full_one_is_called_full(self) -> None:
        self.change(max_players=1)
        self.assertEqual(self.refusal(self.join), "lobby_full")


class AutoLockTests(RulesCase):
    def test_a_full_lobby_is_locked_and_members_hear_it(self) -> None:
        self.lobby.max_players = 2
        self.connected()
        self.assertState(OPEN)
        _, [told] = seats.join(self.lobby, "", self.new_seat(), 1.0)
        self.assertState(LOCKED)
        self.assertEqual(told.state, LOCKED)

    def test_it_opens_when_somebody_leaves(self) -> None:
        self.lobby.max_players = 2
        self.connected()
        other = self.connected()
        _, told = self.leave(other)
        self.assertEqual(told.state, OPEN)
        self.assertState(OPEN)

    def test_it_opens_when_there_are_more_places(self) -> None:
        self.lobby.max_players = 1
        self.connected()
        [told] = self.change(max_players=2)
        self.assertEqual((told.state, told.max_players), (OPEN, 2))

    def test_places_that_are_kept_for_names_count_as_taken(self) -> None:
        self.lobby.max_players = 2
        self.connected()
        self.change(reserved=("Ada",))
        self.assertState(LOCKED)

    def test_the_hosts_own_lock_stays_when_somebody_leaves(self) -> None:
        self.lobby.max_players = 2
        self.connected()
        other = self.connected()
        self.change(locked=True)
        self.leave(other)
        self.assertState(LOCKED)
        self.assertEqual(self.refusal(self.join), "lobby_locked")

    def test_spectators_do_not_fill_a_lobby(self) -> None:
        self.lobby.max_players = 2
        self.connected()
        self.spectator()
        self.assertState(OPEN)

    def test_the_last_slot_may_be_a_dummys(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        for _ in range(63):
            self.join()
        _, [_, told] = seats.add_dummy(self.lobby, "Dummy", Circle(), 1.0)
        self.assertEqual(told.state, LOCKED)

    def test_without_the_setting_a_full_lobby_is_open_and_full(self) -> None:
        self.change(settings={"auto_lock": False}, max_players=1)
        self.connected()
        self.assertState(OPEN)
        self.assertEqual(self.refusal(self.join), "lobby_full")


class ReservationTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.lobby.max_players = 2
        self.connected()
        self.change(reserved=("\u00c5sa",))

    def test_the_place_is_taken_for_everybody_else(self) -> None:
        self.assertEqual(self.lobby.free_places, 0)
        self.assertEqual(self.refusal(self.join, name="Eve"), "lobby_full")
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_who_has_the_name_gets_it_in_any_case(self) -> None:
        self.assertEqual(self.join(name="\u00e5SA").slot, 1)

    def test_it_is_used_once(self) -> None:
        friend = self.join(name="\u00c5sa")
        self.assertEqual(self.lobby.reserved, {})
        self.leave(friend)
        self.assertEqual(self.join(name="Eve").slot, 1)
        self.assertEqual(self.refusal(self.join, name="\u00c5sa"), "lobby_full")

    def test_a_spectator_of_that_name_does_not_use_it(self) -> None:
        self.join(name="\u00c5sa", spectator=True)
        self.assertEqual(list(self.lobby.reserved.values()), ["\u00c5sa"])

    def test_a_refused_join_does_not_use_it(self) -> None:
        self.lobby.state = COUNTDOWN
        self.assertEqual(self.refusal(self.join, name="\u00c5sa"), "lobby_in_game")
        self.lobby.bans = (Ban(Identity(b"k", b""), 0.0),)
        seat = self.new_seat(identity=Identity(b"k", b"elsewhere"))
        self.assertEqual(self.refusal(seats.join, self.lobby, "\u00c5sa", seat, 1.0), "banned")
        self.assertEqual(list(self.lobby.reserved.values()), ["\u00c5sa"])

    def test_where_all_slots_are_gone_it_is_kept(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        for _ in range(62):
            self.join()
        self.dummy()
        self.assertEqual(self.refusal(self.join, name="\u00c5sa"), "lobby_full")
        self.assertEqual(list(self.lobby.reserved.values()), ["\u00c5sa"])

    def test_dummies_do_not_take_what_is_kept(self) -> None:
        self.lobby.max_players = MAX_PLAYERS
        self.dummy()
        for _ in range(61):
            self.join()
        self.assertEqual(self.refusal(self.join), "lobby_full")
        self.assertEqual(self.join(name="\u00c5sa").slot, 62)


class GameTests(RulesCase):
    """Who may come in while the game begins or runs."""

    def setUp(self) -> None:
        super().setUp()
        self.connected()

    def test_nobody_during_the_countdown(self) -> None:
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(self.join), "lobby_in_game")

    def test_nobody_during_the_countdown_even_with_late_join(self) -> None:
        self.change(settings={"late_join": True})
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(self.join), "lobby_in_game")

    def test_nobody_during_the_game(self) -> None:
        self.change(settings={"countdown": 0.0})
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(self.join), "lobby_in_game")

    def test_with_late_join_players_do(self) -> None:
        self.change(settings={"countdown": 0.0, "late_join": True})
        life.start(self.lobby, 1.0)
        self.assertEqual(self.join().slot, 1)
        self.assertState(IN_GAME)

    def test_with_late_join_a_full_game_is_full(self) -> None:
        self.change(settings={"countdown": 0.0, "late_join": True}, max_players=1)
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(self.join), "lobby_full")

    def test_with_late_join_a_lock_keeps_them_out(self) -> None:
        self.change(settings={"countdown": 0.0, "late_join": True}, locked=True)
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(self.join), "lobby_locked")


class PutOutTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.connected()
        self.victim = self.join(name="Eve")
        assert self.victim.seat is not None
        self.session = self.victim.seat.session_id
        self.identity = self.victim.seat.identity = Identity(b"key", b"home")

    def put_out(self, *, ban: bool = False, now: float = 100.0) -> None:
        seats.connect(self.lobby, self.victim, 1.0)
        self.changes = seats.put_out(self.lobby, self.victim, "Bye.", now, ban=ban)

    def comes(self, now: float, key: bytes | None = None, address: bytes = b"away") -> Player:
        seat = self.new_seat(now, Identity(key, address))
        return seats.join(self.lobby, "", seat, now)[0]

    def test_the_others_hear_that_it_was_kicked(self) -> None:
        self.put_out()
        self.assertEqual(self.changes, [PlayerLeft(0, 2, 1, LeftReason.KICKED)])
        self.assertNotIn(2, self.lobby.players)

    def test_it_is_told_why(self) -> None:
        self.put_out()
        self.assertEqual(self.victim.parting, "Bye.")

    def test_its_session_is_revoked_as_long_as_its_token_could_come(self) -> None:
        self.put_out()
        self.assertEqual(self.lobby.revoked, {self.session: (DeniedCode.KICKED, 1000.0)})

    def test_only_the_newest_sessions_are_told_why(self) -> None:
        sessions = []
        for _ in range(seats.MOST_REVOKED + 3):
            player = self.join(2.0)
            sessions.append(seats.seat_of(player).session_id)
            seats.put_out(self.lobby, player, "", 3.0)
        self.assertEqual(list(self.lobby.revoked), sessions[-seats.MOST_REVOKED :])

    def test_a_banned_session_is_revoked_as_banned(self) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.lobby.revoked, {self.session: (DeniedCode.BANNED, 1000.0)})

    def test_revocations_that_are_over_are_forgotten(self) -> None:
        self.put_out()
        late = self.join(1000.0)
        seats.put_out(self.lobby, late, "", 1000.0)
        assert late.seat is not None
        self.assertEqual(list(self.lobby.revoked), [late.seat.session_id])

    def test_who_was_only_kicked_may_come_back(self) -> None:
        self.put_out()
        self.assertEqual(self.comes(100.0, b"key", b"home").slot, 1)

    def test_a_banned_one_may_not_without_its_key_from_the_same_address_for_10_minutes(
        self,
    ) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.refusal(self.comes, 100.0, None, b"home"), "banned")
        self.assertEqual(self.refusal(self.comes, 699.9, None, b"home"), "banned")
        self.assertEqual(self.comes(700.0, None, b"home").slot, 1)

    def test_a_neighbour_behind_the_same_address_who_shows_a_key_may_come(self) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.comes(100.0, b"another", b"home").slot, 1)

    def test_a_banned_one_may_never_with_the_same_key(self) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.refusal(self.comes, 1e9, b"key"), "banned")

    def test_nor_as_a_spectator_nor_by_a_name_that_is_kept(self) -> None:
        self.put_out(ban=True)
        self.change(reserved=("Eve",))
        seat = self.new_seat(100.0, self.identity)
        self.assertEqual(self.refusal(seats.join, self.lobby, "Eve", seat, 100.0), "banned")
        refusal = self.refusal(seats.join, self.lobby, "", seat, 100.0, spectator=True)
        self.assertEqual(refusal, "banned")

    def test_who_has_no_key_is_not_taken_for_another_without_one(self) -> None:
        assert self.victim.seat is not None
        self.victim.seat.identity = Identity(None, b"home")
        self.put_out(ban=True)
        self.assertEqual(self.refusal(self.comes, 100.0, None, b"home"), "banned")
        self.assertEqual(self.comes(100.0, None, b"away").slot, 1)

    def test_others_come_in_as_before(self) -> None:
        self.put_out(ban=True)
        self.assertEqual(self.comes(100.0, b"other").slot, 1)

    def test_bans_that_are_over_are_forgotten(self) -> None:
        assert self.victim.seat is not None
        self.victim.seat.identity = Identity(None, b"home")
        self.put_out(ban=True)
        keyed = Ban(Identity(b"key", b""), 0.0)
        self.lobby.bans = (*self.lobby.bans, keyed)
        late = self.join(700.0)
        seats.put_out(self.lobby, late, "", 700.0, ban=True)
        self.assertEqual(self.lobby.bans[0], keyed)
        self.assertEqual(len(self.lobby.bans), 2)

    def test_only_so_many_bans_are_kept(self) -> None:
        """The oldest give way, because somebody who makes keys could fill the memory."""
        first = Ban(Identity(b"first", b""), 0.0)
        keyed = [Ban(Identity(b"%d" % n, b""), 0.0) for n in range(seats.MOST_BANS - 1)]
        self.lobby.bans = (first, *keyed)
        self.put_out(ban=True)
        self.assertEqual(len(self.lobby.bans), seats.MOST_BANS)
        self.assertNotIn(first, self.lobby.bans)

    def test_a_spectator_can_be_put_out(self) -> None:
        watcher = self.spectator()
        seats.put_out(self.lobby, watcher, "", 1.0)
        self.assertEqual(self.lobby.spectator_count, 0)

    def test_a_dummy_cannot(self) -> None:
        self.assertRaises(TypeError, seats.put_out, self.lobby, self.dummy(), "", 1.0)


class OwnHoldTests(RulesCase):
    def test_a_lobby_may_hold_seats_for_another_time(self) -> None:
        self.change(settings={"seat_hold": 3.0})
        player = self.away(10.0)
        self.assertEqual((self.lapsed(12.9), self.lapsed(13.0)), ([], [player]))
        self.assertEqual(self.deadline(), 13.0)

    def test_0_is_no_hold_and_not_the_servers(self) -> None:
        self.change(settings={"seat_hold": 0.0})
        player = self.away(10.0)
        self.assertEqual(self.lapsed(10.0), [player])
