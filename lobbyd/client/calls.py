"""Every call of the HTTP API, with the tokens that this player holds."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any, Unpack
from urllib.parse import quote, urlencode

from .fields import (
    ChangeFields,
    FilterFields,
    ListFields,
    LobbyFields,
    PlayerFields,
    QuickFields,
    SeatFields,
)
from .follow import EventStream
from .http import Answer, LobbydHttp, Request
from .problem import NO_TICKET, LobbydProblem
from .results import (
    Created,
    Info,
    Joined,
    Lobby,
    LobbyPage,
    Member,
    created_of,
    info_of,
    joined_of,
    lobby_of,
    member_of,
    page_of,
)

GONE = ("lobby_not_found", "token_invalid")
"""Answers to a leave that say that the seat was free already."""


class LobbyCalls:
    """The HTTP side of a player. ``joined`` is the seat taken last, None before.

    Every call raises LobbydProblem, and can be cancelled. ``owner_tokens`` are of the lobbies
    that this player made, by code.
    """

    def __init__(self, reactor: Any, http: LobbydHttp) -> None:
        self._reactor = reactor
        self._http = http
        self.joined: Joined | None = None
        self.owner_tokens: dict[str, str] = {}

    async def create_lobby(self, code: str = "", **fields: Unpack[LobbyFields]) -> Created:
        """Make a lobby; without ``code`` the server draws one. ``player`` joins it at once."""
        wish = {**fields, "code": code} if code else dict(fields)
        answer = await self._once("/lobbies", wish)
        created = created_of(answer.content)
        self.owner_tokens[created.lobby.code] = created.owner_token
        if created.joined is not None:
            self._seated(created.joined)
        return created

    async def get_lobby(self, code: str) -> Lobby:
        """Look at a lobby; a member sees what only members may."""
        answer = await self._call("GET", _path(code), bearer=self._token(code, owner=False))
        return lobby_of(answer.content.get("lobby"), answer.etag)

    async def list_lobbies(self, **filters: Unpack[ListFields]) -> LobbyPage:
        """A page of the public lobbies."""
        answer = await self._call("GET", "/lobbies" + _query(filters))
        return page_of(answer.content)

    async def find_lobbies(self, **filters: Unpack[ListFields]) -> AsyncIterator[Lobby]:
        """All public lobbies that fit, page after page; ``limit`` is the size of a page."""
        wanted: ListFields = {**filters}
        while True:
            page = await self.list_lobbies(**wanted)
            for lobby in page.lobbies:
                yield lobby
            if page.next_cursor is None:
                return
            wanted["cursor"] = page.next_cursor

    async def join_lobby(self, code: str, name: str = "", **fields: Unpack[SeatFields]) -> Joined:
        """Hold a seat for 15 s, in which ``connect_udp`` takes it."""
        wish = {**fields, "name": name} if name else dict(fields)
        return self._seated(joined_of((await self._once(_path(code, "join"), wish)).content))

    async def quick_join(self, **fields: Unpack[QuickFields]) -> Joined:
        """A seat in the fullest lobby that fits, or in a new one."""
        return self._seated(joined_of((await self._once("/quickjoin", fields)).content))

    async def rejoin(self) -> Joined:
        """A new ticket for the seat of the last join, while the server holds it."""
        seat = self._seat()
        answer = await self._call(
            "POST", _path(seat.lobby.code, "rejoin"), bearer=seat.player_token, repeatable=True
        )
        return self._seated(joined_of(answer.content))

    async def leave(self) -> None:
        """Give up the seat, if there is one."""
        seat, self.joined = self.joined, None
        if seat is None:
            return
        try:
            await self._call("POST", _path(seat.lobby.code, "leave"), bearer=seat.player_token)
        except LobbydProblem as problem:
            if problem.code not in GONE:
                raise

    async def delete_lobby(self, code: str, token: str = "") -> None:
        """End a lobby; without ``token`` with what this player holds of it."""
        await self._call("DELETE", _path(code), bearer=token or self._token(code, owner=True))

    async def change_lobby(
        self, code: str = "", match: str | None = None, **fields: Unpack[ChangeFields]
    ) -> Lobby:
        """Change a lobby (host; owner while empty); ``match`` is the ``etag`` of what was seen."""
        code = code or self._seat().lobby.code
        answer = await self._call(
            "PATCH",
            _path(code),
            fields,
            bearer=self._token(code, owner=True),
            headers={} if match is None else {"If-Match": match},
            # a second one would find what the first one changed
            repeatable=match is None,
        )
        return lobby_of(answer.content.get("lobby"), answer.etag)

    async def change_player(self, **fields: Unpack[PlayerFields]) -> Member:
        """Change this player's name, ready mark, team or metadata."""
        path = f"players/{self._seat().player.player_id}"
        answer = await self._member("PATCH", path, fields, repeatable=True)
        return member_of(answer.content.get("player"))

    async def kick(self, player_id: int, reason: str = "", *, ban: bool = False) -> None:
        """Put a player out (host), for good with ``ban``."""
        wish = {"reason": reason, "ban": ban}
        await self._member("POST", f"players/{player_id}/kick", wish)

    async def teleport(
        self,
        player_id: int,
        position: tuple[float, float, float],
        rotation: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Put a player somewhere (host): metres and a quaternion; else it looks as before."""
        wish: dict[str, Any] = {"position": list(position)}
        if rotation is not None:
            wish["rotation"] = list(rotation)
        await self._member("POST", f"players/{player_id}/teleport", wish)

    async def hand_over(self, player_id: int) -> Lobby:
        """Make another member host (host)."""
        return _lobby(await self._member("POST", "host", {"player_id": player_id}))

    async def start(self) -> Lobby:
        """Begin the countdown (host)."""
        return _lobby(await self._member("POST", "start"))

    async def cancel(self) -> Lobby:
        """Call the countdown off (host)."""
        return _lobby(await self._member("POST", "cancel"))

    async def end(self) -> Lobby:
        """Bring everybody back from the game (host)."""
        return _lobby(await self._member("POST", "end"))

    async def set_conditions(
        self,
        preset: str = "perfect",
        player_id: int | None = None,
        *,
        up: Mapping[str, Any] | None = None,
        down: Mapping[str, Any] | None = None,
        seconds: float = 600,
    ) -> list[Any]:
        """Make the network of a player, or of the lobby, bad for a while, where the server lets it.

        The host may for everybody, others for themselves.
        ``up`` and ``down`` change the preset (docs/netsim.md); gives all that is in force.
        """
        wish: dict[str, Any] = {"preset": preset, "seconds": seconds}
        wish |= {"up": dict(up or {}), "down": dict(down or {})}
        if player_id is not None:
            wish["player_id"] = player_id
        answer = await self._member("PUT", "conditions", wish, repeatable=True)
        conditions: list[Any] = answer.content.get("conditions") or []
        return conditions

    async def clear_conditions(self, player_id: int | None = None) -> None:
        """End a player's conditions, or all of the lobby and its players (host)."""
        path = "conditions" if player_id is None else f"players/{player_id}/conditions"
        await self._member("DELETE", path, repeatable=True)

    async def say(self, text: str) -> None:
        """A line of chat to all members, over HTTP."""
        await self._member("POST", "chat", {"text": text})

    async def get_info(self) -> Info:
        """What the server says about itself."""
        return info_of((await self._call("GET", "/info")).content)

    def list_events(self, **filters: Unpack[FilterFields]) -> EventStream:
        """The list and what changes: events "lobby", "ready" after the first ones, "gone"."""
        return EventStream(self._reactor, self._http, "/lobbies/events" + _query(filters), None)

    def lobby_events(self) -> EventStream:
        """The lobby of the last join ("state") and its changes as they happen, over HTTP."""
        seat = self._seat()
        path = _path(seat.lobby.code, "events")
        return EventStream(self._reactor, self._http, path, seat.player_token)

    async def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        again = repeatable or method == "GET"
        return await self._http.call(Request(method, path, body, bearer, headers or {}, again))

    async def _once(self, path: str, body: Mapping[str, Any]) -> Answer:
        """A POST that the server does once however often it is sent."""
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        return await self._call("POST", path, body, headers=headers, repeatable=True)

    async def _member(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = False,
    ) -> Answer:
        seat = self._seat()
        where = _path(seat.lobby.code, path)
        return await self._call(
            method, where, body, bearer=seat.player_token, repeatable=repeatable
        )

    def _seated(self, joined: Joined) -> Joined:
        self.joined = joined
        return joined

    def _seat(self) -> Joined:
        if self.joined is None:
            raise LobbydProblem(NO_TICKET, "join a lobby first")
        return self.joined

    def _token(self, code: str, *, owner: bool) -> str | None:
        """What this player holds of a lobby: its seat's token, or that of its maker."""
        code = code.strip().upper()
        if self.joined is not None and self.joined.lobby.code == code:
            return self.joined.player_token
        return self.owner_tokens.get(code) if owner else None


def _path(code: str, rest: str = "") -> str:
    path = "/lobbies/" + quote(code.strip(), safe="")
    return f"{path}/{rest}" if rest else path


def _query(filters: ListFields | FilterFields) -> str:
    values = {name: value for name, value in filters.items() if name != "metadata"}
    values |= {f"meta.{key}": value for key, value in filters.get("metadata", {}).items()}
    texts = {name: _text(value) for name, value in values.items()}
    return "?" + urlencode(texts) if texts else ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e6:
        return f"{value:g}"
    return str(value)


def _lobby(answer: Answer) -> Lobby:
    return lobby_of(answer.content.get("lobby"), answer.etag)
