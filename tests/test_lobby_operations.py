"""What HTTP asks of the lobbies: create, find, join, delete, and codes that come back."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Disconnected
from lobbyd.errors import Refused
from lobbyd.lobby.bearer import LIFE, Bearers, Role
from lobbyd.lobby.codes import ALPHABET, read_code
from lobbyd.lobby.directory import MemoryDirectory
from lobbyd.lobby.hosting import HostOperations
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.model import Identity, Lobby
from lobbyd.lobby.operations import Caller, Created, Joined, LobbyOperations
from lobbyd.lobby.requests import (
    ChangeLobby,
    ChangePlayer,
    CreateLobby,
    HandOver,
    JoinLobby,
    Kick,
    QuickJoin,
    Say,
)
from lobbyd.lobby.rules import life
from lobbyd.lobby.settings import Metadata
from lobbyd.lobby.view import base64url
from lobbyd.testing import START, World, run
from lobbyd.wire.catalogue import DisconnectReason, LeftReason, LobbyStateCode
from lobbyd.wire.keys import ServerKeys, protocol_id
from lobbyd.wire.tokens import Claims, TokenSealer

KEYS = ServerKeys(bytes(range(32)))
UDP = ("game.example", 9000)
ANYBODY = Caller(Identity(None, b"somewhere"), udp=UDP)


class OperationsCase(SynchronousTestCase):
    max_lobbies = 100

    def setUp(self) -> None:
        self.now = START
        self.start(random.Random(1).randbytes)

    def start(self, entropy: Callable[[int], bytes]) -> None:
        self.lobbies = Lobbies(seat_hold=60, max_lobbies=self.max_lobbies, entropy=entropy)
        self.directory = MemoryDirectory()
        self.operations = LobbyOperations(
            self.lobbies, self.directory, KEYS, server_id=77, entropy=entropy
        )

    def create(
        self, code: str | None = None, name: str = "", max_players: int = 8, **more: Any
    ) -> Created:
        wanted = CreateLobby(code, name, max_players, **more)
        return run(self.operations.create(wanted, ANYBODY, self.now))

    def join(self, code: str, name: str = "", **more: Any) -> Joined:
        return run(self.operations.join(code, JoinLobby(name, **more), ANYBODY, self.now))

    def connected(self, code: str, **more: Any) -> Joined:
        joined = self.join(code, **more)
        self.lobbies.connect(joined.lobby, joined.player, self.now)
        return joined

    def delete(self, code: str, bearer: str | None = None) -> None:
        run(self.operations.delete(code, Caller(token=bearer), self.now))

    def find(self, code: str) -> Lobby:
        return run(self.operations.find(code))

    def assertRefused(self, code: str, work: Coroutine[Any, Any, Any]) -> Refused:
        refused: Refused = self.assertRaises(Refused, run, work)
        self.assertEqual(refused.code, code)
        return refused

    def assertNotDeleted(self, refusal: str, code: str, bearer: str | None = None) -> None:
        """Deleting is refused for this reason, and the lobby is still there."""
        self.assertRefused(refusal, self.operations.delete(code, Caller(token=bearer), self.now))
        self.assertFalse(self.find(code).closed)

    def assertGone(self, code: str) -> None:
        self.assertRefused("lobby_not_found", self.operations.find(code))


class CreateTests(OperationsCase):
    def test_a_lobby_has_what_was_asked_for(self) -> None:
        lobby = self.create("ABCD", "Arena", 5).lobby
        self.assertEqual((lobby.code, lobby.name, lobby.max_players), ("ABCD", "Arena", 5))
        self.assertEqual(lobby.created_at, START)

    def test_without_a_code_the_server_draws_one(self) -> None:
        code = self.create().lobby.code
        self.assertEqual((read_code(code), len(code)), (code, 6))

    def test_drawn_codes_differ(self) -> None:
        self.assertEqual(len({self.create().lobby.code for _ in range(50)}), 50)

    def test_lobby_ids_differ(self) -> None:
        self.assertEqual(len({self.create().lobby.lobby_id for _ in range(50)}), 50)

    def test_a_code_in_use_is_refused_and_named(self) -> None:
        self.create("ABCD")
        refused = self.assertRefused(
            "code_taken", self.operations.create(CreateLobby("ABCD"), ANYBODY, self.now)
        )
        self.assertEqual(refused.detail, "ABCD is in use.")

    def test_the_first_one_keeps_a_code_that_was_asked_for_twice(self) -> None:
        first = self.create("ABCD").lobby
        self.assertRefused(
            "code_taken", self.operations.create(CreateLobby("ABCD"), ANYBODY, self.now)
        )
        self.assertIs(self.find("ABCD"), first)
        self.assertEqual(len(self.lobbies.by_id), 1)

    def test_a_drawn_code_that_is_taken_is_drawn_again(self) -> None:
        draws = iter([b"\0" * 6, b"\0" * 6, b"\1" * 6])
        rest = random.Random(1).randbytes
        self.start(lambda count: next(draws) if count == 6 else rest(count))
        codes = [self.create().lobby.code for _ in range(2)]
        self.assertEqual(codes, ["000000", "111111"])

    def test_a_reserved_word_is_never_drawn(self) -> None:
        draws = iter([bytes(ALPHABET.index(letter) for letter in "EVENTS"), b"\1" * 6])
        rest = random.Random(1).randbytes
        self.start(lambda count: next(draws) if count == 6 else rest(count))
        self.assertEqual(self.create().lobby.code, "111111")

    def test_the_owner_token_is_for_this_lobby_and_a_day(self) -> None:
        created = self.create()
        bearer = Bearers(KEYS.bearer_key).verify(created.owner_token, self.now)
        assert bearer is not None
        self.assertEqual((bearer.role, bearer.session_id), (Role.OWNER, 0))
        self.assertEqual(bearer.lobby_id, created.lobby.lobby_id)
        self.assertEqual(bearer.expires, int(self.now) + LIFE)


class CreateAndJoinTests(OperationsCase):
    """One request, one round trip."""

    def test_who_makes_it_is_in_and_host(self) -> None:
        created = self.create("ABCD", player=JoinLobby("Ada", team=2, metadata={"skin": 1}))
        assert created.joined is not None
        player = created.joined.player
        self.assertEqual((player.name, player.team, player.metadata), ("Ada", 2, {"skin": 1}))
        self.assertEqual(created.lobby.host_player_id, player.player_id)

    def test_its_own_password_is_not_asked_for(self) -> None:
        self.assertIsNotNone(self.create(password="secret", player=JoinLobby()).joined)

    def test_without_a_player_nobody_is_in(self) -> None:
        created = self.create()
        self.assertIsNone(created.joined)
        self.assertTrue(created.lobby.empty)

    def test_where_the_player_gets_no_place_there_is_no_lobby(self) -> None:
        watcher = JoinLobby(spectator=True)
        for wanted in (
            CreateLobby("ABCD", "", 1, reserved=("Eve",), player=JoinLobby("Ada")),
            CreateLobby("ABCD", settings={"max_spectators": 0}, player=watcher),
        ):
            self.assertRefused("lobby_full", self.operations.create(wanted, ANYBODY, self.now))
            self.assertGone("ABCD")
        self.assertEqual(self.lobbies.by_id, {})
        self.assertEqual(self.create("ABCD").lobby.code, "ABCD")

    def test_a_place_kept_for_the_maker_is_its_own(self) -> None:
        created = self.create(max_players=1, reserved=("Ada",), player=JoinLobby("ada"))
        self.assertEqual(created.lobby.member_count, 1)

    def test_more_names_than_places_are_refused(self) -> None:
        wanted = CreateLobby(max_players=2, reserved=("a", "b", "c"))
        refused = self.assertRefused(
            "invalid_request", self.operations.create(wanted, ANYBODY, self.now)
        )
        self.assertIn("reserved", refused.detail)
        self.assertEqual(self.create(max_players=2, reserved=("a", "A", "b")).lobby.free_places, 0)

    def test_terms_are_taken_over(self) -> None:
        lobby = self.create(
            game="chess",
            version="1.2",
            metadata={"map": "a"},
            member_metadata={"seed": 1},
            settings={"countdown": 9.0},
        ).lobby
        self.assertEqual((lobby.game, lobby.version), ("chess", "1.2"))
        self.assertEqual((lobby.metadata, lobby.member_metadata), ({"map": "a"}, {"seed": 1}))
        self.assertEqual((lobby.settings.countdown, lobby.settings.auto_lock), (9.0, True))
        self.assertEqual(lobby.protocol_id, protocol_id("chess", "1.2"))


class PasswordTests(OperationsCase):
    def refused_join(self, code: str, **wanted: Any) -> str:
        work = self.operations.join(code, JoinLobby(**wanted), ANYBODY, self.now)
        refused: str = self.assertRaises(Refused, run, work).code
        return refused

    def setUp(self) -> None:
        super().setUp()
        self.lobby = self.create("ABCD", password="sesam", reserved=("Ada",)).lobby

    def test_the_right_one_opens(self) -> None:
        self.join("ABCD", password="sesam")
        self.assertEqual(self.lobby.member_count, 1)

    def test_a_wrong_one_or_none_is_refused(self) -> None:
        for password in ("", "Sesam", "sesam2"):
            self.assertEqual(self.refused_join("ABCD", password=password), "wrong_password")
        self.assertEqual(self.lobby.member_count, 0)

    def test_without_a_password_any_will_do(self) -> None:
        self.create("BBBB")
        self.join("BBBB", password="whatever")

    def test_it_is_not_kept(self) -> None:
        self.assertNotIn(b"sesam", self.lobby.password or b"")
        self.assertNotIn("sesam", repr(self.lobby))

    def test_two_lobbies_with_the_same_one_keep_different_verifiers(self) -> None:
        other = self.create(password="sesam").lobby
        self.assertNotEqual(self.lobby.password, other.password)

    def test_who_is_expected_by_name_needs_none(self) -> None:
        self.assertEqual(self.join("ABCD", "ada").player.name, "ada")

    def test_as_a_spectator_it_does(self) -> None:
        self.assertEqual(self.refused_join("ABCD", name="ada", spectator=True), "wrong_password")

    def test_the_second_one_of_that_name_does(self) -> None:
        self.join("ABCD", "ada")
        self.assertEqual(self.refused_join("ABCD", name="ada"), "wrong_password")


class PrivateTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        self.created = self.create(visibility="private", password="sesam")
        self.code = self.created.lobby.code

    def assertHidden(self, token: str | None) -> None:
        """Whatever is asked, the answer is that of a code which is nobody's."""
        caller = Caller(token=token)
        operations, now = self.operations, self.now
        hosting = HostOperations(operations)
        for code in (self.code, "00000000"):
            for work in (
                operations.look(code, caller, now),
                operations.join(code, JoinLobby(password="wrong"), caller, now),
                operations.rejoin(code, caller, now),
                operations.leave(code, caller, now),
                operations.delete(code, caller, now),
                hosting.change(code, ChangeLobby(), caller, None, now),
                hosting.change_player(code, 1, ChangePlayer(), caller, now),
                hosting.say(code, Say("x"), caller, now),
                hosting.kick(code, 1, Kick(), caller, now),
                hosting.hand_over(code, HandOver(1), caller, now),
                hosting.start(code, caller, now),
                hosting.cancel(code, caller, now),
                hosting.end(code, caller, now),
            ):
                refused = self.assertRefused("lobby_not_found", work)
                self.assertEqual(refused.detail, Refused("lobby_not_found").detail)

    def test_its_code_is_drawn_and_has_8_letters(self) -> None:
        self.assertEqual((len(self.code), read_code(self.code)), (8, self.code))

    def test_its_code_cannot_be_chosen(self) -> None:
        wanted = CreateLobby("ABCD", visibility="private")
        refused = self.assertRefused(
            "invalid_request", self.operations.create(wanted, ANYBODY, self.now)
        )
        self.assertEqual(refused.detail.partition(":")[0], "code")

    def test_it_is_never_listed(self) -> None:
        self.join(self.code, password="sesam")
        self.assertEqual(len(self.lobbies.index), 0)

    def test_strangers_cannot_tell_it_from_none_while_it_is_empty(self) -> None:
        self.assertHidden(None)
        self.now += 31
        self.assertHidden(None)

    def test_nor_while_somebody_is_in(self) -> None:
        self.connected(self.code, password="sesam")
        self.assertHidden(None)

    def test_nor_with_a_forged_token_or_another_lobbys(self) -> None:
        self.assertHidden("forged")
        self.assertHidden(self.create().owner_token)

    def test_members_and_its_owner_see_it(self) -> None:
        joined = self.join(self.code, password="sesam")
        for token in (joined.player_token, self.created.owner_token):
            lobby, _ = run(self.operations.look(self.code, Caller(token=token), self.now))
            self.assertIs(lobby, self.created.lobby)

    def test_without_a_password_the_code_is_the_key(self) -> None:
        code = self.create(visibility="private").lobby.code
        lobby, player = run(self.operations.look(code, Caller(), self.now))
        self.assertEqual((lobby.code, player), (code, None))
        self.join(code)

    def test_its_owner_deletes_it(self) -> None:
        self.delete(self.code, self.created.owner_token)
        self.assertGone(self.code)


