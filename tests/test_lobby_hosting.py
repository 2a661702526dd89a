"""What members and the host ask of their lobby: who may, and what comes of it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Denied, Disconnected
from lobbyd.errors import Refused
from lobbyd.lobby.model import Identity, Lobby
from lobbyd.lobby.operations import Caller, Joined
from lobbyd.lobby.requests import (
    ChangeLobby,
    ChangePlayer,
    CreateLobby,
    HandOver,
    JoinLobby,
    Kick,
    Say,
)
from lobbyd.testing import SERVER, VirtualClient, World, run
from lobbyd.wire.catalogue import DeniedCode, DisconnectReason, LeftReason, LobbyStateCode
from lobbyd.wire.messages import ChatDown, PlayerLeft

HOME = Identity(b"key of Eve", b"home")


def by(joined: Joined) -> Caller:
    return Caller(token=joined.player_token, udp=SERVER)


class HostingCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        created = run(self.world.operations.create(self.wanted(), Caller(), self.world.now))
        self.owner = Caller(token=created.owner_token)
        self.lobby: Lobby = created.lobby
        self.code = self.lobby.code
        self.hosting = self.world.hosting
        self.host, self.eve = self.join("Ada"), self.join("Eve", HOME)

    def wanted(self) -> Any:
        return CreateLobby("ABCD", "Arena", 4)

    @property
    def now(self) -> float:
        return self.world.now

    def join(self, name: str, identity: Identity | None = None, **how: Any) -> Joined:
        caller = Caller(identity or Identity(None, name.encode()), udp=SERVER)
        wanted = JoinLobby(name, **how)
        return run(self.world.operations.join(self.code, wanted, caller, self.now))

    def assertRefused(self, code: str, work: Coroutine[Any, Any, Any]) -> None:
        self.assertEqual(self.assertRaises(Refused, run, work).code, code)

    def host_calls(self, caller: Caller) -> list[Coroutine[Any, Any, Any]]:
        """Everything that is the host's."""
        hosting, code, now = self.hosting, self.code, self.now
        return [
            hosting.change(code, ChangeLobby(name="Pit"), caller, None, now),
            hosting.kick(code, 2, Kick(), caller, now),
            hosting.hand_over(code, HandOver(2), caller, now),
            hosting.start(code, caller, now),
            hosting.cancel(code, caller, now),
            hosting.end(code, caller, now),
        ]


class WhoMayTests(HostingCase):
    def test_without_a_token_nobody(self) -> None:
        for work in self.host_calls(Caller()):
            self.assertRefused("token_required", work)

    def test_not_another_member(self) -> None:
        for work in self.host_calls(by(self.eve)):
            self.assertRefused("not_allowed", work)

    def test_not_the_owner_while_somebody_is_in(self) -> None:
        for work in self.host_calls(self.owner):
            self.assertRefused("not_allowed", work)

    def test_not_with_a_forged_token(self) -> None:
        for work in self.host_calls(Caller(token="forged")):
            self.assertRefused("token_invalid", work)

    def test_not_the_host_of_another_lobby(self) -> None:
        run(self.world.operations.create(self.other(), Caller(), self.now))
        stranger = run(
            self.world.operations.join("WXYZ", JoinLobby(), Caller(udp=SERVER), self.now)
        )
        for work in self.host_calls(by(stranger)):
            self.assertRefused("token_invalid", work)

    def other(self) -> Any:
        return CreateLobby("WXYZ")

    def test_an_unknown_lobby_is_not_found(self) -> None:
        self.code = "WXYZ"
        for work in self.host_calls(by(self.host)):
            self.assertRefused("lobby_not_found", work)

    def test_nothing_of_that_changed_anything(self) -> None:
        rev = self.lobby.rev
        for caller in (Caller(), by(self.eve), self.owner, Caller(token="forged")):
            for work in self.host_calls(caller):
                self.assertRaises(Refused, run, work)
        self.assertEqual(
            (self.lobby.rev, self.lobby.name, self.lobby.host_player_id), (rev, "Arena", 1)
        )

    def test_the_owner_while_nobody_is_in(self) -> None:
        for joined in (self.host, self.eve):
            run(self.world.operations.leave(self.code, by(joined), self.now))
        run(self.hosting.change(self.code, ChangeLobby(name="Pit"), self.owner, None, self.now))
        self.assertEqual(self.lobby.name, "Pit")
        self.assertRefused("not_ready", self.hosting.start(self.code, self.owner, self.now))

    def test_the_next_host_after_a_hand_over(self) -> None:
        run(self.hosting.hand_over(self.code, HandOver(2), by(self.host), self.now))
        self.assertRefused("not_allowed", self.hosting.start(self.code, by(self.host), self.now))
        run(self.hosting.start(self.code, by(self.eve), self.now))


