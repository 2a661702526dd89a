"""Calls of those who test a game: a bad network for a player or a lobby."""

from __future__ import annotations

from ..lobby.conditions import ConditionOperations, SetConditions
from ..lobby.in_force import InForce
from .calls import Answer
from .routes import Call, Route, Token

_TESTER = ("lobby_not_found", "token_required", "token_invalid", "not_allowed", "conditions_off")
_PATH = "/lobbies/{code}/conditions"


class ConditionRoutes:
    """Conditions that the server applies itself."""

    def __init__(self, conditions: ConditionOperations) -> None:
        self._conditions = conditions

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "PUT",
                _PATH,
                "Make the network bad for a player or a whole lobby, for a while",
                self.set_conditions,
                body=SetConditions,
                answer="ConditionsAnswer",
                problems=(*_TESTER, "player_not_found"),
                token=Token.NEEDED,
                tags=("testing",),
            ),
            Route(
                "GET",
                _PATH,
                "Which conditions a lobby and its players are under",
                self.get_conditions,
                answer="ConditionsAnswer",
                problems=_TESTER,
                token=Token.NEEDED,
                tags=("testing",),
            ),
            Route(
                "DELETE",
                _PATH,
                "End all conditions of a lobby and its players",
                self.clear_conditions,
                status=204,
                problems=_TESTER,
                token=Token.NEEDED,
                tags=("testing",),
            ),
            Route(
                "DELETE",
                "/lobbies/{code}/players/{player_id}/conditions",
                "End the conditions of one player",
                self.clear_player_conditions,
                status=204,
                problems=(*_TESTER, "player_not_found"),
                token=Token.NEEDED,
                tags=("testing",),
            ),
        ]

    async def set_conditions(self, call: Call) -> Answer:
        """PUT /lobbies/{code}/conditions."""
        return _answer(
            await self._conditions.put(call.args["code"], call.body, call.caller, call.now)
        )

    async def get_conditions(self, call: Call) -> Answer:
        """GET /lobbies/{code}/conditions."""
        return _answer(await self._conditions.look(call.args["code"], call.caller, call.now))

    async def clear_conditions(self, call: Call) -> Answer:
        """DELETE /lobbies/{code}/conditions."""
        await self._conditions.clear(call.args["code"], None, call.caller, call.now)
        return Answer(204)

    async def clear_player_conditions(self, call: Call) -> Answer:
        """DELETE /lobbies/{code}/players/{player_id}/conditions."""
        code, player_id = call.args["code"], call.args["player_id"]
        await self._conditions.clear(code, player_id, call.caller, call.now)
        return Answer(204)


def _answer(in_force: list[InForce]) -> Answer:
    return Answer(200, {"conditions": [each.as_json() for each in in_force]})