class LookTests(OperationsCase):
    def test_members_are_known_as_such(self) -> None:
        self.create("ABCD")
        joined = self.join("ABCD")
        caller = Caller(token=joined.player_token)
        self.assertEqual(
            run(self.operations.look("abcd", caller, self.now)), (joined.lobby, joined.player)
        )

    def test_others_see_it_without_being_anybody(self) -> None:
        created = self.create("ABCD")
        for token in (None, created.owner_token):
            caller = Caller(token=token)
            found = run(self.operations.look("ABCD", caller, self.now))
            self.assertEqual(found, (created.lobby, None))

    def test_a_token_of_another_lobby_is_refused(self) -> None:
        self.create("ABCD")
        caller = Caller(token=self.create().owner_token)
        self.assertRefused("token_invalid", self.operations.look("ABCD", caller, self.now))


class RejoinTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        self.create("ABCD")
        self.joined = self.connected("ABCD")
        self.caller = Caller(token=self.joined.player_token, udp=UDP)

    def rejoin(self) -> Joined:
        return run(self.operations.rejoin("ABCD", self.caller, self.now))

    def test_it_is_the_same_seat_and_player(self) -> None:
        self.now += 5
        self.lobbies.silent(self.joined.lobby, self.joined.player, self.now)
        self.now += 50
        again = self.rejoin()
        self.assertIs(again.player, self.joined.player)
        self.assertEqual(again.lobby.member_count, 1)
        self.assertEqual(again.ticket.conn_id, self.joined.ticket.conn_id)
        self.assertEqual(again.ticket.session_key, self.joined.ticket.session_key)

    def test_the_new_ticket_is_good_for_15_seconds_from_now(self) -> None:
        self.now += 100
        self.assertEqual(self.rejoin().ticket.expires_at, self.now + 15)

    def test_asking_again_does_not_hold_a_reserved_seat_longer(self) -> None:
        joined = self.join("ABCD")
        self.caller = Caller(token=joined.player_token, udp=UDP)
        self.now += 10
        self.assertEqual(self.rejoin().ticket.expires_at, START + 15)
        self.lobbies.expire(START + 15)
        self.assertNotIn(joined.player.player_id, joined.lobby.players)

    def test_the_new_bearer_token_is_good_too(self) -> None:
        self.caller = Caller(token=self.rejoin().player_token)
        self.assertIs(self.rejoin().player, self.joined.player)

    def test_a_locked_full_lobby_and_a_running_game_are_no_hindrance(self) -> None:
        lobby = self.joined.lobby
        lobby.max_players, lobby.locked, lobby.state = 1, True, LobbyStateCode.IN_GAME
        self.assertIs(self.rejoin().player, self.joined.player)

    def test_a_seat_that_lapsed_is_gone(self) -> None:
        self.lobbies.silent(self.joined.lobby, self.joined.player, self.now)
        self.lobbies.expire(self.now + 60)
        work = self.operations.rejoin("ABCD", self.caller, self.now)
        self.assertRefused("token_invalid", work)

    def test_who_was_kicked_has_no_seat(self) -> None:
        self.lobbies.put_out(self.joined.lobby, self.joined.player, "", self.now, ban=False)
        work = self.operations.rejoin("ABCD", self.caller, self.now)
        self.assertRefused("token_invalid", work)

    def test_without_a_players_token_it_is_refused(self) -> None:
        for token in (None, self.create().owner_token):
            work = self.operations.rejoin("ABCD", Caller(token=token), self.now)
            self.assertRefused("token_invalid" if token else "token_required", work)


