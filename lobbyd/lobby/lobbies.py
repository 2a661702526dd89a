"""All lobbies of this server, by code, by id and by connection id.

The one object that HTTP and UDP share. Every change of a lobby goes through
here, so that indexes, deadlines and the changes ring stay of one mind.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable

from ..dummy import Motion
from ..errors import Refused
from ..wire.catalogue import LeftReason
from . import rules
from .in_force import ConditionsInForce
from .index import LobbyIndex
from .model import Identity, Lobby, Player, Seat
from .requests import Teleport
from .rules import life, places, restart, seats
from .rules.changes import Change, commit

Entropy = Callable[[int], bytes]
_SPARE_DEADLINES = 16
"""Entries out of date that are borne before the heap is cleared, beside one for each lobby."""


class Lobbies:
    """The lobbies and their indexes. ``seat_hold`` is in seconds.

    ``index`` is the list that everybody may see, ``touched`` the ids of lobbies that changed
    since a reader of the list took them; ``stirred`` those with changes or wishes that the relay
    has not looked at; ``unsaved`` those that changed since their record was
    written, ``ended`` those whose record is to go. ``conditions`` are what testers asked for.
    """

    def __init__(
        self,
        *,
        seat_hold: float,
        max_lobbies: int,
        entropy: Entropy,
        max_per_address: int = 1_000_000,
        max_players: int = 1_000_000,
    ) -> None:
        self._seat_hold = seat_hold
        self._max_lobbies = max_lobbies
        self._max_per_address = max_per_address
        self._max_players = max_players
        self._made: Counter[bytes] = Counter()
        self._entropy = entropy
        self.by_code: dict[str, Lobby] = {}
        self.by_id: dict[int, Lobby] = {}
        self._seats: dict[int, tuple[Lobby, Player]] = {}
        self._deadlines: list[tuple[float, int]] = []
        self.removed: list[Lobby] = []
        self.index = LobbyIndex()
        self.conditions = ConditionsInForce()
        self.touched: set[int] = set()
        self.stirred: set[int] = set()
        self.unsaved: set[int] = set()
        self.ended: list[int] = []

    def new_id(self) -> int:
        """A random u64 that is no lobby's and no session's 0."""
        return int.from_bytes(self._entropy(8), "little") or 1

    def check_room(self, maker: bytes) -> None:
        """Refuse where the server, or one address, has as many lobbies as it may."""
        if len(self.by_id) >= self._max_lobbies:
            raise Refused("too_many_lobbies", retry_after=30)
        if maker and self._made[maker] >= self._max_per_address:
            raise Refused(
                "too_many_lobbies",
                f"At most {self._max_per_address} lobbies at one time from one address.",
                retry_after=30,
            )

    def check_seats(self) -> None:
        """Refuse where the server has as many players as it may."""
        if len(self._seats) >= self._max_players:
            raise Refused("server_full", retry_after=30)

    def find(self, code: str | None) -> Lobby:
        """The open lobby of a code that was read; raises Refused lobby_not_found."""
        lobby = self.by_code.get(code) if code else None
        if lobby is None:
            raise Refused("lobby_not_found")
        return lobby

    def seat(self, conn_id: int) -> tuple[Lobby, Player] | None:
        """The lobby and player of a connection id, while the seat lives."""
        return self._seats.get(conn_id)

    def add(self, lobby: Lobby, now: float) -> None:
        """Take in a lobby whose code was claimed for it."""
        self.by_code[lobby.code] = self.by_id[lobby.lobby_id] = lobby
        self._made[lobby.maker] += 1
        # all of its places may be kept for names
        self.settle(lobby, life.settle(lobby, now), now)

    def restore(self, lobby: Lobby, now: float) -> None:
        """Take in a lobby of an earlier process whose code was claimed for it."""
        restart.revive(lobby, now, self._seat_hold)
        for player in lobby.members():
            self._seats[seats.seat_of(player).conn_id] = lobby, player
        self.add(lobby, now)
        if lobby.empty:
            # nobody was told of its new revision, so the record will do as it is
            self.unsaved.discard(lobby.lobby_id)

    def join(
        self, lobby: Lobby, name: str, identity: Identity, now: float, *, spectator: bool = False
    ) -> Player:
        """Take a seat that lapses unless CONNECT comes; raises Refused."""
        self.check_seats()
        seat = Seat(self.new_id(), self._new_conn_id(), self._entropy(32), now, identity)
        player, changes = seats.join(lobby, name, seat, now, spectator=spectator)
        self._seats[seat.conn_id] = lobby, player
        self.settle(lobby, changes, now)
        return player

    def add_dummy(self, lobby: Lobby, name: str, motion: Motion, now: float) -> Player:
        """Add a server-side player."""
        player, changes = seats.add_dummy(lobby, name, motion, now)
        self.settle(lobby, changes, now)
        return player

    def connect(self, lobby: Lobby, player: Player, now: float) -> None:
        """A connection for the player's seat was accepted, or heard again."""
        self.settle(lobby, seats.connect(lobby, player, now), now)

    def silent(self, lobby: Lobby, player: Player, now: float) -> None:
        """The player's connection fell silent."""
        self.settle(lobby, seats.silent(lobby, player, now), now)

    def leave(self, lobby: Lobby, player: Player, reason: LeftReason, now: float) -> None:
        """Take a player out."""
        self._forget_seat(player)
        self.settle(lobby, seats.leave(lobby, player, reason, now), now)

    def put_out(self, lobby: Lobby, player: Player, text: str, now: float, *, ban: bool) -> None:
        """Kick a player, for good if ``ban``."""
        self._forget_seat(player)
        self.settle(lobby, seats.put_out(lobby, player, text, now, ban=ban), now)

    def teleport(self, lobby: Lobby, player: Player, wanted: Teleport) -> None:
        """Have a player put elsewhere with the next tick."""
        places.teleport(lobby, player, wanted)
        self.stirred.add(lobby.lobby_id)

    def close(self, lobby: Lobby, reason: LeftReason, now: float) -> None:
        """End a lobby: it is found no more, and its readers hear of it."""
        self.settle(lobby, life.close(lobby, reason), now)

    def expire(self, now: float) -> None:
        """Do what time alone does in every lobby that is due."""
        due_now = []
        while self._deadlines and self._deadlines[0][0] <= now:
            due_now.append(heapq.heappop(self._deadlines))
        # what comes due meanwhile waits for the next call, so this one ends whatever rules do
        for due, lobby_id in due_now:
            lobby = self.by_id.get(lobby_id)
            # an entry that an earlier deadline overtook is out of date
            if lobby is None or lobby.due != due:
                continue
            lobby.due = None
            for player in seats.lapsed(lobby, now, self._seat_hold):
                # the host's end may have ended the lobby
                if not lobby.closed:
                    self.leave(lobby, player, LeftReason.TIMEOUT, now)
            self.settle(lobby, rules.expire(lobby, now), now)

    def settle(self, lobby: Lobby, changes: list[Change], now: float) -> None:
        """Commit changes of a lobby, and bring list and deadlines up to date."""
        commit(lobby, changes)
        if changes:
            self.stirred.add(lobby.lobby_id)
        if lobby.closed:
            self._forget(lobby)
        else:
            self.unsaved.add(lobby.lobby_id)
            self._list(lobby, now)
            deadline = rules.next_deadline(lobby, now, self._seat_hold)
            if deadline is not None and (lobby.due is None or deadline < lobby.due):
                lobby.due = deadline
                heapq.heappush(self._deadlines, (deadline, lobby.lobby_id))
        if len(self._deadlines) > 2 * len(self.by_id) + _SPARE_DEADLINES:
            self._clear_deadlines()

    def take_removed(self) -> list[Lobby]:
        """Lobbies that ended since the last call; their codes may be released."""
        removed, self.removed = self.removed, []
        return removed

    def _list(self, lobby: Lobby, now: float) -> None:
        if life.listed(lobby, now):
            self.index.put(lobby)
        else:
            self.index.remove(lobby.lobby_id)
        self.touched.add(lobby.lobby_id)

    def _clear_deadlines(self) -> None:
        """Drop the entries that are out of date: a long seat hold would keep them for hours."""
        self._deadlines = [(b.due, b.lobby_id) for b in self.by_id.values() if b.due is not None]
        heapq.heapify(self._deadlines)

    def _forget(self, lobby: Lobby) -> None:
        if self.by_id.pop(lobby.lobby_id, None) is None:
            return
        del self.by_code[lobby.code]
        self._made[lobby.maker] -= 1
        if not self._made[lobby.maker]:
            del self._made[lobby.maker]
        for player in lobby.members():
            self._forget_seat(player)
        self.index.remove(lobby.lobby_id)
        self.touched.add(lobby.lobby_id)
        self.unsaved.discard(lobby.lobby_id)
        self.ended.append(lobby.lobby_id)
        self.removed.append(lobby)

    def _forget_seat(self, player: Player) -> None:
        if player.seat is not None:
            self._seats.pop(player.seat.conn_id, None)

    def _new_conn_id(self) -> int:
        while True:
            conn_id = int.from_bytes(self._entropy(4), "little")
            if conn_id and conn_id not in self._seats:
                return conn_id
