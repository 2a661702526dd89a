"""Calls that everybody can make: create, list, look, join, come back, leave, delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..lobby.model import Lobby
from ..lobby.operations import Joined, LobbyOperations
from ..lobby.requests import CreateLobby, JoinLobby, QuickJoin
from ..lobby.text import lobby_text, player_text, ticket_text
from .bodies import json_bytes
from .calls import Answer
from .queries import LIST_PARAMETERS, read_query
from .routes import Call, Limit, Route, Token

_WEIGHT_OF_LOBBY = 4
"""What a lobby costs as JSON, in players."""
_WEIGHT_AT_ONCE = 200
"""Made into JSON before others get their turn: about 1 ms of work."""
JOIN_PROBLEMS = (
    "banned",
    "lobby_full",
    "lobby_locked",
    "lobby_in_game",
    "lobby_closed",
    "server_full",
)


class LobbyRoutes:
    """``breathe`` lets others work between slices of a long search."""

    def __init__(self, operations: LobbyOperations, breathe: Callable[[], Awaitable[None]]) -> None:
        self._operations = operations
        self._breathe = breathe

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "POST",
                "/lobbies",
                "Make a lobby, and join it if a player comes with the request",
                self.create,
                body=CreateLobby,
                status=201,
                answer="Created",
                problems=(
                    "code_taken",
                    "lobby_full",
                    "too_many_lobbies",
                    "server_full",
                    "storage_unavailable",
                ),
                idempotent=True,
            ),
            Route(
                "GET",
                "/lobbies",
                "List public lobbies",
                self.list,
                answer="LobbyList",
                query=LIST_PARAMETERS,
            ),
            Route(
                "GET",
                "/lobbies/{code}",
                "Look at a lobby",
                self.get,
                answer="LobbyAnswer",
                problems=("lobby_not_found", "token_invalid"),
                token=Token.OPTIONAL,
            ),
            Route(
                "DELETE",
                "/lobbies/{code}",
                "End a lobby",
                self.delete,
                status=204,
                problems=(
                    "lobby_not_found",
                    "lobby_permanent",
                    "lobby_not_empty",
                    "token_required",
                    "token_invalid",
                    "storage_unavailable",
                ),
                token=Token.OPTIONAL,
            ),
            Route(
                "POST",
                "/lobbies/{code}/join",
                "Take a seat, which is held for 15 s until the UDP connection comes",
                self.join,
                body=JoinLobby,
                status=201,
                answer="Joined",
                problems=(
                    "lobby_not_found",
                    "wrong_password",
                    "storage_unavailable",
                    *JOIN_PROBLEMS,
                ),
                limit=Limit.JOIN,
                idempotent=True,
            ),
            Route(
                "POST",
                "/lobbies/{code}/rejoin",
                "Get a new ticket for a seat that is still held",
                self.rejoin,
                status=201,
                answer="Joined",
                problems=("lobby_not_found", "token_required", "token_invalid"),
                token=Token.NEEDED,
                limit=Limit.JOIN,
            ),
            Route(
                "POST",
                "/lobbies/{code}/leave",
                "Give up a seat",
                self.leave,
                status=204,
                problems=(
                    "lobby_not_found",
                    "token_required",
                    "token_invalid",
                    "storage_unavailable",
                ),
                token=Token.NEEDED,
            ),
            Route(
                "POST",
                "/quickjoin",
                "Join the fullest lobby that fits, or a new one",
                self.quick_join,
                body=QuickJoin,
                status=201,
                answer="Joined",
                problems=("too_many_lobbies", "server_full", "storage_unavailable"),
                limit=Limit.JOIN,
                idempotent=True,
            ),
        ]

    async def create(self, call: Call) -> Answer:
        """POST /lobbies."""
        created = await self._operations.create(call.body, call.caller, call.now)
        member = created.joined is not None
        lobby = lobby_text(created.lobby, call.now, member=member)
        content = f'{{"lobby": {lobby}, "owner_token": "{created.owner_token}"'
        if created.joined is not None:
            content += _seat(created.joined, call.now)
        location = f"/lobbies/{created.lobby.code}"
        return Answer(201, f"{content}}}\n".encode(), {"Location": location})

    async def list(self, call: Call) -> Answer:
        """GET /lobbies."""
        index = self._operations.lobbies.index
        lobbies, cursor = await index.search(read_query(call.query), self._breathe)
        pieces: list[bytes] = []
        weight = 0
        for lobby in lobbies:
            own = _WEIGHT_OF_LOBBY + len(lobby.players)
            weight += own
            if weight > _WEIGHT_AT_ONCE:
                await self._breathe()
                weight = own
            # it may have gone in the meantime
            if lobby.lobby_id in index:
                pieces += [b", "] if pieces else []
                pieces.append(lobby_text(lobby, call.now).encode())
        ending = b'], "next_cursor": %s}' % json_bytes(cursor).rstrip()
        # in one go, because a page may be a megabyte
        return Answer(200, b"".join([b'{"lobbies": [', *pieces, ending]))

    async def get(self, call: Call) -> Answer:
        """GET /lobbies/{code}."""
        lobby, player = await self._operations.look(call.args["code"], call.caller, call.now)
        return lobby_answer(lobby, call.now, member=player is not None)

    async def join(self, call: Call) -> Answer:
        """POST /lobbies/{code}/join."""
        code = call.args["code"]
        joined = await self._operations.join(code, call.body, call.caller, call.now)
        return _joined(joined, call.now)

    async def rejoin(self, call: Call) -> Answer:
        """POST /lobbies/{code}/rejoin."""
        joined = await self._operations.rejoin(call.args["code"], call.caller, call.now)
        return _joined(joined, call.now)

    async def quick_join(self, call: Call) -> Answer:
        """POST /quickjoin."""
        joined = await self._operations.quick_join(call.body, call.caller, call.now, self._breathe)
        return _joined(joined, call.now)

    async def leave(self, call: Call) -> Answer:
        """POST /lobbies/{code}/leave."""
        await self._operations.leave(call.args["code"], call.caller, call.now)
        return Answer(204)

    async def delete(self, call: Call) -> Answer:
        """DELETE /lobbies/{code}."""
        await self._operations.delete(call.args["code"], call.caller, call.now)
        return Answer(204)


def lobby_answer(lobby: Lobby, now: float, *, member: bool) -> Answer:
    """A lobby, with the ETag that a change of it may name."""
    content = f'{{"lobby": {lobby_text(lobby, now, member=member)}}}\n'
    return Answer(200, content.encode(), {"ETag": f'"{lobby.settings_rev}"'})


def _joined(joined: Joined, now: float) -> Answer:
    lobby = lobby_text(joined.lobby, now, member=True)
    return Answer(201, f'{{"lobby": {lobby}{_seat(joined, now)}}}\n'.encode())


def _seat(joined: Joined, now: float) -> str:
    """What a seat adds to the JSON of an answer."""
    player = player_text(joined.player, now, member=True)
    token, ticket = joined.player_token, ticket_text(joined.ticket)
    return f', "player": {player}, "player_token": "{token}", "ticket": {ticket}'
