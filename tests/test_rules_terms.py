"""What a host changes of its lobby: all of it or nothing, and never below what is taken."""

from __future__ import annotations

from lobbyd.errors import Refused
from lobbyd.lobby.requests import ChangeLobby
from lobbyd.lobby.rules import life, terms
from lobbyd.lobby.settings import LobbySettings

from .rules_case import COUNTDOWN, LOCKED, OPEN, RulesCase


class ChangeTests(RulesCase):
    def setUp(self) -> None:
        super().setUp()
        self.connected()
        self.connected()

    def detail(self, **wanted: object) -> str:
        refused = self.assertRaises(Refused, self.change, **wanted)
        self.assertEqual(refused.code, "invalid_request")
        text: str = refused.detail
        return text

    def test_what_is_not_wanted_stays(self) -> None:
        before = {name: getattr(self.lobby, name) for name in ("name", "metadata", "settings")}
        self.change()
        self.assertEqual({name: getattr(self.lobby, name) for name in before}, before)
        self.assertEqual((self.lobby.max_players, self.lobby.locked), (8, False))

    def test_name_and_metadata(self) -> None:
        self.change(name="Pit", metadata={"map": "b"}, member_metadata={"seed": 7})
        self.assertEqual((self.lobby.name, self.lobby.metadata), ("Pit", {"map": "b"}))
        self.assertEqual(self.lobby.member_metadata, {"seed": 7})

    def test_metadata_can_be_emptied(self) -> None:
        self.change(metadata={"map": "b"})
        self.change(metadata={})
        self.assertEqual(self.lobby.metadata, {})

    def test_single_settings_change_alone(self) -> None:
        self.change(settings={"countdown": 9.0})
        self.change(settings={"min_players": 2})
        self.assertEqual(self.lobby.settings, LobbySettings(countdown=9.0, min_players=2))

    def test_every_change_is_a_new_version_and_is_told(self) -> None:
        for number in (2, 3):
            [told] = self.change(name="Pit")
            self.assertEqual((self.lobby.settings_rev, told.state), (number, OPEN))

    def test_the_password_is_taken_over_as_its_verifier(self) -> None:
        terms.change(self.lobby, ChangeLobby(password="x"), b"verifier", 1.0)
        self.assertEqual(self.lobby.password, b"verifier")
        self.change(name="Pit")
        self.assertEqual(self.lobby.password, b"verifier")

    def test_an_empty_password_takes_it_off(self) -> None:
        self.lobby.password = b"verifier"
        terms.change(self.lobby, ChangeLobby(password=""), None, 1.0)
        self.assertIsNone(self.lobby.password)

    def test_places_may_go_down_to_who_is_in(self) -> None:
        [told] = self.change(max_players=2)
        self.assertEqual((self.lobby.max_players, told.max_players), (2, 2))
        self.assertState(LOCKED)

    def test_places_may_not_go_below_who_is_in(self) -> None:
        self.assertEqual(
            self.detail(max_players=1), "max_players: not below what 2 are taken and 0 reserved"
        )

    def test_nor_below_members_and_reserved_places_together(self) -> None:
        self.change(reserved=("Ada", "Bob"))
        self.assertIn("2 are taken and 2 reserved", self.detail(max_players=3))
        self.change(max_players=4)
        self.assertState(LOCKED)

    def test_nor_may_more_be_reserved_than_there_are(self) -> None:
        self.detail(reserved=tuple(f"friend {n}" for n in range(7)))
        self.change(reserved=tuple(f"friend {n}" for n in range(6)))
        self.assertState(LOCKED)

    def test_both_may_change_together(self) -> None:
        self.change(reserved=("Ada", "Bob"))
        self.change(max_players=2, reserved=())
        self.assertEqual((self.lobby.max_players, self.lobby.reserved), (2, {}))

    def test_an_absent_player_and_a_reserved_seat_are_in(self) -> None:
        self.away()
        self.join()
        self.detail(max_players=3)
        self.change(max_players=4)

    def test_spectators_and_dummies_are_not_counted(self) -> None:
        self.spectator()
        self.dummy()
        self.change(max_players=2)

    def test_a_refused_change_changes_nothing(self) -> None:
        self.change(reserved=("Ada",))
        self.detail(
            name="Pit",
            max_players=2,
            metadata={"a": 1},
            locked=True,
            listed=False,
            settings={"countdown": 9.0},
        )
        lobby = self.lobby
        self.assertEqual((lobby.name, lobby.max_players, lobby.metadata), ("Arena", 8, {}))
        self.assertEqual((lobby.locked, self.listed, lobby.settings_rev), (False, True, 2))
        self.assertEqual(lobby.settings, LobbySettings())
        self.assertEqual(list(lobby.reserved), ["ada"])

    def test_new_reservations_replace_the_old_ones(self) -> None:
        self.change(reserved=("Ada", "Bob"))
        self.change(reserved=("Eve",))
        self.assertEqual(self.lobby.reserved, {"eve": "Eve"})

    def test_a_name_is_reserved_once_however_it_is_written(self) -> None:
        self.change(reserved=("Stra\u00dfe", "STRASSE"))
        self.assertEqual(len(self.lobby.reserved), 1)
        self.assertEqual(self.lobby.free_places, 5)

    def test_locking_and_unlocking_are_told(self) -> None:
        [told] = self.change(locked=True)
        self.assertEqual(told.state, LOCKED)
        [told] = self.change(locked=False)
        self.assertEqual(told.state, OPEN)

    def test_during_a_countdown_the_rest_holds_at_once(self) -> None:
        life.start(self.lobby, 1.0)
        [told] = self.change(name="Pit", max_players=4, now=2.0)
        self.assertEqual((told.state, told.max_players), (COUNTDOWN, 4))
        self.assertEqual((told.countdown_ms, self.lobby.name), (2000, "Pit"))
