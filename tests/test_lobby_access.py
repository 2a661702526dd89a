"""Who somebody is to a lobby, by its bearer token; and passwords."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.lobby.access import Access, Standing
from lobbyd.lobby.bearer import LIFE
from lobbyd.lobby.model import Identity, Lobby, Player, Seat
from lobbyd.wire.keys import ServerKeys

from .rules_case import new_lobby

NOW = 1_700_000_000.0


class AccessCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.access = Access(ServerKeys(bytes(32)))
        self.lobby = new_lobby(7, "ABCD")
        self.host, self.guest = self.seat(1), self.seat(2)
        self.lobby.host_player_id = 1

    def seat(self, number: int) -> Player:
        seat = Seat(number, number, bytes(32), NOW, Identity())
        player = self.lobby.players[number] = Player(number, number, f"p{number}", seat)
        return player

    def token(self, player: Player, lobby: Lobby | None = None) -> str:
        return self.access.player_token(lobby or self.lobby, player, NOW)

    @property
    def owner(self) -> str:
        return self.access.owner_token(self.lobby, NOW)

    def refusal(self, token: str | None, now: float = NOW) -> str:
        refused = self.assertRaises(Refused, self.access.standing, self.lobby, token, now)
        code: str = refused.code
        return code


class StandingTests(AccessCase):
    def test_without_a_token_one_is_nobody(self) -> None:
        standing = self.access.standing(self.lobby, None, NOW)
        self.assertEqual((standing.nobody, standing.host, standing.player), (True, False, None))

    def test_the_host(self) -> None:
        standing = self.access.standing(self.lobby, self.token(self.host), NOW)
        self.assertEqual((standing.player, standing.host), (self.host, True))

    def test_another_member(self) -> None:
        standing = self.access.standing(self.lobby, self.token(self.guest), NOW)
        self.assertEqual((standing.player, standing.host), (self.guest, False))
        self.assertFalse(standing.nobody)

    def test_the_owner(self) -> None:
        standing = self.access.standing(self.lobby, self.owner, NOW)
        self.assertEqual((standing.owner, standing.player), (True, None))
        self.assertFalse(standing.nobody)

    def test_who_left_is_refused(self) -> None:
        token = self.token(self.guest)
        del self.lobby.players[2]
        self.assertEqual(self.refusal(token), "token_invalid")

    def test_expired_forged_and_foreign_tokens_are_refused(self) -> None:
        other = self.token(self.guest, new_lobby(8, "WXYZ"))
        for token in ("", "forged", other):
            self.assertEqual(self.refusal(token), "token_invalid")
        self.assertEqual(self.refusal(self.owner, NOW + LIFE), "token_invalid")

    def test_a_dummy_has_no_token(self) -> None:
        dummy = Player(9, 9, "Dummy")
        self.assertRaises(TypeError, self.token, dummy)


class AdminTests(AccessCase):
    TOKEN = "correct-horse-battery"

    def setUp(self) -> None:
        super().setUp()
        self.access = Access(ServerKeys(bytes(32)), self.TOKEN)

    def may(self, token: str | None, *, members: bool) -> str:
        """The refusal of conditions, "" for none."""
        try:
            self.access.tester(self.lobby, token, NOW, members=members)
        except Refused as refused:
            return refused.code
        return ""

    def test_the_admin(self) -> None:
        standing = self.access.standing(self.lobby, self.TOKEN, NOW)
        self.assertEqual((standing.admin, standing.nobody), (True, False))
        self.assertEqual((standing.owner, standing.host, standing.player), (False, False, None))

    def test_nearly_its_token_is_nothing(self) -> None:
        for token in (self.TOKEN[:-1], self.TOKEN + "y", self.TOKEN.upper(), "", "\udcff" * 21):
            self.assertEqual(self.refusal(token), "token_invalid")
        self.assertFalse(self.access.is_admin(None))

    def test_others_are_no_admins(self) -> None:
        for token in (self.token(self.host), self.token(self.guest), self.owner):
            self.assertFalse(self.access.standing(self.lobby, token, NOW).admin)

    def test_without_a_token_set_nobody_is(self) -> None:
        access = Access(ServerKeys(bytes(32)))
        for token in (self.TOKEN, "", None):
            self.assertFalse(access.is_admin(token))

    def test_an_admin_sees_what_hides(self) -> None:
        self.lobby.visibility, self.lobby.password = "private", b"x"
        self.assertTrue(self.access.standing(self.lobby, self.TOKEN, NOW).admin)

    def test_an_admin_does_not_rule(self) -> None:
        refused = self.assertRaises(Refused, self.access.ruler, self.lobby, self.TOKEN, NOW)
        self.assertEqual(refused.code, "not_allowed")

    def test_who_may_test(self) -> None:
        for token in (self.token(self.host), self.token(self.guest)):
            self.assertEqual(self.may(token, members=True), "")
            self.assertEqual(self.may(token, members=False), "conditions_off")
        for members in (True, False):
            self.assertEqual(self.may(self.TOKEN, members=members), "")
            self.assertEqual(self.may(self.owner, members=members), "not_allowed")
            self.assertEqual(self.may(None, members=members), "token_required")

    def test_with_whose_network(self) -> None:
        """Everybody's is None."""
        ids = [self.host.player_id, self.guest.player_id, 77, None]
        may = {
            token: [self.access.standing(self.lobby, token, NOW).tests(whom) for whom in ids]
            for token in (self.TOKEN, self.token(self.host), self.token(self.guest), self.owner)
        }
        everybody, nobody = [True] * 4, [False] * 4
        itself = [False, True, False, False]
        self.assertEqual(list(may.values()), [everybody, everybody, itself, nobody])
        self.assertEqual([Standing().tests(whom) for whom in ids], nobody)