class LeaveTests(OperationsCase):
    def test_the_seat_is_free_at_once(self) -> None:
        self.create("ABCD", max_players=1)
        joined = self.connected("ABCD")
        run(self.operations.leave("ABCD", Caller(token=joined.player_token), self.now))
        self.assertEqual(self.join("ABCD").player.slot, 0)

    def test_the_token_is_good_no_more(self) -> None:
        self.create("ABCD")
        caller = Caller(token=self.connected("ABCD").player_token)
        run(self.operations.leave("ABCD", caller, self.now))
        self.assertRefused("token_invalid", self.operations.leave("ABCD", caller, self.now))

    def test_an_owner_is_in_no_seat(self) -> None:
        caller = Caller(token=self.create("ABCD").owner_token)
        self.assertRefused("token_required", self.operations.leave("ABCD", caller, self.now))

    def test_where_nobody_takes_over_the_hosts_leave_frees_the_code(self) -> None:
        self.create("ABCD", settings={"host_migration": "none"})
        joined = self.connected("ABCD")
        run(self.operations.leave("ABCD", Caller(token=joined.player_token), self.now))
        self.assertGone("ABCD")
        self.create("ABCD")


class QuickJoinTests(OperationsCase):
    def quick(self, caller: Caller = ANYBODY, **wanted: Any) -> Joined:
        return run(self.operations.quick_join(QuickJoin(**wanted), caller, self.now))

    def fill(self, code: str, count: int, **more: Any) -> None:
        self.create(code, **more)
        for _ in range(count):
            self.join(code, password=more.get("password", ""))

    def test_the_fullest_open_lobby_is_taken(self) -> None:
        for code, count in (("AAAA", 2), ("BBBB", 5), ("CCCC", 4)):
            self.fill(code, count)
        self.assertEqual(self.quick().lobby.code, "BBBB")

    def test_full_locked_private_and_password_ones_are_not(self) -> None:
        self.fill("AAAA", 8)
        self.fill("BBBB", 7, password="x")
        self.fill("CCCC", 6)
        self.find("CCCC").locked = True
        lobby = self.find("CCCC")
        self.lobbies.settle(lobby, life.settle(lobby, self.now), self.now)
        self.create(visibility="private")
        self.assertNotIn(self.quick().lobby.code, ("AAAA", "BBBB", "CCCC"))
        self.assertEqual(len(self.lobbies.by_id), 5)

    def test_game_and_version_are_matched(self) -> None:
        self.fill("AAAA", 3, game="chess", version="1")
        joined = self.quick(game="chess", version="2")
        self.assertNotEqual(joined.lobby.code, "AAAA")
        self.assertEqual((joined.lobby.game, joined.lobby.version), ("chess", "2"))
        self.assertEqual(self.quick(game="chess", version="1").lobby.code, "AAAA")

    def test_metadata_is_matched_and_given_to_a_new_one(self) -> None:
        self.fill("AAAA", 3, metadata={"mode": "ctf", "map": "a"})
        self.assertEqual(self.quick(metadata={"mode": "ctf"}).lobby.code, "AAAA")
        joined = self.quick(metadata={"mode": "dm"}, create={"metadata": {"map": "b"}})
        self.assertEqual(joined.lobby.metadata, {"map": "b", "mode": "dm"})
        self.assertIs(self.quick(metadata={"mode": "dm"}).lobby, joined.lobby)

    def test_a_whole_number_matches_however_it_is_written(self) -> None:
        self.fill("AAAA", 1, metadata={"level": 2_000_000})
        self.assertEqual(self.quick(metadata={"level": 2_000_000.0}).lobby.code, "AAAA")

    def test_a_new_one_is_made_as_asked(self) -> None:
        joined = self.quick(
            player=JoinLobby("Ada"), create={"name": "Pit", "max_players": 2, "settings": {}}
        )
        self.assertEqual((joined.lobby.name, joined.lobby.max_players), ("Pit", 2))
        self.assertEqual((joined.player.name, joined.lobby.host_player_id), ("Ada", 1))
        self.assertEqual(joined.lobby.visibility, "public")

    def test_both_metadata_together_are_bounded_like_one(self) -> None:
        first: Metadata = {f"a{n}": 1 for n in range(20)}
        second = {f"b{n}": 1 for n in range(20)}
        wanted = QuickJoin(metadata=first, create={"metadata": second})
        work = self.operations.quick_join(wanted, ANYBODY, self.now)
        self.assertRefused("invalid_request", work)
        self.assertEqual(self.lobbies.by_id, {})

    def test_a_lobby_where_one_is_banned_is_passed_over(self) -> None:
        self.fill("AAAA", 3)
        victim = self.join("AAAA")
        self.lobbies.put_out(victim.lobby, victim.player, "", self.now, ban=True)
        joined = self.quick()
        self.assertNotEqual(joined.lobby.code, "AAAA")
        other = Caller(Identity(None, b"elsewhere"), udp=UDP)
        self.assertEqual(self.quick(other).lobby.code, "AAAA")

    def test_a_hundred_of_them_fill_lobby_after_lobby(self) -> None:
        for _ in range(100):
            self.quick(create={"max_players": 8})
        counts = sorted(lobby.member_count for lobby in self.lobbies.by_id.values())
        self.assertEqual(counts, [4] + [8] * 12)

    def test_places_kept_for_friends_are_not_given_out(self) -> None:
        self.fill("AAAA", 1, max_players=2, reserved=("Eve",))
        self.assertNotEqual(self.quick().lobby.code, "AAAA")

    def test_a_running_game_is_not_joined_even_with_late_join(self) -> None:
        """It could be; but who looks for a game quickly wants its beginning."""
        self.create("AAAA", settings={"countdown": 0.0, "late_join": True})
        self.connected("AAAA")
        lobby = self.find("AAAA")
        self.lobbies.settle(lobby, life.start(lobby, self.now), self.now)
        self.assertNotEqual(self.quick().lobby.code, "AAAA")


