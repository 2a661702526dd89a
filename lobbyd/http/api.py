"""The HTTP API: one dispatcher for the table of routes, refusals as problem documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from klein import Klein
from twisted.logger import Logger
from twisted.python.failure import Failure
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from ..config import Config
from ..errors import Refused, invalid
from ..lobby.conditions import ConditionOperations
from ..lobby.hosting import HostOperations
from ..lobby.operations import LobbyOperations
from .bodies import json_bytes, read_body
from .calls import Answer, address_group, caller_of, client_address
from .condition_routes import ConditionRoutes
from .idempotency import Idempotency
from .limits import HttpLimits
from .lobby_routes import LobbyRoutes
from .member_routes import MemberRoutes
from .meta_routes import MetaRoutes
from .openapi import openapi_document
from .problems import refuse
from .resource import LobbyResource
from .routes import Call, Route, Token
from .streams import MAX_STREAMS_OF_ONE, Streams

log = Logger()

_GUESSES = ("lobby_not_found", "wrong_password", "code_taken")
_MAX_PLAYER_ID = 2**32 - 1


class LobbyApi:
    """The API over one set of lobbies. ``udp_port`` tells the bound port."""

    def __init__(
        self,
        operations: LobbyOperations,
        config: Config,
        clock: Callable[[], float],
        udp_port: Callable[[], int],
        breathe: Callable[[], Awaitable[None]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._udp_port = udp_port
        self._limits = HttpLimits(off=not config.rate_limit)
        self._idempotency = Idempotency()
        self.streams = Streams(
            operations,
            clock,
            breathe,
            per_address=MAX_STREAMS_OF_ONE if config.rate_limit else None,
        )
        self.table: list[Route] = [
            *LobbyRoutes(operations, breathe).routes(),
            *MemberRoutes(HostOperations(operations)).routes(),
            *ConditionRoutes(
                ConditionOperations(operations, members=config.allow_conditions)
            ).routes(),
            *self.streams.routes(),
            *MetaRoutes(config, lambda: openapi_document(self.table)).routes(),
        ]
        self.app = Klein()
        for route in self.table:
            self._register(route)
        self.app.handle_errors(Refused)(self._refused)
        self.app.handle_errors(HTTPException)(self._unroutable)
        self.app.handle_errors(Exception)(self._mistake)
        self.resource = LobbyResource(self.app.resource(), self.table, self._serve, self._fail)

    def _register(self, route: Route) -> None:
        path = route.path.replace("{code}", "<code>").replace("{player_id}", "<int:player_id>")

        async def serve(request: Any, **args: Any) -> bytes:
            return await self._serve(route, request, args)

        serve.__name__ = f"{route.method} {route.path}"
        self.app.route(path, methods=[route.method], endpoint=serve.__name__)(serve)

    async def _serve(self, route: Route, request: Any, args: dict[str, Any]) -> bytes:
        now = self._clock()
        address = address_group(client_address(request, self._config))
        fields = self._limits.call(address, route.limit, now)
        for name, value in fields.items():
            request.setHeader(name.encode(), value.encode())
        call, raw = self._call(route, request, args, now, address)
        may_guess = _may_guess(route, call)
        if may_guess:
            self._limits.check_guesses(address, now)
        try:
            answer = await self._answer(route, request, call, raw)
        except Refused as refused:
            if may_guess and refused.code in _GUESSES:
                self._limits.guess(address, now)
            raise
        if answer.stream is not None:
            return await answer.stream(request)
        return _write(request, answer)

    def _call(
        self, route: Route, request: Any, args: dict[str, Any], now: float, address: bytes
    ) -> tuple[Call, bytes]:
        caller = caller_of(request, self._config, self._udp_port(), address)
        if route.token is Token.NEEDED and caller.token is None:
            raise Refused("token_required")
        if args.get("player_id", 0) > _MAX_PLAYER_ID:
            raise Refused("player_not_found")
        match: bytes | None = request.getHeader(b"if-match")
        raw: bytes = request.content.getvalue()
        body = None if route.body is None else route.body.from_json(read_body(request))
        return (
            Call(
                caller,
                now,
                args,
                _query(route, request),
                body,
                None if match is None else match.decode("latin-1"),
            ),
            raw,
        )

    async def _answer(self, route: Route, request: Any, call: Call, raw: bytes) -> Answer:
        key: bytes | None = request.getHeader(b"idempotency-key") if route.idempotent else None
        if key is None:
            return await route.handler(call)
        bound = b"\0".join((route.method.encode(), request.path, raw))
        name = key.decode("latin-1")
        return await self._idempotency.once(name, bound, call.now, lambda: route.handler(call))

    def _refused(self, request: Any, failure: Failure) -> bytes:
        refused: Any = failure.value
        return refuse(request, refused)

    def _fail(self, request: Any, error: Exception) -> bytes:
        """The answer of what a call raised, as Klein has it made by those below and above."""
        if isinstance(error, Refused):
            return refuse(request, error)
        return self._mistake(request, Failure(error))

    def _unroutable(self, request: Any, failure: Failure) -> bytes:
        if isinstance(failure.value, MethodNotAllowed):
            allowed = ", ".join(sorted(failure.value.valid_methods or ()))
            request.setHeader(b"Allow", allowed.encode())
            return refuse(request, Refused("method_not_allowed", f"Allowed are {allowed}."))
        return refuse(request, Refused("not_found"))

    def _mistake(self, request: Any, failure: Failure) -> bytes:
        log.failure("mistake in a request", failure)
        return refuse(request, Refused("internal_error"))


def _may_guess(route: Route, call: Call) -> bool:
    """Whether the answer may tell that a lobby is there to somebody who holds no token of it."""
    if "{code}" in route.path:
        return route.token is Token.NONE or call.caller.token is None
    return getattr(call.body, "code", None) is not None


def _query(route: Route, request: Any) -> dict[str, str]:
    """The query's parameters; only routes that take some may have any."""
    values: dict[str, str] = {}
    for name, given in request.args.items():
        text = name.decode("utf-8", "replace")
        if not route.query:
            raise invalid(text[:64], "this call takes no parameters")
        if len(given) != 1:
            raise invalid(text[:64], "give it once")
        values[text] = given[0].decode("utf-8", "replace")
    return values


def _write(request: Any, answer: Answer) -> bytes:
    request.setResponseCode(answer.status)
    request.setHeader(b"Cache-Control", b"no-store")
    for name, value in answer.headers.items():
        request.setHeader(name.encode(), value.encode())
    if answer.content is None:
        return b""
    ready = isinstance(answer.content, bytes)
    body: bytes = answer.content if ready else json_bytes(answer.content)
    request.setHeader(b"Content-Type", b"application/json")
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
