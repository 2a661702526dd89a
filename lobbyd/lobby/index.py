"""The list of lobbies that everybody may see, ready to be filtered and paged.

Lobbies stand in buckets by game, version, state and free places, each in order of
their making, so that a page filtered by these costs no more than its length. Text and
metadata are looked through in slices, between which the caller lets others work.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import struct
from collections.abc import Awaitable, Callable, Iterator

import attrs
from sortedcontainers import SortedList

from ..errors import invalid
from ..wire.catalogue import LobbyStateCode
from .model import Lobby
from .settings import Metadata

Key = tuple[float, int]
"""(minus the time of making, lobby id): the newest come first."""
Place = tuple[int, Key]
"""(rank, key): the rank is the free places where they sort, else 0."""

SORTS = ("newest", "oldest", "fullest")
MOST = 100
"""Lobbies on one page."""
SLICE = 400
"""Lobbies looked through before others get their turn."""

_CURSOR = struct.Struct("<BBdQ")


@attrs.frozen
class Query:
    """What is looked for; None is anything. ``metadata`` must be equal, ``text`` contained."""

    game: str | None = None
    version: str | None = None
    state: LobbyStateCode | None = None
    free_slots: int = 0
    password: bool | None = None
    text: str = ""
    metadata: dict[str, str] = attrs.Factory(dict)
    sort: str = "newest"
    limit: int = 50
    cursor: str | None = None

    @property
    def looks_inside(self) -> bool:
        """Whether the buckets alone cannot answer it."""
        return bool(self.text or self.metadata or self.password is not None)


@attrs.frozen
class _Bucket:
    game: str
    version: str
    state: LobbyStateCode
    free: int


@attrs.define
class _Entry:
    key: Key
    bucket: _Bucket
    lobby: Lobby
    text: str


class LobbyIndex:
    """The listed lobbies."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._all: SortedList[Key] = SortedList()
        self._buckets: dict[_Bucket, SortedList[Key]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, lobby_id: int) -> bool:
        return lobby_id in self._entries

    def put(self, lobby: Lobby) -> None:
        """List a lobby, or take over what changed of it."""
        bucket = _Bucket(lobby.game, lobby.version, lobby.state, lobby.free_places)
        text = f"{lobby.name}\n{lobby.code}".casefold()
        entry = self._entries.get(lobby.lobby_id)
        if entry is None:
            entry = _Entry((-lobby.created_at, lobby.lobby_id), bucket, lobby, text)
            self._entries[lobby.lobby_id] = entry
            self._all.add(entry.key)
            self._buckets.setdefault(bucket, SortedList()).add(entry.key)
            return
        entry.text = text
        if entry.bucket != bucket:
            self._leave_bucket(entry)
            entry.bucket = bucket
            self._buckets.setdefault(bucket, SortedList()).add(entry.key)

    def remove(self, lobby_id: int) -> None:
        """Take a lobby off the list, if it is there."""
        entry = self._entries.pop(lobby_id, None)
        if entry is not None:
            self._all.remove(entry.key)
            self._leave_bucket(entry)

    async def search(
        self, query: Query, breathe: Callable[[], Awaitable[None]]
    ) -> tuple[list[Lobby], str | None]:
        """A page of lobbies, and the cursor of the next one if there may be more.

        ``breathe`` is awaited between slices. Raises Refused for a cursor that is none.
        """
        place = None if query.cursor is None else _read_cursor(query.cursor, query.sort)
        found: dict[int, tuple[Place, Lobby]] = {}
        while True:
            for looked, place in enumerate(self._places(query, place), 1):  # noqa: B020
                entry = self._entries[place[1][1]]
                if not query.looks_inside or _fits(entry, query):
                    # one whose rank rose during a breath comes by twice
                    found.setdefault(entry.lobby.lobby_id, (place, entry.lobby))
                if len(found) > query.limit or looked == SLICE:
                    break
            else:
                return [lobby for _, lobby in found.values()], None
            if len(found) > query.limit:
                page = list(found.values())[: query.limit]
                return [lobby for _, lobby in page], _write_cursor(page[-1][0], query.sort)
            await breathe()
            found = {key: hit for key, hit in found.items() if key in self}

    def fullest(self, game: str, version: str) -> Iterator[Lobby]:
        """Open lobbies with free places and no password, the fullest first."""
        query = Query(game, version, LobbyStateCode.OPEN, free_slots=1, sort="fullest")
        for _, key in self._places(query, None):
            lobby = self._entries[key[1]].lobby
            if lobby.password is None:
                yield lobby

    def _places(self, query: Query, after: Place | None) -> Iterator[Place]:
        """The places of a query's buckets in its order, behind ``after``."""
        if query.sort == "fullest":
            ranks: dict[int, list[SortedList[Key]]] = {}
            for bucket, keys in self._matching(query):
                ranks.setdefault(bucket.free, []).append(keys)
            for rank in sorted(ranks):
                if after is not None and rank < after[0]:
                    continue
                behind = after[1] if after is not None and rank == after[0] else None
                for key in _merged(ranks[rank], behind):
                    yield rank, key
            return
        plain = query.game is None and query.version is None and query.state is None
        if plain and not query.free_slots:
            lists = [self._all]
        else:
            lists = [keys for _, keys in self._matching(query)]
        behind = None if after is None else after[1]
        for key in _merged(lists, behind, reverse=query.sort == "oldest"):
            yield 0, key

    def _matching(self, query: Query) -> Iterator[tuple[_Bucket, SortedList[Key]]]:
        for bucket, keys in self._buckets.items():
            if (
                (query.game is None or bucket.game == query.game)
                and (query.version is None or bucket.version == query.version)
                and (query.state is None or bucket.state is query.state)
                and bucket.free >= query.free_slots
            ):
                yield bucket, keys

    def _leave_bucket(self, entry: _Entry) -> None:
        keys = self._buckets[entry.bucket]
        keys.remove(entry.key)
        if not keys:
            del self._buckets[entry.bucket]


