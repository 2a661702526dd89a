"""A lobby's life: ready marks, countdown and its roll-back, the game, the list, the end."""

from __future__ import annotations

from typing import Any

from lobbyd.errors import Refused
from lobbyd.lobby import rules
from lobbyd.lobby.rules import life, seats
from lobbyd.wire.catalogue import LeftReason, LobbyStateCode, PlayerFlags
from lobbyd.wire.messages import Closed, LobbyState, PlayerChanged, PlayerLeft

from .rules_case import COUNTDOWN, IN_GAME, LOCKED, OPEN, RulesCase


class ReadyTests(RulesCase):
    def test_the_others_hear_of_a_mark(self) -> None:
        self.connected()
        other = self.connected()
        [told] = life.set_ready(self.lobby, other, True, 1.0)
        self.assertEqual(told, PlayerChanged(0, 2, PlayerFlags.READY, 0, 0))
        [told] = life.set_ready(self.lobby, other, False, 1.0)
        self.assertEqual(told, PlayerChanged(0, 2, PlayerFlags.NONE, 0, 0))

    def test_the_same_mark_again_is_nothing(self) -> None:
        player = self.connected()
        self.assertEqual(life.set_ready(self.lobby, player, False, 1.0), [])
        self.ready(player)
        self.assertEqual(life.set_ready(self.lobby, player, True, 1.0), [])

    def test_nobody_hears_of_who_is_not_announced_yet(self) -> None:
        player = self.join()
        self.assertEqual(self.ready(player), [])
        [joined] = seats.connect(self.lobby, player, 2.0)
        self.assertTrue(joined.flags & PlayerFlags.READY)

    def test_a_spectator_cannot_be(self) -> None:
        watcher = self.spectator()
        refused = self.assertRaises(Refused, life.set_ready, self.lobby, watcher, True, 1.0)
        self.assertEqual((refused.code, watcher.ready), ("not_a_player", False))

    def test_where_the_host_starts_at_will_all_being_ready_starts_nothing(self) -> None:
        self.ready(self.connected(), self.connected())
        self.assertState(OPEN)


class StartTests(RulesCase):
    def hindrance(self) -> str:
        refused = self.assertRaises(Refused, life.start, self.lobby, 1.0)
        self.assertEqual(refused.code, "not_ready")
        detail: str = refused.detail
        return detail

    def test_a_host_starts_at_will(self) -> None:
        self.connected()
        self.connected()
        life.start(self.lobby, 1.0)
        self.assertState(COUNTDOWN)

    def test_the_members_hear_how_long_it_takes(self) -> None:
        self.connected()
        [told] = life.start(self.lobby, 1.0)
        self.assertEqual(told, LobbyState(0, COUNTDOWN, 0, 8, 1, countdown_ms=3000))

    def test_fewer_than_the_fewest_are_waited_for(self) -> None:
        self.change(settings={"min_players": 3})
        self.connected()
        self.spectator()
        self.dummy()
        self.connected()
        self.assertEqual(self.hindrance(), "3 players are needed, 2 are here.")
        self.connected()
        life.start(self.lobby, 1.0)

    def test_an_empty_lobby_is_not_started(self) -> None:
        self.assertEqual(self.hindrance(), "1 players are needed, 0 are here.")

    def test_where_all_must_be_ready_the_rest_are_named(self) -> None:
        self.change(settings={"start": "ready"})
        self.ready(self.connected(name="Ada"))
        eve, bob = self.connected(name="Eve"), self.connected(name="Bob")
        self.assertEqual(self.hindrance(), "Not ready yet: Eve, Bob.")
        self.ready(eve, bob)
        self.assertState(OPEN)
        life.start(self.lobby, 1.0)
        self.assertState(COUNTDOWN)

    def test_spectators_and_dummies_are_not_waited_for(self) -> None:
        self.change(settings={"start": "ready"})
        self.ready(self.connected())
        self.spectator()
        self.dummy()
        life.start(self.lobby, 1.0)
        self.assertState(COUNTDOWN)

    def test_who_is_away_is_not_ready_whatever_it_marked(self) -> None:
        self.change(settings={"start": "ready"})
        self.ready(self.connected())
        gone = self.connected(name="Eve")
        self.ready(gone)
        seats.silent(self.lobby, gone, 1.0)
        self.assertEqual(self.hindrance(), "Not ready yet: Eve.")

    def test_a_locked_lobby_can_be_started(self) -> None:
        self.connected()
        self.change(locked=True)
        life.start(self.lobby, 1.0)
        self.assertState(COUNTDOWN)

    def test_it_is_started_once(self) -> None:
        self.connected()
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(life.start, self.lobby, 2.0), "wrong_state")
        rules.expire(self.lobby, 4.0)
        self.assertEqual(self.refusal(life.start, self.lobby, 5.0), "wrong_state")

    def test_a_refused_start_changes_nothing(self) -> None:
        self.hindrance()
        self.assertState(OPEN)
        self.assertIsNone(self.lobby.before_start)


