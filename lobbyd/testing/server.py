"""A server's core without sockets, which can be killed and started again."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..lobby.directory import Directory, MemoryDirectory
from ..lobby.hosting import HostOperations
from ..lobby.lobbies import Lobbies
from ..lobby.operations import Caller, LobbyOperations
from ..lobby.requests import CreateLobby
from ..lobby.store import MemoryStore
from ..relay.relay import Relay
from ..session.path import Outgoing
from ..stats import Stats
from ..wire.keys import ServerKeys

T = TypeVar("T")

START = 1_700_000_000.0
"""Where virtual time begins, unix seconds."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing outside this process."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    raise RuntimeError("the coroutine waits for something")


class Server:
    """The core of one server at ``now`` (seconds on its timeline); all chance is ``rng``'s.

    The secret and the ``store`` outlive the process, and so does a ``directory`` that is given.
    """

    def __init__(
        self,
        rng: random.Random,
        *,
        tick_hz: int,
        seat_hold: float,
        directory: Directory | None,
        max_lobbies: int,
    ) -> None:
        self.now = START
        self.rng = rng
        self.stats = Stats()
        self.keys = ServerKeys(rng.randbytes(32))
        self.store = MemoryStore()
        self.running = False
        self._tick_hz, self._seat_hold, self._max_lobbies = tick_hz, seat_hold, max_lobbies
        self._given_directory = directory
        self._test_lobby = False
        self._boot()

    def kill(self) -> None:
        """kill -9: all memory is gone, and what comes for the server vanishes."""
        self.running = False
        self.store.crash()

    def start(self) -> None:
        """Start the server anew from its secret and the durable records."""
        if self.running:
            raise RuntimeError("the server runs already")
        self._boot()
        run(self.operations.restore(self.now, test_lobby=self._test_lobby))
        if self._test_lobby:
            self.open_test_lobby()

    def shut_down(self) -> list[Outgoing]:
        """A clean end: everything is kept; returns what tells everybody."""
        farewells = self.relay.shut_down(self.now)
        self.operations.keeper.keep_all()
        self.store.flush()
        self.running = False
        return farewells

    def keep_house(self) -> None:
        """What a server does beside its ticks."""
        run(self.operations.release_removed())
        self.operations.keeper.keep(self.now)
        self.store.flush()

    def _boot(self) -> None:
        self.lobbies = Lobbies(
            seat_hold=self._seat_hold, max_lobbies=self._max_lobbies, entropy=self.rng.randbytes
        )
        self.directory = self._given_directory or MemoryDirectory()
        self.operations = LobbyOperations(
            self.lobbies,
            self.directory,
            self.keys,
            server_id=1,
            entropy=self.rng.randbytes,
            store=self.store,
        )
        self.hosting = HostOperations(self.operations)
        self.relay = Relay(
            self.lobbies,
            self.keys,
            self.stats,
            tick_hz=self._tick_hz,
            seat_hold=self._seat_hold,
            entropy=self.rng.randbytes,
            now=self.now,
        )
        self.running = True

    def create(self, code: str | None = None, max_players: int = 8, **settings: Any) -> str:
        """Make a lobby; returns its code."""
        request = CreateLobby(code=code, max_players=max_players, settings=settings)
        return run(self.operations.create(request, Caller(), self.now)).lobby.code

    def open_test_lobby(self) -> None:
        """Make TEST with its dummy."""
        self._test_lobby = True
        run(self.operations.open_test_lobby(self.now))
