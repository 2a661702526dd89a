"""A whole server in memory: HTTP and UDP over one core and one virtual clock."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from lobbyd.client.session import ClientSession
from lobbyd.client.ticket import session_of
from lobbyd.config import load
from lobbyd.http.api import LobbyApi
from lobbyd.http.site import LobbydSite
from lobbyd.testing import Conditions, VirtualClient, World, run

from .http_memory import PEER, Answer, Connection, answers

UDP_PORT = 9000
BAD_LINK = Conditions(
    latency=0.02, jitter=0.05, loss=0.25, duplicate=0.1, reorder=0.1, reorder_by=0.1
)
GOOD_LINK = Conditions(latency=0.01)


class HttpWorld(World):
    """A World whose lobbies are asked over HTTP, each call on a connection of its own.

    ``breaths`` counts how often a search let others work.
    """

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.breaths = 0
        self._sessions: dict[int, ClientSession] = {}
        self.reactor = Clock()
        flags = {"rate-limit": "off", "trusted-proxies": f"{PEER.host}/32"}
        config = load({**flags, "allow-conditions": "on"}, {})
        api = LobbyApi(self.operations, config, lambda: self.now, lambda: UDP_PORT, self._breathe)
        resource: Any = api.resource
        self._site = LobbydSite(resource, reactor=self.reactor, per_address=None)

    def ask(
        self,
        method: str,
        path: str,
        content: object = None,
        headers: dict[str, str] | None = None,
    ) -> PendingCall:
        """Send a request; its answer may come later."""
        body = b"" if content is None else json.dumps(content).encode()
        fields = {"Host": "game.example", **(headers or {})}
        if body:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        return PendingCall(self._site.buildProtocol(PEER), request, method)

    def call(self, method: str, path: str, content: object = None, **headers: str) -> Answer:
        """The answer to a request; headers by name with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(method, path, content, named).answer

    def attach(self, ticket: dict[str, Any]) -> VirtualClient:
        """A client with the ticket of a join, at an address of its own."""
        before = self._sessions.get(ticket["conn_id"])
        session = session_of(
            ticket,
            entropy=self.rng.randbytes,
            unix=self.now,
            now=self.now,
            counter=0 if before is None else before.connect_counter,
        )
        self._sessions[ticket["conn_id"]] = session
        return self.add_client(session)

    def advance(self, seconds: float, step: float = 0.01) -> None:
        """Let time pass for UDP and HTTP, in steps of ``step`` seconds."""
        super().advance(seconds, step)
        self.reactor.advance(seconds)
        # the ticker's other task in a real server
        run(self.operations.release_removed())

    async def _breathe(self) -> None:
        self.breaths += 1


class PendingCall:
    """A request on its way."""

    def __init__(self, protocol: Any, request: bytes, method: str) -> None:
        self._protocol, self._method = protocol, method
        self._connection = Connection(protocol)
        self._connection.send(request)

    @property
    def answered(self) -> bool:
        """Whether the answer came."""
        return bool(self._connection.written)

    @property
    def answer(self) -> Answer:
        """The only answer."""
        (only,) = answers(self._connection.written, self._method)
        self._protocol.connectionLost(Failure(ConnectionDone()))
        return only


class SlowDirectory:
    """A directory that takes its time. ``claims`` counts them, ``owner`` is who has what."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self.owner: dict[str, int] = {}
        self.claims = 0

    async def claim(self, code: str, lobby_id: int) -> bool:
        """Take the code for a lobby after a while."""
        self.claims += 1
        await self._while()
        return self.owner.setdefault(code, lobby_id) == lobby_id

    async def release(self, code: str, lobby_id: int) -> None:
        """Give the code back after a while."""
        await self._while()
        if self.owner.get(code) == lobby_id:
            del self.owner[code]

    def _while(self) -> Deferred[None]:
        waiting: Deferred[None] = Deferred()
        self._clock.callLater(self._seconds, waiting.callback, None)
        return waiting