class HidingTests(AccessCase):
    """Of a private lobby strangers do not learn that it is there."""

    def setUp(self) -> None:
        super().setUp()
        self.lobby.visibility = "private"

    def test_a_wrong_token_is_answered_as_a_wrong_code(self) -> None:
        self.assertEqual(self.refusal("forged"), "lobby_not_found")

    def test_with_a_password_no_token_is_too(self) -> None:
        self.assertTrue(self.access.standing(self.lobby, None, NOW).nobody)
        self.lobby.password = self.access.verifier(7, "sesam")
        self.assertEqual(self.refusal(None), "lobby_not_found")

    def test_who_was_in_it_knows_it_already(self) -> None:
        token = self.token(self.guest)
        del self.lobby.players[2]
        self.assertEqual(self.refusal(token), "token_invalid")


class RoleTests(AccessCase):
    def code(self, call: object, token: str | None) -> str:
        assert callable(call)
        refused = self.assertRaises(Refused, call, self.lobby, token, NOW)
        found: str = refused.code
        return found

    def test_a_member_is_whoever_has_a_seat(self) -> None:
        for player in (self.host, self.guest):
            self.assertIs(self.access.member(self.lobby, self.token(player), NOW), player)
        for token in (None, self.owner):
            self.assertEqual(self.code(self.access.member, token), "token_required")

    def test_the_host_rules(self) -> None:
        self.assertTrue(self.access.ruler(self.lobby, self.token(self.host), NOW).host)

    def test_others_do_not(self) -> None:
        self.assertEqual(self.code(self.access.ruler, self.token(self.guest)), "not_allowed")
        self.assertEqual(self.code(self.access.ruler, self.owner), "not_allowed")
        self.assertEqual(self.code(self.access.ruler, None), "token_required")

    def test_the_owner_rules_an_empty_lobby(self) -> None:
        self.lobby.players.clear()
        self.assertTrue(self.access.ruler(self.lobby, self.owner, NOW).owner)

    def test_a_spectator_is_somebody_in_it(self) -> None:
        self.lobby.players.clear()
        self.seat(3).slot = 255
        self.assertEqual(self.code(self.access.ruler, self.owner), "not_allowed")


class PasswordTests(AccessCase):
    def test_none_is_no_password(self) -> None:
        self.assertIsNone(self.access.verifier(7, ""))
        self.assertTrue(self.access.opens(self.lobby, "anything"))

    def test_only_the_right_one_opens(self) -> None:
        self.lobby.password = self.access.verifier(7, "sesam")
        self.assertTrue(self.access.opens(self.lobby, "sesam"))
        for wrong in ("", "Sesam", "sesam ", "s", "sesam\0"):
            self.assertFalse(self.access.opens(self.lobby, wrong), wrong)

    def test_the_verifier_is_of_this_lobby_and_this_server(self) -> None:
        other = Access(ServerKeys(b"\1" * 32))
        kept = {
            self.access.verifier(7, "sesam"),
            self.access.verifier(8, "sesam"),
            other.verifier(7, "sesam"),
        }
        self.assertEqual(len(kept), 3)

    def test_it_is_the_same_after_a_restart(self) -> None:
        again = Access(ServerKeys(bytes(32)))
        self.assertEqual(again.verifier(7, "sesam"), self.access.verifier(7, "sesam"))

    def test_letters_of_every_script_count(self) -> None:
        self.lobby.password = self.access.verifier(7, "\u65e5\u672c")
        self.assertTrue(self.access.opens(self.lobby, "\u65e5\u672c"))
        self.assertFalse(self.access.opens(self.lobby, "??"))
