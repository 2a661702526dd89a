"""The other players of a scenario on the screen: Python clients that do what its program says."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred

from lobbyd.client.client import LobbydClient
from lobbyd.wire.messages import ChatDown, Kicked

from .support import Process


class Cast:
    """Players by name; each direction is carried out in its turn."""

    def __init__(self, reactor: Any, url: str) -> None:
        self._reactor = reactor
        self._url = url
        self._players: dict[str, LobbydClient] = {}

    def player(self, name: str) -> LobbydClient:
        """A player's client."""
        return self._players[name]

    async def host(self, who: str, **fields: Any) -> LobbydClient:
        """A new player makes a lobby and stays in it."""
        client = await self._new(who)
        created = await client.create_lobby(**fields)
        await client.enter_lobby(created.lobby.code, who, password=fields.get("password", ""))
        return client

    async def join(self, who: str, code: str, **fields: Any) -> LobbydClient:
        """A new player goes into a lobby."""
        client = await self._new(who)
        await client.enter_lobby(code, who, **fields)
        return client

    async def perform(self, who: str, does: str, **more: Any) -> None:
        """One direction of a program."""
        if does == "join":
            await self.join(who, **more)
        elif does == "say":
            assert self._players[who].send_chat(more["text"])
        elif does == "ready":
            await self._players[who].change_player(ready=more["ready"])
        elif does == "hear":
            await self._players[who].wait_for(ChatDown, text=more["text"])
        elif does == "is_kicked":
            await self._players[who].wait_for(Kicked, text=more["text"])
        elif does == "weather":
            one_way = {"latency": more["latency"]}
            player = self._players[who]
            assert player.joined is not None
            own = player.joined.player.player_id
            await player.set_conditions("perfect", own, up=one_way, down=one_way)
        elif does == "leave":
            await self._players.pop(who).leave()
        else:
            raise AssertionError(f"{who} cannot {does}")

    async def follow(self, window: Process) -> None:
        """Carry out what a program says until it ends."""
        done = 0
        while window.status is None:
            heard = re.findall(r'^\{"direct":.*\}$', window.output, re.MULTILINE)
            if len(heard) > done:
                await self.perform(**json.loads(heard[done])["direct"])
                done += 1
            else:
                await _another_line(window, len(window.output))

    async def close(self) -> None:
        """All go home."""
        for client in self._players.values():
            await client.close()

    async def _new(self, name: str) -> LobbydClient:
        if name in self._players:
            await self._players.pop(name).close()
        client = LobbydClient(self._reactor, self._url)
        self._players[name] = client
        return client


@asynccontextmanager
async def cast_of(reactor: Any, url: str) -> AsyncIterator[Cast]:
    """A cast that goes home whatever happens."""
    cast = Cast(reactor, url)
    try:
        yield cast
    finally:
        await cast.close()


async def play_with(cast: Cast, window: Process) -> None:
    """Follow a program to its end; a direction that fails ends it."""
    following = ensureDeferred(cast.follow(window))

    def failed(failure: Any) -> Any:
        window.stop()
        return failure

    await following.addErrback(failed)


def _another_line(window: Process, seen: int) -> Deferred[Any]:
    """Fires when more came than was seen, or the process ended."""
    more: Deferred[Any] = window.line(rf"(?s)\A.{{{seen}}}.*\n")
    # that it ends without another line is no failure
    more.addErrback(lambda failure: failure.trap(AssertionError))
    return more
