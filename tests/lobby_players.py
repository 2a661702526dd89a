"""What the model knows of its players, their seats and their lobbies."""

from __future__ import annotations

from typing import Any

import attrs

from lobbyd.client.session import Denied, Disconnected, Snapshot, WasReset
from lobbyd.testing import VirtualClient

from .http_world import HttpWorld
from .lobby_view import LobbyView

SAFE_SILENCE = 50.0
"""Seconds of silence, in the sum, that cost nobody a seat that is held for 60."""
UNLISTED = 30.0


@attrs.define(eq=False)
class Place:
    """A lobby. ``banned`` are people, ``holders`` who got which player id, ``said`` the chat,
    ``locked`` and ``listed`` what the host wants."""

    answer: dict[str, Any] = attrs.field(repr=False)
    policy: str
    banned: set[int] = attrs.Factory(set)
    holders: dict[int, int] = attrs.Factory(dict)
    tickets: list[int] = attrs.Factory(list)
    said: list[tuple[int, int, str]] = attrs.Factory(list)
    deleted: bool = False
    locked: bool = False
    listed: bool = True
    host: int = 0
    empty_since: float | None = None
    lobby_id: int = 0

    @property
    def code(self) -> str:
        """The lobby's code."""
        code: str = self.answer["lobby"]["code"]
        return code

    def unlisted(self, now: float) -> bool:
        """Whether it was empty for so long that it has left the list."""
        return self.empty_since is not None and now - self.empty_since > UNLISTED


@attrs.define(eq=False)
class Person:
    """A player with a key and an address of its own, in one lobby at most."""

    index: int
    seat: Membership | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What every request of this player carries."""
        return {
            "Lobbyd-Client-Key": f"the-key-of-player-{self.index}",
            "X-Forwarded-For": f"203.0.113.{10 + self.index}",
        }


@attrs.define(eq=False)
class Membership:
    """A seat that a player was given, and what it makes of it."""

    person: Person
    place: Place
    answer: dict[str, Any] = attrs.field(repr=False)
    client: VirtualClient | None = None
    view: LobbyView = attrs.Factory(LobbyView)
    put_out: bool = False
    ended: bool = False
    was_connected: bool = False
    offline_since: float | None = None

    @property
    def token(self) -> str:
        """The bearer token."""
        token: str = self.answer["player_token"]
        return token

    @property
    def player_id(self) -> int:
        """As the join gave it."""
        number: int = self.answer["player"]["player_id"]
        return number

    @property
    def slot(self) -> int:
        """As the join gave it."""
        number: int = self.answer["player"]["slot"]
        return number

    @property
    def spectator(self) -> bool:
        """Whether the seat takes no slot."""
        value: bool = self.answer["player"]["spectator"]
        return value

    @property
    def key(self) -> tuple[int, int]:
        """The lobby's id and the player's."""
        return self.place.lobby_id, self.player_id

    def sure(self, now: float) -> bool:
        """Whether this seat cannot have been lost by the player's own doing or silence."""
        silent = 0.0 if self.offline_since is None else now - self.offline_since
        return self.was_connected and not self.put_out and silent < SAFE_SILENCE

    def open(self, world: HttpWorld) -> None:
        """Begin a UDP connection with the ticket."""
        self.view, self.ended = LobbyView(), False
        self.client = world.attach(self.answer["ticket"])

    def reopen(self, answer: dict[str, Any], world: HttpWorld) -> None:
        """Begin another connection with the ticket of a rejoin."""
        self.answer = {**answer, "player": {**answer["player"]}}
        if self.was_connected and self.offline_since is None:
            self.offline_since = world.now
        self.open(world)

    @property
    def over(self) -> bool:
        """Whether nothing more is to come of this seat."""
        deaf = self.client is None or not self.client.online
        return self.put_out and (deaf or self.ended)

    def follow(self, now: float) -> None:
        """Take in what the client was told."""
        client = self.client
        if client is None:
            return
        events, client.events = client.events, []
        for event in events:
            if isinstance(event, (Disconnected, Denied, WasReset)):
                self.ended = True
            elif not isinstance(event, Snapshot):
                self.view.take(event)
        heard = any(isinstance(event, Snapshot) for event in events)
        if client.online and heard:
            # snapshots go to those only that were heard lately
            self.was_connected, self.offline_since = True, None
