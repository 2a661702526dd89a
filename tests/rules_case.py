"""A lobby for tests of the rules. ``now`` is virtual; a lobby begins at 0."""

from __future__ import annotations

import itertools
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Refused
from lobbyd.lobby import rules
from lobbyd.lobby.model import Identity, Lobby, Player, Seat, SeatState
from lobbyd.lobby.requests import ChangeLobby
from lobbyd.lobby.rules import life, seats, terms
from lobbyd.lobby.settings import LobbySettings
from lobbyd.wire.catalogue import LeftReason, LobbyStateCode

HOLD = 60.0
OPEN, LOCKED = LobbyStateCode.OPEN, LobbyStateCode.LOCKED
COUNTDOWN, IN_GAME = LobbyStateCode.COUNTDOWN, LobbyStateCode.IN_GAME


def new_lobby(lobby_id: int, code: str, now: float = 0.0, **more: Any) -> Lobby:
    """An empty lobby for eight; ``more`` are other fields."""
    fields = {"game": "", "version": "", "protocol_id": 0, "max_players": 8, **more}
    return Lobby(lobby_id, code, code, created_at=now, empty_since=now, **fields)


class RulesCase(SynchronousTestCase):
    settings: dict[str, Any] = {}
    """Of the lobby, where they are not the defaults."""

    def setUp(self) -> None:
        self.ids = itertools.count(1)
        self.lobby = self.make(**self.settings)

    def make(self, max_players: int = 8, *, permanent: bool = False, **settings: Any) -> Lobby:
        terms = LobbySettings(**settings)
        lobby = new_lobby(1, "ABCD", max_players=max_players, permanent=permanent, settings=terms)
        lobby.name = "Arena"
        return lobby

    def new_seat(self, now: float = 0.0, identity: Identity | None = None) -> Seat:
        number = next(self.ids)
        return Seat(number, number, bytes(32), now, identity or Identity(address=b"%d" % number))

    def join(self, now: float = 0.0, name: str = "", **how: Any) -> Player:
        return seats.join(self.lobby, name, self.new_seat(now), now, **how)[0]

    def connected(self, now: float = 0.0, name: str = "", **how: Any) -> Player:
        player = self.join(now, name, **how)
        seats.connect(self.lobby, player, now)
        return player

    def spectator(self, now: float = 0.0) -> Player:
        return self.connected(now, spectator=True)

    def away(self, now: float = 0.0) -> Player:
        player = self.connected(now)
        seats.silent(self.lobby, player, now)
        return player

    def dummy(self, now: float = 0.0) -> Player:
        return seats.add_dummy(self.lobby, "Dummy", Circle(), now)[0]

    def ready(self, *players: Player, now: float = 1.0) -> list[Any]:
        return [c for p in players for c in life.set_ready(self.lobby, p, True, now)]

    def leave(self, player: Player, now: float = 1.0) -> list[Any]:
        return seats.leave(self.lobby, player, LeftReason.LEFT, now)

    def change(self, now: float = 1.0, **wanted: Any) -> list[Any]:
        return terms.change(self.lobby, ChangeLobby(**wanted), None, now)

    def state(self, player: Player) -> SeatState:
        assert player.seat is not None
        return player.seat.state

    def lapsed(self, now: float, hold: float = HOLD) -> list[Player]:
        return seats.lapsed(self.lobby, now, hold)

    def deadline(self, now: float = 0.0, hold: float = HOLD) -> float | None:
        return rules.next_deadline(self.lobby, now, hold)

    def refusal(self, call: Any, *args: Any, **named: Any) -> str:
        code: str = self.assertRaises(Refused, call, *args, **named).code
        return code

    def assertState(self, state: LobbyStateCode) -> None:
        self.assertIs(self.lobby.state, state)

    @property
    def host(self) -> int:
        return self.lobby.host_player_id

    @property
    def listed(self) -> bool:
        return life.listed(self.lobby, 1.0)
