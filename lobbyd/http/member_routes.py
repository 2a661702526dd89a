"""Calls of members and of the host: change, ready, chat, kick, hand over, start."""

from __future__ import annotations

import re

from ..lobby.hosting import HostOperations
from ..lobby.model import Lobby
from ..lobby.requests import ChangeLobby, ChangePlayer, HandOver, Kick, Say, Teleport
from ..lobby.text import player_text
from .calls import Answer
from .lobby_routes import lobby_answer
from .routes import Call, Route, Token

_MEMBER = ("lobby_not_found", "token_required", "token_invalid")
_HOST = (*_MEMBER, "not_allowed")
_ETAG = re.compile(r'(?:^|,)[ \t]*"([0-9]{1,9})"[ \t]*(?=,|$)')


class MemberRoutes:
    """A lobby from inside."""

    def __init__(self, hosting: HostOperations) -> None:
        self._hosting = hosting

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "PATCH",
                "/lobbies/{code}",
                "Change a lobby (host; owner while empty); If-Match takes the ETag of a GET",
                self.change,
                body=ChangeLobby,
                answer="LobbyAnswer",
                problems=(*_HOST, "precondition_failed"),
                token=Token.NEEDED,
            ),
            Route(
                "PATCH",
                "/lobbies/{code}/players/{player_id}",
                "Change one's own name, ready mark, team or metadata",
                self.change_player,
                body=ChangePlayer,
                answer="PlayerAnswer",
                problems=(*_HOST, "not_a_player"),
                token=Token.NEEDED,
                tags=("members",),
            ),
            Route(
                "POST",
                "/lobbies/{code}/players/{player_id}/kick",
                "Put a player out, and keep it out with ban (host)",
                self.kick,
                body=Kick,
                status=204,
                problems=(*_HOST, "player_not_found", "storage_unavailable"),
                token=Token.NEEDED,
                tags=("members",),
            ),
            Route(
                "POST",
                "/lobbies/{code}/players/{player_id}/teleport",
                "Put a player somewhere else in the game (host)",
                self.teleport,
                body=Teleport,
                status=204,
                problems=(*_HOST, "player_not_found", "not_a_player"),
                token=Token.NEEDED,
                tags=("members",),
            ),
            Route(
                "POST",
                "/lobbies/{code}/host",
                "Make another player host (host)",
                self.hand_over,
                body=HandOver,
                answer="LobbyAnswer",
                problems=(*_HOST, "player_not_found", "not_a_player"),
                token=Token.NEEDED,
                tags=("members",),
            ),
            Route(
                "POST",
                "/lobbies/{code}/chat",
                "Say a line to all members",
                self.say,
                body=Say,
                status=204,
                problems=_MEMBER,
                token=Token.NEEDED,
                tags=("members",),
            ),
            *(
                Route(
                    "POST",
                    f"/lobbies/{{code}}/{name}",
                    summary,
                    handler,
                    answer="LobbyAnswer",
                    problems=(*_HOST, "wrong_state", *more),
                    token=Token.NEEDED,
                    tags=("game",),
                )
                for name, summary, handler, more in (
                    ("start", "Begin the countdown (host)", self.start, ("not_ready",)),
                    ("cancel", "Call the countdown off (host)", self.cancel, ()),
                    ("end", "Bring everybody back from the game (host)", self.end, ()),
                )
            ),
        ]

    async def change(self, call: Call) -> Answer:
        """PATCH /lobbies/{code}."""
        match = _revisions(call.match)
        code = call.args["code"]
        lobby = await self._hosting.change(code, call.body, call.caller, match, call.now)
        return _lobby(lobby, call.now)

    async def change_player(self, call: Call) -> Answer:
        """PATCH /lobbies/{code}/players/{player_id}."""
        code, player_id = call.args["code"], call.args["player_id"]
        _, player = await self._hosting.change_player(
            code, player_id, call.body, call.caller, call.now
        )
        content = f'{{"player": {player_text(player, call.now, member=True)}}}\n'
        return Answer(200, content.encode())

    async def kick(self, call: Call) -> Answer:
        """POST /lobbies/{code}/players/{player_id}/kick."""
        code, player_id = call.args["code"], call.args["player_id"]
        await self._hosting.kick(code, player_id, call.body, call.caller, call.now)
        return Answer(204)

    async def teleport(self, call: Call) -> Answer:
        """POST /lobbies/{code}/players/{player_id}/teleport."""
        code, player_id = call.args["code"], call.args["player_id"]
        await self._hosting.teleport(code, player_id, call.body, call.caller, call.now)
        return Answer(204)

    async def hand_over(self, call: Call) -> Answer:
        """POST /lobbies/{code}/host."""
        lobby = await self._hosting.hand_over(call.args["code"], call.body, call.caller, call.now)
        return _lobby(lobby, call.now)

    async def say(self, call: Call) -> Answer:
        """POST /lobbies/{code}/chat."""
        await self._hosting.say(call.args["code"], call.body, call.caller, call.now)
        return Answer(204)

    async def start(self, call: Call) -> Answer:
        """POST /lobbies/{code}/start."""
        return _lobby(await self._hosting.start(call.args["code"], call.caller, call.now), call.now)

    async def cancel(self, call: Call) -> Answer:
        """POST /lobbies/{code}/cancel."""
        lobby = await self._hosting.cancel(call.args["code"], call.caller, call.now)
        return _lobby(lobby, call.now)

    async def end(self, call: Call) -> Answer:
        """POST /lobbies/{code}/end."""
        return _lobby(await self._hosting.end(call.args["code"], call.caller, call.now), call.now)


def _lobby(lobby: Lobby, now: float) -> Answer:
    return lobby_answer(lobby, now, member=True)


def _revisions(match: str | None) -> frozenset[int] | None:
    """The revisions that an If-Match names (RFC 9110 13.1.1), None for any."""
    if match is None or match.strip() == "*":
        return None
    # a tag that is none of ours is no error: it does not match
    return frozenset(map(int, _ETAG.findall(match)))
