"""Calls about the server itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import __version__
from ..config import Config
from ..lobby.requests import MAX_LOBBY_NAME, MAX_PLAYER_NAME
from ..wire.catalogue import MAX_PLAYERS, WIRE_VERSION
from .calls import Answer
from .routes import Call, Limit, Route
from .site import MAX_BODY


class MetaRoutes:
    """``document`` gives the OpenAPI document."""

    def __init__(self, config: Config, document: Callable[[], dict[str, Any]]) -> None:
        self._config = config
        self._document = document

    def routes(self) -> list[Route]:
        """The table."""
        return [
            Route(
                "GET",
                "/info",
                "Version, UDP address, time and limits",
                self.info,
                answer="Info",
                limit=Limit.FREE,
                tags=("server",),
            ),
            Route(
                "GET",
                "/healthz",
                "The process is alive and its reactor turns",
                self.healthz,
                answer="Health",
                limit=Limit.FREE,
                tags=("server",),
            ),
            Route(
                "GET",
                "/openapi.json",
                "This description",
                self.openapi,
                answer="Document",
                tags=("server",),
            ),
        ]

    async def info(self, call: Call) -> Answer:
        """GET /info."""
        host, port = call.caller.udp
        content = {
            "version": __version__,
            "wire": WIRE_VERSION,
            "udp": {"host": host, "port": port},
            "time": call.now,
            "limits": {
                "max_players": MAX_PLAYERS,
                "max_lobby_name": MAX_LOBBY_NAME,
                "max_player_name": MAX_PLAYER_NAME,
                "max_body": MAX_BODY,
                "tick_hz": self._config.tick_hz,
            },
        }
        return Answer(200, content)

    async def healthz(self, call: Call) -> Answer:
        """GET /healthz."""
        return Answer(200, {"status": "ok"})

    async def openapi(self, call: Call) -> Answer:
        """GET /openapi.json."""
        return Answer(200, self._document())
