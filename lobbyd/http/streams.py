"""Event streams: changes of the list for everybody, changes of a lobby for its members.

Nothing in the core calls a stream. A pump looks ten times a second what has changed, as the
relay does at its ticks: at rings of changes with cursors, and at the set of touched lobbies.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import attrs
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from ..errors import Refused, invalid
from ..lobby.feeds import ListFeed, View, change_event, changes_after, state_event
from ..lobby.index import MOST, Query
from ..lobby.model import Lobby, Player
from ..lobby.operations import LobbyOperations
from .calls import Answer
from .outlet import Outlet, write_headers
from .queries import LIST_PARAMETERS, read_query
from .routes import Call, Route, Token

log = Logger()

PUMP = 0.1
"""Seconds between looks at the lobbies of members."""
LIST_EVERY = 5
"""Pumps between two looks at the list: a lobby is told twice a second at most."""
HEARTBEAT = 15.0
"""Seconds between comments that show that a quiet stream is alive."""
MAX_STREAMS = 2048
"""Streams at one time."""
MAX_STREAMS_OF_ONE = 32
"""Streams of one address (IPv6 by /64) at one time."""
MAX_FILTERS = 100
"""Different filters that the list is watched with at one time."""
SLICE = 8
"""Changed lobbies looked at, and ..."""
SENDS = 100
"""... streams written to, before others get their turn."""

_PAGING = ("sort", "limit", "cursor")
FILTERS = tuple(name for name in LIST_PARAMETERS if name not in _PAGING)
_REVISION = re.compile(r"[0-9]{1,10}")


@attrs.define(eq=False)
class _Member:
    outlet: Outlet
    lobby: Lobby
    player: Player
    rev: int | None


class Streams:
    """All open streams. Without ``start`` they get nothing but their beginning."""

    def __init__(
        self,
        operations: LobbyOperations,
        clock: Callable[[], float],
        breathe: Callable[[], Awaitable[None]],
        *,
        per_address: int | None = MAX_STREAMS_OF_ONE,
    ) -> None:
        self._operations = operations
        self._clock = clock
        self._breathe = breathe
        self._per_address = per_address
        self._feed = ListFeed(operations.lobbies)
        self._members: set[_Member] = set()
        self._outlets: set[Outlet] = set()
        self._of_address: Counter[bytes] = Counter()
        self._beats: deque[tuple[float, Outlet]] = deque()
        self._loop = LoopingCall(self._guarded)
        self._pumps = 0
        self._sends = 0

    def __len__(self) -> int:
        return len(self._outlets)

    def routes(self) -> list[Route]:
        """Their calls."""
        return [
            Route(
                "GET",
                "/lobbies/events",
                "Watch the list of public lobbies",
                self.list_events,
                answer="ListEvents",
                query=FILTERS,
                problems=("server_busy",),
            ),
            Route(
                "GET",
                "/lobbies/{code}/events",
                "Watch a lobby (members)",
                self.lobby_events,
                answer="LobbyEvents",
                problems=("lobby_not_found", "token_required", "token_invalid", "server_busy"),
                token=Token.NEEDED,
                tags=("members",),
            ),
        ]

    async def list_events(self, call: Call) -> Answer:
        """GET /lobbies/events."""
        for name in _PAGING:
            if name in call.query:
                raise invalid(name, "a stream of the list has no pages")
        query = attrs.evolve(read_query(call.query), limit=MOST)
        if self._feed.filters >= MAX_FILTERS and not self._feed.has_filter(query):
            detail = "Too many different filters are watched; watch with fewer."
            raise Refused("server_busy", detail, retry_after=30)
        return Answer(stream=lambda request: self._follow_list(request, call, query))

    async def lobby_events(self, call: Call) -> Answer:
        """GET /lobbies/{code}/events."""
        lobby = await self._operations.find(call.args["code"])
        player = self._operations.access.member(lobby, call.caller.token, call.now)
        return Answer(stream=lambda request: self._follow(request, call, lobby, player))

    def start(self, reactor: Any) -> None:
        """Begin to tell changes."""
        self._loop.clock = reactor
        self._loop.start(PUMP, now=False)

    def stop(self) -> None:
        """End every stream."""
        if self._loop.running:
            self._loop.stop()
        for outlet in list(self._outlets):
            outlet.end()

    async def _follow_list(self, request: Any, call: Call, query: Query) -> bytes:
        outlet = self._open(request, call)
        if outlet is None:
            return b""
        view = self._feed.watch(query, outlet)
        try:
            await self._first_page(outlet, view)
            await outlet.ended
        finally:
            self._feed.unwatch(view, outlet)
            self._close(outlet, call)
        return b""

    async def _first_page(self, outlet: Outlet, view: View) -> None:
        index = self._operations.lobbies.index
        lobbies, _ = await index.search(view.query, self._breathe)
        for number, lobby in enumerate(lobbies, 1):
            event = self._feed.entry(view, lobby, self._clock())
            if event is not None:
                outlet.send(event)
            if number % SLICE == 0:
                await self._breathe()
        outlet.send(self._feed.event("ready", {}))

    async def _follow(self, request: Any, call: Call, lobby: Lobby, player: Player) -> bytes:
        outlet = self._open(request, call)
        if outlet is None:
            return b""
        member = _Member(outlet, lobby, player, _revision(request))
        self._members.add(member)
        try:
            if member.rev != lobby.rev:
                self._tell(member, {})
            await outlet.ended
        finally:
            self._members.discard(member)
            self._close(outlet, call)
        return b""

    def _open(self, request: Any, call: Call) -> Outlet | None:
        """An outlet in its place; None for HEAD, which is answered with the headers alone."""
        address = call.caller.identity.address
        bound = self._per_address
        if bound is not None and self._of_address[address] >= bound:
            raise Refused("rate_limited", "Too many event streams from one address.", retry_after=5)
        if len(self._outlets) >= MAX_STREAMS:
            raise Refused("server_busy", retry_after=30)
        if request.method == b"HEAD":
            write_headers(request)
            return None
        outlet = Outlet(request)
        self._outlets.add(outlet)
        self._of_address[address] += 1
        outlet.open()
        self._beats.append((self._clock() + HEARTBEAT, outlet))
        return outlet

    def _close(self, outlet: Outlet, call: Call) -> None:
        address = call.caller.identity.address
        self._outlets.discard(outlet)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]
        outlet.close()

    def _guarded(self) -> Deferred[None]:
        # LoopingCall would stop for good at an error
        pumping = ensureDeferred(self._pump())
        return pumping.addErrback(lambda f: log.failure("mistake in the event streams", f))

    async def _pump(self) -> None:
        now = self._clock()
        self._beat(now)
        made: dict[tuple[int, int], bytes] = {}
        for member in list(self._members):
            if self._tell(member, made):
                await self._share(1)
        self._pumps += 1
        if self._pumps % LIST_EVERY == 0:
            await self._tell_list()

    def _beat(self, now: float) -> None:
        while self._beats and self._beats[0][0] <= now:
            _, outlet = self._beats.popleft()
            if not outlet.over:
                outlet.send(b":\n\n")
                self._beats.append((now + HEARTBEAT, outlet))

    def _tell(self, member: _Member, made: dict[tuple[int, int], bytes]) -> bool:
        """Tell a member what is new, and end with its seat; whether there was something."""
        lobby, told = member.lobby, False
        if member.rev != lobby.rev:
            changes = changes_after(lobby, member.rev)
            if changes is None:
                # by revision: while others have their turn the lobby may change again
                state = _once(made, lobby, -lobby.rev, partial(state_event, lobby, self._clock()))
                member.outlet.send(state)
                changes = [lobby.changes[-1]] if lobby.closed else []
            for rev, change in changes:
                event = _once(made, lobby, rev, partial(change_event, rev, change))
                member.outlet.send(event)
            member.rev, told = lobby.rev, True
        if lobby.closed or lobby.players.get(member.player.player_id) is not member.player:
            member.outlet.end()
        return told

    async def _tell_list(self) -> None:
        feed = self._feed
        feed.take()
        while feed.behind:
            for view, event in feed.step(SLICE, self._clock()):
                for outlet in list(view.readers):
                    outlet.send(event)
                    await self._share(1)
                if view.overflowed:
                    # they come back, and begin with the first page
                    for outlet in list(view.readers):
                        outlet.end()
            await self._share(SENDS)

    async def _share(self, sends: int) -> None:
        """Let others have their turn after some work."""
        self._sends += sends
        if self._sends >= SENDS:
            self._sends = 0
            await self._breathe()


def _once(
    made: dict[tuple[int, int], bytes], lobby: Lobby, rev: int, make: Callable[[], bytes]
) -> bytes:
    """An event that is made for the first of its readers; minus ``rev`` is the whole state."""
    event = made.get((lobby.lobby_id, rev))
    if event is None:
        event = made[lobby.lobby_id, rev] = make()
    return event


def _revision(request: Any) -> int | None:
    """Where a reader goes on, None where it begins."""
    header: bytes = request.getHeader(b"last-event-id") or b""
    text = header.decode("latin-1").strip()
    return int(text) if _REVISION.fullmatch(text) else None
