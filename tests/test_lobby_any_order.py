"""Any order of commands and time: indexes, deadlines, list and ring agree, and no rule breaks.

The machine keeps its own account of bans, reservations, lock and list, and says of every
join beforehand how it ends.
"""

from __future__ import annotations

import random
from typing import Any

import attrs
from hypothesis import HealthCheck, settings
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
from lobbyd.lobby.model import Identity, Lobby, Player, SeatState
from lobbyd.lobby.requests import ChangeLobby, ChangePlayer
from lobbyd.lobby.rules import host, life, people, terms
from lobbyd.lobby.settings import LobbySettings
from lobbyd.wire.catalogue import NO_SLOT, DeniedCode, LeftReason, LobbyStateCode, PlayerFlags
from lobbyd.wire.messages import (
    Away,
    Back,
    Closed,
    HostChanged,
    LobbyState,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
)

from .rules_case import COUNTDOWN, IN_GAME, LOCKED, OPEN, new_lobby

NAMES = ("", "Ada", "ADA", "Eve")
MOST = 2
"""Lobbies at one time; few, so that much happens in each."""
IDENTITIES = [Identity(k, a) for k in (None, b"k1", b"k2") for a in (b"a1", b"a2")]
TERMS: dict[str, st.SearchStrategy[Any]] = {
    "host_migration": st.sampled_from(["oldest", "oldest", "none"]),
    "start": st.sampled_from(["host", "host", "ready", "auto"]),
    "min_players": st.sampled_from([1, 2]),
    "countdown": st.sampled_from([0.0, 30.0, 30.0]),
    "auto_lock": st.booleans(),
    "late_join": st.booleans(),
    "max_spectators": st.sampled_from([1, 8]),
    "empty_life": st.sampled_from([10.0, 60.0, 600.0]),
    "seat_hold": st.sampled_from([None, 0.0, 20.0]),
}
SETTINGS = st.fixed_dictionaries({}, optional=TERMS)
RESERVED = st.lists(st.sampled_from(["Ada", "Eve", "Bob"]), max_size=2, unique=True)


class Reader:
    """What a client knows that follows a lobby's ring with a cursor."""

    def __init__(self) -> None:
        self.cursor = 0
        self.roster: dict[int, int] = {}
        self.host = 0
        self.state = OPEN
        self.away: set[int] = set()
        self.ready: set[int] = set()

    def follow(self, lobby: Lobby) -> None:
        for rev, change in lobby.changes:
            if rev <= self.cursor:
                continue
            assert rev == self.cursor + 1, "a revision was left out"
            self.cursor = rev
            self.read(change)

    def read(self, change: Any) -> None:
        if isinstance(change, PlayerJoined):
            # a renamed one is told again, in its own slot
            assert self.roster.get(change.player_id, change.slot) == change.slot
            self.roster[change.player_id] = change.slot
            self.mark(change.player_id, change.flags)
        elif isinstance(change, PlayerChanged):
            assert change.player_id in self.roster
            self.mark(change.player_id, change.flags)
        elif isinstance(change, PlayerLeft):
            assert self.roster.pop(change.player_id) == change.slot
            self.away.discard(change.player_id)
            self.ready.discard(change.player_id)
        elif isinstance(change, HostChanged):
            self.host = change.player_id
        elif isinstance(change, LobbyState):
            self.state = LobbyStateCode(change.state)
        elif isinstance(change, Away):
            assert change.player_id not in self.away
            self.away.add(change.player_id)
        elif isinstance(change, Back):
            self.away.remove(change.player_id)
        else:
            assert isinstance(change, Closed)

    def mark(self, player_id: int, flags: int) -> None:
        if flags & PlayerFlags.HOST:
            self.host = player_id
        (self.ready.add if flags & PlayerFlags.READY else self.ready.discard)(player_id)


@attrs.define
class Account:
    """What the test itself knows of a lobby."""

    reserved: set[str]
    locked: bool = False
    hidden: bool = False
    last_id: int = 0
    banned_keys: set[bytes] = attrs.Factory(set)
    banned_addresses: dict[bytes, float] = attrs.Factory(dict)
    reader: Reader = attrs.Factory(Reader)

    def bans(self, identity: Identity, now: float) -> bool:
        by_key = identity.key is not None and identity.key in self.banned_keys
        return by_key or now < self.banned_addresses.get(identity.address, 0.0)


