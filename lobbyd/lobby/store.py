"""Where lobby records are kept, and who gives them there.

What is changed is written within a second; what an answer promises is awaited.
"""

from __future__ import annotations

from typing import Protocol

from ..errors import Malformed, Refused
from . import record
from .directory import Directory
from .lobbies import Lobbies
from .model import Lobby

ROUND = 0.25
"""Seconds from one look at what changed to the next."""
BUDGET = 32_768
"""Bytes of records that one call encodes, about 1 ms of work."""


class Store(Protocol):
    """Records by lobby id, which outlive the process."""

    def load(self) -> dict[int, bytes]:
        """The records that were kept; asked once, before anything is put."""

    def put(self, lobby_id: int, record: bytes) -> None:
        """Keep a record in place of an earlier one of this lobby."""

    def remove(self, lobby_id: int) -> None:
        """Keep no record of this lobby."""

    def set_aside(self, lobby_id: int) -> None:
        """Move a record that cannot be used to where an operator may look at it."""

    async def saved(self) -> None:
        """Return when all that was given so far is durable.

        Raises Refused storage_unavailable where it cannot be written.
        """

    def start(self) -> None:
        """Begin to write."""

    def stop(self) -> None:
        """Write what is left, and end."""


class MemoryStore:
    """Records that outlive a server in the same process, for tests; ``--store memory`` has none.

    ``records`` are durable; what was given since the last ``flush`` or ``saved`` is lost in a
    ``crash``. While ``failing`` nothing becomes durable, and ``saved`` refuses.
    """

    def __init__(self) -> None:
        self.records: dict[int, bytes] = {}
        self.aside: dict[int, bytes] = {}
        self.failing = False
        self._given: dict[int, bytes | None] = {}

    def load(self) -> dict[int, bytes]:
        """The durable records."""
        return dict(self.records)

    def put(self, lobby_id: int, record: bytes) -> None:
        """Keep a record; durable after the next flush."""
        self._given[lobby_id] = record

    def remove(self, lobby_id: int) -> None:
        """Keep no record; durable after the next flush."""
        self._given[lobby_id] = None

    def set_aside(self, lobby_id: int) -> None:
        """Move a record to ``aside``."""
        self.aside[lobby_id] = self.records.pop(lobby_id)

    async def saved(self) -> None:
        """Flush; raises Refused storage_unavailable if it is ``failing``."""
        if self.failing:
            raise Refused("storage_unavailable", retry_after=1)
        self.flush()

    def flush(self) -> None:
        """Make all that was given durable."""
        if self.failing:
            return
        for lobby_id, content in self._given.items():
            if content is None:
                self.records.pop(lobby_id, None)
            else:
                self.records[lobby_id] = content
        self._given.clear()

    def start(self) -> None:
        """Nothing has to begin."""

    def stop(self) -> None:
        """Flush."""
        self.flush()

    def crash(self) -> None:
        """Lose what is not durable."""
        self._given.clear()


class Keeper:
    """Gives the store the records of lobbies that changed; without a store nothing is kept."""

    def __init__(self, lobbies: Lobbies, store: Store | None) -> None:
        self._lobbies = lobbies
        self._store = store
        self._batch: set[int] = set()
        self._round_at = float("-inf")

    async def load(
        self, directory: Directory, now: float, *, permanent: int | None = None
    ) -> tuple[int, int]:
        """Go on with the store's lobbies; (how many there are, how many records were no good).

        ``permanent`` is the id of the one permanent lobby that this server has, None for none.
        """
        loaded = damaged = 0
        if self._store is None:
            return loaded, damaged
        for lobby_id, content in self._store.load().items():
            try:
                lobby = record.decode(content)
                if lobby.lobby_id != lobby_id:
                    raise Malformed("the record of another lobby")
            except Malformed:
                self._store.set_aside(lobby_id)
                damaged += 1
                continue
            unwanted = lobby.permanent and lobby_id != permanent
            if unwanted or not await directory.claim(lobby.code, lobby_id):
                self._store.remove(lobby_id)
                continue
            self._lobbies.restore(lobby, now)
            loaded += 1
        return loaded, damaged

    def keep(self, now: float, budget: int = BUDGET) -> int:
        """Give records of changed lobbies to the store; returns how many.

        It stops after ``budget`` bytes and goes on with the next call. A lobby that changes
        all the time is written once every ROUND.
        """
        if self._store is None:
            self._lobbies.unsaved.clear()
            self._lobbies.ended.clear()
            return 0
        self._remove_ended(self._store)
        if not self._batch and now - self._round_at >= ROUND:
            self._round_at = now
            self._batch, self._lobbies.unsaved = self._lobbies.unsaved, self._batch
        given = 0
        while self._batch and budget > 0:
            lobby = self._lobbies.by_id.get(self._batch.pop())
            if lobby is not None:
                budget -= self._put(self._store, lobby)
                given += 1
        return given

    async def saved(self, lobby: Lobby) -> None:
        """Return when the lobby as it is now is durable, or that it is no more.

        Raises Refused storage_unavailable.
        """
        if self._store is None:
            return
        # before the rest: a code that was given back may be this lobby's now
        self._remove_ended(self._store)
        if not lobby.closed:
            self._put(self._store, lobby)
        await self._store.saved()

    def keep_all(self) -> None:
        """Give everything that changed to the store, for a server that stops."""
        if self._store is None:
            return
        self._remove_ended(self._store)
        for lobby_id in self._batch | self._lobbies.unsaved:
            if lobby_id in self._lobbies.by_id:
                self._put(self._store, self._lobbies.by_id[lobby_id])
        self._batch.clear()

    def _put(self, store: Store, lobby: Lobby) -> int:
        self._lobbies.unsaved.discard(lobby.lobby_id)
        self._batch.discard(lobby.lobby_id)
        content = record.encode(lobby)
        store.put(lobby.lobby_id, content)
        return len(content)

    def _remove_ended(self, store: Store) -> None:
        for lobby_id in self._lobbies.ended:
            store.remove(lobby_id)
        self._lobbies.ended.clear()
