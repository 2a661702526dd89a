"""Event streams over real sockets, read by a client that comes back as browsers do."""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from twisted.web.client import Agent
from twisted.web.http_headers import Headers

from lobbyd.client.session import Connected

from ..sse import EventReader
from .scenarios import _is
from .support import call, join, server, until, within


class _Body(Protocol):
    transport: Any

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self.ended: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self._reader.feed(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        self.ended.callback(None)


class EventSource(EventReader):
    """Reads an event stream; ``connect`` again goes on where it was."""

    def __init__(self, reactor: Any, url: str, **headers: str) -> None:
        super().__init__()
        self._reactor, self._url, self._headers = reactor, url, headers
        self._body: _Body | None = None

    async def connect(self) -> None:
        """Open the stream."""
        names = {name: [value] for name, value in self._headers.items()}
        if self.last_id:
            names["Last-Event-ID"] = [self.last_id]
        agent = Agent(self._reactor)
        request = agent.request(b"GET", self._url.encode(), Headers(names))
        response = await within(self._reactor, request)
        assert response.code == 200, response.code
        assert response.headers.getRawHeaders("content-type") == ["text/event-stream"]
        self._body = _Body(self)
        response.deliverBody(self._body)

    async def drop(self) -> None:
        """Lose the connection in the middle of whatever comes."""
        if self._body is not None:
            self._body.transport.loseConnection()
            await self.ended()
        # an event that was cut in two comes again
        self._rest = b""

    async def ended(self) -> None:
        """Wait for the stream's end."""
        if self._body is not None:
            await within(self._reactor, self._body.ended)


async def a_list_of_lobbies_that_changes_by_itself(reactor: Any) -> None:
    """A reader of the list sees a lobby appear, fill, and vanish; one of another game does not."""
    async with server(reactor) as (_, url):
        everything = EventSource(reactor, f"{url}/lobbies/events")
        other = EventSource(reactor, f"{url}/lobbies/events?game=other")
        await everything.connect()
        await other.connect()

        def seen() -> list[tuple[str, str, Any]]:
            return [
                (event.name, event.data["code"], event.data.get("member_count"))
                for event in everything.events
                if event.data.get("code") not in (None, "TEST")
            ]

        def last_is(name: str, count: int | None) -> bool:
            return seen()[-1] == (name, "ARENA1", count)

        await until(reactor, lambda: "ready" in everything.names(), "the list")
        made = {"code": "ARENA1", "max_players": 2, "game": "chess"}
        status, _, _ = await call(reactor, "POST", f"{url}/lobbies", made)
        assert status == 201
        await until(reactor, lambda: seen() == [("lobby", "ARENA1", 0)], "the new lobby")
        tokens = []
        for count in (1, 2):
            path = f"{url}/lobbies/ARENA1/join"
            status, joined, _ = await call(reactor, "POST", path, {"name": f"P{count}"})
            assert status == 201, joined
            tokens.append(joined["player_token"])
            await until(reactor, partial(last_is, "lobby", count), f"player {count}")
        full = everything.events[-1].data
        assert (full["state"], full["free_slots"]) == ("locked", 0), full
        status, _, _ = await call(
            reactor, "DELETE", f"{url}/lobbies/ARENA1", authorization=f"Bearer {tokens[0]}"
        )
        assert status == 204
        await until(reactor, partial(last_is, "gone", None), "the lobby's end")
        assert len(seen()) == 4, seen()
        assert other.names() == ["ready"], other.events
        await everything.drop()
        await other.drop()


async def a_member_comes_back_to_its_stream(reactor: Any) -> None:
    """Connections are lost between changes and amid them; every change comes once, in order."""
    async with server(reactor) as (service, url):
        joined, client = await join(reactor, url, "TEST", "Ann")
        await within(reactor, client.wait(_is(Connected)))
        token = f"Bearer {joined['player_token']}"
        me = f"{url}/lobbies/TEST/players/{joined['player']['player_id']}"
        source = EventSource(reactor, f"{url}/lobbies/TEST/events", Authorization=token)
        await source.connect()
        await until(reactor, lambda: bool(source.events), "the state")
        for team in range(1, 31):
            status, body, _ = await call(reactor, "PATCH", me, {"team": team}, authorization=token)
            assert status == 200, body
            if team % 3 == 0:
                await source.drop()
            if team % 3 == 1 and team > 1:
                await source.connect()
        await source.connect()

        def teams() -> list[int]:
            changed = [e for e in source.events if e.name == "player_changed"]
            return [event.data["team"] for event in changed]

        await until(reactor, lambda: len(teams()) >= 30, "all changes")
        assert teams() == list(range(1, 31)), teams()
        assert source.names().count("state") == 1, source.names()
        revs = [int(event.id) for event in source.events]
        assert revs == sorted(set(revs)), revs
        status, _, _ = await call(reactor, "POST", f"{url}/lobbies/TEST/leave", authorization=token)
        assert status == 204
        await source.ended()
        assert source.names()[-1] in ("player_left", "host_changed"), source.names()
        await client.close()
        assert len(service._api.streams) == 0


async def a_server_that_stops_ends_its_streams(reactor: Any) -> None:
    """In order, so that a reader knows that nothing is missing."""
    async with server(reactor) as (_, url):
        source = EventSource(reactor, f"{url}/lobbies/events")
        await source.connect()
        await until(reactor, lambda: "ready" in source.names(), "the list")
    await source.ended()


SCENARIOS = [
    a_list_of_lobbies_that_changes_by_itself,
    a_member_comes_back_to_its_stream,
    a_server_that_stops_ends_its_streams,
]