class AutoStartTests(RulesCase):
    """Readiness starts the game by itself."""

    settings = {"start": "auto", "min_players": 2}

    def test_the_last_mark_starts_it(self) -> None:
        first, other = self.connected(), self.connected()
        self.ready(first)
        self.assertState(OPEN)
        [marked, told] = self.ready(other)
        self.assertEqual((marked.player_id, told.state), (2, COUNTDOWN))

    def test_too_few_do_not(self) -> None:
        self.ready(self.connected())
        self.assertState(OPEN)

    def test_a_full_lobby_is_started_too(self) -> None:
        self.lobby.max_players = 2
        self.ready(self.connected(), self.connected())
        self.assertState(COUNTDOWN)

    def test_the_leave_of_the_only_one_waited_for_starts_it(self) -> None:
        self.ready(self.connected(), self.connected())
        life.cancel(self.lobby, 1.0)
        late = self.connected()
        changes = self.leave(late)
        self.assertEqual([type(c) for c in changes], [PlayerLeft, LobbyState])
        self.assertState(COUNTDOWN)

    def test_the_leave_of_a_ready_one_or_a_spectator_starts_nothing(self) -> None:
        first, other, third = self.connected(), self.connected(), self.connected()
        self.ready(first, other, third)
        life.cancel(self.lobby, 1.0)
        self.leave(self.spectator())
        self.assertState(OPEN)
        self.leave(third)
        self.assertState(OPEN)

    def test_who_went_away_and_is_back_starts_it_again(self) -> None:
        first, other = self.connected(), self.connected()
        self.ready(first, other)
        seats.silent(self.lobby, other, 2.0)
        self.assertState(OPEN)
        seats.connect(self.lobby, other, 3.0)
        self.assertState(COUNTDOWN)
        self.assertEqual(self.lobby.countdown_end, 6.0)

    def test_a_spectator_who_is_back_starts_nothing(self) -> None:
        self.ready(self.connected(), self.connected())
        watcher = self.spectator()
        life.cancel(self.lobby, 1.0)
        seats.silent(self.lobby, watcher, 2.0)
        seats.connect(self.lobby, watcher, 3.0)
        self.assertState(OPEN)

    def test_after_a_cancel_a_mark_taken_off_and_made_again_starts_it(self) -> None:
        first, other = self.connected(), self.connected()
        self.ready(first, other)
        life.cancel(self.lobby, 1.0)
        self.assertState(OPEN)
        life.set_ready(self.lobby, other, False, 2.0)
        self.ready(other)
        self.assertState(COUNTDOWN)

    def test_a_mark_during_the_game_starts_nothing(self) -> None:
        self.change(settings={"late_join": True})
        self.ready(self.connected(), self.connected())
        rules.expire(self.lobby, 10.0)
        self.ready(self.connected())
        self.assertState(IN_GAME)


class CountdownTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.first, self.other = self.connected(), self.connected()

    def start(self, **wanted: Any) -> None:
        if wanted:
            self.change(**wanted)
        life.start(self.lobby, 1.0)

    def assertRolledBack(self, changes: list[Any], state: LobbyStateCode = OPEN) -> None:
        """State, lock and list are as before, and the members heard it last."""
        self.assertState(state)
        told = changes[-1]
        self.assertEqual((told.state, told.countdown_ms), (state, 0))
        self.assertEqual((self.lobby.before_start, self.lobby.locked), (None, state is LOCKED))

    def test_it_locks_and_takes_off_the_list(self) -> None:
        self.assertTrue(self.listed)
        self.start()
        self.assertEqual((self.lobby.locked, self.listed), (True, False))

    def test_it_ends_after_3_seconds_by_default(self) -> None:
        self.start()
        self.assertEqual(self.deadline(1.0), 4.0)
        self.assertEqual(rules.expire(self.lobby, 3.9), [])
        [told] = rules.expire(self.lobby, 4.0)
        self.assertEqual((told.state, told.countdown_ms), (IN_GAME, 0))
        self.assertState(IN_GAME)

    def test_how_long_is_a_setting(self) -> None:
        self.start(settings={"countdown": 0.5})
        self.assertEqual(self.deadline(1.0), 1.5)

    def test_of_0_seconds_the_game_begins_at_once(self) -> None:
        self.change(settings={"countdown": 0.0})
        [told] = life.start(self.lobby, 1.0)
        self.assertEqual((told.state, told.countdown_ms), (IN_GAME, 0))
        self.assertState(IN_GAME)

    def test_who_leaves_calls_it_off(self) -> None:
        self.start()
        self.assertRolledBack(self.leave(self.other, 2.0))
        self.assertTrue(self.listed)
        self.assertEqual(rules.expire(self.lobby, 10.0), [])

    def test_who_goes_away_calls_it_off(self) -> None:
        self.start()
        self.assertRolledBack(seats.silent(self.lobby, self.other, 2.0))

    def test_who_is_no_longer_ready_calls_it_off(self) -> None:
        self.ready(self.other)
        self.start()
        self.assertRolledBack(life.set_ready(self.lobby, self.other, False, 2.0))

    def test_who_is_kicked_calls_it_off(self) -> None:
        self.start()
        self.assertRolledBack(seats.put_out(self.lobby, self.other, "", 2.0))

    def test_the_host_calls_it_off(self) -> None:
        self.start()
        self.assertRolledBack(life.cancel(self.lobby, 2.0))

    def test_a_leaving_host_calls_it_off_and_is_followed(self) -> None:
        self.start()
        self.assertRolledBack(self.leave(self.first, 2.0))
        self.assertEqual(self.host, 2)

    def test_a_mark_does_not(self) -> None:
        self.start()
        self.ready(self.other)
        self.assertState(COUNTDOWN)

    def test_spectators_come_and_go_without_calling_it_off(self) -> None:
        watcher, gone = self.spectator(), self.spectator()
        self.start()
        seats.silent(self.lobby, gone, 2.0)
        self.leave(watcher, 2.0)
        self.assertState(COUNTDOWN)

    def test_a_lobby_that_was_locked_is_locked_again(self) -> None:
        self.start(locked=True)
        self.assertRolledBack(life.cancel(self.lobby, 2.0), LOCKED)
        self.assertTrue(self.listed)

    def test_a_lobby_that_was_off_the_list_is_off_again(self) -> None:
        self.start(listed=False)
        self.assertRolledBack(life.cancel(self.lobby, 2.0))
        self.assertFalse(self.listed)

    def test_a_full_lobby_is_locked_again_and_opens_when_one_left(self) -> None:
        self.lobby.max_players = 2
        self.change()
        self.start()
        changes = life.cancel(self.lobby, 2.0)
        self.assertState(LOCKED)
        self.assertEqual(([c.state for c in changes], self.lobby.locked), ([LOCKED], False))
        life.start(self.lobby, 3.0)
        self.assertRolledBack(self.leave(self.other, 3.5))

    def test_what_the_host_sets_meanwhile_holds_afterwards(self) -> None:
        self.start()
        self.change(locked=True, listed=False)
        self.assertState(COUNTDOWN)
        self.assertRolledBack(life.cancel(self.lobby, 2.0), LOCKED)
        self.assertFalse(self.listed)

    def test_unlocking_meanwhile_lets_nobody_in_yet(self) -> None:
        self.start(locked=True)
        self.change(locked=False, listed=True)
        self.assertFalse(self.listed)
        self.assertEqual(self.refusal(self.join), "lobby_in_game")
        self.assertRolledBack(life.cancel(self.lobby, 2.0))

    def test_without_one_there_is_nothing_to_cancel(self) -> None:
        self.assertEqual(self.refusal(life.cancel, self.lobby, 1.0), "wrong_state")
        self.start(settings={"countdown": 0.0})
        self.assertEqual(self.refusal(life.cancel, self.lobby, 1.0), "wrong_state")

    def test_a_player_of_old_is_not_waited_for(self) -> None:
        """The end of a seat that lapses before the countdown ends comes first."""
        self.change(settings={"countdown": 60.0})
        self.join(now=0.0)
        life.start(self.lobby, 1.0)
        self.assertEqual(self.deadline(1.0), 15.0)


class GameTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.first, self.other = self.connected(), self.connected()
        self.ready(self.first, self.other)

    def play(self, **wanted: Any) -> None:
        self.change(**wanted)
        life.start(self.lobby, 1.0)
        rules.expire(self.lobby, 4.0)
        self.assertState(IN_GAME)

    def test_it_is_off_the_list(self) -> None:
        self.play()
        self.assertFalse(self.listed)

    def test_with_late_join_it_is_on_it(self) -> None:
        self.play(settings={"late_join": True})
        self.assertTrue(self.listed)

    def test_with_late_join_one_that_was_off_stays_off(self) -> None:
        self.play(settings={"late_join": True}, listed=False)
        self.assertFalse(self.listed)

    def test_with_late_join_lock_and_list_work_at_once(self) -> None:
        self.play(settings={"late_join": True})
        self.change(locked=True, listed=False)
        self.assertFalse(self.listed)
        self.assertEqual(self.refusal(self.join), "lobby_locked")
        self.change(locked=False, listed=True)
        self.assertTrue(self.listed)
        self.assertEqual(self.join().slot, 2)

    def test_late_join_can_be_switched_while_it_runs(self) -> None:
        self.play()
        self.change(settings={"late_join": True})
        self.assertTrue(self.listed)
        self.assertEqual(self.join().slot, 2)
        self.change(settings={"late_join": False})
        self.assertFalse(self.listed)
        self.assertEqual(self.refusal(self.join), "lobby_in_game")

    def test_leaving_and_silence_do_not_end_it(self) -> None:
        self.play()
        seats.silent(self.lobby, self.first, 5.0)
        self.leave(self.other)
        self.assertState(IN_GAME)

    def test_a_mark_taken_off_does_not_end_it(self) -> None:
        self.play()
        life.set_ready(self.lobby, self.other, False, 5.0)
        self.assertState(IN_GAME)

    def test_its_end_takes_the_marks_off_and_all_hear_it(self) -> None:
        self.play()
        changes = life.end(self.lobby, 100.0)
        marks = [(c.player_id, c.flags) for c in changes[:-1]]
        self.assertEqual(marks, [(1, PlayerFlags.HOST), (2, PlayerFlags.NONE)])
        self.assertEqual((changes[-1].state, changes[-1].countdown_ms), (OPEN, 0))
        self.assertEqual((self.first.ready, self.other.ready), (False, False))

    def test_its_end_opens_and_lists_as_before(self) -> None:
        self.play()
        life.end(self.lobby, 100.0)
        self.assertState(OPEN)
        self.assertEqual((self.listed, self.lobby.before_start), (True, None))
        self.assertEqual(self.join().slot, 2)

    def test_its_end_locks_as_before(self) -> None:
        self.play(locked=True)
        life.end(self.lobby, 100.0)
        self.assertState(LOCKED)
        self.assertTrue(self.listed)

    def test_what_the_host_sets_meanwhile_holds_afterwards(self) -> None:
        self.play()
        self.change(locked=True)
        life.end(self.lobby, 100.0)
        self.assertState(LOCKED)

    def test_another_one_can_begin(self) -> None:
        self.play()
        life.end(self.lobby, 100.0)
        life.start(self.lobby, 101.0)
        self.assertState(COUNTDOWN)

    def test_there_is_no_end_without_a_game(self) -> None:
        self.assertEqual(self.refusal(life.end, self.lobby, 1.0), "wrong_state")
        life.start(self.lobby, 1.0)
        self.assertEqual(self.refusal(life.end, self.lobby, 1.0), "wrong_state")

    def test_it_ends_when_the_last_player_leaves(self) -> None:
        self.play()
        watcher = self.spectator()
        self.leave(self.first)
        changes = self.leave(self.other)
        self.assertState(OPEN)
        self.assertEqual(changes[-1].state, OPEN)
        self.assertEqual(self.join().slot, 0)
        self.assertIn(watcher.player_id, self.lobby.players)

    def test_with_auto_start_its_end_does_not_begin_the_next(self) -> None:
        self.play()
        self.change(settings={"start": "auto"})
        life.end(self.lobby, 100.0)
        self.assertState(OPEN)