def _merged(
    lists: list[SortedList[Key]], behind: Key | None, *, reverse: bool = False
) -> Iterator[Key]:
    if reverse:
        runs = [
            keys.irange(maximum=behind, inclusive=(True, False), reverse=True) for keys in lists
        ]
    else:
        runs = [keys.irange(minimum=behind, inclusive=(False, True)) for keys in lists]
    return runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=reverse)


def _fits(entry: _Entry, query: Query) -> bool:
    lobby = entry.lobby
    if query.password is not None and (lobby.password is not None) != query.password:
        return False
    if query.text and query.text not in entry.text:
        return False
    return has_metadata(lobby.metadata, query.metadata)


def has_metadata(metadata: Metadata, wanted: dict[str, str]) -> bool:
    """Whether each wanted key is there with this text, as ``text_of`` writes values."""
    return all(key in metadata and text_of(metadata[key]) == text for key, text in wanted.items())


def text_of(value: str | int | float | bool) -> str:
    """A metadata value as it stands in a query: true, false, a number, or the text itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    # JSON does not tell 1 from 1.0, and some clients send one for the other
    return str(int(value)) if value == int(value) else repr(value)


def _write_cursor(place: Place, sort: str) -> str:
    rank, (made, lobby_id) = place
    raw = _CURSOR.pack(SORTS.index(sort), rank, made, lobby_id)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read_cursor(text: str, sort: str) -> Place:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        number, rank, made, lobby_id = _CURSOR.unpack(raw)
    except (binascii.Error, ValueError, struct.error):
        raise invalid("cursor", "the next_cursor of an earlier answer") from None
    if number >= len(SORTS) or SORTS[number] != sort or made != made:
        raise invalid("cursor", "the next_cursor of an answer with the same sort")
    return rank, (made, lobby_id)
