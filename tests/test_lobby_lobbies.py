"""All lobbies together: indexes, deadlines and the ring agree, whatever happens in which order."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby import rules
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.model import Lobby, Player, SeatState
from lobbyd.wire.catalogue import LeftReason, PlayerFlags
from lobbyd.wire.messages import Away, Closed, HostChanged, PlayerJoined, PlayerLeft


def heap_limit(lobbies: Lobbies) -> int:
    """More entries than this would be a leak."""
    return 2 * len(lobbies.by_id) + 16


def heap_size(lobbies: Lobbies) -> int:
    return len(lobbies._deadlines)


class LobbiesCase(SynchronousTestCase):
    seat_hold = 60.0

    def setUp(self) -> None:
        self.lobbies = Lobbies(
            seat_hold=self.seat_hold, max_lobbies=3, entropy=random.Random(1).randbytes
        )
        self.lobby = self.create("ABCD")

    def create(self, code: str, now: float = 0.0, **more: Any) -> Lobby:
        return self.lobbies.create(self.lobbies.new_id(), code, "", 8, now, **more)

    def connected(self, now: float = 0.0) -> Player:
        player = self.lobbies.join(self.lobby, "", now)
        self.lobbies.connect(self.lobby, player, now)
        return player

    def conn_id(self, player: Player) -> int:
        assert player.seat is not None
        return player.seat.conn_id

    def changes(self) -> list[Any]:
        return [change for _, change in self.lobby.changes]

    def refusal(self, call: Any, *args: Any) -> str:
        code: str = self.assertRaises(Refused, call, *args).code
        return code


class FindTests(LobbiesCase):
    def test_a_lobby_is_found_by_its_code(self) -> None:
        self.assertIs(self.lobbies.find("ABCD"), self.lobby)

    def test_an_unknown_code_is_refused(self) -> None:
        self.assertEqual(self.refusal(self.lobbies.find, "WXYZ"), "lobby_not_found")

    def test_what_can_be_no_code_is_refused_alike(self) -> None:
        self.assertEqual(self.refusal(self.lobbies.find, None), "lobby_not_found")
        self.assertEqual(self.refusal(self.lobbies.find, ""), "lobby_not_found")

    def test_a_closed_one_is_found_no_more(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED)
        self.assertEqual(self.refusal(self.lobbies.find, "ABCD"), "lobby_not_found")

    def test_a_nameless_one_is_named_after_its_code(self) -> None:
        self.assertEqual(self.lobby.name, "ABCD")

    def test_a_name_is_kept(self) -> None:
        self.assertEqual(self.lobbies.create(9, "WXYZ", "Arena", 8, 0.0).name, "Arena")


class RoomTests(LobbiesCase):
    def test_there_is_room_below_the_limit(self) -> None:
        self.create("AAAA")
        self.lobbies.check_room()

    def test_there_is_none_at_the_limit_and_a_time_to_try_again(self) -> None:
        self.create("AAAA")
        self.create("BBBB")
        refused = self.assertRaises(Refused, self.lobbies.check_room)
        self.assertEqual((refused.code, refused.retry_after), ("too_many_lobbies", 30))

    def test_there_is_room_again_when_one_ended(self) -> None:
        self.create("AAAA")
        last = self.create("BBBB")
        self.assertRaises(Refused, self.lobbies.check_room)
        self.lobbies.close(last, LeftReason.CLOSED)
        self.lobbies.check_room()


class SeatTests(LobbiesCase):
    def test_a_seat_is_found_by_its_connection_id(self) -> None:
        player = self.lobbies.join(self.lobby, "", 0.0)
        self.assertEqual(self.lobbies.seat(self.conn_id(player)), (self.lobby, player))

    def test_an_unknown_connection_id_has_none(self) -> None:
        self.assertIsNone(self.lobbies.seat(0))

    def test_it_is_forgotten_when_the_player_leaves(self) -> None:
        player = self.connected()
        self.lobbies.leave(self.lobby, player, LeftReason.LEFT, 1.0)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_it_is_forgotten_when_it_lapses(self) -> None:
        player = self.lobbies.join(self.lobby, "", 0.0)
        self.lobbies.expire(15.0)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_it_is_forgotten_when_the_lobby_closes(self) -> None:
        player = self.connected()
        self.lobbies.close(self.lobby, LeftReason.CLOSED)
        self.assertIsNone(self.lobbies.seat(self.conn_id(player)))

    def test_a_connection_id_is_never_0_nor_taken(self) -> None:
        scripted = iter([bytes(4), b"\1\0\0\0", b"\1\0\0\0", b"\2\0\0\0"])
        lobbies = Lobbies(
            seat_hold=60,
            max_lobbies=3,
            entropy=lambda count: next(scripted) if count == 4 else b"\7" * count,
        )
        lobby = lobbies.create(1, "ABCD", "", 8, 0.0)
        ids = [self.conn_id(lobbies.join(lobby, "", 0.0)) for _ in range(2)]
        self.assertEqual(ids, [1, 2])

    def test_keys_and_sessions_differ_between_seats(self) -> None:
        seats = [self.lobbies.join(self.lobby, "", 0.0).seat for _ in range(8)]
        self.assertEqual(len({seat.session_key for seat in seats if seat}), 8)
        self.assertEqual(len({seat.session_id for seat in seats if seat}), 8)

    def test_a_refused_join_leaves_no_seat(self) -> None:
        for _ in range(8):
            self.lobbies.join(self.lobby, "", 0.0)
        self.assertEqual(self.refusal(self.lobbies.join, self.lobby, "", 0.0), "lobby_full")
        self.assertEqual(len(self.lobbies._seats), 8)

    def test_a_new_id_is_never_0(self) -> None:
        lobbies = Lobbies(seat_hold=60, max_lobbies=3, entropy=bytes)
        self.assertEqual(lobbies.new_id(), 1)


class ExpireTests(LobbiesCase):
    def test_a_seat_lapses_15_seconds_after_the_join(self) -> None:
        self.lobbies.join(self.lobby, "", 10.0)
        self.lobbies.expire(24.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(25.0)
        self.assertEqual(self.lobby.member_count, 0)

    def test_an_away_seat_lapses_at_the_end_of_the_hold(self) -> None:
        player = self.connected()
        self.lobbies.silent(self.lobby, player, 5.0)
        self.lobbies.expire(64.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(65.0)
        self.assertEqual(self.changes()[-2:], [PlayerLeft(3, 1, 0, 1), HostChanged(4, 0)])

    def test_a_connected_seat_never_lapses(self) -> None:
        self.connected()
        self.lobbies.expire(1e9)
        self.assertEqual(self.lobby.member_count, 1)

    def test_the_host_migrates_5_seconds_into_away(self) -> None:
        host = self.connected()
        self.connected()
        self.lobbies.silent(self.lobby, host, 10.0)
        self.lobbies.expire(14.9)
        self.assertEqual(self.lobby.host_player_id, 1)
        self.lobbies.expire(15.0)
        self.assertEqual(self.lobby.host_player_id, 2)

    def test_an_heir_who_connects_later_is_host_at_the_next_look(self) -> None:
        host = self.connected()
        self.lobbies.silent(self.lobby, host, 10.0)
        self.lobbies.expire(30.0)
        self.assertEqual(self.lobby.host_player_id, 1)
        self.connected(now=30.0)
        self.lobbies.expire(30.0)
        self.assertEqual(self.lobby.host_player_id, 2)

    def test_an_empty_lobby_ends_after_60_seconds(self) -> None:
        self.lobbies.expire(59.9)
        self.assertEqual(self.lobbies.take_removed(), [])
        self.lobbies.expire(60.0)
        self.assertEqual(self.lobbies.take_removed(), [self.lobby])
        self.assertEqual(self.changes(), [Closed(LeftReason.TIMEOUT)])

    def test_it_ends_60_seconds_after_a_seat_lapsed(self) -> None:
        self.lobbies.join(self.lobby, "", 50.0)
        self.lobbies.expire(65.0)
        self.lobbies.expire(124.9)
        self.assertFalse(self.lobby.closed)
        self.lobbies.expire(125.0)
        self.assertTrue(self.lobby.closed)

    def test_a_look_that_comes_late_finds_the_same_end(self) -> None:
        """Nobody looked for a long time; the empty minute begins when the lapse was seen."""
        self.lobbies.join(self.lobby, "", 0.0)
        self.lobbies.expire(1000.0)
        self.assertEqual((self.lobby.member_count, self.lobby.closed), (0, False))
        self.lobbies.expire(1060.0)
        self.assertTrue(self.lobby.closed)

    def test_a_permanent_one_never_ends(self) -> None:
        lobby = self.create("TEST", permanent=True)
        self.lobbies.expire(1e9)
        self.assertIs(self.lobbies.find("TEST"), lobby)

    def test_a_removed_one_is_reported_once(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED)
        self.lobbies.close(self.lobby, LeftReason.CLOSED)
        self.assertEqual(self.lobbies.take_removed(), [self.lobby])
        self.assertEqual(self.lobbies.take_removed(), [])

    def test_lobbies_do_not_wait_for_one_another(self) -> None:
        late = self.create("WXYZ", now=30.0)
        self.lobbies.expire(60.0)
        self.assertEqual((self.lobby.closed, late.closed), (True, False))

    def test_a_code_that_was_taken_again_is_another_lobby(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED)
        again = self.create("ABCD", now=59.0)
        self.lobbies.expire(60.0)
        self.assertIs(self.lobbies.find("ABCD"), again)


class HoldTests(LobbiesCase):
    seat_hold = 3.0

    def test_the_hold_is_the_setting(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        self.lobbies.expire(7.9)
        self.assertEqual(self.lobby.member_count, 1)
        self.lobbies.expire(8.0)
        self.assertEqual(self.lobby.member_count, 0)


class NoHoldTests(LobbiesCase):
    seat_hold = 0.0

    def test_an_away_seat_lapses_at_once(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        self.lobbies.expire(5.0)
        self.assertEqual(self.lobby.member_count, 0)
        self.assertIsInstance(self.changes()[1], Away)


class HeapTests(LobbiesCase):
    """Entries that were overtaken must not pile up: their number is bounded by the lobbies."""

    seat_hold = 86400.0

    def assertBounded(self) -> None:
        self.assertLessEqual(heap_size(self.lobbies), heap_limit(self.lobbies))

    def test_it_does_not_grow_when_lobbies_come_and_go(self) -> None:
        for _ in range(500):
            self.lobbies.close(self.create("WXYZ"), LeftReason.CLOSED)
            self.assertBounded()

    def test_it_does_not_grow_when_players_come_and_go(self) -> None:
        for now in range(500):
            self.lobbies.leave(self.lobby, self.connected(now), LeftReason.LEFT, now)
            self.assertBounded()

    def test_it_does_not_grow_beside_a_seat_that_is_held_for_long(self) -> None:
        self.lobbies.silent(self.lobby, self.connected(), 5.0)
        for now in range(100, 8000, 16):
            player = self.lobbies.join(self.lobby, "", float(now))
            self.lobbies.leave(self.lobby, player, LeftReason.LEFT, float(now))
            self.lobbies.expire(now + 15.0)
            self.assertBounded()

    def test_nothing_is_forgotten_when_it_is_cleared(self) -> None:
        self.connected()
        stays = self.create("AAAA")
        for _ in range(500):
            self.lobbies.close(self.create("WXYZ"), LeftReason.CLOSED)
        self.lobbies.expire(60.0)
        self.assertEqual((stays.closed, self.lobby.closed), (True, False))


class Reader:
    """What a client knows that follows a lobby's ring with a cursor."""

    def __init__(self) -> None:
        self.cursor = 0
        self.roster: dict[int, int] = {}
        self.host = 0
        self.away: set[int] = set()

    def follow(self, lobby: Lobby) -> None:
        for rev, change in lobby.changes:
            if rev <= self.cursor:
                continue
            assert rev == self.cursor + 1, "a revision was left out"
            self.cursor = rev
            self.read(change)

    def read(self, change: Any) -> None:
        if isinstance(change, PlayerJoined):
            assert change.player_id not in self.roster, "joined twice"
            self.roster[change.player_id] = change.slot
            if change.flags & PlayerFlags.HOST:
                self.host = change.player_id
        elif isinstance(change, PlayerLeft):
            assert self.roster.pop(change.player_id) == change.slot
            self.away.discard(change.player_id)
        elif isinstance(change, HostChanged):
            self.host = change.player_id
        elif isinstance(change, Away):
            self.away.add(change.player_id)
        elif not isinstance(change, Closed):
            self.away.remove(change.player_id)