class EmptyTests(RulesCase):
    def test_an_empty_lobby_lives_60_seconds_after_it_was_made(self) -> None:
        self.assertEqual(self.deadline(30.0), 60.0)
        self.assertEqual(rules.expire(self.lobby, 59.9), [])
        self.assertEqual(rules.expire(self.lobby, 60.0), [Closed(LeftReason.TIMEOUT)])
        self.assertTrue(self.lobby.closed)

    def test_it_lives_60_seconds_after_the_last_one_left(self) -> None:
        self.leave(self.connected(now=10.0), now=100.0)
        self.assertEqual(self.deadline(130.0), 160.0)

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


class ListTests(RulesCase):
    """Who sees the lobby in the list."""

    def at(self, now: float) -> bool:
        return life.listed(self.lobby, now)

    def test_an_empty_one_leaves_it_after_30_seconds(self) -> None:
        self.assertEqual(self.deadline(), 30.0)
        self.assertEqual((self.at(29.9), self.at(30.0)), (True, False))

    def test_the_30_seconds_begin_when_the_last_one_leaves(self) -> None:
        self.leave(self.connected(now=10.0), now=100.0)
        self.assertEqual(self.deadline(100.0), 130.0)
        self.assertEqual((self.at(129.9), self.at(130.0)), (True, False))

    def test_it_comes_back_when_somebody_joins(self) -> None:
        self.join(now=40.0)
        self.assertTrue(self.at(40.0))

    def test_one_with_a_member_stays(self) -> None:
        self.connected()
        self.assertTrue(self.at(1e9))

    def test_one_with_a_spectator_only_stays(self) -> None:
        self.spectator()
        self.assertTrue(self.at(1e9))

    def test_a_permanent_one_stays(self) -> None:
        self.lobby = self.make(permanent=True)
        self.assertTrue(self.at(1e9))

    def test_a_private_one_is_never_in_it(self) -> None:
        self.lobby.visibility = "private"
        self.connected()
        self.assertFalse(self.at(1.0))
        self.change(listed=True)
        self.assertFalse(self.at(1.0))

    def test_a_closed_one_is_not(self) -> None:
        self.connected()
        life.close(self.lobby, LeftReason.CLOSED)
        self.assertFalse(self.at(1.0))

    def test_the_host_may_take_it_off(self) -> None:
        self.connected()
        self.change(listed=False)
        self.assertFalse(self.at(1.0))
        self.change(listed=True)
        self.assertTrue(self.at(1.0))


class EmptyLifeTests(RulesCase):
    settings = {"empty_life": 10.0}

    def test_how_long_an_empty_one_lives_is_a_setting(self) -> None:
        self.assertEqual(self.deadline(), 10.0)
        self.assertEqual(rules.expire(self.lobby, 9.9), [])
        self.assertEqual(rules.expire(self.lobby, 10.0), [Closed(LeftReason.TIMEOUT)])

    def test_a_longer_one_is_off_the_list_at_30_seconds_all_the_same(self) -> None:
        self.lobby = self.make(empty_life=3600.0)
        self.assertFalse(life.listed(self.lobby, 30.0))
        self.assertEqual(self.deadline(30.0), 3600.0)


class CloseTests(RulesCase):
    def test_it_is_closed_and_its_readers_hear_why(self) -> None:
        self.connected()
        self.assertEqual(life.close(self.lobby, LeftReason.CLOSED), [Closed(LeftReason.CLOSED)])
        self.assertIs(self.lobby.state, LobbyStateCode.CLOSED)
