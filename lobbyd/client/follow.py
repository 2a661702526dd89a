"""A stream of server-sent events that is followed over broken connections."""

from __future__ import annotations

import random
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.task import deferLater

from .http import LobbydHttp
from .problem import NO_ANSWER, TIMEOUT, LobbydProblem
from .sse import EventParser, ServerEvent
from .waiting import Inbox
from .web import Reader

GONE = ("lobby_not_found", "token_invalid")
"""Codes that end a stream which had begun: the lobby, or the seat in it, is no more."""
LAST = "closed"
"""The event after which a lobby has nothing to tell."""
SILENCE = 45.0
"""Seconds without a byte until a connection counts as broken; a server beats every 15."""
LONGEST_WAIT = 30.0
"""Seconds between two attempts, at most."""


class EventStream:
    """Server-sent events as an async iterator; comes back with Last-Event-ID where it broke.

    It ends when what it tells of is gone, or with ``close``. A refusal is raised.
    """

    def __init__(self, reactor: Any, http: LobbydHttp, path: str, bearer: str | None) -> None:
        self._reactor, self._http = reactor, http
        self._path, self._bearer = path, bearer
        self._parser = EventParser()
        self._inbox = Inbox()
        self._begun = False
        self._reader: Reader | None = None
        self._watch: Any = None
        self._work: Deferred[None] | None = None

    def __aiter__(self) -> EventStream:
        return self

    async def __anext__(self) -> ServerEvent:
        if self._work is None:
            self._work = ensureDeferred(self._run())
        event: ServerEvent = await self._inbox.take()
        return event

    def close(self) -> None:
        """Follow it no longer."""
        self._inbox.end()
        if self._work is not None:
            self._work.cancel()
        if self._reader is not None:
            self._reader.close()

    async def _run(self) -> None:
        try:
            await self._follow()
        except (CancelledError, LobbydProblem) as error:
            self._inbox.end(None if isinstance(error, CancelledError) else error)
        except Exception as error:
            self._inbox.end(error)

    async def _follow(self) -> None:
        failures = 0
        while True:
            try:
                await self._read()
                if self._inbox.over:
                    return
                failures = 0
                wait = self._parser.retry or self._http.retries.backoff
            except LobbydProblem as problem:
                if self._begun and problem.code in GONE:
                    self._inbox.end()
                    return
                if problem.code not in (NO_ANSWER, TIMEOUT) and problem.status not in (429, 503):
                    raise
                failures += 1
                if not self._begun and failures >= self._http.retries.attempts:
                    raise
                wait = self._http.retries.wait(
                    min(failures, 10), problem.retry_after, random.random()
                )
            await deferLater(self._reactor, min(wait, LONGEST_WAIT), lambda: None)

    async def _read(self) -> None:
        """One connection, to its end."""
        self._parser.begin()
        self._reader = await self._http.open(
            self._path, self._bearer, self._parser.last_id, self._feed
        )
        self._watch = self._reactor.callLater(SILENCE, self._reader.close)
        try:
            await self._reader.ended
        except CancelledError:
            raise
        except Exception as error:
            raise LobbydProblem(NO_ANSWER, f"the stream broke: {error}") from None
        finally:
            if self._watch.active():
                self._watch.cancel()

    def _feed(self, piece: bytes) -> None:
        if self._watch is not None and self._watch.active():
            self._watch.reset(SILENCE)
        for event in self._parser.feed(piece):
            self._begun = True
            self._inbox.put(event)
            if event.event == LAST:
                self._inbox.end()