class ChangeTests(HostingCase):
    def change(self, *match: int, **wanted: Any) -> Lobby:
        work = self.hosting.change(
            self.code, ChangeLobby(**wanted), by(self.host), match or None, self.now
        )
        return run(work)

    def test_the_lobby_is_changed_and_answered(self) -> None:
        self.assertIs(self.change(name="Pit"), self.lobby)
        self.assertEqual((self.lobby.name, self.lobby.settings_rev), ("Pit", 2))

    def test_the_version_that_was_seen_must_be_the_present_one(self) -> None:
        self.change(1, name="Pit")
        refused = self.assertRaises(Refused, self.change, 1, name="Den")
        self.assertEqual((refused.code, self.lobby.name), ("precondition_failed", "Pit"))
        self.change(2, name="Den")
        self.assertEqual(self.lobby.name, "Den")

    def test_one_of_several_versions_will_do(self) -> None:
        self.change(9, 1, name="Pit")
        self.assertRaises(Refused, self.change, 9, 1, name="Den")

    def test_players_coming_and_going_do_not_make_a_new_version(self) -> None:
        run(self.world.operations.leave(self.code, by(self.eve), self.now))
        self.join("Bob")
        self.change(1, name="Pit")

    def test_a_password_counts_for_the_next_who_join(self) -> None:
        self.change(password="sesam")
        self.assertRaises(Refused, self.join, "Bob")
        self.join("Bob", password="sesam")
        self.change(name="Pit")
        self.assertIsNotNone(self.lobby.password)
        self.change(password="")
        self.join("Zoe")

    def test_taking_it_off_the_list_is_at_once(self) -> None:
        self.assertIn(self.lobby.lobby_id, self.world.lobbies.index)
        self.change(listed=False)
        self.assertNotIn(self.lobby.lobby_id, self.world.lobbies.index)


class PlayerTests(HostingCase):
    def test_a_player_changes_itself(self) -> None:
        wanted = ChangePlayer(name="Eva", ready=True, team=2)
        work = self.hosting.change_player(self.code, 2, wanted, by(self.eve), self.now)
        lobby, player = run(work)
        self.assertEqual((lobby, player), (self.lobby, self.eve.player))
        self.assertEqual((player.name, player.ready, player.team), ("Eva", True, 2))

    def test_nobody_changes_another_not_even_the_host(self) -> None:
        for player_id in (2, 99):
            work = self.hosting.change_player(
                self.code, player_id, ChangePlayer(team=1), by(self.host), self.now
            )
            self.assertRefused("not_allowed", work)
        self.assertEqual(self.eve.player.team, 0)

    def test_the_owner_is_no_player(self) -> None:
        for work in (
            self.hosting.change_player(self.code, 1, ChangePlayer(), self.owner, self.now),
            self.hosting.say(self.code, Say("hello"), self.owner, self.now),
        ):
            self.assertRefused("token_required", work)


class OnlineCase(HostingCase):
    """With the players connected over UDP."""

    def setUp(self) -> None:
        super().setUp()
        self.clients = [self.connect(self.host), self.connect(self.eve)]
        self.world.advance(1.0)

    def connect(self, joined: Joined) -> VirtualClient:
        return self.world.add_client(self.world.session(joined), joined)


class ChatTests(OnlineCase):
    def test_everybody_hears_it_the_speaker_too(self) -> None:
        run(self.hosting.say(self.code, Say("hello"), by(self.eve), self.now))
        self.world.advance(0.5)
        for client in self.clients:
            [line] = client.seen(ChatDown)
            self.assertEqual((line.player_id, line.text), (2, "hello"))


