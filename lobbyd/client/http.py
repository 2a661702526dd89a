"""Calls to one server over kept-alive connections, with deadlines and retries.

A call without an answer and a 502, 503 or 504 are made again with exponential backoff and
jitter, not sooner than Retry-After asks for; any other answer is final. What must not happen
twice is made again only where it certainly did not happen, or under an Idempotency-Key.
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, ensureDeferred
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.task import deferLater
from twisted.web.client import (
    Agent,
    HTTPConnectionPool,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers

from .problem import (
    BAD_ANSWER,
    BAD_URL,
    NO_ANSWER,
    TIMEOUT,
    UNAVAILABLE,
    LobbydProblem,
    as_object,
    problem_of,
)
from .retries import Retries
from .waiting import TookTooLong, bounded
from .web import PLACEHOLDER, Reader, ToOrigin, new_pool

MAX_ANSWER = 4 * 1024 * 1024
"""Bytes of an answer that are read."""
_UNSENT = (ConnectError, DNSLookupError)
_BROKEN = (
    ConnectionClosed,
    RequestTransmissionFailed,
    ResponseFailed,
    ResponseNeverReceived,
)


@attrs.frozen
class Request:
    """One call. ``repeatable`` says that making it twice does no harm."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    bearer: str | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.Factory(dict)
    repeatable: bool = False


@attrs.frozen
class Answer:
    """A good answer's JSON object, and its ETag."""

    content: Mapping[str, Any]
    etag: str | None = None


