"""What is given to the store and when, and what comes back from it."""

from __future__ import annotations

import itertools
import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby.directory import MemoryDirectory
from lobbyd.lobby.feeds import changes_after
from lobbyd.lobby.hosting import HostOperations
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.model import Identity, Lobby, SeatState
from lobbyd.lobby.operations import Caller, Joined, LobbyOperations
from lobbyd.lobby.record import decode, encode
from lobbyd.lobby.requests import CreateLobby, JoinLobby, Kick, QuickJoin, Say
from lobbyd.lobby.rules import life, restart, seats
from lobbyd.lobby.store import ROUND, MemoryStore
from lobbyd.testing import START, run
from lobbyd.wire.catalogue import LeftReason, LobbyStateCode
from lobbyd.wire.keys import ServerKeys
from tests.rules_case import HOLD, RulesCase, new_lobby

KEYS = ServerKeys(bytes(32))
CIRCLE = Circle()


class Server:
    """One process; another one can begin with its store."""

    def __init__(self, store: MemoryStore, now: float = START, seed: int = 1) -> None:
        entropy = random.Random(seed).randbytes
        self.store, self.now = store, now
        self.lobbies = Lobbies(seat_hold=HOLD, max_lobbies=1000, entropy=entropy)
        self.directory = MemoryDirectory()
        self.operations = LobbyOperations(
            self.lobbies, self.directory, KEYS, server_id=1, entropy=entropy, store=store
        )
        self.hosting = HostOperations(self.operations)
        self.keeper = self.operations.keeper

    def next(self, now: float, *, test_lobby: bool = True) -> Server:
        """The process after a crash of this one."""
        self.store.crash()
        server = Server(self.store, now, seed=2)
        server.outcome = run(server.operations.restore(now, test_lobby=test_lobby))
        return server

    outcome = (0, 0)

    def create(self, code: str = "ABCD", **wanted: Any) -> Lobby:
        request = CreateLobby(code=code, max_players=8, **wanted)
        return run(self.operations.create(request, Caller(), self.now)).lobby

    def join(self, code: str = "ABCD", name: str = "") -> Joined:
        return run(self.operations.join(code, JoinLobby(name), Caller(), self.now))


class StoreCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.store = MemoryStore()
        self.server = Server(self.store)

    def refused(self, work: Any) -> str:
        code: str = self.assertRaises(Refused, run, work).code
        return code

    def kept(self, lobby: Lobby) -> Lobby:
        """The durable record of a lobby."""
        return decode(self.store.records[lobby.lobby_id])


class PromiseTests(StoreCase):
    """What an answer gives or takes away is durable before the answer."""

    def test_a_lobby_that_was_made(self) -> None:
        lobby = self.server.create()
        self.assertEqual(self.kept(lobby).code, "ABCD")

    def test_a_lobby_that_was_made_with_its_first_player(self) -> None:
        lobby = self.server.create(player=JoinLobby("a", team=2, metadata={"x": 1}))
        [player] = self.kept(lobby).players.values()
        self.assertEqual((player.name, player.team, player.metadata), ("a", 2, {"x": 1}))

    def test_a_seat(self) -> None:
        lobby = self.server.create()
        joined = self.server.join()
        seat, kept = joined.player.seat, self.kept(lobby).players[1].seat
        assert seat is not None
        assert kept is not None
        self.assertEqual(kept.session_key, seat.session_key)
        self.assertEqual((kept.conn_id, kept.session_id), (seat.conn_id, seat.session_id))

    def test_a_seat_by_quick_join(self) -> None:
        lobby = self.server.create()
        operations, now = self.server.operations, self.server.now
        run(operations.quick_join(QuickJoin(player=JoinLobby("a")), Caller(), now))
        self.assertEqual(len(self.kept(lobby).players), 1)
        made = run(operations.quick_join(QuickJoin(game="other"), Caller(), now))
        self.assertEqual(len(self.kept(made.lobby).players), 1)

    def test_leaving(self) -> None:
        lobby = self.server.create()
        caller = Caller(token=self.server.join().player_token)
        run(self.server.operations.leave("ABCD", caller, self.server.now))
        self.assertEqual(self.kept(lobby).players, {})

    def test_kick_and_ban(self) -> None:
        lobby = self.server.create()
        host, *others = (self.server.join() for _ in range(3))
        caller = Caller(token=host.player_token)
        for ban, joined in zip((False, True), others, strict=True):
            player_id = joined.player.player_id
            run(self.server.hosting.kick("ABCD", player_id, Kick(ban=ban), caller, START))
        kept = self.kept(lobby)
        self.assertEqual(list(kept.players), [1])
        self.assertEqual((len(kept.bans), len(kept.revoked)), (1, 2))

    def test_a_lobby_that_was_deleted(self) -> None:
        lobby = self.server.create()
        caller = Caller(token=self.server.join().player_token)
        run(self.server.operations.delete("ABCD", caller, START))
        self.assertNotIn(lobby.lobby_id, self.store.records)

    def test_a_lobby_that_closes_with_its_host(self) -> None:
        lobby = self.server.create(settings={"host_migration": "none"})
        caller = Caller(token=self.server.join().player_token)
        run(self.server.operations.leave("ABCD", caller, START))
        self.assertNotIn(lobby.lobby_id, self.store.records)

    def test_a_code_that_is_taken_again_at_once(self) -> None:
        """The record of the first one must not come back beside that of the second."""
        first = self.server.create()
        self.server.lobbies.close(first, LeftReason.TIMEOUT, START)
        run(self.server.operations.release_removed())
        second = self.server.create()
        self.assertEqual(list(self.store.records), [second.lobby_id])