class RoomTests(OperationsCase):
    max_lobbies = 1

    def test_one_too_many_is_refused(self) -> None:
        self.create()
        self.assertRefused(
            "too_many_lobbies", self.operations.create(CreateLobby(), ANYBODY, self.now)
        )

    def test_a_refused_one_leaves_its_code_free(self) -> None:
        created = self.create("AAAA")
        request = CreateLobby("BBBB")
        self.assertRefused("too_many_lobbies", self.operations.create(request, ANYBODY, self.now))
        self.delete("AAAA", created.owner_token)
        self.assertEqual(self.create("BBBB").lobby.code, "BBBB")


class TestLobbyTests(OperationsCase):
    """The lobby TEST, not a test of lobbies."""

    def open(self) -> Lobby:
        run(self.operations.open_test_lobby(self.now))
        return self.find("TEST")

    def test_it_is_permanent_and_has_one_dummy(self) -> None:
        lobby = self.open()
        self.assertTrue(lobby.permanent)
        (dummy,) = lobby.players.values()
        self.assertTrue(dummy.dummy)
        self.assertIsNotNone(dummy.motion)

    def test_it_is_empty_all_the_same(self) -> None:
        self.assertEqual(self.open().member_count, 0)

    def test_its_id_is_the_same_after_a_restart(self) -> None:
        first = self.open().lobby_id
        self.start(random.Random(2).randbytes)
        self.assertEqual(self.open().lobby_id, first)

    def test_its_code_is_taken(self) -> None:
        self.open()
        self.assertRefused(
            "code_taken", self.operations.create(CreateLobby("TEST"), ANYBODY, self.now)
        )

    def test_without_it_the_code_is_free(self) -> None:
        self.assertFalse(self.create("TEST").lobby.permanent)

    def test_it_can_be_joined_and_never_ends(self) -> None:
        lobby = self.open()
        self.join("test")
        self.lobbies.expire(self.now + 1e6)
        self.assertEqual((lobby.member_count, lobby.closed), (0, False))
        self.join("test")
        self.assertEqual(lobby.member_count, 1)


