"""What players change of themselves, and what they say."""

from __future__ import annotations

from typing import Any

from lobbyd.errors import Refused
from lobbyd.lobby.model import Player
from lobbyd.lobby.requests import ChangePlayer
from lobbyd.lobby.rules import life, people, seats
from lobbyd.wire.catalogue import PlayerFlags
from lobbyd.wire.messages import ChatDown, LobbyState, PlayerChanged, PlayerJoined

from .rules_case import COUNTDOWN, OPEN, RulesCase


class ChangeTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.connected()
        self.player = self.connected(name="Eve")

    def become(self, player: Player | None = None, **wanted: Any) -> list[Any]:
        return people.change(self.lobby, player or self.player, ChangePlayer(**wanted), 1.0)

    def test_a_new_name_is_told_as_the_member_anew(self) -> None:
        self.assertEqual(self.become(name="Ada"), [PlayerJoined(0, 2, 1, 0, 0, "Ada")])
        self.assertEqual(self.player.name, "Ada")

    def test_the_same_name_is_nothing(self) -> None:
        self.assertEqual(self.become(name="Eve"), [])

    def test_a_new_team_is_told(self) -> None:
        self.assertEqual(self.become(team=3), [PlayerChanged(0, 2, 0, 3, 0)])
        self.assertEqual(self.become(team=3), [])

    def test_new_metadata_is_told_by_its_number(self) -> None:
        self.assertEqual(self.become(metadata={"skin": 1}), [PlayerChanged(0, 2, 0, 0, 1)])
        self.assertEqual(self.become(member_metadata={"note": "x"})[0].meta_rev, 2)
        self.assertEqual(self.player.metadata, {"skin": 1})
        self.assertEqual(self.player.member_metadata, {"note": "x"})

    def test_the_same_metadata_is_nothing(self) -> None:
        self.become(metadata={"skin": 1})
        self.assertEqual(self.become(metadata={"skin": 1}), [])
        self.assertEqual(self.player.meta_rev, 1)

    def test_metadata_can_be_emptied(self) -> None:
        self.become(metadata={"skin": 1})
        self.assertEqual(self.become(metadata={})[0].meta_rev, 2)

    def test_name_and_team_together_are_told_at_once(self) -> None:
        self.assertEqual(self.become(name="Ada", team=3), [PlayerJoined(0, 2, 1, 0, 3, "Ada")])

    def test_name_and_metadata_together_are_both_told(self) -> None:
        """The one message has no number of the metadata."""
        told = self.become(name="Ada", metadata={"skin": 1})
        expected = [PlayerJoined(0, 2, 1, 0, 0, "Ada"), PlayerChanged(0, 2, 0, 0, 1)]
        self.assertEqual(told, expected)

    def test_a_ready_mark_is_told_after_the_rest(self) -> None:
        told = self.become(team=3, ready=True)
        self.assertEqual([c.flags for c in told], [0, PlayerFlags.READY])
        self.assertEqual([c.team for c in told], [3, 3])

    def test_nothing_wanted_is_nothing(self) -> None:
        self.assertEqual(self.become(), [])

    def test_a_mark_taken_off_calls_the_countdown_off(self) -> None:
        self.become(ready=True)
        life.start(self.lobby, 1.0)
        self.assertState(COUNTDOWN)
        told = self.become(ready=False)
        self.assertEqual([type(c) for c in told], [PlayerChanged, LobbyState])
        self.assertState(OPEN)

    def test_nobody_hears_of_who_is_not_announced(self) -> None:
        player = self.join()
        wanted = {"name": "Bob", "team": 1, "metadata": {"a": 1}, "ready": True}
        self.assertEqual(self.become(player, **wanted), [])
        [told] = seats.connect(self.lobby, player, 2.0)
        self.assertEqual((told.name, told.team, told.flags), ("Bob", 1, PlayerFlags.READY))

    def test_a_spectator_may_have_all_but_a_ready_mark(self) -> None:
        watcher = self.spectator()
        self.assertEqual(len(self.become(watcher, name="Ida", team=2)), 1)
        for ready in (True, False):
            refused = self.assertRaises(Refused, self.become, watcher, name="Udo", ready=ready)
            self.assertEqual(refused.code, "not_a_player")
        self.assertEqual((watcher.name, watcher.ready), ("Ida", False))


class SayTests(RulesCase):
    def test_a_line_of_chat_says_whose_it_is(self) -> None:
        self.assertEqual(people.say(self.connected(), "hello"), [ChatDown(0, 1, "hello")])

    def test_a_spectator_may_speak(self) -> None:
        self.assertEqual(people.say(self.spectator(), "hello"), [ChatDown(0, 1, "hello")])