class FullDiskTests(StoreCase):
    """What cannot be written is not given."""

    def test_no_seat(self) -> None:
        lobby = self.server.create()
        self.server.join()
        self.store.failing = True
        join = self.server.operations.join("ABCD", JoinLobby("b"), Caller(), START)
        self.assertEqual(self.refused(join), "storage_unavailable")
        self.assertEqual(list(lobby.players), [1])

    def test_no_lobby(self) -> None:
        self.store.failing = True
        for player in (None, JoinLobby("a")):
            request = CreateLobby(code="ABCD", max_players=8, player=player)
            create = self.server.operations.create(request, Caller(), START)
            self.assertEqual(self.refused(create), "storage_unavailable")
        self.assertEqual(self.server.lobbies.by_code, {})
        self.store.failing = False
        self.assertEqual(self.server.create().code, "ABCD")

    def test_no_quick_seat(self) -> None:
        self.store.failing = True
        quick = self.server.operations.quick_join(QuickJoin(), Caller(), START)
        self.assertEqual(self.refused(quick), "storage_unavailable")
        self.assertEqual([b.member_count for b in self.server.lobbies.by_id.values()], [0])

    def test_what_ends_is_over_all_the_same(self) -> None:
        lobby = self.server.create()
        caller = Caller(token=self.server.join().player_token)
        self.store.failing = True
        leave = self.server.operations.leave("ABCD", caller, START)
        self.assertEqual(self.refused(leave), "storage_unavailable")
        self.assertEqual(lobby.players, {})

    def test_it_mends_itself(self) -> None:
        """What could not be written before is, as soon as there is room."""
        lobby = self.server.create()
        joined = self.server.join()
        self.store.failing = True
        self.server.lobbies.connect(lobby, joined.player, START)
        self.server.keeper.keep(START)
        self.store.flush()
        self.store.failing = False
        self.store.flush()
        seat = self.kept(lobby).players[1].seat
        assert seat is not None
        self.assertIs(seat.state, SeatState.CONNECTED)