class FindTests(OperationsCase):
    def test_a_code_is_found_as_a_person_types_it(self) -> None:
        lobby = self.create("AB01").lobby
        for text in ("AB01", "ab01", "abol", "ABOI", "aBo1"):
            self.assertIs(self.find(text), lobby)

    def test_what_can_be_no_code_is_not_found(self) -> None:
        for text in ("", "events", "A", "\u00e9", "\ud800", "A" * 10_000, "../..", "AB\0D"):
            self.assertGone(text)


class JoinTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        self.created = self.create("ABCD")
        self.joined = self.join("abcd", "Ada")

    def claims(self) -> Claims:
        return TokenSealer(KEYS).open(self.joined.ticket.token)

    def test_the_player_is_in(self) -> None:
        self.assertIs(self.joined.lobby, self.created.lobby)
        self.assertIs(self.created.lobby.players[1], self.joined.player)
        self.assertEqual(self.joined.player.name, "Ada")

    def test_the_ticket_names_the_udp_address(self) -> None:
        self.assertEqual((self.joined.ticket.udp_host, self.joined.ticket.udp_port), UDP)

    def test_the_ticket_ends_with_the_seats_hold(self) -> None:
        self.assertEqual(self.joined.ticket.expires_at, START + 15)
        self.lobbies.expire(START + 15)
        self.assertEqual(self.created.lobby.member_count, 0)

    def test_the_ticket_has_the_seats_connection_and_keys(self) -> None:
        ticket, seat = self.joined.ticket, self.joined.player.seat
        assert seat is not None
        self.assertEqual((ticket.conn_id, ticket.session_key), (seat.conn_id, seat.session_key))
        self.assertEqual(ticket.reset_key, KEYS.reset_key(seat.conn_id))
        self.assertEqual(len(ticket.session_key), 32)

    def test_the_ticket_has_the_games_protocol_id(self) -> None:
        self.assertEqual(self.joined.ticket.protocol_id, protocol_id("", ""))

    def test_the_sealed_token_says_who_and_where(self) -> None:
        claims, seat = self.claims(), self.joined.player.seat
        assert seat is not None
        self.assertEqual(claims.lobby_id, self.created.lobby.lobby_id)
        self.assertEqual((claims.player_id, claims.slot, claims.name), (1, 0, "Ada"))
        self.assertEqual((claims.session_id, claims.conn_id), (seat.session_id, seat.conn_id))
        self.assertEqual(claims.session_key, seat.session_key)
        self.assertEqual(claims.server_id, 77)

    def test_the_sealed_token_is_good_as_long_as_the_seat(self) -> None:
        self.assertEqual((self.claims().issued, self.claims().expires), (int(START), START + 15))

    def test_the_longest_name_fits_into_a_token(self) -> None:
        self.joined = self.join("ABCD", "\U0001f600" * 8)
        self.assertEqual(self.claims().name, "\U0001f600" * 8)

    def test_the_player_token_is_for_this_session(self) -> None:
        bearer = Bearers(KEYS.bearer_key).verify(self.joined.player_token, self.now)
        assert bearer is not None
        assert self.joined.player.seat is not None
        self.assertEqual(bearer.role, Role.PLAYER)
        self.assertEqual(bearer.lobby_id, self.created.lobby.lobby_id)
        self.assertEqual(bearer.session_id, self.joined.player.seat.session_id)

    def test_two_joins_share_nothing_secret(self) -> None:
        other = self.join("ABCD", "Ada")
        for name in ("token", "session_key", "reset_key", "conn_id"):
            self.assertNotEqual(
                getattr(self.joined.ticket, name), getattr(other.ticket, name), name
            )
        self.assertNotEqual(self.joined.player_token, other.player_token)

    def test_an_unknown_lobby_is_refused(self) -> None:
        self.assertRefused(
            "lobby_not_found", self.operations.join("WXYZ", JoinLobby(), ANYBODY, self.now)
        )

    def test_a_full_lobby_is_refused(self) -> None:
        self.create("BBBB", max_players=1)
        self.join("BBBB")
        self.assertRefused(
            "lobby_full", self.operations.join("BBBB", JoinLobby(), ANYBODY, self.now)
        )


class DeleteEmptyTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        self.owner = self.create("ABCD").owner_token

    def test_its_owner_may_at_once(self) -> None:
        self.delete("ABCD", self.owner)
        self.assertGone("ABCD")

    def test_the_code_is_read_forgivingly(self) -> None:
        self.delete("abcd", self.owner)
        self.assertGone("ABCD")

    def test_nobody_else_may_within_30_seconds(self) -> None:
        self.now += 30
        self.assertNotDeleted("token_required", "ABCD")

    def test_anybody_may_after_30_seconds(self) -> None:
        self.now += 30.5
        self.delete("ABCD")
        self.assertGone("ABCD")

    def test_the_30_seconds_begin_again_when_the_last_player_left(self) -> None:
        self.now += 10
        joined = self.connected("ABCD")
        self.now += 100
        self.lobbies.leave(joined.lobby, joined.player, LeftReason.LEFT, self.now)
        self.assertNotDeleted("token_required", "ABCD")
        self.now += 30.5
        self.delete("ABCD")
        self.assertGone("ABCD")

    def test_another_lobbys_owner_may_not(self) -> None:
        other = self.create("WXYZ").owner_token
        self.assertNotDeleted("token_invalid", "ABCD", other)

    def test_a_forged_token_is_refused(self) -> None:
        self.assertNotDeleted("token_invalid", "ABCD", "forged")
        self.assertNotDeleted("token_invalid", "ABCD", "")

    def test_a_wrong_token_is_refused_even_where_none_is_needed(self) -> None:
        self.now += 31
        self.assertNotDeleted("token_invalid", "ABCD", "forged")

    def test_the_udp_token_is_never_accepted(self) -> None:
        joined = self.join("ABCD")
        self.assertNotDeleted("token_invalid", "ABCD", base64url(joined.ticket.token))

    def test_an_expired_owner_token_is_refused(self) -> None:
        joined = self.connected("ABCD")
        self.now += LIFE
        self.lobbies.leave(joined.lobby, joined.player, LeftReason.LEFT, self.now)
        self.assertNotDeleted("token_invalid", "ABCD", self.owner)

    def test_the_token_of_a_player_who_left_is_refused(self) -> None:
        joined = self.connected("ABCD")
        self.lobbies.leave(joined.lobby, joined.player, LeftReason.LEFT, self.now)
        self.assertNotDeleted("token_invalid", "ABCD", joined.player_token)

    def test_a_second_time_there_is_nothing_to_delete(self) -> None:
        self.delete("ABCD", self.owner)
        self.assertRefused(
            "lobby_not_found", self.operations.delete("ABCD", Caller(token=self.owner), self.now)
        )


class DeleteTakenTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        self.owner = self.create("ABCD").owner_token
        self.host = self.connected("ABCD")

    def test_the_host_may(self) -> None:
        self.delete("ABCD", self.host.player_token)
        self.assertGone("ABCD")

    def test_without_a_token_nobody_may_however_old_it_is(self) -> None:
        self.now += 1000
        self.assertNotDeleted("lobby_not_empty", "ABCD")

    def test_its_owner_may_not(self) -> None:
        self.assertNotDeleted("lobby_not_empty", "ABCD", self.owner)

    def test_another_player_may_not(self) -> None:
        other = self.connected("ABCD")
        self.assertNotDeleted("lobby_not_empty", "ABCD", other.player_token)

    def test_the_next_host_may(self) -> None:
        other = self.connected("ABCD")
        self.lobbies.leave(self.host.lobby, self.host.player, LeftReason.LEFT, self.now)
        self.delete("ABCD", other.player_token)
        self.assertGone("ABCD")

    def test_a_former_host_may_not(self) -> None:
        other = self.connected("ABCD")
        self.lobbies.silent(self.host.lobby, self.host.player, self.now)
        self.lobbies.expire(self.now + 5)
        self.assertEqual(self.host.lobby.host_player_id, other.player.player_id)
        self.assertNotDeleted("lobby_not_empty", "ABCD", self.host.player_token)

    def test_the_host_of_another_lobby_may_not(self) -> None:
        self.create("WXYZ")
        self.assertNotDeleted("token_invalid", "ABCD", self.connected("WXYZ").player_token)

    def test_an_away_player_counts_as_in(self) -> None:
        self.lobbies.silent(self.host.lobby, self.host.player, self.now)
        self.assertNotDeleted("lobby_not_empty", "ABCD", self.owner)

    def test_a_seat_that_is_only_reserved_counts_as_in(self) -> None:
        owner = self.create("WXYZ").owner_token
        self.join("WXYZ")
        self.assertNotDeleted("lobby_not_empty", "WXYZ", owner)


