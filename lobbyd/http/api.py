"""The HTTP endpoints: JSON in, JSON out, refusals as problem documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from .. import __version__
from ..config import Config, read_host
from ..errors import Refused, invalid
from ..lobby.operations import LobbyOperations
from ..lobby.requests import MAX_LOBBY_NAME, MAX_PLAYER_NAME, CreateLobby, JoinLobby
from ..lobby.view import lobby_json, player_json, ticket_json
from ..wire.catalogue import MAX_PLAYERS, WIRE_VERSION
from .problems import refuse
from .site import MAX_BODY

log = Logger()

MAX_DIGITS = 1000
"""Of a whole number in a body."""


class LobbyApi:
    """The endpoints over one set of lobbies. ``udp_port`` tells the bound port."""

    app = Klein()

    def __init__(
        self,
        operations: LobbyOperations,
        config: Config,
        clock: Callable[[], float],
        udp_port: Callable[[], int],
    ) -> None:
        self._operations = operations
        self._config = config
        self._clock = clock
        self._udp_port = udp_port

    @app.route("/lobbies", methods=["POST"])
    async def create(self, request: Any) -> bytes:
        """Make a lobby: 201 with its JSON and the owner's token."""
        wanted = CreateLobby.from_json(_body(request))
        now = self._clock()
        created = await self._operations.create(wanted, now)
        request.setHeader(b"Location", f"/lobbies/{created.lobby.code}".encode())
        answer = {"lobby": lobby_json(created.lobby, now), "owner_token": created.owner_token}
        return _json(request, answer, 201)

    @app.route("/lobbies/<code>", methods=["GET"])
    async def get(self, request: Any, code: str) -> bytes:
        """A lobby's JSON."""
        lobby = await self._operations.find(code)
        return _json(request, {"lobby": lobby_json(lobby, self._clock())})

    @app.route("/lobbies/<code>/join", methods=["POST"])
    async def join(self, request: Any, code: str) -> bytes:
        """Take a seat: 201 with player, bearer token and UDP ticket."""
        wanted = JoinLobby.from_json(_body(request))
        now = self._clock()
        joined = await self._operations.join(code, wanted, now, self._udp(request))
        answer = {
            "lobby": lobby_json(joined.lobby, now),
            "player": player_json(joined.player, now),
            "player_token": joined.player_token,
            "ticket": ticket_json(joined.ticket),
        }
        return _json(request, answer, 201)

    @app.route("/lobbies/<code>", methods=["DELETE"])
    async def delete(self, request: Any, code: str) -> bytes:
        """End a lobby: 204."""
        await self._operations.delete(code, _bearer(request), self._clock())
        request.setResponseCode(204)
        return b""

    @app.route("/info", methods=["GET"])
    def info(self, request: Any) -> bytes:
        """What a client may want to know before it asks for more."""
        host, port = self._udp(request)
        return _json(
            request,
            {
                "version": __version__,
                "wire": WIRE_VERSION,
                "udp": {"host": host, "port": port},
                "time": self._clock(),
                "limits": {
                    "max_players": MAX_PLAYERS,
                    "max_lobby_name": MAX_LOBBY_NAME,
                    "max_player_name": MAX_PLAYER_NAME,
                    "max_body": MAX_BODY,
                    "tick_hz": self._config.tick_hz,
                },
            },
        )

    @app.route("/healthz", methods=["GET"])
    def healthz(self, request: Any) -> bytes:
        """The process is alive and its reactor turns."""
        return _json(request, {"status": "ok"})

    @app.handle_errors(Refused)
    def refused(self, request: Any, failure: Failure) -> bytes:
        """A refusal of the core."""
        failure.trap(Refused)
        refused: Any = failure.value
        return refuse(request, refused)

    @app.handle_errors(HTTPException)
    def unroutable(self, request: Any, failure: Failure) -> bytes:
        """No route, or not with this method."""
        if isinstance(failure.value, MethodNotAllowed):
            allowed = ", ".join(sorted(failure.value.valid_methods or ()))
            request.setHeader(b"Allow", allowed.encode())
            return refuse(request, Refused("method_not_allowed", f"Allowed are {allowed}."))
        return refuse(request, Refused("not_found"))

    @app.handle_errors(Exception)
    def mistake(self, request: Any, failure: Failure) -> bytes:
        """A mistake of ours: the log has the whole of it, the caller a code."""
        log.failure("mistake in a request", failure)
        return refuse(request, Refused("internal_error"))

    def _udp(self, request: Any) -> tuple[str, int]:
        """Host and port that this client is told for UDP."""
        port = self._config.advertise_port or self._udp_port()
        return self._config.advertise_host or _request_host(request), port


def _request_host(request: Any) -> str:
    """The host that the client used, without port; our own address where that is no host."""
    header: bytes = request.getHeader(b"host") or b""
    host = header.decode("ascii", "replace")
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    try:
        return read_host(host) or _own_address(request)
    except ValueError:
        return _own_address(request)


def _own_address(request: Any) -> str:
    return str(getattr(request.getHost(), "host", ""))


def _bearer(request: Any) -> str | None:
    header: bytes | None = request.getHeader(b"authorization")
    if header is None:
        return None
    scheme, _, token = header.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("token_invalid", "Send Authorization: Bearer and the token.")
    return token.strip()


def _body(request: Any) -> object:
    """The decoded JSON body; an empty one is an empty object."""
    raw = request.content.read()
    if not raw:
        return {}
    kind = (request.getHeader(b"content-type") or b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Refused("unsupported_media_type")
    try:
        return json.loads(raw.decode("utf-8"), parse_int=_whole, parse_constant=_no_constant)
    except RecursionError:
        raise invalid("body", "a JSON object of fewer levels") from None
    except ValueError as error:
        raise Refused("invalid_json", f"The body is not JSON: {error}.") from None


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        # before Python does, whose message is about Python
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _json(request: Any, content: object, status: int = 200) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"Content-Type", b"application/json")
    request.setHeader(b"Cache-Control", b"no-store")
    body = json.dumps(content, ensure_ascii=False).encode() + b"\n"
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
