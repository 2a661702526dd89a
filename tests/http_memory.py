"""The HTTP server in memory: the real Site, channel and Klein application, without a socket."""

from __future__ import annotations

import json
import random
from typing import Any

import attrs
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from lobbyd.config import Config, load
from lobbyd.http.api import LobbyApi
from lobbyd.http.cors import Cors
from lobbyd.http.openapi import openapi_document
from lobbyd.http.site import LobbydSite
from lobbyd.http.turns import Turns
from lobbyd.lobby.directory import Directory, MemoryDirectory
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.operations import LobbyOperations
from lobbyd.testing import START, run
from lobbyd.wire.keys import ServerKeys
from tests.contract import Contract

UDP_PORT = 9000
LOCAL = IPv4Address("TCP", "192.0.2.1", 8080)
PEER = IPv4Address("TCP", "198.51.100.7", 50000)
Headers = dict[str, str | bytes]


@attrs.frozen
class Answer:
    """One response, cut out of what the server wrote."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Connection:
    """One connection to the server, from the client's side."""

    def __init__(self, protocol: Any, peer: Any = PEER) -> None:
        self._protocol = protocol
        self._transport: Any = StringTransport(hostAddress=LOCAL, peerAddress=peer)
        protocol.makeConnection(self._transport)

    def send(self, data: bytes) -> None:
        """Give the server bytes; nothing arrives on a connection that it closed."""
        if not self.closed:
            self._protocol.dataReceived(data)

    @property
    def written(self) -> bytes:
        """All that the server wrote."""
        written: bytes = self._transport.value()
        return written

    @property
    def kept(self) -> int:
        """Bytes of the last request's body that the server holds."""
        body: bytes = self._protocol.requests[-1]._body.getvalue()
        return len(body)

    @property
    def begun(self) -> bool:
        """Whether the server began to read a request and has not answered it."""
        return bool(self._protocol.requests)

    def read(self) -> bytes:
        """What the server wrote since the last call."""
        written = self.written
        self._transport.clear()
        return written

    @property
    def closed(self) -> bool:
        """Whether the server closed the connection."""
        return bool(self._transport.disconnecting)

    @property
    def reading(self) -> bool:
        """Whether the server takes more bytes."""
        return bool(self._transport.producerState == "producing")

    @property
    def cut(self) -> bool:
        """Whether the server ended the connection without waiting for what it wrote."""
        return bool(self._transport.disconnected)

    def lose(self) -> None:
        """The connection is gone, from whatever side."""
        self._protocol.connectionLost(Failure(ConnectionDone()))

    def stall(self) -> None:
        """The client takes nothing more: the server's transport is full."""
        self._transport.producer.pauseProducing()

    def drain(self) -> None:
        """The client took everything."""
        self._transport.producer.resumeProducing()


class HttpServer:
    """One server core behind HTTP; ``now`` is its clock, in seconds.

    Every answer to ``request`` is held to the OpenAPI document.
    """

    def __init__(
        self,
        *,
        max_lobbies: int = 1000,
        max_per_address: int = 1000,
        directory: Directory | None = None,
        admin_token: str | None = None,
        **settings: str,
    ) -> None:
        self.now = START
        self.reactor = Clock()
        self.rng = random.Random(1)
        flags = {name.replace("_", "-"): value for name, value in settings.items()}
        self.config: Config = load(flags, {})
        keys = ServerKeys(self.rng.randbytes(32))
        entropy = self.rng.randbytes
        self.lobbies = Lobbies(
            seat_hold=60,
            max_lobbies=max_lobbies,
            max_per_address=max_per_address,
            entropy=entropy,
        )
        self.operations = LobbyOperations(
            self.lobbies,
            directory or MemoryDirectory(),
            keys,
            server_id=1,
            entropy=entropy,
            admin_token=admin_token,
        )
        turns = Turns(self.reactor)
        self.api = LobbyApi(
            self.operations, self.config, lambda: self.now, lambda: UDP_PORT, turns.breathe
        )
        root: Any = self.api.resource
        self.site = LobbydSite(
            root,
            reactor=self.reactor,
            cors=Cors(self.config.cors_origins),
            turns=turns,
            proxies=self.config.trusted_proxies,
        )
        self.contract = Contract(openapi_document(self.api.table))

    def open_test_lobby(self) -> None:
        """Make TEST with its dummy."""
        run(self.operations.open_test_lobby(self.now))

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and do what it brings."""
        self.now += seconds
        self.lobbies.expire(self.now)
        run(self.operations.release_removed())

    def connect(self, host: str = PEER.host) -> Connection:
        """A new connection, from an address."""
        family = IPv6Address if ":" in host else IPv4Address
        peer = family("TCP", host, PEER.port)
        return Connection(self.site.buildProtocol(peer), peer)

    def raw(self, *pieces: bytes) -> bytes:
        """What the server writes on one connection that sends these bytes."""
        connection = self.connect()
        for piece in pieces:
            connection.send(piece)
        return connection.written

    def request(
        self,
        method: str,
        path: str | bytes,
        body: bytes = b"",
        headers: Headers | None = None,
        host: str = PEER.host,
    ) -> Answer:
        """Send one request from an address and hold its answer to the document."""
        connection = self.connect(host)
        connection.send(request_bytes(method, path, body, headers))
        (only,) = answers(connection.written, method)
        connection.lose()
        self.contract.check(method, path, only)
        return only

    def call(
        self,
        method: str,
        path: str,
        content: object = None,
        token: str | None = None,
        host: str = PEER.host,
        **headers: str,
    ) -> Answer:
        """Send a JSON value (None for no body) with headers, _ for - in their names."""
        body = b"" if content is None else json.dumps(content).encode()
        named: Headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            named["Authorization"] = f"Bearer {token}"
        return self.request(method, path, body, named, host)

    def post(self, path: str, content: object = None, token: str | None = None) -> Answer:
        """POST a JSON value; None sends no body."""
        return self.call("POST", path, content, token)

    def patch(self, path: str, content: object, token: str | None = None) -> Answer:
        """PATCH with a JSON value."""
        return self.call("PATCH", path, content, token)

    def get(self, path: str, token: str | None = None) -> Answer:
        """GET a path."""
        return self.call("GET", path, token=token)

    def delete(self, path: str, token: str | None = None) -> Answer:
        """DELETE a path."""
        return self.call("DELETE", path, token=token)


def request_bytes(
    method: str, path: str | bytes, body: bytes = b"", headers: Headers | None = None
) -> bytes:
    """A request as it is sent; a header of "" is left out."""
    fields: Headers = {"Host": "game.example:8080"}
    if body:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= headers or {}
    target = path if isinstance(path, bytes) else path.encode("ascii")
    head = [method.encode() + b" " + target + b" HTTP/1.1"]
    for name, value in fields.items():
        if value:
            raw = value if isinstance(value, bytes) else value.encode("latin-1")
            head.append(name.encode() + b": " + raw)
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def answers(written: bytes, method: str = "GET") -> list[Answer]:
    """The responses to a method in what a server wrote, one after the other."""
    found = []
    while written:
        head, _, written = written.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(": ") for line in lines[1:]]
        headers = {name.lower(): value for name, _, value in pairs}
        if "transfer-encoding" in headers:
            raise ValueError("the server should know the length of its answers")
        length = 0 if method == "HEAD" else int(headers.get("content-length", 0))
        found.append(Answer(int(lines[0].split(" ")[1]), headers, written[:length]))
        written = written[length:]
    return found