class LobbiesMachine(RuleBasedStateMachine):
    """Any order of commands over some lobbies in virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.readers: dict[int, Reader] = {}
        self.last_ids: dict[int, int] = {}
        self.codes = 0

    @initialize(seat_hold=st.sampled_from([0.0, 3.0, 60.0, 86400.0]))
    def begin(self, seat_hold: float) -> None:
        self.seat_hold = seat_hold
        self.lobbies = Lobbies(
            seat_hold=seat_hold, max_lobbies=4, entropy=random.Random(1).randbytes
        )

    def pick(self, data: Any) -> Lobby:
        chosen: Lobby = data.draw(st.sampled_from(list(self.lobbies.by_id.values())))
        return chosen

    def pick_member(self, data: Any) -> tuple[Lobby, Player]:
        members = [(b, p) for b in self.lobbies.by_id.values() for p in b.members()]
        chosen: tuple[Lobby, Player] = data.draw(st.sampled_from(members))
        return chosen

    def has_lobby(self) -> bool:
        return bool(self.lobbies.by_id)

    def has_member(self) -> bool:
        return any(lobby.member_count for lobby in self.lobbies.by_id.values())

    @rule(max_players=st.sampled_from([1, 2, 3, 64]), permanent=st.booleans())
    def create(self, max_players: int, permanent: bool) -> None:
        full = len(self.lobbies.by_id) == 4
        try:
            self.lobbies.check_room()
        except Refused:
            assert full
            return
        assert not full
        self.codes += 1
        lobby = self.lobbies.create(
            self.lobbies.new_id(),
            f"{self.codes:04}",
            "",
            max_players,
            self.now,
            permanent=permanent,
        )
        self.readers[lobby.lobby_id] = Reader()
        self.last_ids[lobby.lobby_id] = 0

    @precondition(has_lobby)
    @rule(data=st.data())
    def join(self, data: Any) -> None:
        lobby = self.pick(data)
        room = lobby.member_count < lobby.max_players and lobby.free_slot() is not None
        try:
            player = self.lobbies.join(lobby, "", self.now)
        except Refused as refused:
            assert refused.code == "lobby_full" and not room
            return
        assert room
        self.check_new_id(lobby, player)

    @precondition(has_lobby)
    @rule(data=st.data())
    def add_dummy(self, data: Any) -> None:
        lobby = self.pick(data)
        if lobby.free_slot() is not None:
            self.check_new_id(lobby, self.lobbies.add_dummy(lobby, "Dummy", Circle()))

    @precondition(has_member)
    @rule(data=st.data())
    def connect(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        self.lobbies.connect(lobby, player, self.now)

    @precondition(has_member)
    @rule(data=st.data())
    def fall_silent(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        self.lobbies.silent(lobby, player, self.now)

    @precondition(has_member)
    @rule(data=st.data())
    def leave(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        self.lobbies.leave(lobby, player, LeftReason.LEFT, self.now)

    @precondition(has_lobby)
    @rule(data=st.data())
    def close(self, data: Any) -> None:
        self.lobbies.close(self.pick(data), LeftReason.CLOSED)

    @rule(seconds=st.sampled_from([0.0, 0.5, 5.0, 14.0, 15.0, 60.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.lobbies.expire(self.now)
        for lobby in self.lobbies.by_id.values():
            self.check_nothing_is_overdue(lobby)

    def check_new_id(self, lobby: Lobby, player: Player) -> None:
        assert player.player_id > self.last_ids[lobby.lobby_id], "a player id was given twice"
        self.last_ids[lobby.lobby_id] = player.player_id

    def check_nothing_is_overdue(self, lobby: Lobby) -> None:
        deadline = rules.next_deadline(lobby, self.seat_hold)
        assert deadline is None or deadline > self.now
        connected = any(p.seat.state is SeatState.CONNECTED for p in lobby.members() if p.seat)
        for player in lobby.members():
            seat = player.seat
            assert seat is not None
            age = self.now - seat.since
            if seat.state is SeatState.RESERVED:
                assert age < 15
            if seat.state is SeatState.AWAY:
                assert age < self.seat_hold
                if player.player_id == lobby.host_player_id and connected:
                    assert age < 5
        if lobby.empty_since is not None and not lobby.permanent:
            assert self.now - lobby.empty_since < 60

    @invariant()
    def indexes_agree(self) -> None:
        lobbies = self.lobbies
        assert {b.lobby_id: b for b in lobbies.by_code.values()} == lobbies.by_id
        assert all(lobby.code == code for code, lobby in lobbies.by_code.items())
        seats = {
            p.seat.conn_id: (b, p) for b in lobbies.by_id.values() for p in b.members() if p.seat
        }
        assert seats == lobbies._seats
        assert not any(lobby.closed for lobby in lobbies.by_id.values())

    @invariant()
    def each_lobby_is_sound(self) -> None:
        for lobby in self.lobbies.by_id.values():
            members = list(lobby.members())
            assert len(members) <= lobby.max_players
            slots = [p.slot for p in lobby.players.values()]
            assert len(set(slots)) == len(slots) and set(slots) <= set(range(64))
            hosts = [p.player_id for p in members if p.player_id == lobby.host_player_id]
            assert len(hosts) == (1 if members else 0)
            assert members or lobby.host_player_id == 0
            assert (lobby.empty_since is None) == bool(members)

    @invariant()
    def every_deadline_is_waited_for(self) -> None:
        entries = set(self.lobbies._deadlines)
        for lobby in self.lobbies.by_id.values():
            deadline = rules.next_deadline(lobby, self.seat_hold)
            if deadline is not None:
                assert lobby.due is not None and lobby.due <= deadline
                assert (lobby.due, lobby.lobby_id) in entries
        assert heap_size(self.lobbies) <= heap_limit(self.lobbies)

    @invariant()
    def a_reader_of_the_ring_knows_who_is_in(self) -> None:
        for lobby in self.lobbies.by_id.values():
            reader = self.readers[lobby.lobby_id]
            reader.follow(lobby)
            announced = {p.player_id: p.slot for p in lobby.players.values() if p.announced}
            assert reader.roster == announced
            away = {
                p.player_id for p in lobby.members() if p.seat and p.seat.state is SeatState.AWAY
            }
            assert reader.away == away
            if lobby.host_player_id in announced:
                assert reader.host == lobby.host_player_id


class AnyOrderTests(SynchronousTestCase):
    def test_any_order_of_commands_leaves_everything_sound(self) -> None:
        run_state_machine_as_test(
            LobbiesMachine,
            settings=settings(max_examples=100, stateful_step_count=50),
        )
