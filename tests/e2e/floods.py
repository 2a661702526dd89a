"""A flood over real sockets: slow ones and thousands of requests, with players amid."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lobbyd.client.session import Connected, Snapshot

from .scenarios import _is
from .support import call, join, pause, server, spawn, until, within

SLOW, RATE, SECONDS = 500, 2000, 7
_opened: list[str] | None = None
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook. None can be taken out: this one does something while there is a list."""
    if _opened is None:
        return
    if event.startswith("tempfile."):
        _opened.append(event)
    elif event == "open":
        path, _, flags = arguments
        nameless = getattr(os, "O_TMPFILE", 0)
        if nameless and isinstance(flags, int) and flags & nameless == nameless:
            _opened.append(f"nameless in {path}")


@contextmanager
def temporary_files() -> Iterator[list[str]]:
    """Collects the temporary files that this process makes."""
    global _opened, _watching
    _opened = []
    if not _watching:
        sys.addaudithook(_watch)
        _watching = True
    try:
        yield _opened
    finally:
        _opened = None


async def temporary_files_are_seen(reactor: Any) -> None:
    """Of the kind that Twisted spools bodies to, too: else the next scenario proves nothing."""
    with temporary_files() as made:
        with tempfile.TemporaryFile():
            pass
        assert len(made) == 1, made
        with tempfile.NamedTemporaryFile():
            pass
        assert len(made) == 2, made


async def players_join_and_play_amid_a_flood(reactor: Any) -> None:
    """500 slow sockets and 2,000 requests a second from 254 addresses."""
    async with server(reactor) as (service, url):
        made = {"code": "F100D", "max_players": 64}
        status, _, _ = await call(reactor, "POST", f"{url}/lobbies", made)
        assert status == 201
        _, client = await join(reactor, url, "TEST", "Ann")
        await within(reactor, client.wait(_is(Connected)))
        await until(reactor, lambda: _snapshots(client) > 0, "a snapshot")

        async def rate(ended: Any) -> float:
            """Snapshots a second until then."""
            count, began = _snapshots(client), reactor.seconds()
            await ended
            return (_snapshots(client) - count) / float(reactor.seconds() - began)

        quiet = await rate(pause(reactor, 2))
        command = (sys.executable, "-m", "bench.http.flooder", str(service.http_port), "F100D")
        size = ("--slow", str(SLOW), "--rate", str(RATE), "--seconds", str(SECONDS))
        with temporary_files() as files:
            flood = spawn(reactor, *command, *size)
            flooded = await rate(within(reactor, flood.ended, 60))
        assert flood.status == 0, flood.output
        told = json.loads(flood.output.splitlines()[-1])
        assert told["sent"] > RATE * SECONDS * 0.9, told
        assert set(told["answers"]) <= {"200", "404", "429", "408", "held back"}, told
        assert len(told["joins"]) >= 2 and None not in told["joins"], told
        assert told["reopened"] >= SLOW, told
        assert files == [], files
        assert flooded >= 0.9 * quiet, (flooded, quiet)
        await client.close()


async def players_play_amid_floods_of_datagrams(reactor: Any) -> None:
    """Every kind of the bench, half a second each, against a real server with eight players."""
    process = spawn(reactor, sys.executable, "-m", "bench.netcode.floods", "0.5", "1e6")
    await within(reactor, process.ended, 120)
    assert process.status == 0, process.output
    told = json.loads(process.output.splitlines()[-1])
    floods = {kind: result for kind, result in told.items() if kind != "nothing"}
    assert len(floods) == 7, told
    for kind, result in floods.items():
        # sent and read are packets a second
        assert result["sent"] > 0 and result["read"] > 0, (kind, result)
        assert result["share"] >= 50, (kind, result)
        assert result["lost"] == 0, (kind, result)
    assert sum(result["sent"] for result in floods.values()) > 40_000, told
    shares = [result["share"] for result in floods.values()]
    assert sum(shares) / len(shares) >= 80, told


def _snapshots(client: Any) -> int:
    return sum(isinstance(event, Snapshot) for event in client.events)


SCENARIOS = [
    temporary_files_are_seen,
    players_join_and_play_amid_a_flood,
    players_play_amid_floods_of_datagrams,
]
