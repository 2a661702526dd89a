"""The resource at the root: usual calls go straight to their route, all others through Klein.

Klein with its routing and its Deferreds takes longer than many a call itself. What is decided
here is decided as Klein decides it (tests hold both together); whatever is unusual about a
request (HEAD, escapes, slashes, a path or a method that is not there) is Klein's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from .routes import Route

log = Logger()

_CODE = re.compile(rb"/lobbies/([A-Za-z0-9]+)((?:/[a-z]+)?)")
"""A lobby's path: its code, and what of it."""

Serve = Callable[[Route, Any, dict[str, Any]], Awaitable[bytes]]
Fail = Callable[[Any, Exception], bytes]


class LobbyResource(Resource):
    """``serve`` answers a call, ``fail`` makes the answer of what it raised; ``klein`` has the
    rest of the table."""

    isLeaf = True

    def __init__(self, klein: Any, table: Iterable[Route], serve: Serve, fail: Fail) -> None:
        super().__init__()
        self._klein = klein
        self._serve, self._fail = serve, fail
        self._fixed: dict[tuple[bytes, bytes], Route] = {}
        self._of_lobby: dict[tuple[bytes, bytes], Route] = {}
        for route in table:
            method, path = route.method.encode(), route.path.encode()
            head, code, rest = path.partition(b"/lobbies/{code}")
            if not code:
                self._fixed[method, path] = route
            elif not head and b"{" not in rest:
                self._of_lobby[method, rest] = route

    def find(self, method: bytes, path: bytes) -> tuple[Route, dict[str, Any]] | None:
        """The route of a usual call and its arguments; None leaves it to Klein."""
        route = self._fixed.get((method, path))
        if route is not None:
            return route, {}
        parts = _CODE.fullmatch(path)
        if parts is None:
            return None
        route = self._of_lobby.get((method, parts[2]))
        return None if route is None else (route, {"code": parts[1].decode("ascii")})

    def render(self, request: Any) -> Any:
        """Answer, now or when it is known."""
        found = self.find(request.method, request.path)
        if found is None:
            return self._klein.render(request)
        working = ensureDeferred(self._answer(found[0], request, found[1]))
        # most calls wait for nothing
        if not working.called:
            _cancel_if_gone(request, working)
        working.addCallback(_finish, request)
        return NOT_DONE_YET

    async def _answer(self, route: Route, request: Any, args: dict[str, Any]) -> bytes:
        try:
            return await self._serve(route, request, args)
        except Exception as error:
            if request.channel is not None:
                return self._fail(request, error)
            if not isinstance(error, CancelledError):
                log.failure("mistake in a request whose client is gone")
            return b""


def _cancel_if_gone(request: Any, working: Deferred[Any]) -> None:
    request.notifyFinish().addErrback(lambda _: working.cancel())


def _finish(body: bytes, request: Any) -> None:
    # the client may be gone by now
    if request.channel is not None:
        request.write(body)
        request.finish()