class LobbydHttp:
    """HTTP with one server. ``agent`` is for tests; ``pool`` can be shared by many clients."""

    def __init__(
        self,
        reactor: Any,
        url: str,
        *,
        client_key: str = "",
        retries: Retries | None = None,
        pool: HTTPConnectionPool | None = None,
        agent: Any = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LobbydProblem(BAD_URL, f"{url!r} is no address: write http://host:port")
        self.host = parts.hostname
        self.client_key = client_key or secrets.token_urlsafe(24)
        self.retries = retries or Retries()
        self._reactor = reactor
        self._pool = pool or new_pool(reactor)
        origin = url.rstrip("/").encode()
        to_origin: Any = ToOrigin(agent or Agent(reactor, pool=self._pool), origin)
        self._client = HTTPClient(to_origin)

    async def call(self, request: Request) -> Answer:
        """The answer to a call; raises LobbydProblem. Cancelling it ends the request."""
        clock, retries = self._reactor, self.retries
        headers = self._headers(request)
        until = clock.seconds() + retries.deadline
        attempts = 0
        while True:
            attempts += 1
            seconds = min(retries.attempt, until - clock.seconds())
            try:
                return await self._attempt(request, headers, seconds)
            except _Failed as failed:
                problem, again = failed.problem, failed.again
            problem.attempts = attempts
            wait = retries.wait(attempts, problem.retry_after, random.random())
            late = clock.seconds() + wait >= until
            if not again or late or attempts >= retries.attempts:
                raise problem
            await deferLater(clock, wait, lambda: None)

    async def open(self, path: str, bearer: str | None, last_id: str, feed: Any) -> Reader:
        """Open a stream of server-sent events whose bytes go to ``feed``; raises LobbydProblem.

        One attempt: whoever follows a stream decides when to come back.
        """
        request = Request("GET", path, bearer=bearer, headers={"Accept": "text/event-stream"})
        headers = self._headers(request)
        if last_id:
            headers.setRawHeaders("Last-Event-ID", [last_id])
        reader = Reader(feed)
        try:
            await self._bounded(self._stream(path, headers, reader), self.retries.attempt)
        except _Failed as failed:
            failed.problem.attempts = 1
            raise failed.problem from None
        return reader

    async def close(self) -> None:
        """Close the kept connections."""
        await self._pool.closeCachedConnections()

    async def _attempt(self, request: Request, headers: Headers, seconds: float) -> Answer:
        work = self._exchange(request, headers)
        try:
            answer: Answer = await self._bounded(work, seconds)
            return answer
        except _Failed as failed:
            sent = not isinstance(failed.cause, _UNSENT) and failed.problem.status != 503
            failed.again = failed.again and (request.repeatable or not sent)
            raise

    async def _bounded(self, work: Any, seconds: float) -> Any:
        """The outcome of ``work``; raises _Failed for everything that the network can do."""
        try:
            return await bounded(self._reactor, ensureDeferred(work), seconds)
        except TookTooLong:
            detail = f"{self.host} did not answer in time"
            raise _Failed(LobbydProblem(TIMEOUT, detail), again=True) from None
        except _UNSENT as error:
            detail = f"no server at {self.host}: {error}"
            raise _Failed(LobbydProblem(NO_ANSWER, detail), again=True, cause=error) from None
        except _BROKEN as error:
            detail = f"{self.host} hung up without an answer"
            raise _Failed(LobbydProblem(NO_ANSWER, detail), again=True, cause=error) from None

    async def _exchange(self, request: Request, headers: Headers) -> Answer:
        body = None if request.body is None else json.dumps(request.body).encode()
        response: Any = await self._request(request.method, request.path, headers, body)
        raw = await _read(response)
        self._check(response, raw)
        content = as_object(raw)
        if raw and not content:
            detail = "the answer is no JSON object: is this a lobbyd server?"
            raise _Failed(LobbydProblem(BAD_ANSWER, detail, status=response.code))
        etag = response.headers.getRawHeaders("etag")
        return Answer(content, etag[0] if etag else None)

    async def _stream(self, path: str, headers: Headers, reader: Reader) -> None:
        response: Any = await self._request("GET", path, headers, None)
        if response.code >= 300:
            self._check(response, await _read(response))
        response.deliverBody(reader)

    def _request(self, method: str, path: str, headers: Headers, body: bytes | None) -> Any:
        return self._client.request(
            method,
            PLACEHOLDER + path,
            headers=headers,
            data=body,
            unbuffered=True,
            allow_redirects=False,
        )

    def _check(self, response: Any, raw: bytes) -> None:
        if response.code >= 300:
            retry_after = _seconds(response.headers.getRawHeaders("retry-after"))
            problem = problem_of(response.code, retry_after, raw)
            raise _Failed(problem, again=response.code in UNAVAILABLE)

    def _headers(self, request: Request) -> Headers:
        headers = Headers({"Accept": ["application/json, application/problem+json"]})
        headers.setRawHeaders("Lobbyd-Client-Key", [self.client_key])
        if request.bearer:
            headers.setRawHeaders("Authorization", [f"Bearer {request.bearer}"])
        if request.body is not None:
            headers.setRawHeaders("Content-Type", ["application/json"])
        for name, value in request.headers.items():
            headers.setRawHeaders(name, [value])
        return headers


class _Failed(Exception):
    """An attempt that failed; ``again`` says that another one may help."""

    def __init__(
        self, problem: LobbydProblem, *, again: bool = False, cause: Exception | None = None
    ) -> None:
        self.problem, self.again, self.cause = problem, again, cause
        super().__init__(problem.detail)


async def _read(response: Any) -> bytes:
    pieces: list[bytes] = []
    size = 0

    def feed(piece: bytes) -> None:
        nonlocal size
        size += len(piece)
        pieces.append(piece)
        if size > MAX_ANSWER:
            reader.close()

    reader = Reader(feed)
    response.deliverBody(reader)
    try:
        await reader.ended
    except CancelledError:
        raise
    except Exception:
        if size > MAX_ANSWER:
            problem = LobbydProblem(BAD_ANSWER, "the answer is too long", status=response.code)
            raise _Failed(problem) from None
        raise
    return b"".join(pieces)


def _seconds(values: Any) -> float:
    try:
        return max(0.0, float(values[0])) if values else 0.0
    except ValueError:
        # an HTTP date: lobbyd never sends one
        return 0.0
