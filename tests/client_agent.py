"""An agent in memory for LobbydClient: answers from a script, or from the real server's core."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
from twisted.internet.defer import Deferred, ensureDeferred, fail, succeed
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent
from zope.interface import implementer

from lobbyd.client.client import LobbydClient

URL = "http://game.example:8080"


@attrs.frozen
class Sent:
    """A request as the agent got it; ``at`` is the clock's seconds."""

    method: str
    url: str
    headers: Headers
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """A header's only value."""
        values = self.headers.getRawHeaders(name, [])
        return values[0] if values else None


class Response:
    """A response whose body comes at once, or stays open until ``end``."""

    version = (b"HTTP", 1, 1)
    phrase = b""
    request = previousResponse = None

    def __init__(
        self,
        code: int = 200,
        content: Any = None,
        *,
        raw: bytes | None = None,
        stays: bool = False,
        **headers: str,
    ) -> None:
        self.code = code
        self.headers = Headers({name.replace("_", "-"): [v] for name, v in headers.items()})
        self.body = raw if raw is not None else b"" if content is None else dumped(content)
        self.length = len(self.body)
        self.stays = stays
        self.closed = False
        self._reader: Any = None

    def deliverBody(self, reader: Any) -> None:
        """Give the body to a protocol."""
        self._reader = reader
        reader.makeConnection(self)
        if self.body:
            reader.dataReceived(self.body)
        if not self.stays:
            self.end()

    def feed(self, piece: bytes) -> None:
        """More of an open body."""
        self._reader.dataReceived(piece)

    def end(self, reason: Exception | None = None) -> None:
        """The end of the body."""
        self._reader.connectionLost(Failure(reason or ResponseDone()))

    def loseConnection(self) -> None:
        """The client wants no more."""
        if not self.closed:
            self.closed = True
            self.end(ConnectionResetError())


class Silence(Deferred[Any]):
    """No answer at all; ``cancelled`` tells that the client gave up."""

    def __init__(self) -> None:
        self.cancelled = False
        super().__init__(self._give_up)

    def _give_up(self, _: Any) -> None:
        self.cancelled = True


@implementer(IAgent)
class Script:
    """Answers requests one after the other: a Response, an exception, Silence, or a function."""

    def __init__(self, clock: Clock, *answers: Any) -> None:
        self.clock, self.answers = clock, list(answers)
        self.sent: list[Sent] = []

    def request(self, method: bytes, uri: bytes, headers: Any = None, bodyProducer: Any = None):
        """As Agent.request."""
        # producing it would need a running reactor
        body = b"" if bodyProducer is None else bodyProducer._inputFile.read()
        sent = Sent(method.decode(), uri.decode(), headers.copy(), body, self.clock.seconds())
        self.sent.append(sent)
        answer = self.answers.pop(0)
        if callable(answer) and not isinstance(answer, Deferred):
            answer = answer(sent)
        if isinstance(answer, Exception):
            return fail(answer)
        return answer if isinstance(answer, Deferred) else succeed(answer)


def forward(server: Any, then: Any = None) -> Callable[[Sent], Any]:
    """What the real server answers to a request, or ``then`` although it did what was asked."""

    def answer(sent: Sent) -> Any:
        path = sent.url.removeprefix(URL)
        fields = {
            name.decode(): values[0].decode()
            for name, values in sent.headers.getAllRawHeaders()
            if name.lower() not in (b"accept-encoding", b"content-length")
        }
        if sent.body:
            fields["Content-Length"] = str(len(sent.body))
        told = server.request(sent.method, path, sent.body, fields)
        if then is not None:
            return then
        kept: dict[str, Any] = {
            n: told.headers[n] for n in ("etag", "retry-after") if n in told.headers
        }
        return Response(told.status, raw=told.body, **kept)

    return answer


def dumped(content: Any) -> bytes:
    """JSON."""
    return json.dumps(content).encode()


def problem(status: int, code: str, **more: Any) -> Response:
    """A problem document."""
    headers: dict[str, Any] = {}
    if "retry_after" in more:
        headers["retry_after"] = str(more["retry_after"])
    return Response(status, {"code": code, "detail": f"about {code}", **more}, **headers)


def client(*answers: Any, **options: Any) -> tuple[Any, Script, Clock]:
    """A LobbydClient on a script and a clock."""
    clock = Clock()
    script = Script(clock, *answers)
    made = LobbydClient(clock, options.pop("url", URL), agent=script, **options)
    return made, script, clock


class Outcome:
    """What a coroutine came to: ``result`` or ``error``, None while it runs."""

    def __init__(self, work: Any) -> None:
        self.result: Any = None
        self.error: Any = None
        self.deferred = ensureDeferred(work)
        self.deferred.addCallbacks(self._good, self._bad)

    def _good(self, result: Any) -> None:
        self.result = result

    def _bad(self, failure: Failure) -> None:
        self.error = failure.value