class LobbiesMachine(RuleBasedStateMachine):
    """Some lobbies in virtual time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.accounts: dict[int, Account] = {}
        self.ended: list[Lobby] = []
        self.codes = 0

    @initialize(seat_hold=st.sampled_from([0.0, 3.0, 60.0, 86400.0]))
    def begin(self, seat_hold: float) -> None:
        self.seat_hold = seat_hold
        self.lobbies = Lobbies(
            seat_hold=seat_hold, max_lobbies=MOST, entropy=random.Random(1).randbytes
        )
        self.create(3, False, "public", [], {})

    # -- who and where -------------------------------------------------------

    def pick(self, data: Any) -> tuple[Lobby, Account]:
        lobby: Lobby = data.draw(st.sampled_from(list(self.lobbies.by_id.values())))
        return lobby, self.accounts[lobby.lobby_id]

    def pick_member(self, data: Any) -> tuple[Lobby, Player]:
        members = [(b, p) for b in self.lobbies.by_id.values() for p in b.members()]
        chosen: tuple[Lobby, Player] = data.draw(st.sampled_from(members))
        return chosen

    def has_lobby(self) -> bool:
        return bool(self.lobbies.by_id)

    def has_member(self) -> bool:
        return any(not lobby.empty for lobby in self.lobbies.by_id.values())

    def settle(self, lobby: Lobby, changes: list[Any]) -> None:
        self.lobbies.settle(lobby, changes, self.now)

    # -- commands ------------------------------------------------------------

    @rule(
        max_players=st.sampled_from([1, 2, 3, 64]),
        permanent=st.booleans(),
        visibility=st.sampled_from(["public", "public", "private"]),
        reserved=RESERVED,
        chosen=SETTINGS,
    )
    def create(
        self,
        max_players: int,
        permanent: bool,
        visibility: str,
        reserved: list[str],
        chosen: dict[str, Any],
    ) -> None:
        full = len(self.lobbies.by_id) == MOST
        try:
            self.lobbies.check_room(b"")
        except Refused:
            assert full
            return
        assert not full
        self.codes += 1
        lobby = new_lobby(
            self.lobbies.new_id(),
            f"{self.codes:04}",
            self.now,
            max_players=max_players,
            permanent=permanent,
            visibility=visibility,
            reserved=terms.reservations(tuple(reserved[:max_players])),
            settings=LobbySettings(**chosen),
        )
        self.accounts[lobby.lobby_id] = Account({name.casefold() for name in lobby.reserved})
        self.lobbies.add(lobby, self.now)

    def expected(self, lobby: Lobby, name: str, identity: Identity, spectator: bool) -> str | None:
        """How a join must end, by the words of the rules."""
        account, chosen = self.accounts[lobby.lobby_id], lobby.settings
        members = [p for p in lobby.players.values() if p.seat is not None]
        if account.bans(identity, self.now):
            return "banned"
        if spectator:
            watching = sum(p.slot == NO_SLOT for p in members)
            return "lobby_full" if watching >= chosen.max_spectators else None
        if lobby.state is COUNTDOWN or (lobby.state is IN_GAME and not chosen.late_join):
            return "lobby_in_game"
        friend = name.casefold() in account.reserved
        kept = len(account.reserved) - friend
        playing = sum(p.slot != NO_SLOT for p in members)
        slots = sum(p.slot != NO_SLOT for p in lobby.players.values())
        if playing + kept >= lobby.max_players or slots + kept >= 64:
            return "lobby_full"
        return "lobby_locked" if account.locked and not friend else None

    @precondition(has_lobby)
    @rule(
        data=st.data(),
        name=st.sampled_from(NAMES),
        identity=st.sampled_from(IDENTITIES),
        spectator=st.sampled_from([False, False, True]),
        connects=st.sampled_from([True, True, False]),
    )
    def join(
        self, data: Any, name: str, identity: Identity, spectator: bool, connects: bool
    ) -> None:
        lobby, account = self.pick(data)
        expected = self.expected(lobby, name, identity, spectator)
        before = set(lobby.players)
        try:
            player = self.lobbies.join(lobby, name, identity, self.now, spectator=spectator)
        except Refused as refused:
            assert refused.code == expected, (refused.code, expected)
            assert set(lobby.players) == before
            return
        assert expected is None, expected
        assert player.spectator == spectator
        if not spectator:
            account.reserved.discard(name.casefold())
        self.check_new_id(account, player)
        if connects:
            self.lobbies.connect(lobby, player, self.now)

    @precondition(has_lobby)
    @rule(data=st.data())
    def add_dummy(self, data: Any) -> None:
        lobby, account = self.pick(data)
        if lobby.free_slot() is not None:
            player = self.lobbies.add_dummy(lobby, "Dummy", Circle(), self.now)
            self.check_new_id(account, player)

    @precondition(has_member)
    @rule(data=st.data())
    def connect(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        self.lobbies.connect(lobby, player, self.now)

    @precondition(has_member)
    @rule(data=st.data())
    def fall_silent(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        connected = player.seat is not None and player.seat.state is SeatState.CONNECTED
        counting = lobby.state is COUNTDOWN
        self.lobbies.silent(lobby, player, self.now)
        if counting and connected and not player.spectator:
            assert lobby.state is not COUNTDOWN

    @precondition(has_member)
    @rule(data=st.data())
    def leave(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        was_host, counting = player.player_id == lobby.host_player_id, lobby.state is COUNTDOWN
        self.lobbies.leave(lobby, player, LeftReason.LEFT, self.now)
        self.check_gone(lobby, player)
        ends = was_host and lobby.settings.host_migration == "none" and not lobby.permanent
        assert lobby.closed == ends
        if counting and not player.spectator:
            assert lobby.state is not COUNTDOWN

    @precondition(has_member)
    @rule(data=st.data(), ban=st.booleans())
    def put_out(self, data: Any, ban: bool) -> None:
        lobby, player = self.pick_member(data)
        if player.player_id == lobby.host_player_id:
            return
        seat = player.seat
        assert seat is not None
        self.lobbies.put_out(lobby, player, "Bye.", self.now, ban=ban)
        self.check_gone(lobby, player)
        code, until = lobby.revoked[seat.session_id]
        assert code == (DeniedCode.BANNED if ban else DeniedCode.KICKED) and until > self.now
        if ban:
            account = self.accounts[lobby.lobby_id]
            if seat.identity.key is not None:
                account.banned_keys.add(seat.identity.key)
            account.banned_addresses[seat.identity.address] = self.now + 600

    @precondition(has_member)
    @rule(data=st.data(), ready=st.booleans(), name=st.sampled_from([None, "Ada", "Zoe"]))
    def change_player(self, data: Any, ready: bool, name: str | None) -> None:
        lobby, player = self.pick_member(data)
        counting, before = lobby.state is COUNTDOWN, (player.name, player.ready)
        try:
            changes = people.change(lobby, player, ChangePlayer(name=name, ready=ready), self.now)
        except Refused as refused:
            assert refused.code == "not_a_player" and player.spectator
            assert (player.name, player.ready) == before
            return
        assert not player.spectator
        self.settle(lobby, changes)
        assert player.ready == ready
        if counting and before[1] and not ready:
            assert lobby.state is not COUNTDOWN

    @precondition(has_lobby)
    @rule(
        data=st.data(),
        locked=st.sampled_from([None, True, False]),
        listed=st.sampled_from([None, True, False]),
        max_players=st.sampled_from([None, 1, 2, 4]),
        reserved=st.none() | RESERVED,
        chosen=SETTINGS,
    )
    def change_lobby(
        self,
        data: Any,
        locked: bool | None,
        listed: bool | None,
        max_players: int | None,
        reserved: list[str] | None,
        chosen: dict[str, Any],
    ) -> None:
        lobby, account = self.pick(data)
        places = lobby.max_players if max_players is None else max_players
        kept = account.reserved if reserved is None else {name.casefold() for name in reserved}
        fits = places >= lobby.member_count + len(kept)
        wanted = ChangeLobby(
            max_players=max_players,
            settings=chosen,
            reserved=None if reserved is None else tuple(reserved),
            locked=locked,
            listed=listed,
        )
        before = attrs.evolve(lobby)
        try:
            changes = terms.change(lobby, wanted, None, self.now)
        except Refused as refused:
            assert refused.code == "invalid_request" and not fits
            assert attrs.astuple(before, recurse=False) == attrs.astuple(lobby, recurse=False)
            return
        assert fits and lobby.settings_rev == before.settings_rev + 1
        self.settle(lobby, changes)
        account.reserved = set(kept)
        account.locked = account.locked if locked is None else locked
        account.hidden = account.hidden if listed is None else not listed

    @precondition(has_member)
    @rule(data=st.data())
    def hand_over(self, data: Any) -> None:
        lobby, player = self.pick_member(data)
        try:
            self.settle(lobby, host.hand_over(lobby, player))
        except Refused as refused:
            assert refused.code == "not_a_player" and player.spectator
            return
        assert lobby.host_player_id == player.player_id

    @precondition(has_lobby)
    @rule(data=st.data())
    def start(self, data: Any) -> None:
        lobby, _ = self.pick(data)
        players = [p for p in lobby.members() if not p.spectator]
        connected = all(p.seat is not None and p.seat.state is not SeatState.AWAY for p in players)
        ready = connected and all(p.ready for p in players)
        enough = len(players) >= lobby.settings.min_players
        may = enough and (ready or lobby.settings.start == "host")
        waiting = lobby.state in (OPEN, LOCKED)
        try:
            self.settle(lobby, life.start(lobby, self.now))
        except Refused as refused:
            assert not (waiting and may)
            assert refused.code == ("not_ready" if waiting else "wrong_state")
            return
        assert waiting and may
        assert lobby.state is (COUNTDOWN if lobby.settings.countdown else IN_GAME)

    @precondition(has_lobby)
    @rule(data=st.data())
    def cancel(self, data: Any) -> None:
        lobby, _ = self.pick(data)
        counting = lobby.state is COUNTDOWN
        try:
            self.settle(lobby, life.cancel(lobby, self.now))
        except Refused as refused:
            assert refused.code == "wrong_state" and not counting
            return
        assert counting and lobby.state in (OPEN, LOCKED)

    @precondition(has_lobby)
    @rule(data=st.data())
    def end(self, data: Any) -> None:
        lobby, _ = self.pick(data)
        playing = lobby.state is IN_GAME
        try:
            self.settle(lobby, life.end(lobby, self.now))
        except Refused as refused:
            assert refused.code == "wrong_state" and not playing
            return
        assert playing and lobby.state in (OPEN, LOCKED)
        assert not any(player.ready for player in lobby.members())

    @precondition(has_lobby)
    @rule(data=st.data())
    def close(self, data: Any) -> None:
        self.lobbies.close(self.pick(data)[0], LeftReason.CLOSED, self.now)

    @rule(seconds=st.sampled_from([0.5, 0.5, 0.5, 5.0, 5.0, 14.0, 15.0, 30.0, 60.0, 1000.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.lobbies.expire(self.now)
        for lobby in self.lobbies.by_id.values():
            self.check_nothing_is_overdue(lobby)

    # -- what must hold ------------------------------------------------------

    def check_new_id(self, account: Account, player: Player) -> None:
        assert player.player_id > account.last_id, "a player id was given twice"
        account.last_id = player.player_id

    def check_gone(self, lobby: Lobby, player: Player) -> None:
        assert player.seat is not None
        assert player.player_id not in lobby.players
        assert self.lobbies.seat(player.seat.conn_id) is None

    def check_nothing_is_overdue(self, lobby: Lobby) -> None:
        deadline = rules.next_deadline(lobby, self.now, self.seat_hold)
        assert deadline is None or deadline > self.now
        hold = self.seat_hold if lobby.settings.seat_hold is None else lobby.settings.seat_hold
        heirs = any(
            p.seat.state is SeatState.CONNECTED
            for p in lobby.members()
            if p.seat and not p.spectator
        )
        for player in lobby.members():
            seat = player.seat
            assert seat is not None
            age = self.now - seat.since
            if seat.state is SeatState.RESERVED:
                assert age < 15
            if seat.state is SeatState.AWAY:
                assert age < hold
                if player.player_id == lobby.host_player_id and heirs:
                    assert age < 5 or lobby.settings.host_migration == "none"
        if lobby.empty_since is not None and not lobby.permanent:
            assert self.now - lobby.empty_since < lobby.settings.empty_life
        if lobby.state is COUNTDOWN:
            assert self.now < lobby.countdown_end

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
    def a_closed_lobby_is_gone_everywhere(self) -> None:
        self.ended += self.lobbies.take_removed()
        assert len(set(self.ended)) == len(self.ended)
        assert len(self.ended) + len(self.lobbies.by_id) == len(self.accounts)
        for lobby in self.ended:
            assert lobby.closed and lobby.lobby_id not in self.lobbies.index
            assert isinstance(lobby.changes[-1][1], Closed)

    @invariant()
    def each_lobby_is_sound(self) -> None:
        for lobby in self.lobbies.by_id.values():
            members = list(lobby.members())
            players = [p for p in members if not p.spectator]
            assert len(players) + len(lobby.reserved) <= lobby.max_players
            slots = [p.slot for p in lobby.players.values() if not p.spectator]
            assert len(set(slots)) == len(slots) and set(slots) <= set(range(64))
            hosts = [p.player_id for p in players if p.player_id == lobby.host_player_id]
            assert len(hosts) == (1 if players else 0)
            assert players or lobby.host_player_id == 0
            assert (lobby.empty_since is None) == bool(members)
            assert not any(p.ready for p in lobby.players.values() if p.spectator or p.dummy)
            assert set(lobby.reserved) == self.accounts[lobby.lobby_id].reserved

    @invariant()
    def state_lock_and_list_agree(self) -> None:
        for lobby in self.lobbies.by_id.values():
            account = self.accounts[lobby.lobby_id]
            begun = lobby.state in (COUNTDOWN, IN_GAME)
            assert (lobby.before_start is not None) == begun
            if begun and not (lobby.state is IN_GAME and lobby.settings.late_join):
                assert (lobby.locked, lobby.hidden) == (True, True)
            else:
                assert (lobby.locked, lobby.hidden) == (account.locked, account.hidden)
            if not begun:
                full = lobby.settings.auto_lock and lobby.free_places == 0
                assert lobby.state is (LOCKED if account.locked or full else OPEN)
            if lobby.state is IN_GAME:
                assert lobby.member_count

    @invariant()
    def the_list_has_who_may_be_seen(self) -> None:
        for lobby in self.lobbies.by_id.values():
            empty = lobby.empty_since is not None and not lobby.permanent
            fresh = not empty or self.now - (lobby.empty_since or 0.0) < 30
            expected = lobby.visibility == "public" and not lobby.hidden and fresh
            assert (lobby.lobby_id in self.lobbies.index) == expected
        assert len(self.lobbies.index) <= len(self.lobbies.by_id)

    @invariant()
    def every_deadline_is_waited_for(self) -> None:
        entries = set(self.lobbies._deadlines)
        for lobby in self.lobbies.by_id.values():
            deadline = rules.next_deadline(lobby, self.now, self.seat_hold)
            if deadline is not None:
                assert lobby.due is not None and lobby.due <= deadline
                assert (lobby.due, lobby.lobby_id) in entries
        assert len(entries) <= 2 * len(self.lobbies.by_id) + 16

    @invariant()
    def a_reader_of_the_ring_knows_what_goes_on(self) -> None:
        for lobby in self.lobbies.by_id.values():
            reader = self.accounts[lobby.lobby_id].reader
            reader.follow(lobby)
            announced = {p.player_id: p for p in lobby.players.values() if p.announced}
            assert reader.roster == {key: p.slot for key, p in announced.items()}
            assert reader.ready == {key for key, p in announced.items() if p.ready}
            away = {
                p.player_id for p in lobby.members() if p.seat and p.seat.state is SeatState.AWAY
            }
            assert reader.away == away
            assert reader.state is lobby.state
            if lobby.host_player_id in announced:
                assert reader.host == lobby.host_player_id


class AnyOrderTests(SynchronousTestCase):
    def test_any_order_of_commands_leaves_everything_sound(self) -> None:
        run_state_machine_as_test(
            LobbiesMachine,
            settings=settings(
                max_examples=100,
                stateful_step_count=50,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