class DeletePermanentTests(OperationsCase):
    def setUp(self) -> None:
        super().setUp()
        run(self.operations.open_test_lobby(self.now))

    def test_nobody_may_however_long_it_was_empty(self) -> None:
        self.now += 1000
        self.assertNotDeleted("lobby_permanent", "TEST")

    def test_its_host_may_not(self) -> None:
        self.assertNotDeleted("lobby_permanent", "TEST", self.connected("TEST").player_token)


class ReleaseTests(OperationsCase):
    def test_the_code_of_a_deleted_lobby_can_be_taken_again(self) -> None:
        first = self.create("ABCD")
        self.delete("ABCD", first.owner_token)
        again = self.create("ABCD")
        self.assertNotEqual(again.lobby.lobby_id, first.lobby.lobby_id)

    def test_the_old_owners_token_is_not_good_for_the_new_lobby(self) -> None:
        owner = self.create("ABCD").owner_token
        self.delete("ABCD", owner)
        self.create("ABCD")
        self.assertNotDeleted("token_invalid", "ABCD", owner)

    def test_the_code_of_a_reaped_lobby_can_be_taken_again(self) -> None:
        self.create("ABCD")
        self.lobbies.expire(self.now + 60)
        run(self.operations.release_removed())
        self.assertEqual(self.create("ABCD").lobby.code, "ABCD")

    def test_a_code_is_held_until_it_is_released(self) -> None:
        self.create("ABCD")
        self.lobbies.expire(self.now + 60)
        self.assertRefused(
            "code_taken", self.operations.create(CreateLobby("ABCD"), ANYBODY, self.now)
        )

    def test_nothing_to_release_is_nothing(self) -> None:
        self.create("ABCD")
        run(self.operations.release_removed())
        self.assertRefused(
            "code_taken", self.operations.create(CreateLobby("ABCD"), ANYBODY, self.now)
        )


class DirectoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = MemoryDirectory()

    def test_the_first_claim_wins(self) -> None:
        self.assertTrue(run(self.directory.claim("ABCD", 1)))
        self.assertFalse(run(self.directory.claim("ABCD", 2)))

    def test_claiming_again_is_the_same_claim(self) -> None:
        run(self.directory.claim("ABCD", 1))
        self.assertTrue(run(self.directory.claim("ABCD", 1)))

    def test_a_released_code_is_free(self) -> None:
        run(self.directory.claim("ABCD", 1))
        run(self.directory.release("ABCD", 1))
        self.assertTrue(run(self.directory.claim("ABCD", 2)))

    def test_only_its_owner_releases_it(self) -> None:
        run(self.directory.claim("ABCD", 1))
        run(self.directory.release("ABCD", 2))
        self.assertFalse(run(self.directory.claim("ABCD", 2)))

    def test_releasing_what_nobody_has_is_nothing(self) -> None:
        run(self.directory.release("ABCD", 1))
        self.assertTrue(run(self.directory.claim("ABCD", 2)))


class ClosedLobbyTests(SynchronousTestCase):
    """What the players of a deleted or expired lobby hear on UDP."""

    def test_players_of_a_deleted_lobby_get_disconnect_closed(self) -> None:
        world = World()
        code = world.create()
        clients = [world.join(code), world.join(code)]
        world.advance(1)
        self.assertTrue(all(client.session.connected for client in clients))
        host = Caller(token=clients[0].joined.player_token)
        run(world.operations.delete(code, host, world.now))
        world.advance(1)
        for client in clients:
            reasons = [event.reason for event in client.seen(Disconnected)]
            self.assertEqual(reasons[:1], [DisconnectReason.CLOSED])

    def test_an_empty_lobby_is_reaped_by_the_ticks(self) -> None:
        world = World()
        code = world.create()
        world.advance(61, step=0.1)
        self.assertRaises(Refused, run, world.operations.find(code))