class KeeperTests(StoreCase):
    def given(self, budget: int = 1_000_000, after: float = ROUND) -> int:
        self.now += after
        count = self.server.keeper.keep(self.now, budget)
        self.store.flush()
        return count

    now = START

    def test_only_what_changed_is_written(self) -> None:
        first, _second = self.server.create("AAAA"), self.server.create("BBBB")
        self.assertEqual(self.given(), 0)
        self.server.lobbies.add_dummy(first, "Dummy", CIRCLE, START)
        self.assertEqual(self.given(), 1)
        self.assertEqual(len(self.kept(first).players), 1)
        self.assertEqual(self.given(), 0)

    def test_a_bounded_number_a_call(self) -> None:
        lobbies = [self.server.create(code) for code in ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE")]
        for lobby in lobbies:
            self.server.lobbies.add_dummy(lobby, "Dummy", CIRCLE, START)
        budget = len(encode(lobbies[0])) + 1
        self.assertEqual([self.given(budget, 0.0) for _ in range(4)], [2, 2, 1, 0])
        self.assertEqual([len(self.kept(lobby).players) for lobby in lobbies], [1] * 5)

    def test_a_lobby_that_always_changes_does_not_hold_up_the_others(self) -> None:
        busy, quiet = self.server.create("AAAA"), self.server.create("BBBB")
        self.server.lobbies.add_dummy(quiet, "Dummy", CIRCLE, START)
        for _ in range(2):
            self.server.lobbies.settle(busy, [], START)
            self.given(1)
        self.assertEqual(len(self.kept(quiet).players), 1)

    def test_a_lobby_that_always_changes_is_written_now_and_then(self) -> None:
        busy = self.server.create()
        count = 0
        for _ in range(100):
            self.server.lobbies.settle(busy, [], START)
            count += self.given(after=0.01)
        self.assertIn(count, (4, 5))

    def test_what_changes_is_marked(self) -> None:
        lobby = self.server.create()
        joined = self.server.join()
        lobbies = self.server.lobbies
        token = Caller(token=joined.player_token)
        for change in (
            lambda: lobbies.connect(lobby, joined.player, START),
            lambda: lobbies.silent(lobby, joined.player, START),
            lambda: run(self.server.hosting.say("ABCD", Say("hi"), token, START)),
            lambda: lobbies.leave(lobby, joined.player, LeftReason.TIMEOUT, START),
        ):
            change()
            self.assertEqual(self.given(), 1)
            self.assertEqual(self.store.records[lobby.lobby_id], encode(lobby))

    def test_a_lobby_that_ended_is_removed(self) -> None:
        lobby = self.server.create()
        self.server.lobbies.add_dummy(lobby, "Dummy", CIRCLE, START)
        self.server.lobbies.close(lobby, LeftReason.TIMEOUT, START)
        self.assertEqual(self.given(), 0)
        self.assertEqual(self.store.records, {})

    def test_all_of_it(self) -> None:
        for number in range(25):
            lobby = new_lobby(number + 1, f"C{number}", START)
            self.server.lobbies.add(lobby, START)
        self.server.keeper.keep_all()
        self.store.flush()
        self.assertEqual(len(self.store.records), 25)


class WithoutStoreTests(SynchronousTestCase):
    def test_nothing_is_kept_and_nothing_piles_up(self) -> None:
        entropy = random.Random(1).randbytes
        lobbies = Lobbies(seat_hold=HOLD, max_lobbies=1000, entropy=entropy)
        operations = LobbyOperations(lobbies, MemoryDirectory(), KEYS, server_id=1, entropy=entropy)
        self.assertEqual(run(operations.restore(START)), (0, 0))
        for _ in range(3):
            made = run(operations.create(CreateLobby(max_players=8), Caller(), START))
            run(operations.join(made.lobby.code, JoinLobby("a"), Caller(), START))
            lobbies.close(made.lobby, LeftReason.CLOSED, START)
        self.assertEqual(operations.keeper.keep(START), 0)
        operations.keeper.keep_all()
        self.assertEqual((lobbies.unsaved, lobbies.ended), (set(), []))


class RestartTests(StoreCase):
    def test_a_lobby_goes_on(self) -> None:
        lobby = self.server.create(metadata={"map": "x"}, password="secret")
        wanted = JoinLobby("a", password="secret")
        joined = run(self.server.operations.join("ABCD", wanted, Caller(), START))
        later = self.server.next(START + 3)
        self.assertEqual(later.outcome, (1, 0))
        again = later.lobbies.find("ABCD")
        self.assertEqual((again.lobby_id, again.metadata), (lobby.lobby_id, {"map": "x"}))
        seat = joined.player.seat
        assert seat is not None
        found = later.lobbies.seat(seat.conn_id)
        assert found is not None
        self.assertEqual((found[0], found[1].player_id), (again, 1))
        # tokens, passwords and codes are good as before
        token = Caller(token=joined.player_token)
        self.assertIs(run(later.operations.look("ABCD", token, START + 3))[1], found[1])
        wrong = later.operations.join("ABCD", JoinLobby("b", password="x"), Caller(), START)
        self.assertEqual(self.refused(wrong), "wrong_password")
        self.assertFalse(run(later.directory.claim("ABCD", 1)))
        self.assertIn(again.lobby_id, later.lobbies.index)

    def test_player_ids_are_not_given_out_again(self) -> None:
        self.server.create()
        caller = Caller(token=self.server.join().player_token)
        run(self.server.operations.leave("ABCD", caller, START))
        later = self.server.next(START + 1)
        self.assertEqual(later.join().player.player_id, 2)

    def test_what_was_not_durable_is_lost(self) -> None:
        lobby = self.server.create()
        self.server.lobbies.add_dummy(lobby, "Dummy", CIRCLE, START)
        self.server.keeper.keep(START)
        later = self.server.next(START + 1)
        self.assertEqual(later.lobbies.find("ABCD").players, {})

    def test_seats_lapse_by_and_by(self) -> None:
        """Deadlines are on the heap again."""
        self.server.create()
        joined = self.server.join()
        self.server.lobbies.connect(joined.lobby, joined.player, START)
        run(self.server.keeper.saved(joined.lobby))
        later = self.server.next(START + 100)
        later.lobbies.expire(START + 100 + HOLD - 0.1)
        self.assertEqual(later.lobbies.find("ABCD").member_count, 1)
        later.lobbies.expire(START + 100 + HOLD)
        self.assertEqual(later.lobbies.find("ABCD").member_count, 0)
        later.lobbies.expire(START + 100 + HOLD + 60)
        self.assertEqual(later.lobbies.by_id, {})

    def test_limits_by_address_go_on(self) -> None:
        entropy = random.Random(1).randbytes
        lobbies = Lobbies(seat_hold=HOLD, max_lobbies=9, entropy=entropy, max_per_address=1)
        lobbies.restore(new_lobby(1, "ABCD", maker=b"\1"), START)
        self.assertRaises(Refused, lobbies.check_room, b"\1")

    def test_a_ban_and_a_kick_hold(self) -> None:
        self.server.create()
        host = self.server.join()
        villain = Identity(b"key", b"\1")
        wanted = JoinLobby("v")
        join = self.server.operations.join("ABCD", wanted, Caller(villain), START)
        player_id = run(join).player.player_id
        token = Caller(token=host.player_token)
        run(self.server.hosting.kick("ABCD", player_id, Kick(ban=True), token, START))
        later = self.server.next(START + 1)
        join = later.operations.join("ABCD", wanted, Caller(villain), START + 1)
        self.assertEqual(self.refused(join), "banned")

    def test_test_is_the_same_lobby(self) -> None:
        run(self.server.operations.open_test_lobby(START))
        test = self.server.lobbies.find("TEST")
        self.server.join("TEST")
        later = self.server.next(START + 1)
        run(later.operations.open_test_lobby(START + 1))
        [again] = later.lobbies.by_id.values()
        self.assertEqual(again.lobby_id, test.lobby_id)
        self.assertEqual([p.dummy for p in again.players.values()], [True, False])

    def test_test_can_be_switched_off(self) -> None:
        run(self.server.operations.open_test_lobby(START))
        self.server.keeper.keep(START)
        self.store.flush()
        later = self.server.next(START + 1, test_lobby=False)
        self.assertEqual((later.lobbies.by_id, later.outcome), ({}, (0, 0)))
        self.store.flush()
        self.assertEqual(self.store.records, {})

    def test_the_permanent_lobby_of_another_secret_is_dropped(self) -> None:
        self.store.put(5, encode(new_lobby(5, "TEST", START, permanent=True)))
        self.store.flush()
        later = self.server.next(START + 1)
        run(later.operations.open_test_lobby(START + 1))
        self.assertEqual(later.lobbies.find("TEST").lobby_id, KEYS.test_lobby_id)

    def test_bad_records_are_counted_and_kept_aside(self) -> None:
        good = self.server.create()
        swapped = encode(new_lobby(7, "BBBB"))
        bad = {2: b"", 3: b'{"v":2,"lobby":{}}', 4: swapped}
        for lobby_id, content in bad.items():
            self.store.put(lobby_id, content)
        self.store.flush()
        later = self.server.next(START + 1)
        self.assertEqual(later.outcome, (1, 3))
        self.assertEqual(list(later.lobbies.by_id), [good.lobby_id])
        self.assertEqual(self.store.aside, bad)
        self.assertEqual(list(self.store.records), [good.lobby_id])

    def test_two_records_of_one_code(self) -> None:
        for lobby_id in (2, 3):
            self.store.put(lobby_id, encode(new_lobby(lobby_id, "ABCD", START)))
        self.store.flush()
        later = self.server.next(START + 1)
        self.assertEqual((later.outcome, list(later.lobbies.by_id)), ((1, 0), [2]))
        self.store.flush()
        self.assertEqual(list(self.store.records), [2])

    def test_restored_members_are_written_soon(self) -> None:
        """So that a second crash does not hand out the same revisions once more."""
        self.server.create("AAAA")
        self.server.create("BBBB")
        joined = self.server.join("BBBB")
        later = self.server.next(START + 1)
        self.assertEqual(later.keeper.keep(START), 1)
        self.store.flush()
        self.assertEqual(self.kept(joined.lobby).rev, joined.lobby.rev + restart.REV_JUMP)


class ReviveTests(RulesCase):
    """The lobby's own rules of a restart; it was down from 10 to 20."""

    def revive(self, now: float = 20.0, hold: float = HOLD) -> None:
        restart.revive(self.lobby, now, hold)

    def test_who_was_connected_is_away_and_nobody_is_told(self) -> None:
        player = self.connected(1.0)
        told = len(self.lobby.changes)
        self.revive()
        self.assertIs(self.state(player), SeatState.AWAY)
        self.assertEqual(seats.seat_end(self.lobby, seats.seat_of(player), HOLD), 20.0 + HOLD)
        self.assertEqual(len(self.lobby.changes), told)

    def test_a_reserved_seat_keeps_its_deadline(self) -> None:
        player = self.join(8.0)
        self.revive(9.0)
        self.assertIs(self.state(player), SeatState.RESERVED)
        self.assertEqual(seats.seat_end(self.lobby, seats.seat_of(player), HOLD), 23.0)

    def test_but_it_has_some_seconds(self) -> None:
        player = self.join(1.0)
        self.revive(1000.0)
        end = seats.seat_end(self.lobby, seats.seat_of(player), HOLD)
        self.assertEqual(end, 1000.0 + restart.GRACE)

    def test_so_has_who_was_away_for_long(self) -> None:
        player = self.away(1.0)
        self.revive(1000.0)
        end = seats.seat_end(self.lobby, seats.seat_of(player), HOLD)
        self.assertEqual(end, 1000.0 + restart.GRACE)

    def test_so_has_everybody_where_seats_are_not_held(self) -> None:
        player = self.connected(1.0)
        self.revive(20.0, hold=0.0)
        self.assertEqual(self.lapsed(20.0 + restart.GRACE - 0.1, hold=0.0), [])
        self.assertEqual(self.lapsed(20.0 + restart.GRACE, hold=0.0), [player])

    def test_a_clock_that_was_set_back_does_not_keep_seats_for_ever(self) -> None:
        reserved, away = self.join(1e6), self.away(1e6)
        self.revive(20.0)
        self.assertEqual(self.lapsed(20.0 + HOLD), [reserved, away])

    def test_a_countdown_is_off(self) -> None:
        self.ready(self.connected(1.0))
        life.start(self.lobby, 2.0)
        self.assertState(LobbyStateCode.COUNTDOWN)
        self.revive()
        self.assertState(LobbyStateCode.OPEN)
        self.assertIsNone(self.lobby.before_start)
        self.assertTrue(self.listed)

    def test_a_game_goes_on(self) -> None:
        self.connected(1.0)
        life.start(self.lobby, 2.0)
        life.expire(self.lobby, 5.0)
        self.revive()
        self.assertState(LobbyStateCode.IN_GAME)

    def test_an_empty_lobby_lives_as_long_again(self) -> None:
        self.revive(1000.0)
        self.assertEqual(life.life_end(self.lobby), 1060.0)

    def test_the_host_has_its_time_to_come_back(self) -> None:
        first, second = self.connected(1.0), self.connected(2.0)
        self.revive()
        seats.connect(self.lobby, second, 20.5)
        self.assertEqual(self.host, first.player_id)
        self.assertEqual(self.deadline(20.5), 25.0)

    def test_a_reader_with_any_old_revision_gets_everything(self) -> None:
        """Also with one that was told and lost in the crash."""
        lost = 1000
        self.connected(1.0)
        told = self.lobby.rev
        self.lobby.changes.clear()
        self.revive()
        for rev in itertools.chain(range(told + lost), [None]):
            self.assertIsNone(changes_after(self.lobby, rev))
        self.assertEqual(changes_after(self.lobby, self.lobby.rev), [])
