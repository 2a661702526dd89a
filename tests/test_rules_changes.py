"""Changes: numbered when they are committed, kept in a ring, and told to newcomers."""

from __future__ import annotations

from lobbyd.lobby.model import RING
from lobbyd.lobby.rules import life
from lobbyd.lobby.rules.changes import changed, commit, joined, state_of
from lobbyd.wire.catalogue import LobbyStateCode
from lobbyd.wire.messages import Away, Back, Closed

from .rules_case import COUNTDOWN, RulesCase


class CommitTests(RulesCase):
    def test_changes_are_numbered_from_1(self) -> None:
        commit(self.lobby, [Away(0, 1), Back(0, 1)])
        self.assertEqual(list(self.lobby.changes), [(1, Away(1, 1)), (2, Back(2, 1))])
        self.assertEqual(self.lobby.rev, 2)

    def test_a_close_is_numbered_in_the_ring_only(self) -> None:
        commit(self.lobby, [Closed(3)])
        self.assertEqual(list(self.lobby.changes), [(1, Closed(3))])

    def test_nothing_changes_nothing(self) -> None:
        commit(self.lobby, [])
        self.assertEqual(self.lobby.rev, 0)

    def test_the_ring_keeps_the_newest_256(self) -> None:
        commit(self.lobby, [Away(0, 1)] * (RING + 5))
        revs = [rev for rev, _ in self.lobby.changes]
        self.assertEqual(revs, list(range(6, RING + 6)))
        self.assertEqual(RING, 256)

    def test_what_is_told_to_a_newcomer_has_the_current_revision(self) -> None:
        player = self.connected()
        commit(self.lobby, [Away(0, 1)] * 3)
        self.assertEqual(joined(self.lobby, player).rev, 3)
        self.assertEqual(state_of(self.lobby, 0.0).rev, 3)

    def test_the_state_tells_host_and_size(self) -> None:
        self.connected()
        state = state_of(self.lobby, 0.0)
        self.assertEqual(
            (state.state, state.max_players, state.host_player_id, state.countdown_ms),
            (LobbyStateCode.OPEN, 8, 1, 0),
        )

    def test_the_state_tells_what_is_left_of_a_countdown(self) -> None:
        self.connected()
        life.start(self.lobby, 1.0)
        left = [state_of(self.lobby, now).countdown_ms for now in (1.0, 2.5, 4.0, 9.0)]
        self.assertEqual(left, [3000, 1500, 0, 0])
        self.assertEqual(state_of(self.lobby, 2.5).state, COUNTDOWN)

    def test_nobody_is_told_of_changes_of_who_is_not_announced(self) -> None:
        player = self.join()
        self.assertEqual(changed(self.lobby, player), [])