class KickTests(OnlineCase):
    def kick(self, player_id: int = 2, **how: Any) -> None:
        run(self.hosting.kick(self.code, player_id, Kick(**how), by(self.host), self.now))
        self.world.advance(1.0)

    def test_it_is_disconnected_and_the_others_hear_it(self) -> None:
        self.kick(reason="Language.")
        host, eve = self.clients
        self.assertEqual(eve.seen(Disconnected)[-1].reason, DisconnectReason.KICKED)
        [left] = host.seen(PlayerLeft)
        self.assertEqual((left.player_id, left.reason), (2, LeftReason.KICKED))
        self.assertTrue(host.session.connected)

    def test_its_ticket_is_denied_from_then_on(self) -> None:
        self.kick()
        again = self.connect(self.eve)
        self.world.advance(2.0)
        self.assertEqual(again.seen(Denied)[-1].code, DeniedCode.KICKED)

    def test_a_banned_ones_ticket_is_denied_as_banned(self) -> None:
        self.kick(ban=True)
        again = self.connect(self.eve)
        self.world.advance(2.0)
        self.assertEqual(again.seen(Denied)[-1].code, DeniedCode.BANNED)

    def test_its_bearer_token_is_good_no_more(self) -> None:
        self.kick()
        self.assertRefused(
            "token_invalid", self.world.operations.rejoin(self.code, by(self.eve), self.now)
        )

    def test_kicked_it_may_join_again_as_another_player(self) -> None:
        self.kick()
        again = self.join("Eve", HOME)
        self.assertEqual((again.player.player_id, again.player.slot), (3, 1))

    def test_banned_it_may_not_with_its_key_or_from_its_address(self) -> None:
        self.kick(ban=True)
        for identity in (HOME, Identity(None, b"home"), Identity(HOME.key, b"elsewhere")):
            refused = self.assertRaises(Refused, self.join, "Eve", identity)
            self.assertEqual(refused.code, "banned")
        self.join("Eve", Identity(b"another key", b"elsewhere"))

    def test_a_host_cannot_kick_itself(self) -> None:
        work = self.hosting.kick(self.code, 1, Kick(), by(self.host), self.now)
        self.assertRefused("not_allowed", work)

    def test_who_is_not_there_is_not_found(self) -> None:
        self.world.lobbies.leave(self.lobby, self.eve.player, LeftReason.LEFT, self.now)
        for player_id in (2, 99):
            work = self.hosting.kick(self.code, player_id, Kick(), by(self.host), self.now)
            self.assertRefused("player_not_found", work)


class DummyTests(SynchronousTestCase):
    def test_a_dummy_is_nobody_to_kick_or_to_hand_over_to(self) -> None:
        world = World()
        world.open_test_lobby()
        joined = run(world.operations.join("TEST", JoinLobby(), Caller(udp=SERVER), world.now))
        hosting, dummy = world.hosting, min(joined.lobby.players)
        for work in (
            hosting.kick("TEST", dummy, Kick(), by(joined), world.now),
            hosting.hand_over("TEST", HandOver(dummy), by(joined), world.now),
        ):
            self.assertEqual(self.assertRaises(Refused, run, work).code, "player_not_found")


class HandOverTests(HostingCase):
    def test_to_a_spectator_it_is_refused(self) -> None:
        watcher = self.join("Zoe", spectator=True)
        wanted = HandOver(watcher.player.player_id)
        work = self.hosting.hand_over(self.code, wanted, by(self.host), self.now)
        self.assertRefused("not_a_player", work)

    def test_to_who_is_not_there_it_is_refused(self) -> None:
        work = self.hosting.hand_over(self.code, HandOver(99), by(self.host), self.now)
        self.assertRefused("player_not_found", work)


class GameTests(OnlineCase):
    def test_start_game_and_end(self) -> None:
        lobby = run(self.hosting.start(self.code, by(self.host), self.now))
        self.assertIs(lobby.state, LobbyStateCode.COUNTDOWN)
        self.world.advance(3.1)
        self.assertIs(lobby.state, LobbyStateCode.IN_GAME)
        run(self.hosting.end(self.code, by(self.host), self.now))
        self.assertIs(lobby.state, LobbyStateCode.OPEN)

    def test_cancel(self) -> None:
        run(self.hosting.start(self.code, by(self.host), self.now))
        lobby = run(self.hosting.cancel(self.code, by(self.host), self.now))
        self.world.advance(5.0)
        self.assertIs(lobby.state, LobbyStateCode.OPEN)

    def test_who_falls_silent_calls_the_countdown_off(self) -> None:
        wanted = ChangeLobby(settings={"countdown": 20.0})
        run(self.hosting.change(self.code, wanted, by(self.host), None, self.now))
        run(self.hosting.start(self.code, by(self.host), self.now))
        self.clients[1].online = False
        self.world.advance(7.0)
        self.assertIs(self.lobby.state, LobbyStateCode.OPEN)
        self.assertIn(self.lobby.lobby_id, self.world.lobbies.index)
