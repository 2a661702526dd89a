"""Who is host: the first to come, an heir when it is gone, or whoever it chooses."""

from __future__ import annotations

from lobbyd.lobby import rules
from lobbyd.lobby.rules import host, life, seats
from lobbyd.wire.catalogue import LeftReason, PlayerFlags
from lobbyd.wire.messages import Back, Closed, HostChanged, PlayerLeft

from .rules_case import IN_GAME, RulesCase


class HostTests(RulesCase):
    def test_there_is_none_at_first(self) -> None:
        self.assertEqual(self.host, 0)

    def test_the_first_to_take_a_seat_is_host(self) -> None:
        self.join()
        self.join()
        self.assertEqual(self.host, 1)

    def test_a_leaving_host_is_followed_at_once(self) -> None:
        first = self.connected()
        self.connected()
        changes = self.leave(first)
        self.assertEqual(changes, [PlayerLeft(0, 1, 0, LeftReason.LEFT), HostChanged(0, 2)])
        self.assertEqual(self.host, 2)

    def test_the_one_who_is_longest_in_follows(self) -> None:
        first = self.connected()
        for _ in range(3):
            self.connected()
        self.leave(first)
        self.assertEqual(self.host, 2)

    def test_a_connected_one_comes_before_those_who_are_away_or_reserved(self) -> None:
        first = self.connected()
        self.away()
        self.join()
        self.connected()
        self.leave(first)
        self.assertEqual(self.host, 4)

    def test_where_nobody_is_connected_the_longest_in_follows(self) -> None:
        first = self.connected()
        self.away()
        self.join()
        self.leave(first)
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
        first = self.away(now=10.0)
        self.connected()
        seats.connect(self.lobby, first, 14.0)
        self.assertEqual(rules.expire(self.lobby, 100.0), [])
        self.assertEqual(self.host, 1)

    def test_a_host_who_is_back_late_is_host_no_more(self) -> None:
        first = self.away(now=10.0)
        self.connected()
        rules.expire(self.lobby, 15.0)
        self.assertEqual(seats.connect(self.lobby, first, 16.0), [Back(0, 1)])
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
        first, other = self.connected(), self.connected()
        self.leave(first)
        self.assertTrue(self.lobby.flags_of(other) & PlayerFlags.HOST)


class SpectatorTests(RulesCase):
    def test_a_spectator_inherits_nothing(self) -> None:
        first = self.connected()
        self.spectator()
        self.assertEqual(self.leave(first)[1:], [HostChanged(0, 0)])
        self.assertEqual(self.host, 0)

    def test_a_player_who_came_after_it_does(self) -> None:
        first = self.connected()
        self.spectator()
        heir = self.connected()
        self.leave(first)
        self.assertEqual(self.host, heir.player_id)

    def test_it_does_not_relieve_an_absent_host(self) -> None:
        self.away(10.0)
        self.spectator()
        self.assertEqual(rules.expire(self.lobby, 20.0), [])
        self.assertEqual(self.deadline(), 70.0)

    def test_the_next_player_is_host_where_only_spectators_are_left(self) -> None:
        first = self.connected()
        self.spectator()
        self.leave(first)
        player = self.join()
        [told] = seats.connect(self.lobby, player, 2.0)
        self.assertEqual(self.host, player.player_id)
        self.assertTrue(told.flags & PlayerFlags.HOST)


class HandOverTests(RulesCase):
    def test_another_player_is_host_and_all_hear_it(self) -> None:
        self.connected()
        other = self.connected()
        self.assertEqual(host.hand_over(self.lobby, other), [HostChanged(0, 2)])
        self.assertEqual(self.host, 2)

    def test_to_oneself_it_is_nothing(self) -> None:
        self.assertEqual(host.hand_over(self.lobby, self.connected()), [])
        self.assertEqual(self.host, 1)

    def test_to_a_spectator_or_a_dummy_it_is_refused(self) -> None:
        self.connected()
        for player in (self.spectator(), self.dummy()):
            self.assertEqual(self.refusal(host.hand_over, self.lobby, player), "not_a_player")
        self.assertEqual(self.host, 1)

    def test_the_former_host_is_not_host_again_when_it_is_back(self) -> None:
        first, other = self.connected(), self.connected()
        host.hand_over(self.lobby, other)
        seats.silent(self.lobby, first, 1.0)
        seats.connect(self.lobby, first, 2.0)
        self.assertEqual(self.host, 2)


class NoMigrationTests(RulesCase):
    """Where nobody takes over, the lobby ends with its host."""

    settings = {"host_migration": "none"}

    def test_it_closes_when_the_host_leaves(self) -> None:
        first = self.connected()
        self.connected()
        expected = [PlayerLeft(0, 1, 0, LeftReason.LEFT), Closed(LeftReason.CLOSED)]
        self.assertEqual(self.leave(first), expected)
        self.assertTrue(self.lobby.closed)

    def test_it_closes_when_the_host_was_alone(self) -> None:
        self.leave(self.connected())
        self.assertTrue(self.lobby.closed)

    def test_it_closes_in_the_game_too(self) -> None:
        first = self.connected()
        self.connected()
        self.change(settings={"countdown": 0.0})
        life.start(self.lobby, 1.0)
        self.assertState(IN_GAME)
        self.leave(first)
        self.assertTrue(self.lobby.closed)

    def test_another_one_may_leave(self) -> None:
        self.connected()
        self.leave(self.connected())
        self.assertFalse(self.lobby.closed)

    def test_an_absent_host_keeps_its_place_as_long_as_its_seat(self) -> None:
        self.away(10.0)
        self.connected()
        self.assertEqual(rules.expire(self.lobby, 69.0), [])
        self.assertEqual((self.host, self.deadline()), (1, 70.0))

    def test_a_host_may_still_hand_over_first(self) -> None:
        first, other = self.connected(), self.connected()
        host.hand_over(self.lobby, other)
        self.leave(first)
        self.assertEqual((self.lobby.closed, self.host), (False, 2))

    def test_a_permanent_lobby_takes_the_oldest_all_the_same(self) -> None:
        self.lobby = self.make(permanent=True, host_migration="none")
        first = self.connected()
        self.connected()
        self.leave(first)
        self.assertEqual((self.lobby.closed, self.host), (False, 2))
